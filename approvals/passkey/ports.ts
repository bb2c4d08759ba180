import type { ConfirmationPort } from '../ports';
import type { Person } from '../../playbook/model/people';

/** A place for small objects that are written once (the evidence store's backends: a folder or a bucket). */
export interface RegisterStore {
  /** False when the key was taken already; nothing is overwritten. */
  putIfAbsent(key: string, content: Uint8Array, contentType: string): Promise<boolean>;
  get(key: string): Promise<Uint8Array | null>;
  /** Keys under a prefix that ends with `/`, in order. */
  list(prefix: string): Promise<string[]>;
}

/** A registered passkey: public material only. */
export interface Passkey {
  person: string;
  /** base64url, as the authenticator named it. */
  credentialId: string;
  /** COSE key, base64url. */
  publicKey: string;
  transports: string[];
  /** `multiDevice` may be synced to other devices by its maker. */
  deviceType: 'singleDevice' | 'multiDevice';
  backedUp: boolean;
  /** Model of the authenticator, self-declared. */
  aaguid: string;
  /** ISO. */
  registeredAt: string;
  /** Who invited. */
  invitedBy: string;
}

export interface Invite {
  person: string;
  /** ISO. */
  expires: string;
  by: string;
}

/** Where and under which name passkeys are valid: from the configuration, never from a request. */
export interface RelyingParty {
  origin: string;
  rpId: string;
  /** May keys that their maker syncs to other devices be used? */
  backedUp: 'refuse' | 'allow';
}

export interface PasskeyDeps {
  store: RegisterStore;
  /** Keys that seal the register, at least 32 bytes; the first seals, all open. */
  keys: readonly Buffer[];
  party: RelyingParty;
  people(): Promise<readonly Person[]>;
  approvals: ConfirmationPort;
  /** Tells people: a new passkey, or one that may have been copied. */
  tell(notice: { key: string; level: 'warn' | 'page'; title: string; lines: string[] }): Promise<void>;
  now?: () => number;
}

/** Refused, in words for the person; nothing was changed. */
export class PasskeyRefused extends Error {
  override readonly name = 'PasskeyRefused';
}
