import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';

const ENCODING = Buffer.from('binary/encrypted');
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** What is smaller gains nothing. A storm's alerts, many in one signal, become a tenth: histories stay far below Temporal's limits, and a page of one below gRPC's 4 MB. */
const COMPRESSED_FROM = 1_024;
const DEFLATE = Buffer.from('deflate');
/** Temporal takes no payload above 2 MB, and what was encoded was one: far more is not ours. */
const MOST_INFLATED = 64 * 1024 * 1024;

/** Deflated where that makes it smaller, then AES-256-GCM over the whole payload, key id in the metadata; the first key encrypts, all decrypt. Unknown encodings pass through untouched. */
export class EncryptionCodec implements PayloadCodec {
  private readonly byId: Map<string, Buffer>;
  private readonly current: string;

  constructor(keys: readonly { id: string; key: Buffer }[]) {
    for (const { id, key } of keys) if (key.length !== 32) throw new Error(`encryption key ${id} must have 32 bytes, it has ${key.length}`);
    if (!keys[0]) throw new Error('at least one encryption key is needed');
    this.byId = new Map(keys.map(({ id, key }) => [id, key]));
    this.current = keys[0].id;
  }

  encode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.resolve(payloads.map((payload) => this.seal(payload)));
  }

  decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.resolve(payloads.map((payload) => this.open(payload)));
  }

  private seal(payload: Payload): Payload {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.byId.get(this.current)!, iv);
    const plain = temporal.api.common.v1.Payload.encode(payload).finish();
    const packed = plain.length >= COMPRESSED_FROM ? deflateRawSync(plain, { level: 1 }) : plain;
    const compressed = packed.length < plain.length;
    const data = Buffer.concat([iv, cipher.update(compressed ? packed : plain), cipher.final(), cipher.getAuthTag()]);
    return { metadata: { encoding: ENCODING, 'encryption-key-id': Buffer.from(this.current), ...(compressed ? { compression: DEFLATE } : {}) }, data };
  }

  private open(payload: Payload): Payload {
    const encoding = payload.metadata?.['encoding'];
    if (!encoding || Buffer.compare(Buffer.from(encoding), ENCODING) !== 0) return payload;
    const id = Buffer.from(payload.metadata?.['encryption-key-id'] ?? []).toString();
    const key = this.byId.get(id);
    if (!key) throw new Error(`no encryption key ${id} here: it was encrypted with a key that this process does not have`);
    const data = Buffer.from(payload.data ?? []);
    const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, IV_BYTES));
    decipher.setAuthTag(data.subarray(data.length - TAG_BYTES));
    const plain = Buffer.concat([decipher.update(data.subarray(IV_BYTES, data.length - TAG_BYTES)), decipher.final()]);
    return temporal.api.common.v1.Payload.decode(payload.metadata?.['compression'] ? inflateRawSync(plain, { maxOutputLength: MOST_INFLATED }) : plain);
  }
}
