import { createHash, randomBytes } from 'node:crypto';
import { canonicalJson } from '../../playbook/json';

/** How long a challenge may be answered. */
export { CHALLENGE_LIFE_MS } from '../policy';

/** What an assertion stands for; an assertion for one purpose is void for every other. */
export type Purpose = 'register' | 'sign-in' | 'confirm' | 'claim';

export interface Challenged {
  purpose: Purpose;
  /** The approval or request it is about; empty for `register` and `sign-in`. */
  subject: string;
  /** The digest of what will be done; empty where nothing is decided. */
  digest: string;
  nonce: string;
  /** ISO. */
  expires: string;
  /** For `claim`: the page's one-time public key that the credential is sealed to. */
  sealTo?: string;
}

/** What the authenticator signs: SHA-256 over everything it stands for, base64url. Anybody can compute it again from what is recorded. */
export function challengeOf(one: Challenged): string {
  return createHash('sha256').update('tourniquet-passkey-1\n').update(canonicalJson({ ...one })).digest('base64url');
}

export const newNonce = (): string => randomBytes(24).toString('base64url');

/** Challenges that were given out and not answered yet, in memory: a restart voids them, and the page asks anew. */
export class Challenges {
  private readonly open = new Map<string, Challenged>();

  constructor(private readonly lifeMs: number, private readonly now: () => number, private readonly most = 2_000) {}

  issue(about: Omit<Challenged, 'nonce' | 'expires'>): Challenged {
    for (const [nonce, one] of this.open) if (Date.parse(one.expires) <= this.now()) this.open.delete(nonce);
    if (this.open.size >= this.most) this.open.delete(this.open.keys().next().value!);
    const one = { ...about, nonce: newNonce(), expires: new Date(this.now() + this.lifeMs).toISOString() };
    this.open.set(one.nonce, one);
    return one;
  }

  /** Once: whatever comes of it, the same nonce is never answered again. Null when it was not given out, was answered, or is too old. */
  take(nonce: unknown, purpose: Purpose, subject = ''): Challenged | null {
    const one = typeof nonce === 'string' ? this.open.get(nonce) : undefined;
    if (!one || one.purpose !== purpose || one.subject !== subject) return null;
    this.open.delete(one.nonce);
    return Date.parse(one.expires) > this.now() ? one : null;
  }
}
