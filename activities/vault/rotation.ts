import { randomUUID } from 'node:crypto';
import { codeOf, fail } from '../boundary';
import type { LeaseRef, RotationProof } from '../contract';
import type { Kv } from './kv';
import { changeLock, credentialPath, pendingPath, REMEMBERED, type Lock, type RotationState } from './lock';
import type { RotatableCredential } from './provider';
import { fingerprint, isSecret, keepInside, type Secret } from './secret';
import { until, type Patience } from './until';

/** Named as they happen; `begun` is after the lock says so, `destroyed` before it is free again. */
export type RotationStep = 'begun' | 'orphans-removed' | 'created' | 'pending' | 'login-proven' | 'promoted' | 'old-deleted' | 'old-refused' | 'destroyed';

export interface RotationDeps {
  kv: Kv;
  provider: RotatableCredential;
  patience: Patience;
  /** Told after each step: heartbeat, progress; tests throw here. */
  onStep?: (step: RotationStep) => void;
  now?: () => number;
}

/**
 * Replaces the credential of a returned lease and proves it: new key made and kept as pending, proven by log-in, promoted, the old key deleted at the provider
 * and proven dead, old versions destroyed in the vault, lock free. Each step looks at what is there first, so that a run after a crash at any point ends the same,
 * and at every point some version in the vault logs in. The old version stays in the vault until the provider was seen to refuse it: nothing else can show that.
 * Errors: LEASE_LOST, ROTATION_UNPROVEN (retryable), CONFLICT (another run took over), CREDENTIALS_INVALID (the stored credential itself is refused), LIMIT_EXCEEDED, VAULT_*, CLOUD_*.
 * Playbook: break-glass sequence, “Return + rotate credentials”; row 2.2.2.
 */
export async function rotate(deps: RotationDeps, lease: LeaseRef): Promise<RotationProof> {
  const begun = await begin(deps, lease);
  if ('proof' in begun) return begun.proof;
  const run = new Rotation(deps, lease, begun.rotation);
  deps.onStep?.('begun');
  const current = await run.stored();
  const fresh = current.version > begun.rotation.oldVersion ? { secret: current.secret, version: current.version } : await run.replace(current.secret);
  await run.retireOld(fresh.secret);
  return run.finish(fresh);
}

/** Takes the rotation over from any earlier run, or finds that it is finished. */
async function begin({ kv }: RotationDeps, lease: LeaseRef): Promise<{ proof: RotationProof } | { rotation: RotationState }> {
  const { data: stored, version } = await kv.read<Secret>(credentialPath(lease.credential));
  return changeLock<{ proof: RotationProof } | { rotation: RotationState }>(kv, lease.credential, (lock) => {
    const proof = lock?.done.find((one) => one.leaseId === lease.leaseId)?.proof;
    if (proof) return { lock: null, result: { proof } };
    if (!lock || lock.leaseId !== lease.leaseId || lock.state === 'free') throw fail('LEASE_LOST', `the lease of ${lease.credential} is not this one any more`);
    if (!isSecret(stored)) throw fail('INVALID_CONFIG', `${credentialPath(lease.credential)} in the vault is not keyId, secret and owner`);
    const rotation: RotationState = { ...(lock.rotation ?? { oldVersion: version, oldKeyId: stored.keyId, provenLoginAt: null, oldRefused: false }), attempt: randomUUID() };
    return { lock: { ...lock, state: 'rotating', rotation }, result: { rotation } };
  });
}

class Rotation {
  private readonly kv: Kv;
  private readonly provider: RotatableCredential;
  private readonly credential: string;

  constructor(private readonly deps: RotationDeps, private readonly lease: LeaseRef, private state: RotationState) {
    this.kv = deps.kv;
    this.provider = deps.provider;
    this.credential = lease.credential;
  }

  async stored(): Promise<{ secret: Secret; version: number }> {
    const { data, version } = await this.kv.read<Secret>(credentialPath(this.credential));
    if (!isSecret(data)) throw fail('INVALID_CONFIG', `${credentialPath(this.credential)} in the vault is not keyId, secret and owner`);
    return { secret: data, version };
  }

  /** Makes, proves and promotes the next key. */
  async replace(current: Secret): Promise<{ secret: Secret; version: number }> {
    const fresh = (await this.resumable(current)) ?? (await this.create(current));
    await this.proveLogin(fresh, current);
    await this.fence();
    const version = await this.kv.write(credentialPath(this.credential), fresh, this.state.oldVersion);
    if (version === null) throw fail('CONFLICT', `${this.credential} was changed while it was rotated`);
    this.deps.onStep?.('promoted');
    return { secret: fresh, version };
  }

  /** The pending key of an earlier run, when the provider knows it. */
  private async resumable(current: Secret): Promise<Secret | null> {
    const { data: pending } = await this.kv.read<Secret>(pendingPath(this.credential));
    if (!isSecret(pending)) return null;
    // Listed is enough, however long it takes to log in; when the stored key is refused itself, the pending one must speak for itself.
    const known = async (): Promise<true | null> => {
      const ids = await unlessRefused(this.provider.listIds(current));
      if (ids) return ids.includes(pending.keyId) ? true : null;
      return (await unlessRefused(this.provider.login(pending))) ? true : null;
    };
    try {
      await until(this.deps.patience, known, () => fail('NOT_FOUND', 'the pending key is not at the provider'));
      return pending;
    } catch (error) {
      if (codeOf(error) !== 'NOT_FOUND') throw error;
      await this.destroyPending();
      return null;
    }
  }

  /** The provider makes the secret, so it exists there before it can be kept here: whatever it has that the vault does not know is an orphan of such a moment. */
  private async create(current: Secret): Promise<Secret> {
    const { version: cas } = await this.kv.read(pendingPath(this.credential));
    const made = await until(this.deps.patience, async () => {
      await this.removeOthers(current, [current.keyId]);
      this.deps.onStep?.('orphans-removed');
      return this.provider.create(current).catch((error: unknown) => {
        // A deleted key counts against the limit for a moment longer.
        if (codeOf(error) === 'LIMIT_EXCEEDED') return null;
        throw error;
      });
    }, () => fail('LIMIT_EXCEEDED', `the owner of ${this.credential} has no room for a second key`));
    return keepInside(made.secret, async () => {
      this.deps.onStep?.('created');
      if ((await this.kv.write(pendingPath(this.credential), made, cas)) === null) throw fail('CONFLICT', `another run rotates ${this.credential}`);
      this.deps.onStep?.('pending');
    }).then(() => made);
  }

  private async proveLogin(fresh: Secret, current: Secret | null): Promise<void> {
    const { identity } = await this.accepted(() => this.provider.login(fresh));
    if (current) {
      const before = await unlessRefused(this.provider.login(current));
      if (before && before.identity !== identity) throw fail('CONFLICT', `the new key of ${this.credential} belongs to another identity`);
    }
    await this.note({ provenLoginAt: new Date((this.deps.now ?? Date.now)()).toISOString() });
    this.deps.onStep?.('login-proven');
  }

  /** Deletes every key but the new one, and sees the old one refused. */
  async retireOld(fresh: Secret): Promise<void> {
    // After a crash, or when a person promoted a key by hand: never delete before the new one was seen to work.
    if (this.state.provenLoginAt === null) await this.proveLogin(fresh, null);
    await until(this.deps.patience, async () => ((await this.accepted(() => this.removeOthers(fresh, [fresh.keyId]))) === 0 ? true : null),
      () => fail('ROTATION_UNPROVEN', `the provider still lists other keys for ${this.credential}`));
    this.deps.onStep?.('old-deleted');
    if (this.state.oldRefused) return;
    const { data: old } = await this.kv.read<Secret>(credentialPath(this.credential), this.state.oldVersion);
    if (!isSecret(old)) throw fail('ROTATION_UNPROVEN', `version ${this.state.oldVersion} of ${this.credential} left the vault before it was seen refused`);
    await until(this.deps.patience, async () => ((await keepInside(old.secret, () => this.provider.refuses(old))) ? true : null),
      () => fail('ROTATION_UNPROVEN', `the provider still accepts the old key of ${this.credential}`));
    await this.note({ oldRefused: true });
    this.deps.onStep?.('old-refused');
  }

  async finish(fresh: { secret: Secret; version: number }): Promise<RotationProof> {
    await this.fence();
    const { live } = await this.kv.versions(credentialPath(this.credential));
    await this.kv.destroy(credentialPath(this.credential), live.filter((version) => version < fresh.version));
    await this.destroyPending();
    this.deps.onStep?.('destroyed');
    const proof: RotationProof = {
      credential: this.credential, oldFingerprint: fingerprint(this.state.oldKeyId), newFingerprint: fingerprint(fresh.secret.keyId), newVersion: fresh.version,
      provenLoginAt: this.state.provenLoginAt ?? '', oldRefused: this.state.oldRefused,
    };
    await this.ours((lock) => ({ ...lock, state: 'free', rotation: null, done: [...lock.done, { leaseId: lock.leaseId, approval: lock.approval, proof }].slice(-REMEMBERED) }));
    return proof;
  }

  /** Deletes the owner's keys that are not in `keep`; returns how many there were. */
  private async removeOthers(signer: Secret, keep: string[]): Promise<number> {
    const others = (await this.provider.listIds(signer)).filter((id) => !keep.includes(id));
    if (others.length > 0) await this.fence();
    for (const id of others) await this.provider.revoke(signer, id);
    return others.length;
  }

  /** A call with a key so new that some of the provider does not know it yet. */
  private accepted<T>(call: () => Promise<T>): Promise<T> {
    return until(this.deps.patience, () => unlessRefused(call().then((value) => ({ value }))), () => fail('ROTATION_UNPROVEN', `the new key of ${this.credential} does not log in yet`)).then(({ value }) => value);
  }

  private async destroyPending(): Promise<void> {
    const { live } = await this.kv.versions(pendingPath(this.credential));
    await this.kv.destroy(pendingPath(this.credential), live);
  }

  private async note(change: Partial<RotationState>): Promise<void> {
    this.state = { ...this.state, ...change };
    await this.ours((lock) => ({ ...lock, rotation: this.state }));
  }

  /** Nothing is changed outside by a run that was overtaken. */
  private async fence(): Promise<void> {
    await changeLock(this.kv, this.credential, (lock) => { this.check(lock); return { lock: null, result: undefined }; });
  }

  private async ours(change: (lock: Lock) => Lock): Promise<void> {
    await changeLock(this.kv, this.credential, (lock) => ({ lock: change(this.check(lock)), result: undefined }));
  }

  private check(lock: Lock | null): Lock {
    if (lock?.leaseId !== this.lease.leaseId || lock.rotation?.attempt !== this.state.attempt) throw fail('CONFLICT', `another run rotates ${this.credential}`);
    return lock;
  }
}

/** Null when the provider refuses the credential; every other error passes. */
function unlessRefused<T>(answer: Promise<T>): Promise<T | null> {
  return answer.catch((error: unknown) => {
    if (codeOf(error) === 'CREDENTIALS_INVALID') return null;
    throw error;
  });
}
