import { createCipheriv, randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { findingFor } from '../../bench/findings';
import { guardduty } from '../../intake/guardduty';
import { EncryptionCodec } from '../../workers/codec';

const keys = ['new', 'old'].map((id) => ({ id, key: randomBytes(32) }));
const codec = new EncryptionCodec(keys);
const encoded = async (value: unknown, by = codec): Promise<Payload> => (await by.encode([defaultPayloadConverter.toPayload(value)!]))[0]!;
const decoded = async (payload: Payload, by = codec): Promise<unknown> => defaultPayloadConverter.fromPayload((await by.decode([payload]))[0]!);
const text = (payload: Payload): string => Buffer.from(payload.data!).toString('latin1');

test('whatever goes in comes out, short or long, and is not to be read meanwhile', async () => {
  await fc.assert(fc.asyncProperty(fc.jsonValue(), fc.nat(5_000), async (value, many) => {
    const given = { value, long: 'planted-secret '.repeat(many) };
    const payload = await encoded(given);
    expect(text(payload)).not.toContain('planted-secret');
    expect(await decoded(payload)).toEqual(JSON.parse(JSON.stringify(given)));
  }));
});

test('a storm’s alerts, many in one signal, become less than a tenth; what is short stays as it is', async () => {
  const alerts = Array.from({ length: 200 }, (_, serial) => guardduty.parse(JSON.parse(findingFor('210987654321', 'mallory', serial)))[0]);
  const size = JSON.stringify({ alerts }).length;
  const payload = await encoded({ alerts });
  expect(payload.data!.length * 10).toBeLessThan(size);
  expect(await decoded(payload)).toEqual({ alerts: JSON.parse(JSON.stringify(alerts)) });
  expect((await encoded({ short: true })).metadata!['compression']).toBeUndefined();
  // Nothing to be had from what is random already.
  expect((await encoded(randomBytes(4_000))).metadata!['compression']).toBeUndefined();
});

test('a key that was followed by another still reads; one that is not there is named', async () => {
  const before = await encoded({ kept: 'long ago' }, new EncryptionCodec([keys[1]!]));
  expect(await decoded(before)).toEqual({ kept: 'long ago' });
  await expect(decoded(await encoded(1), new EncryptionCodec([keys[1]!]))).rejects.toThrow('no encryption key new here');
});

test('changed data, and data that would inflate without end, are refused', async () => {
  const payload = await encoded('x'.repeat(2_000));
  const data = Buffer.from(payload.data!);
  data[20]! ^= 1;
  await expect(decoded({ ...payload, data })).rejects.toThrow();
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keys[0]!.key, iv);
  const sealed = Buffer.concat([iv, cipher.update(deflateRawSync(Buffer.alloc(65 * 1024 * 1024))), cipher.final(), cipher.getAuthTag()]);
  await expect(decoded({ ...payload, data: sealed })).rejects.toThrow(/larger than/);
});
