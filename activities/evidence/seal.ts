import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { digestOf } from '../../playbook/digest';
import { canonicalJson } from '../../playbook/json';
import { fail } from '../boundary';

/** What a sealed case is: how many entries, the last hash, every raw object. Small enough to be written down elsewhere. */
export interface Seal {
  version: 1;
  caseKey: string;
  /** Entries in the chain, the sealing one included. */
  entries: number;
  /** Hash of the last entry. */
  last: string;
  /** Every raw object that the record points to or that was kept for the case, by key. */
  raw: { key: string; sha256: string; bytes: number }[];
  /** ISO 8601 UTC. */
  sealedAt: string;
}

export interface SignedSeal extends Seal {
  /** SHA-256 over the canonical JSON of the seal without hash and signature. */
  hash: string;
  /** Ed25519 over the hash's text; null when no key is configured. */
  signature: { algorithm: 'ed25519'; publicKey: string; value: string } | null;
}

/** `trusted`: by a configured key; `self-asserted`: holds, by a key nobody vouches for. */
export type SignatureState = 'trusted' | 'self-asserted' | 'unsigned' | 'invalid';

/** Hashes and, with a private key (PKCS#8 PEM, Ed25519), signs. Throws INVALID_CONFIG for another kind of key. */
export function signSeal(seal: Seal, signingKeyPem: string | null): SignedSeal {
  const hash = digestOf(seal);
  if (signingKeyPem === null) return { ...seal, hash, signature: null };
  const key = ed25519(() => createPrivateKey(signingKeyPem), 'evidence.signingKey');
  return { ...seal, hash, signature: { algorithm: 'ed25519', publicKey: publicKeyOf(signingKeyPem), value: sign(null, Buffer.from(hash), key).toString('base64') } };
}

/** The public half, in the form that a seal embeds (SPKI DER, base64). */
export function publicKeyOf(signingKeyPem: string): string {
  return createPublicKey(ed25519(() => createPrivateKey(signingKeyPem), 'evidence.signingKey')).export({ type: 'spki', format: 'der' }).toString('base64');
}

/** Public keys as people configure them (SPKI PEM), in the form that a seal embeds. */
export function trustedKeys(pems: readonly string[]): Set<string> {
  return new Set(pems.map((pem) => ed25519(() => createPublicKey(pem), 'evidence.trustedKeys').export({ type: 'spki', format: 'der' }).toString('base64')));
}

/** Is the seal's own hash right, and who signed it. */
export function checkSeal({ hash, signature, ...seal }: SignedSeal, trusted: ReadonlySet<string>): { holds: boolean; signature: SignatureState } {
  const holds = digestOf(seal) === hash;
  if (!signature) return { holds, signature: 'unsigned' };
  try {
    const key = createPublicKey({ key: Buffer.from(signature.publicKey, 'base64'), format: 'der', type: 'spki' });
    const good = key.asymmetricKeyType === 'ed25519' && verify(null, Buffer.from(hash), key, Buffer.from(signature.value, 'base64'));
    return { holds, signature: !good ? 'invalid' : trusted.has(signature.publicKey) ? 'trusted' : 'self-asserted' };
  } catch {
    return { holds, signature: 'invalid' };
  }
}

export const sealText = (seal: SignedSeal): string => canonicalJson(seal);

/** Null when the text is not the canonical JSON of a seal. */
export function parseSeal(text: string): SignedSeal | null {
  try {
    const seal = JSON.parse(text) as Partial<SignedSeal> | null;
    if (seal === null || typeof seal !== 'object' || canonicalJson(seal) !== text) return null;
    const good = seal.version === 1 && typeof seal.caseKey === 'string' && Number.isInteger(seal.entries) && typeof seal.last === 'string' && typeof seal.hash === 'string';
    return good && Array.isArray(seal.raw) && seal.raw.every((one) => typeof one?.key === 'string' && typeof one.sha256 === 'string') ? (seal as SignedSeal) : null;
  } catch {
    return null;
  }
}

function ed25519(read: () => KeyObject, field: string): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch {
    throw fail('INVALID_CONFIG', `${field} is not a key in PEM form`);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw fail('INVALID_CONFIG', `${field} must be an Ed25519 key (openssl genpkey -algorithm ed25519)`);
  return key;
}
