import type { Person } from '../../playbook/model/people';
import type { AuditSettings } from '../../playbook/permission-audit/model';
import { ownerOf, type OwnerRules } from '../../playbook/permission-audit/owner';
import { classified } from '../actions';
import type { AuditCaseActivities } from '../contract-audit';

export interface AuditCaseDeps {
  settings: AuditSettings;
  owners: OwnerRules;
  /** Read afresh: somebody who left a minute ago is not asked. */
  people(): Promise<Person[]>;
  /** Starts the review's workflow; one that runs stays as it is. */
  start(input: Parameters<AuditCaseActivities['startReview']>[0]): Promise<{ review: string }>;
}

/** The configuration's word on the permission audit; holds no cloud credential. */
export function createAuditCaseActivities(deps: AuditCaseDeps): AuditCaseActivities {
  const known = <I, O>(run: (input: I) => Promise<O>) => classified(() => null, run);
  return {
    auditSettings: () => Promise.resolve(deps.settings),
    auditOwner: known(async ({ subject, tags, owners, requester }) => ownerOf(subject, tags, await deps.people(), deps.owners, requester, owners)),
    startReview: known(async (input) => ({ review: (await deps.start(input)).review })),
  };
}
