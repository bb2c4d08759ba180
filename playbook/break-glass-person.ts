import { digestOf } from './digest';
import type { JsonObject } from './json';

/** What one person asks for: a credential that only people can use (root's password, a hardware key's PIN). Holds no secret. */
export interface PersonalRequest {
  /** Its name in the vault, with the folder's mark: `people.<name>`. */
  credential: string;
  /** What it is, for people. */
  what: string;
  account: string;
  /** A person's id; only they ever see it. */
  requester: string;
  reason: string;
  /** How long they may hold it. */
  ttlMs: number;
  /** Asked for with a bypass: what holds instead when nobody answers; null without one. */
  bypass: { afterMs: number; ttlMs: number } | null;
}

/** What approvers and passkeys confirm: everything about the request. */
export const personalDigest = (request: PersonalRequest): string => {
  const { credential, what, account, requester, reason, ttlMs, bypass } = request;
  return digestOf({ purpose: 'break-glass-for-a-person', credential, what, account, requester, reason, ttlMs, bypass });
};

/** The requester's passkey over this request and over the one page that may open the credential. Public material only. */
export interface Claim {
  person: string;
  digest: string;
  nonce: string;
  /** ISO. */
  expires: string;
  /** The page's one-time public key (P-256 point, base64url): the credential is sealed to it. */
  sealTo: string;
  assertion: JsonObject;
}

/** The credential, readable only by the page that claimed it: ephemeral ECDH on P-256, HKDF-SHA-256, AES-256-GCM; base64url. */
export interface Sealed {
  ephemeral: string;
  iv: string;
  ciphertext: string;
}

/** `bgp-` and 20 hex digits. */
export const isPersonalId = (value: unknown): value is string => typeof value === 'string' && /^bgp-[0-9a-f]{20}$/.test(value);
