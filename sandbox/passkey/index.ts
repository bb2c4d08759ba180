import { isoCBOR } from '@simplewebauthn/server/helpers';
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import type { JsonObject } from '../../playbook/json';

/** How an authenticator may misbehave; each is off by default. */
export interface Quirks {
  /** Answers without having verified the person (no PIN, finger or face). */
  unverified?: boolean;
  /** Says that its maker syncs the key to other devices. */
  synced?: boolean;
  /** Another page asked than the one it was made for. */
  origin?: string;
}

interface Held { credentialId: Buffer; userHandle: string; privateKey: KeyObject; rpId: string; counter: number }

const FLAG = { present: 0x01, verified: 0x04, backupEligible: 0x08, backedUp: 0x10, attested: 0x40 };
const sha256 = (data: Uint8Array | string): Buffer => createHash('sha256').update(data).digest();
const b64 = (data: Uint8Array): string => Buffer.from(data).toString('base64url');

/**
 * An authenticator in software, for the demo and the tests: ES256, real CBOR, COSE and signatures (WebAuthn level 3, sections 6.1 and 6.5), as a browser would hand them on.
 * It keeps its private key in this process only and verifies nobody: never a part of production.
 */
export class SoftPasskey {
  private held: Held | null = null;

  constructor(private readonly origin: string, readonly quirks: Quirks = {}) {}

  /** Answers `PublicKeyCredentialCreationOptionsJSON` with a `RegistrationResponseJSON`. */
  register(optionsJson: object): JsonObject {
    const options = optionsJson as { challenge: string; rp: { id: string }; user: { id: string } };
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.held = { credentialId: randomBytes(32), userHandle: options.user.id, privateKey, rpId: options.rp.id, counter: 0 };
    const { x, y } = publicKey.export({ format: 'jwk' });
    // kty EC2, alg ES256, crv P-256, x, y (RFC 9053)
    const cose = isoCBOR.encode(new Map<number, number | Uint8Array>([[1, 2], [3, -7], [-1, 1], [-2, bytes(x!)], [-3, bytes(y!)]]));
    const { credentialId } = this.held;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(credentialId.length);
    const authData = Buffer.concat([this.authenticatorData(FLAG.attested), Buffer.alloc(16), length, credentialId, cose]);
    const attestationObject = isoCBOR.encode(new Map<string, unknown>([['fmt', 'none'], ['attStmt', new Map()], ['authData', new Uint8Array(authData)]]) as never);
    return this.answer({ clientDataJSON: b64(this.clientData('webauthn.create', options.challenge)), attestationObject: b64(attestationObject), transports: ['internal'] });
  }

  /** Answers `PublicKeyCredentialRequestOptionsJSON` with an `AuthenticationResponseJSON`. */
  authenticate(optionsJson: object): JsonObject {
    const { challenge } = optionsJson as { challenge: string };
    const held = this.mine();
    const clientData = this.clientData('webauthn.get', challenge);
    const authData = this.authenticatorData(0);
    const signature = sign('sha256', Buffer.concat([authData, sha256(clientData)]), held.privateKey);
    return this.answer({ clientDataJSON: b64(clientData), authenticatorData: b64(authData), signature: b64(signature), userHandle: held.userHandle });
  }

  /** A copy of the key, its counter as it stands: what a thief would have. */
  clone(): SoftPasskey {
    const copy = new SoftPasskey(this.origin, this.quirks);
    copy.held = { ...this.mine() };
    return copy;
  }

  private mine(): Held {
    if (!this.held) throw new Error('this authenticator holds no passkey yet');
    return this.held;
  }

  private authenticatorData(more: number): Buffer {
    const held = this.mine();
    held.counter += 1;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(held.counter);
    const flags = FLAG.present | (this.quirks.unverified ? 0 : FLAG.verified) | (this.quirks.synced ? FLAG.backupEligible | FLAG.backedUp : 0) | more;
    return Buffer.concat([sha256(held.rpId), Buffer.from([flags]), counter]);
  }

  private clientData(type: string, challenge: string): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin: this.quirks.origin ?? this.origin, crossOrigin: false }));
  }

  private answer(response: JsonObject): JsonObject {
    const id = b64(this.mine().credentialId);
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
  }
}

const bytes = (base64url: string): Uint8Array => new Uint8Array(Buffer.from(base64url, 'base64url'));
export { ClaimingPage } from './page';
