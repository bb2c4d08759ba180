import type { LeaseRef, RotationProof } from '../contract';
import { fail } from '../boundary';
import type { Entry, Kv } from './kv';

/**
 * The lock of one credential, at `break-glass/locks/<credential>`; holds no secret. Its life:
 * free -> held -> returned -> rotating -> free. A credential is lent again only after it was rotated.
 */
export interface Lock {
  state: 'free' | 'held' | 'returned' | 'rotating';
  account: string;
  leaseId: string;
  incident: string;
  holder: string;
  approval: string;
  /** ISO. */
  deadline: string;
  /** Version of the credential that was lent. */
  version: number;
  /** Who ended an overdue lease; null otherwise. */
  reclaimedBy: string | null;
  rotation: RotationState | null;
  /** Finished leases, newest last: an approval is good for one lease, and a repeated call gets the same proof. */
  done: { leaseId: string; approval: string; proof: RotationProof }[];
}

export interface RotationState {
  /** The run that may act; a newer one fences an older one off. */
  attempt: string;
  oldVersion: number;
  oldKeyId: string;
  provenLoginAt: string | null;
  oldRefused: boolean;
}

/** How many finished leases a lock remembers. */
export const REMEMBERED = 50;

export const lockPath = (credential: string): string => `locks/${credential}`;
/** `people.<name>` is what only people use: in a folder of its own, which the worker can read wrapped only. */
export const credentialPath = (credential: string): string => (credential.startsWith(PEOPLE) ? `people/${credential.slice(PEOPLE.length)}` : `credentials/${credential}`);
export const PEOPLE = 'people.';
export const pendingPath = (credential: string): string => `pending/${credential}`;

/** Reads the lock, lets `change` decide, writes by check-and-set; somebody quicker means reading and deciding again, never sending again blindly. */
export async function changeLock<T>(kv: Kv, credential: string, change: (lock: Lock | null) => { lock: Lock | null; result: T }): Promise<T> {
  checkName(credential);
  for (let tries = 0; tries < 30; tries += 1) {
    const entry: Entry<Lock> = await kv.read<Lock>(lockPath(credential));
    const { lock, result } = change(entry.data);
    if (lock === null || (await kv.write(lockPath(credential), lock, entry.version)) !== null) return result;
  }
  throw fail('CONFLICT', `the lock of ${credential} changes faster than it can be taken`);
}

export function leaseOf(credential: string, lock: Lock): LeaseRef {
  return { credential, leaseId: lock.leaseId, version: lock.version, deadline: lock.deadline, account: lock.account };
}

/** Names become paths: nothing that could leave them. */
export function checkName(credential: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(credential)) throw fail('INVALID_INPUT', 'credential: 1 to 64 letters, digits, dots, dashes and underscores');
}
