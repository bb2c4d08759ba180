import { fail } from '../../activities/boundary';
import type { RotatableCredential, Secret } from '../../activities/vault';

interface Key { id: string; secret: string; createdAt: number; deletedAt: number | null }

/** A provider in memory with IAM's habits: two keys, and for `lagMs` a new key does not work yet and a deleted one still does. */
export class FakeProvider implements RotatableCredential {
  readonly keys: Key[] = [];
  /** Every secret that ever existed. */
  readonly seen: Secret[] = [];
  private count = 0;

  constructor(readonly owner: string, readonly lagMs = 0, readonly limit = 2) {}

  /** The first key, made long ago. */
  seed(): Secret {
    return this.add(-1e9);
  }

  private add(createdAt: number): Secret {
    this.count += 1;
    const key = { id: `KEY-${this.owner}-${this.count}`, secret: `CANARY/${this.owner}+${this.count}/${Math.random().toString(36).slice(2)}`, createdAt, deletedAt: null };
    this.keys.push(key);
    const secret = { keyId: key.id, secret: key.secret, owner: this.owner };
    this.seen.push(secret);
    return secret;
  }

  works(secret: Secret, at = Date.now()): boolean {
    const key = this.keys.find((one) => one.id === secret.keyId && one.secret === secret.secret);
    return key !== undefined && key.createdAt + this.lagMs <= at && (key.deletedAt === null || key.deletedAt + this.lagMs > at);
  }

  alive(): string[] {
    return this.keys.filter((key) => key.deletedAt === null).map((key) => key.id);
  }

  private signed(secret: Secret): void {
    if (!this.works(secret)) throw fail('CREDENTIALS_INVALID', 'the key is refused');
  }

  async login(secret: Secret): Promise<{ identity: string }> {
    this.signed(secret);
    return { identity: `user/${this.owner}` };
  }

  async create(current: Secret): Promise<Secret> {
    this.signed(current);
    if (this.alive().length >= this.limit) throw fail('LIMIT_EXCEEDED', 'two keys already');
    return this.add(Date.now());
  }

  async listIds(secret: Secret): Promise<string[]> {
    this.signed(secret);
    return this.alive();
  }

  async revoke(secret: Secret, keyId: string): Promise<void> {
    this.signed(secret);
    const key = this.keys.find((one) => one.id === keyId);
    if (key && key.deletedAt === null) key.deletedAt = Date.now();
  }

  async refuses(secret: Secret): Promise<boolean> {
    return !this.works(secret);
  }
}

/** A process that dies at the n-th thing it does, before or after the other side did it, and does nothing more. */
export class Mortal {
  private dead = false;
  done = 0;

  constructor(private readonly at: number, private readonly when: 'before' | 'after') {}

  async act<T>(work: () => Promise<T>): Promise<T> {
    this.done += 1;
    const mine = this.done === this.at;
    if (this.dead || (mine && this.when === 'before')) this.die();
    const result = await work();
    if (mine) this.die();
    return result;
  }

  private die(): never {
    this.dead = true;
    throw new Error('killed');
  }

  get died(): boolean {
    return this.dead;
  }

  provider(inner: RotatableCredential): RotatableCredential {
    return {
      login: (secret) => this.act(() => inner.login(secret)),
      create: (secret) => this.act(() => inner.create(secret)),
      listIds: (secret) => this.act(() => inner.listIds(secret)),
      revoke: (secret, id) => this.act(() => inner.revoke(secret, id)),
      refuses: (secret) => this.act(() => inner.refuses(secret)),
    };
  }

  fetch: typeof globalThis.fetch = (url, init) => this.act(async () => {
    const response = await globalThis.fetch(url, init);
    // Read to the end, so that "after" means that the vault has done it.
    return new Response(await response.text(), { status: response.status });
  });
}
