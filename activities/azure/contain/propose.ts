import type { Finding } from '../../../playbook/model/finding';
import type { Proposal } from '../../../playbook/model/plan';
import type { AzureCase, AzureContext } from '../context';
import { directoryTarget, inOrder, proposal } from './targets';

export interface Proposed {
  proposals: Proposal[];
  /** What only a person can judge or do, one line each. */
  left: string[];
}

/** What reading for the proposals needs, beside the actions' own permissions. */
export const proposalPermissions: readonly string[] = [];

/** Section 2.1: everything that shuts the attacker out now, in the playbook's order; sessions last. */
export async function proposeContainment(_ctx: AzureContext, { principal, alerts }: Pick<AzureCase, 'principal' | 'alerts'>, _findings: readonly Finding[]): Promise<Proposed> {
  const target = directoryTarget(principal.kind === 'guest' ? 'user' : principal.kind, principal.account, principal.id, principal.name);
  const because = `it is the identity of the alerts (${[...new Set(alerts.map((alert) => alert.event))].slice(0, 5).join(', ')})`;
  return { proposals: inOrder([proposal('azure.disable-user', target, because), proposal('azure.revoke-sessions', target, because)]), left: [] };
}
