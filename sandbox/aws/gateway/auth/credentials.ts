import { randomBytes, randomUUID } from 'node:crypto';

/** Who a credential speaks for. */
export type Identity =
  | { kind: 'root'; account: string }
  | { kind: 'user'; account: string; name: string; id: string }
  | { kind: 'role'; account: string; role: string; id: string; session: string }
  /** `sts:AssumeRoot`: the member account's root, limited to one task policy. */
  | { kind: 'assumed-root'; account: string; task: string; by: string };

export interface Credential {
  accessKeyId: string;
  secret: string;
  /** Null for long-term keys. */
  token: string | null;
  identity: Identity;
  /** Milliseconds; the token's aws:TokenIssueTime. Null for long-term keys. */
  issuedAt: number | null;
  expiresAt: number | null;
  mfa: boolean;
  /** Given by GetSessionToken: no IAM calls without MFA, no STS calls but AssumeRole and GetCallerIdentity. */
  sessionToken: boolean;
  /** Policy given to AssumeRole, and its managed ones, resolved. */
  sessionPolicies: object[];
  /** The person of Identity Center whose session it is: `identitystore:UserId`. */
  userId?: string;
}

interface Held { credential: Credential; status: 'Active' | 'Inactive' }

/** Every credential that passed through the gateway; changes of status take effect after IAM's lag. */
export class Credentials {
  readonly #held = new Map<string, Held>();
  readonly lastUsed = new Map<string, { at: number; service: string; region: string }>();

  add(credential: Credential): void {
    this.#held.set(credential.accessKeyId, { credential, status: 'Active' });
  }
  setStatus(accessKeyId: string, status: 'Active' | 'Inactive'): void {
    const held = this.#held.get(accessKeyId);
    if (held) held.status = status;
  }
  remove(accessKeyId: string): void {
    this.#held.delete(accessKeyId);
  }
  /** Usable ones only: an inactive key answers like an unknown one, as AWS does. */
  find(accessKeyId: string): Credential | null {
    const held = this.#held.get(accessKeyId);
    return held && held.status === 'Active' ? held.credential : null;
  }
  /** Whatever its status: the last word on whose key it was. */
  peek(accessKeyId: string): Credential | null {
    return this.#held.get(accessKeyId)?.credential ?? null;
  }
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
export const uniqueId = (prefix: string, length = 16): string => prefix + Array.from(randomBytes(length), (byte) => letters[byte % 32]).join('');

export function mint(identity: Identity, options: Partial<Pick<Credential, 'issuedAt' | 'expiresAt' | 'mfa' | 'sessionToken' | 'sessionPolicies'>> = {}): Credential {
  const temporary = options.issuedAt != null;
  return {
    accessKeyId: uniqueId(temporary ? 'ASIA' : 'AKIA'),
    secret: randomBytes(30).toString('base64'),
    token: temporary ? Buffer.from(`${randomUUID()}${randomUUID()}`).toString('base64') : null,
    identity,
    issuedAt: options.issuedAt ?? null,
    expiresAt: options.expiresAt ?? null,
    mfa: options.mfa ?? false,
    sessionToken: options.sessionToken ?? false,
    sessionPolicies: options.sessionPolicies ?? [],
  };
}
