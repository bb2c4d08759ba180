import { approversOf, type ApproverSets } from '../../playbook/approvers';
import type { Person } from '../../playbook/model/people';
import type { CaseActivities } from '../contract';

/** People and approver sets, read afresh at every call: somebody who left a minute ago decides nothing now. */
export interface Directory {
  people(): Promise<Person[]>;
  approvers(): Promise<ApproverSets>;
}

/** Who may decide now (active, of the tier's set, not the requester, not recused); `backup` adds the back-up. Errors: whatever the directory throws. */
export function createLookUpApprovers(directory: Directory): CaseActivities['lookUpApprovers'] {
  return async ({ request, backup }) => {
    const [people, sets] = await Promise.all([directory.people(), directory.approvers()]);
    return approversOf(people, sets, request, backup);
  };
}

/** With which keys this person signs now. */
export function createLookUpKeys(directory: Pick<Directory, 'people'>): CaseActivities['lookUpKeys'] {
  return async ({ person }) => (await directory.people()).find((one) => one.id === person && one.active)?.keys ?? [];
}
