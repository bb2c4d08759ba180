import type { Alert } from './model/alert';
import type { KnownUse } from './triage/inputs';

/** A credential for people that was lent: what it signs in as, and when. */
export interface LeaseUse {
  /** `bgp-…`: the request, and its case in the evidence store. */
  request: string;
  what: string;
  requester: string;
  /** ISO: from the claim to the return; absent end, it is held until `deadline`. */
  from: string;
  until: string;
  /** ISO: when the change afterwards is proven; null while it is awaited. */
  changedAt: string | null;
}

/** Tracks, openings, ways in for others and the provider's own findings are nobody's break-glass work: a lease never explains them. */
const NEVER: readonly string[] = ['logging-disabled', 'storage-exposure', 'network-exposure', 'cross-account-role', 'threat-finding', 'create-access-key', 'create-user'];
/** What the change after the return looks like; anything else then is somebody who kept the credential. */
const CHANGE: readonly string[] = ['ConsoleLogin', 'CheckMfa', 'PasswordUpdated'];
/** An event may be this far ahead of our clock. */
const SKEW_MS = 5 * 60_000;

/** What the lease speaks for, as a document like any other: everything but `NEVER` while it is held; afterwards only the change, until it is proven. `now` is ISO. */
export function usesOf(lease: LeaseUse, principal: string, now: string): KnownUse[] {
  const use = (id: string, events: readonly string[], starts: string, expires: string): KnownUse =>
    ({ id, principal, events: [...events], notFor: [...NEVER], from: [], owner: lease.requester, starts, expires, document: `break-glass ${lease.request} (${lease.what})`, source: `break-glass:${lease.request}` });
  return [
    use(lease.request, ['*'], lease.from, lease.until),
    use(`${lease.request}/change`, CHANGE, lease.until, lease.changedAt ?? new Date(Date.parse(now) + SKEW_MS).toISOString()),
  ];
}

/** Whether the alert happened while it was lent, or being changed. */
export const isDuring = (lease: LeaseUse, alert: Alert): boolean => Date.parse(alert.time) >= Date.parse(lease.from) && (lease.changedAt === null || Date.parse(alert.time) <= Date.parse(lease.changedAt));
