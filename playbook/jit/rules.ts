import { digestOf } from '../digest';
import { canonicalJson } from '../json';
import type { ProviderId } from '../model/principal';
import type { AccessRequest, Entitlement, Grant, GrantOrder, GrantTerms } from './model';

/** Two hours, extensions included, counted from the grant. Nothing a client or a configuration says makes it longer. */
export const MAX_GRANT_MS = 2 * 3_600_000;
/** Shorter is over before anybody has signed in. */
export const MIN_GRANT_MS = 5 * 60_000;
export const REASON_MAX = 500;
/** Requests and grants of one person that may be open at once. */
export const MOST_OPEN = 10;

export interface GrantRefusal {
  code: 'INVALID_INPUT' | 'GRANT_REFUSED';
  message: string;
}

const bad = (message: string): GrantRefusal => ({ code: 'INVALID_INPUT', message });
const refused = (message: string): GrantRefusal => ({ code: 'GRANT_REFUSED', message });

/** The workflow that holds every grant of one person: opaque, and the same from every edge. */
export const grantsIdOf = (person: string): string => `jit-${digestOf(['jit', person]).slice(0, 20)}`;

export const grantIdOf = (person: string, request: string): string => `gr-${digestOf([person, request]).slice(0, 20)}`;

export const providerOf = ({ kind }: Pick<Entitlement, 'kind'>): ProviderId => (kind.startsWith('aws-') ? 'aws' : 'azure');

export const isOpen = (grant: Grant): boolean => grant.state !== 'ended' && grant.state !== 'refused';

/** Holds access at the provider, or is about to. */
export const holds = (grant: Grant): boolean => grant.state === 'granting' || grant.state === 'active';

/** Whether it can be asked for at all; what the roles of the configuration allow is `checkTerms`. */
export function checkAccessRequest(grants: readonly Grant[], request: AccessRequest): GrantRefusal | null {
  if (typeof request !== 'object' || request === null) return bad('request: must be an object');
  for (const name of ['request', 'role', 'account', 'reason'] as const) {
    const value: unknown = request[name];
    if (typeof value !== 'string' || value.trim() === '' || value.length > REASON_MAX) return bad(`${name}: must be text of 1 to ${REASON_MAX} characters`);
  }
  if (request.via !== 'slack' && request.via !== 'cli') return bad('via: must be slack or cli');
  const length = checkLength(request.forMs, MAX_GRANT_MS);
  if (length) return length;
  if (grants.some((grant) => grant.request.request === request.request)) return null;
  return grants.filter(isOpen).length >= MOST_OPEN ? refused(`${MOST_OPEN} grants of yours are open already: return one first`) : null;
}

/** Whether this role gives it for so long; null when it does. */
export function checkTerms(request: Pick<AccessRequest, 'forMs' | 'role'>, terms: Pick<GrantTerms, 'maxMs'>): GrantRefusal | null {
  return checkLength(request.forMs, Math.min(terms.maxMs, MAX_GRANT_MS));
}

/** `forMs`: the new total, from the grant. Only one's own, only while it is active, only to a later end. */
export function checkExtension(grant: Grant | undefined, by: string, person: string, forMs: number, reason: string, now: number): GrantRefusal | null {
  if (!grant) return refused('there is no such grant');
  if (by !== person) return refused('only the person whose grant it is can extend it');
  if (grant.state !== 'active' || grant.grantedAt === null || grant.until === null || now >= grant.until) return refused(`the grant is ${grant.state}: only an active one can be extended`);
  if (grant.ending) return refused('the grant is ending');
  if (grant.extension) return refused('an extension of it is asked already');
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > REASON_MAX) return bad(`reason: must be text of 1 to ${REASON_MAX} characters`);
  const length = checkLength(forMs, Math.min(grant.terms!.maxMs, MAX_GRANT_MS));
  if (length) return length;
  return grant.grantedAt + forMs > grant.until ? null : refused('the extension would not end later');
}

/** Its person returns it; whoever approved it may take it back. */
export function checkReturn(grant: Grant | undefined, by: string, person: string): GrantRefusal | null {
  if (!grant) return refused('there is no such grant');
  if (by !== person && !grant.approvers.includes(by)) return refused('only its person, or somebody who approved it, can end it');
  return isOpen(grant) ? null : refused(`the grant is ${grant.state} already`);
}

function checkLength(forMs: number, maxMs: number): GrantRefusal | null {
  if (!Number.isSafeInteger(forMs) || forMs < MIN_GRANT_MS) return bad(`for: at least ${MIN_GRANT_MS / 60_000} minutes`);
  return forMs > maxMs ? refused(`for: ${minutes(maxMs)} minutes at most, extensions included`) : null;
}

/** For the person who decides. */
export function describeEntitlement(entitlement: Entitlement): string {
  switch (entitlement.kind) {
    case 'aws-identity-center':
      return `Identity Center permission set ${entitlement.permissionSetArn.split('/').pop()}`;
    case 'aws-role':
      return `an IAM role with ${entitlement.policyArns.map((arn) => arn.split('/').pop()).join(', ')}`;
    case 'entra-role':
      return `Entra role ${entitlement.roleName}${entitlement.directoryScopeId === '/' ? '' : ` on ${entitlement.directoryScopeId}`}`;
    case 'azure-role':
      return `Azure role ${entitlement.roleName} on ${entitlement.scope}`;
  }
}

export const minutes = (ms: number): number => Math.round(ms / 60_000);

/** Two grants of one person that open the same thing: the provider knows it once, we count. */
export const sameEntitlement = (a: Entitlement, b: Entitlement): boolean => canonicalJson(a) === canonicalJson(b);

/** Other grants that hold what this one holds: while there is one, ending this takes nothing away. */
export function sharing(grants: readonly Grant[], grant: Grant): Grant[] {
  return grants.filter((other) => other.id !== grant.id && holds(other) && other.before !== null && sameEntitlement(other.terms!.entitlement, grant.terms!.entitlement));
}

/** What was there before any of ours, as the first of the grants that share it saw it; one that is still ending counts, its leftovers are ours. */
export function inheritedBefore(grants: readonly Grant[], grant: Grant): Grant['before'] {
  const other = grants.find((one) => one.id !== grant.id && isOpen(one) && one.before !== null && sameEntitlement(one.terms!.entitlement, grant.terms!.entitlement));
  return other?.before ?? null;
}

/** When the provider's own end of this entitlement has to be: the last of the grants that hold it. */
export function lastEnd(grants: readonly Grant[]): number {
  return Math.max(...grants.map((grant) => grant.until ?? 0));
}

export function orderOf(person: string, grant: Grant, forMs = grant.request.forMs): GrantOrder {
  const { identities, entitlement } = grant.terms!;
  return { grant: grant.id, person, identities, role: grant.request.role, entitlement, forMs, reason: grant.request.reason };
}
