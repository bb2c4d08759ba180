import fc from 'fast-check';
import { generateKeyPairSync } from 'node:crypto';
import { createEvidenceStore, type EvidenceStore } from '../../activities/evidence';
import { codeOf } from '../../activities/boundary';
import { sha256Hex } from '../../playbook/digest';
import type { JsonObject } from '../../playbook/json';
import type { RecordEntry } from '../../playbook/model/evidence';
import { folderBackend, s3Backend, startMoto, type Backend, type Moto } from './backends';

const CASE = 'inc-0123456789abcdef0123.1';
const AT = '2026-03-01T10:00:00.000Z';
const entry = (key: string, data: JsonObject = {}, text = `about ${key}`): RecordEntry => ({ key, at: AT, kind: 'note', text, data });
const recordKey = (seq: number) => `cases/${CASE}/record/${String(seq).padStart(8, '0')}.json`;
const codeFrom = (promise: Promise<unknown>) => promise.then(() => 'no error', (error: unknown) => codeOf(error));

let moto: Moto;
beforeAll(async () => {
  moto = await startMoto();
}, 120_000);
afterAll(() => moto.stop());

describe.each([
  ['folder', folderBackend],
  ['s3', () => s3Backend(moto)],
] as [string, () => Promise<Backend>][])('evidence in %s', (_name, open) => {
  let backend: Backend;
  let store: EvidenceStore;
  beforeEach(async () => {
    backend = await open();
    store = createEvidenceStore(backend.objects);
  });
  afterEach(() => backend.close());

  it('keeps an object once and never overwrites it', async () => {
    expect(await backend.objects.putIfAbsent('x/one.json', Buffer.from('1'), 'application/json')).toBe(true);
    expect(await backend.objects.putIfAbsent('x/one.json', Buffer.from('2'), 'application/json')).toBe(false);
    expect(Buffer.from((await backend.objects.get('x/one.json'))!).toString()).toBe('1');
    expect(await backend.objects.get('x/two.json')).toBeNull();
    expect(await backend.objects.list('nothing/')).toEqual([]);
  });

  it('lists over more than one level, and only the next level when asked', async () => {
    for (const key of ['a/b/2', 'a/b/1', 'a/c', 'd/e']) await backend.objects.putIfAbsent(key, Buffer.from(key), 'text/plain');
    expect(await backend.objects.list('a/')).toEqual(['a/b/1', 'a/b/2', 'a/c']);
    expect(await backend.objects.list('a/', true)).toEqual(['a/b/', 'a/c']);
  });

  it('keeps raw material under its own hash, the same bytes once', async () => {
    const first = await store.keep(CASE, 'policy', { b: 1, a: 2 });
    const again = await store.keep(CASE, 'policy', { a: 2, b: 1 });
    expect(first).toEqual(again);
    expect(first.key).toBe(`raw/sha256/${first.sha256.slice(0, 2)}/${first.sha256}.json`);
    expect(first.sha256).toBe(sha256Hex('{"a":2,"b":1}'));
    expect(Buffer.from(await store.read(first)).toString()).toBe('{"a":2,"b":1}');
    expect(await store.list(CASE)).toEqual([{ ...first, kind: 'policy', contentType: 'application/json' }]);
    const bytes = await store.keep(null, 'alert', Buffer.from([0, 255, 1]));
    expect([...(await store.read(bytes))]).toEqual([0, 255, 1]);
  });

  it('chains entries, and takes the same key once', async () => {
    await store.record(CASE, [entry('one'), entry('two')]);
    await store.record(CASE, [entry('two', { other: true }), entry('three')]);
    const chain = await store.readChain(CASE);
    expect(chain.map(({ seq, key }) => [seq, key])).toEqual([[1, 'one'], [2, 'two'], [3, 'three']]);
    expect(chain[0]!.prev).toBe('0'.repeat(64));
    expect(chain[2]!.prev).toBe(chain[1]!.hash);
    expect(await store.readChain(CASE, 2)).toEqual([chain[2]]);
    expect(await store.cases()).toEqual([CASE]);
  });

  it('takes 20 appenders at once without a gap, a fork or a double', async () => {
    const workers = Array.from({ length: 20 }, () => createEvidenceStore(backend.again()));
    await Promise.all(workers.map((worker, n) => worker.record(CASE, [entry(`mine-${n}`), entry('shared')])));
    const chain = await store.readChain(CASE);
    expect(chain).toHaveLength(21);
    expect(chain.map((one) => one.seq)).toEqual(Array.from({ length: 21 }, (_, n) => n + 1));
    expect(new Set(chain.map((one) => one.key)).size).toBe(21);
    expect((await store.verify(CASE)).ok).toBe(true);
  });

  it('keeps a huge entry aside and gives it back whole', async () => {
    const data = { big: 'x'.repeat(300_000) };
    await store.record(CASE, [entry('huge', data, 'y'.repeat(9_000))]);
    const stored = (await backend.objects.get(recordKey(1)))!;
    expect(stored.byteLength).toBeLessThan(4_000);
    const [read] = await store.readChain(CASE);
    expect(read!.data).toEqual(data);
    expect(read!.text).toHaveLength(9_000);
    expect((await store.verify(CASE)).rawObjects).toBe(1);
  });

  it('seals once, and takes nothing new afterwards', async () => {
    const ref = await store.keep(CASE, 'listing', { objects: [] });
    await store.record(CASE, [entry('one', { listing: { ...ref } })]);
    const seal = await store.seal(CASE, AT);
    expect(seal).toMatchObject({ entries: 2, raw: [ref], signature: null, sealedAt: AT });
    expect(await store.seal(CASE, '2026-03-02T00:00:00.000Z')).toEqual(seal);
    expect(await codeFrom(store.record(CASE, [entry('late')]))).toBe('INVALID_INPUT');
    expect(await codeFrom(createEvidenceStore(backend.again()).record(CASE, [entry('late')]))).toBe('INVALID_INPUT');
    await createEvidenceStore(backend.again()).record(CASE, [entry('one')]); // a retry of what is there is no error
    expect(await store.verify(CASE, seal.hash)).toMatchObject({ ok: true, sealed: true, entries: 2, rawObjects: 1, signature: 'unsigned' });
  });

  describe('names the first thing that is wrong', () => {
    const prepare = async () => {
      const ref = await store.keep(CASE, 'listing', { objects: ['a'] });
      await store.record(CASE, [entry('one', { listing: { ...ref } }), entry('two'), entry('three'), entry('four')]);
      return ref;
    };
    const text = async (key: string) => Buffer.from((await backend.objects.get(key))!).toString();
    const first = async () => (await createEvidenceStore(backend.again()).verify(CASE)).first;

    it('a changed byte', async () => {
      await prepare();
      await backend.overwrite(recordKey(2), (await text(recordKey(2))).replace('about two', 'about twO'));
      expect(await first()).toEqual({ where: recordKey(2), what: 'changed', text: 'Entry 2 was changed after it was written.' });
      expect(await codeFrom(createEvidenceStore(backend.again()).readChain(CASE))).toBe('EVIDENCE_TAMPERED');
    });
    it('a byte that means nothing', async () => {
      await prepare();
      await backend.overwrite(recordKey(2), `${await text(recordKey(2))} `);
      expect(await first()).toMatchObject({ where: recordKey(2), what: 'changed' });
    });
    it('an entry that was written anew with a right hash', async () => {
      await prepare();
      const other = createEvidenceStore((await folderBackend()).objects);
      await other.record(CASE, [entry('one'), entry('forged')]);
      const forged = (await other.readChain(CASE))[1]!;
      const { canonicalJson } = await import('../../playbook/json');
      await backend.overwrite(recordKey(2), canonicalJson(forged));
      expect(await first()).toMatchObject({ where: recordKey(2), what: 'changed', text: expect.stringContaining('does not follow') });
    });
    it('a missing entry', async () => {
      await prepare();
      await backend.remove(recordKey(2));
      expect(await first()).toEqual({ where: recordKey(2), what: 'missing', text: 'Entry 2 is missing.' });
    });
    it('entries that changed places', async () => {
      await prepare();
      const [two, three] = [await text(recordKey(2)), await text(recordKey(3))];
      await backend.overwrite(recordKey(2), three);
      await backend.overwrite(recordKey(3), two);
      expect(await first()).toEqual({ where: recordKey(2), what: 'reordered', text: 'Entry 3 stands in the place of entry 2.' });
    });
    it('a tail that was cut off', async () => {
      await prepare();
      await store.seal(CASE, AT);
      await backend.remove(recordKey(5));
      await backend.remove(recordKey(4));
      expect(await first()).toEqual({ where: recordKey(4), what: 'missing', text: 'The record ends at entry 3, and 5 were sealed.' });
    });
    it('a seal that was taken away, or changed, or is another', async () => {
      await prepare();
      const seal = await store.seal(CASE, AT);
      expect((await store.verify(CASE, 'f'.repeat(64))).first).toMatchObject({ what: 'not-the-expected-seal' });
      await backend.overwrite(`cases/${CASE}/seal.json`, (await text(`cases/${CASE}/seal.json`)).replace(seal.hash, 'e'.repeat(64)));
      expect(await first()).toMatchObject({ where: `cases/${CASE}/seal.json`, what: 'seal-invalid' });
      await backend.remove(`cases/${CASE}/seal.json`);
      expect(await first()).toMatchObject({ where: `cases/${CASE}/seal.json`, what: 'missing' });
    });
    it('raw material that was changed or is gone', async () => {
      const ref = await prepare();
      await store.seal(CASE, AT);
      await backend.overwrite(ref.key, '{"objects":["b"]}');
      expect(await first()).toEqual({ where: ref.key, what: 'changed', text: 'Raw material was changed after it was kept.' });
      expect(await codeFrom(store.read(ref))).toBe('EVIDENCE_TAMPERED');
      await backend.remove(ref.key);
      expect(await first()).toEqual({ where: ref.key, what: 'missing', text: 'Raw material is missing.' });
    });
    it('something that does not belong there', async () => {
      await prepare();
      await backend.overwrite(`cases/${CASE}/record/note.txt`, 'hello');
      expect(await first()).toMatchObject({ what: 'foreign' });
    });
    it('will not seal what is broken', async () => {
      await prepare();
      await backend.overwrite(recordKey(2), '{}');
      expect(await codeFrom(createEvidenceStore(backend.again()).seal(CASE, AT))).toBe('EVIDENCE_TAMPERED');
    });
  });

  it.each(['../../etc.1', 'inc-0123456789abcdef0123.1/../x', '', 'inc-0123456789abcdef0123.01', 'INC-0123456789abcdef0123.1', 'inc-0123456789abcdef0123.1\n', '.'])(
    'refuses %j as a case key', async (caseKey) => {
      for (const call of [() => store.record(caseKey, [entry('x')]), () => store.readChain(caseKey), () => store.keep(caseKey, 'x', {}), () => store.seal(caseKey, AT), () => store.list(caseKey)]) {
        expect(await codeFrom((async () => call())())).toBe('INVALID_INPUT');
      }
    },
  );
  it.each(['../secret', 'raw/sha256/../../x', '/etc/passwd', 'cases/x/record/00000001.json', 'raw/sha256/ab/abc'])('does not read %s as raw evidence', async (key) => {
    expect(await codeFrom(store.read({ key }))).toBe('INVALID_INPUT');
  });
});

describe('signatures', () => {
  const pair = () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    return { signingKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string };
  };
  it('tells a configured key from any other, and from none', async () => {
    const backend = await folderBackend();
    const ours = pair();
    const store = createEvidenceStore(backend.objects, { signingKey: ours.signingKey, trustedKeys: [ours.publicPem] });
    await store.record(CASE, [entry('one')]);
    await store.seal(CASE, AT);
    expect(await store.verify(CASE)).toMatchObject({ ok: true, signature: 'trusted' });
    expect(await createEvidenceStore(backend.objects).verify(CASE)).toMatchObject({ ok: true, signature: 'self-asserted' });
    expect(await createEvidenceStore(backend.objects, { signingKey: null, trustedKeys: [pair().publicPem] }).verify(CASE)).toMatchObject({ ok: false, first: { what: 'signature-untrusted' } });
    const other = 'inc-0123456789abcdef0123.2';
    await createEvidenceStore(backend.objects).record(other, [entry('one')]);
    await createEvidenceStore(backend.objects).seal(other, AT);
    expect(await store.verify(other)).toMatchObject({ ok: false, signature: 'unsigned', first: { what: 'signature-untrusted' } });
    await backend.close();
  });
  it('refuses a key of another kind', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }) as string;
    for (const trustedKeys of [[rsa], ['not a key']]) {
      expect(() => createEvidenceStore({} as never, { signingKey: null, trustedKeys })).toThrow(expect.objectContaining({ type: 'INVALID_CONFIG' }) as Error);
    }
  });
});

it('any single changed byte of any entry is found', async () => {
  const backend = await folderBackend();
  const store = createEvidenceStore(backend.objects);
  await store.record(CASE, [entry('one', { n: 1.5, list: ['ü', null] }), entry('two'), entry('three')]);
  await store.seal(CASE, AT);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.nat(), fc.integer({ min: 1, max: 255 }), async (seq, position, flip) => {
      const original = (await backend.objects.get(recordKey(seq)))!;
      const changed = Uint8Array.from(original);
      changed[position % changed.length]! ^= flip;
      await backend.overwrite(recordKey(seq), changed);
      const result = await store.verify(CASE);
      await backend.overwrite(recordKey(seq), original);
      expect(result).toMatchObject({ ok: false, first: { where: recordKey(seq) } });
    }),
    { numRuns: 60 },
  );
  expect((await store.verify(CASE)).ok).toBe(true);
  await backend.close();
});
