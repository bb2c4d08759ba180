import { randomUUID } from 'node:crypto';
import { fail } from '../boundary';
import type { LeaseRef } from '../contract';
import type { Kv } from './kv';
import { changeLock, checkName, credentialPath, leaseOf, lockPath, type Lock } from './lock';
import { isSecret, keepInside, type Secret } from './secret';

export interface CheckoutInput {
  credential: string;
  account: string;
  incident: string;
  /** The person who asked; an alert never checks out. */
  holder: string;
  /** Id of the approval; good for one lease. */
  approval: string;
  /** At most MAX_TTL_SECONDS. */
  ttlSeconds: number;
}

export const MAX_TTL_SECONDS = 3600;

/**
 * Lends the credential exclusively. The same holder, incident and approval get the same lease again.
 * Errors: LEASE_TAKEN (says who holds it and until when; also when overdue or not yet rotated), NOT_APPROVED (approval already used), INVALID_INPUT, INVALID_CONFIG, VAULT_*.
 * Playbook: break-glass sequence, “Retrieve root credentials”.
 */
export async function checkout(kv: Kv, input: CheckoutInput, now: () => number = Date.now): Promise<LeaseRef> {
  const { credential, ttlSeconds } = input;
  checkName(credential);
  if (!(ttlSeconds > 0 && ttlSeconds <= MAX_TTL_SECONDS)) throw fail('INVALID_INPUT', `ttlSeconds: more than 0, at most ${MAX_TTL_SECONDS}`);
  if (!input.holder || !input.incident || !input.approval) throw fail('INVALID_INPUT', 'holder, incident and approval must be named');
  const { current, live } = await kv.versions(credentialPath(credential));
  if (!live.includes(current)) throw fail('INVALID_CONFIG', `the vault holds no emergency credential named ${credential}`);
  return changeLock(kv, credential, (lock) => {
    if (lock?.done.some((one) => one.approval === input.approval)) throw fail('NOT_APPROVED', 'this approval was already used for a lease: ask again');
    if (lock && lock.state !== 'free') {
      const same = lock.state === 'held' && lock.holder === input.holder && lock.incident === input.incident && lock.approval === input.approval;
      if (same && !overdue(lock, now)) return { lock: null, result: leaseOf(credential, lock) };
      throw fail('LEASE_TAKEN', taken(credential, lock, now));
    }
    const next: Lock = {
      state: 'held', account: input.account, leaseId: randomUUID(), incident: input.incident, holder: input.holder, approval: input.approval,
      deadline: new Date(now() + ttlSeconds * 1000).toISOString(), version: current, reclaimedBy: null, rotation: null, done: lock?.done ?? [],
    };
    return { lock: next, result: leaseOf(credential, next) };
  });
}

/**
 * Runs `use` with the secret, inside this process only. The lock is read first: a lease that is over is LEASE_LOST.
 * A result or an error that carries the secret is withheld (SECRET_IN_PAYLOAD).
 */
export async function withLease<T>(kv: Kv, lease: LeaseRef, use: (secret: Secret) => Promise<T>, now: () => number = Date.now): Promise<T> {
  checkName(lease.credential);
  const { data: lock } = await kv.read<Lock>(lockPath(lease.credential));
  if (!lock || lock.leaseId !== lease.leaseId || lock.state !== 'held') throw fail('LEASE_LOST', `the lease of ${lease.credential} is over`);
  if (overdue(lock, now)) throw fail('LEASE_LOST', `the lease of ${lease.credential} ended at ${lock.deadline}: return and rotate it`);
  // The lock's version, not the caller's: what was lent is what is used.
  const { data: secret } = await kv.read<Secret>(credentialPath(lease.credential), lock.version);
  if (!isSecret(secret)) throw fail('LEASE_LOST', `version ${lock.version} of ${lease.credential} is not in the vault any more`);
  return keepInside(secret.secret, () => use(secret));
}

/** Ends the lease; nobody can use or lend the credential until it is rotated. A second call changes nothing. LEASE_LOST when it is somebody else's. */
export async function returnLease(kv: Kv, lease: LeaseRef): Promise<void> {
  await changeLock(kv, lease.credential, (lock) => {
    if (lock?.leaseId === lease.leaseId) return { lock: lock.state === 'held' ? { ...lock, state: 'returned' } : null, result: undefined };
    if (lock?.done.some((one) => one.leaseId === lease.leaseId)) return { lock: null, result: undefined };
    throw fail('LEASE_LOST', `the lease of ${lease.credential} is not this one any more`);
  });
}

/**
 * Ends a lease whose deadline has passed, in the name of `by`, and returns it so that the credential can be rotated: the only way past LEASE_TAKEN.
 * Null when the credential is free. LEASE_TAKEN while the deadline is still ahead.
 */
export async function reclaim(kv: Kv, credential: string, by: string, now: () => number = Date.now): Promise<LeaseRef | null> {
  return changeLock<LeaseRef | null>(kv, credential, (lock) => {
    if (!lock || lock.state === 'free') return { lock: null, result: null };
    if (!overdue(lock, now)) throw fail('LEASE_TAKEN', taken(credential, lock, now));
    return { lock: lock.state === 'held' ? { ...lock, state: 'returned', reclaimedBy: by } : null, result: leaseOf(credential, lock) };
  });
}

function overdue(lock: Lock, now: () => number): boolean {
  return now() >= Date.parse(lock.deadline);
}

function taken(credential: string, lock: Lock, now: () => number): string {
  const who = `${lock.holder} for ${lock.incident}`;
  if (lock.state !== 'held') return `${credential} was returned by ${who} and is not rotated yet`;
  return overdue(lock, now) ? `${credential} is held by ${who}, overdue since ${lock.deadline}: reclaim and rotate it` : `${credential} is held by ${who} until ${lock.deadline}`;
}
