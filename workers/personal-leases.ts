import type { Client } from '@temporalio/client';
import type { LeaseUse } from '../playbook/lease-use';
import { incidentIdOf, type Principal } from '../playbook/model/principal';
import { personalQuery, type PersonalView } from '../workflows/break-glass-person/messages';
import type { Config } from './config/schema';

/** The cloud's log tells of a use hours after it. */
const LATELY_MS = 24 * 3_600_000;

/** Who was lent what signs in as this principal, now and in the last day; undefined where nothing is lent to people. */
export function leasesOf({ vault }: Pick<Config, 'vault'>, client: Client): ((principal: Principal) => Promise<LeaseUse[]>) | undefined {
  const accounts = new Set(vault?.people.map((one) => one.account));
  if (accounts.size === 0) return undefined;
  return async (principal) => {
    if (!accounts.has(principal.account) || principal.kind !== 'root') return [];
    const found: LeaseUse[] = [];
    const since = new Date(Date.now() - LATELY_MS).toISOString();
    for await (const { workflowId } of client.workflow.list({ query: `WorkflowType = 'breakGlassForPerson' AND (ExecutionStatus = 'Running' OR CloseTime > '${since}')` })) {
      const { use, principal: of } = await client.workflow.getHandle(workflowId).query<PersonalView>(personalQuery);
      if (use && incidentIdOf(of) === incidentIdOf(principal)) found.push(use);
    }
    return found;
  };
}
