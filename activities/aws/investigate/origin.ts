import type { Alert } from '../../../playbook/model/alert';
import type { Principal } from '../../../playbook/model/principal';
import { mayHaveOrigin, type SessionOrigin } from '../../../playbook/session-chain';
import { CHAIN_HOPS, followChain, type ChainLink } from './chain';
import type { Looker } from './looker';
import { principalOf } from './principal-of';
import type { TrailRecord } from './record';

/** Sessions that are followed for one case; a storm over more keys than this is followed as its alerts come again. */
const SESSIONS = 5;

export interface Origins {
  origins: SessionOrigin[];
  /** Chains that did not reach who began them, and why: one sentence each. */
  unclear: string[];
}

/** Each session of the alerts followed back to who opened it. `known`: records at hand, looked at before CloudTrail is asked. Errors are the looker's to collect. */
export async function originsOf(looker: Looker, { incident, alerts }: { incident: string; alerts: readonly Alert[] }, known: readonly TrailRecord[], configured: readonly string[], follow: typeof followChain = followChain): Promise<Origins> {
  const byKey = new Map<string, Alert[]>();
  for (const alert of alerts.filter((one) => mayHaveOrigin(one, incident))) {
    const key = alert.session!.accessKeyId!;
    if (key.startsWith('ASIA')) byKey.set(key, [...(byKey.get(key) ?? []), alert]);
  }
  const found: Origins = { origins: [], unclear: [] };
  await Promise.all([...byKey].slice(0, SESSIONS).map(async ([key, mine]) => {
    const { session, principal, account } = mine[0]!;
    const links = await follow(looker, { key, issuedAt: session!.issuedAt, account: principal?.account ?? account, ofRole: session!.roleArn !== null }, known, configured);
    const end = endOf(links, configured);
    if ('principal' in end) found.origins.push({ alerts: mine.map((one) => one.id), principal: end.principal, roles: rolesOf(links), how: end.how });
    else found.unclear.push(`${key}: ${end.unclear}`);
  }));
  if (byKey.size > SESSIONS) found.unclear.push(`${byKey.size - SESSIONS} more sessions were not followed`);
  return found;
}

/** Where a chain ends. Only an end that nothing can lie behind names an origin; a missing link never does. */
export function endOf(chain: readonly ChainLink[], configured: readonly string[]): { principal: Principal; how: string } | { unclear: string } {
  // A person of Identity Center is who they are; how the portal opened their session is behind that.
  const person = chain.findIndex((link) => principalOf(link.record)?.kind === 'identity-center-user');
  const links = person < 0 ? chain : chain.slice(0, person + 1);
  const last = links.at(-1);
  if (!last) return { unclear: 'who opened the session is not in CloudTrail’s event history, or not yet' };
  const { identity } = last.record;
  const caller = principalOf(last.record);
  const steps = links.map((link) => `${link.event}${link.roleArn ? ` of ${link.roleArn}` : ''} at ${link.time} from ${link.sourceIp} (event ${link.eventID})`).join(' ← ');
  const claimed = identity.sourceIdentity ? `; source identity ${identity.sourceIdentity}` : '';
  if (caller && caller.kind !== 'role') return { principal: caller, how: `the session was opened by ${caller.id}: ${steps}${claimed}` };
  const first = last.roleArn ? roleOf(last.roleArn) : null;
  if (identity.type === 'AWSService' && first) return { principal: first, how: `the chain begins with ${first.name}, which ${identity.invokedBy ?? 'a service'} runs with: ${steps}` };
  if (caller) return { unclear: links.length >= CHAIN_HOPS ? `the chain has more than ${CHAIN_HOPS} hops: ${steps}` : `who opened the session of ${caller.name} is not in CloudTrail’s event history: ${steps}${claimed}` };
  // Somebody of an account that is not ours: nobody here sees further, and what they came in by can be shut.
  if (first && identity.account && !configured.includes(identity.account)) return { principal: first, how: `the chain comes from account ${identity.account}, which is not ours, into ${first.name}: ${steps}` };
  return { unclear: `the caller cannot be told: ${steps}` };
}

const rolesOf = (links: readonly ChainLink[]): string[] => [...new Set(links.flatMap((link) => [link.roleArn, link.record.identity.issuer?.arn ?? null]).filter((arn): arn is string => arn !== null && arn.includes(':role/')))];

function roleOf(arn: string): Principal | null {
  const parts = /^(arn:[a-z-]+:iam::(\d{12}):role)\/(?:.*\/)?([^/]+)$/.exec(arn);
  return parts ? { provider: 'aws', account: parts[2]!, kind: 'role', id: `${parts[1]}/${parts[3]}`, name: parts[3]! } : null;
}
