import { createHash, randomBytes } from 'node:crypto';
import { PasskeyRefused, type Invite, type Passkey, type RegisterStore } from './ports';
import { SealedObjects } from './sealed';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
/** First 12 hex digits of SHA-256 of the credential id: how people name a passkey. */
export const fingerprintOf = (credentialId: string): string => hashOf(credentialId).slice(0, 12);

const invitePath = (token: string): string => `passkeys/invites/${hashOf(token)}.json`;
const usedPath = (token: string): string => `passkeys/invites/${hashOf(token)}.used.json`;
const keyPath = (credentialId: string): string => `passkeys/keys/${hashOf(credentialId)}.json`;
const revokedPath = (credentialId: string): string => `passkeys/revoked/${hashOf(credentialId)}.json`;
const countersPrefix = (credentialId: string): string => `passkeys/counters/${hashOf(credentialId)}/`;

/**
 * Invites and passkeys, each written once and sealed: an invite is used up by a second object beside it, a counter that was seen by one of its own,
 * a revoked passkey by a mark. So a restart loses nothing, and of two at the same time exactly one wins.
 */
export class Register {
  private readonly objects: SealedObjects;

  constructor(store: RegisterStore, keys: readonly Buffer[], private readonly now: () => number = Date.now) {
    this.objects = new SealedObjects(store, keys);
  }

  /** Makes a one-time invite; the token is known to nobody else and kept only as its hash. */
  async invite(person: string, by: string, lifeMs: number): Promise<{ token: string; expires: string }> {
    const token = randomBytes(32).toString('base64url');
    const expires = new Date(this.now() + lifeMs).toISOString();
    await this.objects.put(invitePath(token), { person, by, expires } satisfies Invite);
    return { token, expires };
  }

  /** The invite behind a token, while it is good; null for an unknown, used or expired one. */
  async openInvite(token: string): Promise<Invite | null> {
    const invite = await this.objects.get<Invite>(invitePath(token));
    if (!invite || Date.parse(invite.expires) <= this.now() || (await this.objects.get(usedPath(token)))) return null;
    return invite;
  }

  /** Uses the invite up, then keeps the passkey. A crash between the two costs the invite, never admits a second passkey. */
  async add(token: string, passkey: Passkey): Promise<void> {
    const invite = await this.openInvite(token);
    if (!invite || invite.person !== passkey.person) throw new PasskeyRefused('This invitation is used, expired or not known: ask for a new one.');
    if (!(await this.objects.put(usedPath(token), { fingerprint: fingerprintOf(passkey.credentialId), at: new Date(this.now()).toISOString() }))) throw new PasskeyRefused('This invitation was used a moment ago.');
    if (!(await this.objects.put(keyPath(passkey.credentialId), passkey))) throw new PasskeyRefused('This passkey is registered already.');
  }

  /** Null when it is not registered, or was revoked. */
  async find(credentialId: string): Promise<Passkey | null> {
    const [passkey, revoked] = await Promise.all([this.objects.get<Passkey>(keyPath(credentialId)), this.objects.get(revokedPath(credentialId))]);
    return passkey && !revoked && passkey.credentialId === credentialId ? passkey : null;
  }

  /** Every passkey that may be used, of everybody or of these people. */
  async all(people?: readonly string[]): Promise<Passkey[]> {
    const [keys, revoked] = await Promise.all([this.objects.list('passkeys/keys/'), this.objects.list('passkeys/revoked/')]);
    const dead = new Set(revoked.map((path) => path.split('/').pop()));
    const found = await Promise.all(keys.filter((path) => !dead.has(path.split('/').pop())).map((path) => this.objects.get<Passkey>(path)));
    return found.flatMap((one) => (one && (!people || people.includes(one.person)) ? [one] : []));
  }

  /** Ends a passkey for good; false when it was ended before. */
  revoke(credentialId: string, by: string, reason: string): Promise<boolean> {
    return this.objects.put(revokedPath(credentialId), { by, reason, at: new Date(this.now()).toISOString() });
  }

  /**
   * Takes note of the authenticator's counter; false when it did not move forward, which an honest authenticator never shows:
   * somebody has a copy of it, or an old answer is played again. Zero for ever is an authenticator without a counter.
   */
  async advance(credentialId: string, counter: number): Promise<boolean> {
    const seen = await this.objects.list(countersPrefix(credentialId));
    const last = Number(/(\d{10})\.json$/.exec(seen[seen.length - 1] ?? '')?.[1] ?? 0);
    if (counter === 0) return last === 0;
    return counter > last && this.objects.put(`${countersPrefix(credentialId)}${String(counter).padStart(10, '0')}.json`, { counter });
  }
}
