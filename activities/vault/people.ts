import type { Claim, Sealed } from '../../playbook/break-glass-person';
import { fail } from '../boundary';
import type { LeaseRef, RotationProof } from '../contract';
import type { Kv } from './kv';
import { changeLock, credentialPath, lockPath, REMEMBERED, type Lock } from './lock';
import { keepInside } from './secret';
import { sealToPage } from './seal-to-page';

/**
 * Hands the credential of a lease to the page that claimed it: read wrapped, the wrapping checked, opened, and sealed to the page's own key. Nothing readable leaves.
 * Errors: LEASE_LOST (over, overdue, or not this one), WRAPPING_COMPROMISED, INVALID_INPUT, VAULT_*.
 */
export async function deliver(kv: Kv, request: string, lease: LeaseRef, claim: Pick<Claim, 'sealTo'>, now: () => number = Date.now): Promise<{ sealed: Sealed; accessor: string }> {
  const { data: lock } = await kv.read<Lock>(lockPath(lease.credential));
  if (!lock || lock.leaseId !== lease.leaseId || lock.state !== 'held' || now() >= Date.parse(lock.deadline)) throw fail('LEASE_LOST', `the lease of ${lease.credential} is over`);
  const { data, accessor } = await kv.readWrapped<Record<string, string>>(credentialPath(lease.credential), lock.version);
  const values = Object.values(data);
  if (values.length === 0 || values.some((value) => typeof value !== 'string')) throw fail('INVALID_CONFIG', `${lease.credential} in the vault: every value must be text`);
  const longest = values.reduce((a, b) => (b.length > a.length ? b : a));
  return keepInside(longest, () => Promise.resolve({ sealed: sealToPage(request, claim.sealTo, JSON.stringify(data)), accessor }));
}

/**
 * Ends the lease of what a person had to change: a newer version is in the vault and the cloud's own record proved the change, so the old ones are destroyed and the lock is free.
 * Null while nobody has put the new version in. A second call gives the same proof. Errors: LEASE_LOST, VAULT_*.
 */
export async function settle(kv: Kv, lease: LeaseRef, provenAt: string): Promise<RotationProof | null> {
  const path = credentialPath(lease.credential);
  const { current, live } = await kv.versions(path);
  const { data: lock } = await kv.read<Lock>(lockPath(lease.credential));
  const known = lock?.done.find((one) => one.leaseId === lease.leaseId)?.proof;
  if (known) return known;
  if (lock?.leaseId !== lease.leaseId || lock.state === 'held' || lock.state === 'free') throw fail('LEASE_LOST', `the lease of ${lease.credential} is not this one any more, or was not returned`);
  if (current <= lock.version || !live.includes(current)) return null;
  await kv.destroy(path, live.filter((version) => version < current));
  const proof: RotationProof = { credential: lease.credential, oldFingerprint: `version ${lock.version}`, newFingerprint: `version ${current}`, newVersion: current, provenLoginAt: provenAt, oldRefused: true };
  await changeLock(kv, lease.credential, (now) => {
    if (now?.leaseId !== lease.leaseId) throw fail('LEASE_LOST', `the lease of ${lease.credential} is not this one any more`);
    return { lock: now.state === 'free' ? null : { ...now, state: 'free', rotation: null, done: [...now.done, { leaseId: now.leaseId, approval: now.approval, proof }].slice(-REMEMBERED) }, result: undefined };
  });
  return proof;
}
