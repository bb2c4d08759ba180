import { GetObjectCommand, PutObjectCommand, type ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createEvidenceStore, folderObjects, s3Objects, type ObjectStore } from '../../activities/evidence';
import { codeOf } from '../../activities/boundary';
import type { RecordEntry } from '../../playbook/model/evidence';
import { folderBackend } from './backends';

const CASE = 'inc-0123456789abcdef0123.1';
const AT = '2026-03-01T10:00:00.000Z';
const entry = (key: string): RecordEntry => ({ key, at: AT, kind: 'note', text: key, data: {} });
const codeFrom = (promise: Promise<unknown>) => promise.then(() => 'no error', (error: unknown) => codeOf(error));
const awsError = (name: string, status: number) => Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } });

/** An S3 client that answers from a script. */
const scripted = (answer: (command: unknown) => unknown) => ({ send: async (command: unknown) => answer(command) }) as unknown as S3Client;
const options = { bucket: 'b', prefix: 'p/', lock: null, kmsKeyId: null };

describe('S3', () => {
  it('writes only where nothing is, with retention and encryption as configured', async () => {
    const sent: PutObjectCommand[] = [];
    const client = scripted((command) => sent.push(command as PutObjectCommand));
    const objects = s3Objects(client, { ...options, lock: { mode: 'COMPLIANCE', days: 365 }, kmsKeyId: 'key-1' }, () => new Date('2026-01-01T00:00:00Z'));
    expect(await objects.putIfAbsent('x/y.json', Buffer.from('{}'), 'application/json')).toBe(true);
    expect(sent[0]!.input).toMatchObject({
      Bucket: 'b', Key: 'p/x/y.json', IfNoneMatch: '*', ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: new Date('2027-01-01T00:00:00Z'),
      ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'key-1', ChecksumAlgorithm: 'SHA256',
    });
  });
  it('takes 412 as taken, tries again on 409, and gives up on a lasting one', async () => {
    expect(await s3Objects(scripted(() => { throw awsError('PreconditionFailed', 412); }), options).putIfAbsent('x', Buffer.from(''), 't')).toBe(false);
    let calls = 0;
    const meets = scripted(() => { if (++calls < 3) throw awsError('ConditionalRequestConflict', 409); return {}; });
    expect(await s3Objects(meets, options).putIfAbsent('x', Buffer.from(''), 't')).toBe(true);
    expect(calls).toBe(3);
    expect(await codeFrom(s3Objects(scripted(() => { throw awsError('ConditionalRequestConflict', 409); }), options).putIfAbsent('x', Buffer.from(''), 't'))).toBe('EVIDENCE_UNAVAILABLE');
  });
  it('reads every page of a listing', async () => {
    const tokens: (string | undefined)[] = [];
    const client = scripted((command) => {
      const { ContinuationToken } = (command as ListObjectsV2Command).input;
      tokens.push(ContinuationToken);
      return ContinuationToken ? { Contents: [{ Key: 'p/x/2' }], IsTruncated: false } : { Contents: [{ Key: 'p/x/1' }], CommonPrefixes: [{ Prefix: 'p/x/z/' }], IsTruncated: true, NextContinuationToken: 't' };
    });
    expect(await s3Objects(client, options).list('x/', true)).toEqual(['x/1', 'x/2', 'x/z/']);
    expect(tokens).toEqual([undefined, 't']);
  });
  it('tells a missing object from a refusal and a missing bucket', async () => {
    expect(await s3Objects(scripted(() => { throw awsError('NoSuchKey', 404); }), options).get('x')).toBeNull();
    for (const error of [awsError('AccessDenied', 403), awsError('NoSuchBucket', 404), new Error('socket hang up')]) {
      expect(await codeFrom(s3Objects(scripted(() => { throw error; }), options).get('x'))).toBe('EVIDENCE_UNAVAILABLE');
    }
  });
  it('appends once when the answer to a write was lost', async () => {
    const kept = new Map<string, Uint8Array>();
    let lost = false;
    // The SDK retries a write whose answer was lost, and then meets its own object.
    const client = scripted((command) => {
      if (command instanceof PutObjectCommand) {
        const key = command.input.Key!;
        if (kept.has(key)) throw awsError('PreconditionFailed', 412);
        kept.set(key, command.input.Body as Uint8Array);
        if (!lost) { lost = true; throw awsError('PreconditionFailed', 412); }
        return {};
      }
      if (command instanceof GetObjectCommand) {
        const body = kept.get(command.input.Key!);
        if (!body) throw awsError('NoSuchKey', 404);
        return { Body: { transformToByteArray: async () => body } };
      }
      return { Contents: [...kept.keys()].filter((key) => key.startsWith((command as ListObjectsV2Command).input.Prefix!)).map((Key) => ({ Key })) };
    });
    const store = createEvidenceStore(s3Objects(client, options));
    await store.record(CASE, [entry('one'), entry('two')]);
    expect((await store.readChain(CASE)).map((one) => one.key)).toEqual(['one', 'two']);
  });
});

describe('a store that goes away in the middle', () => {
  it('fails with EVIDENCE_UNAVAILABLE and completes on retry, each entry once', async () => {
    const backend = await folderBackend();
    let down = false;
    let writes = 0;
    const flaky: ObjectStore = {
      ...backend.objects,
      putIfAbsent: async (key, content, type) => {
        if (++writes === 3) down = true;
        if (down) throw (await import('../../activities/boundary')).fail('EVIDENCE_UNAVAILABLE', 'away');
        return backend.objects.putIfAbsent(key, content, type);
      },
    };
    const store = createEvidenceStore(flaky);
    const entries = ['one', 'two', 'three', 'four'].map(entry);
    expect(await codeFrom(store.record(CASE, entries))).toBe('EVIDENCE_UNAVAILABLE');
    expect((await store.readChain(CASE)).map((one) => one.key)).toEqual(['one', 'two']);
    down = false;
    await store.record(CASE, entries);
    expect((await store.readChain(CASE)).map((one) => one.key)).toEqual(['one', 'two', 'three', 'four']);
    expect((await store.verify(CASE)).ok).toBe(true);
    await backend.close();
  });
  it('seals to the end when it stopped between the last entry and the seal', async () => {
    const backend = await folderBackend();
    const store = createEvidenceStore({
      ...backend.objects,
      putIfAbsent: async (key, content, type) => {
        if (key.endsWith('seal.json')) throw (await import('../../activities/boundary')).fail('EVIDENCE_UNAVAILABLE', 'away');
        return backend.objects.putIfAbsent(key, content, type);
      },
    });
    await store.record(CASE, [entry('one')]);
    expect(await codeFrom(store.seal(CASE, AT))).toBe('EVIDENCE_UNAVAILABLE');
    expect(await store.verify(CASE)).toMatchObject({ ok: false, first: { what: 'missing' } });
    const again = createEvidenceStore(backend.again());
    expect((await again.seal(CASE, '2026-03-05T00:00:00.000Z')).sealedAt).toBe(AT);
    expect(await again.verify(CASE)).toMatchObject({ ok: true, entries: 2 });
    await backend.close();
  });
});

describe('the folder', () => {
  it('is for its owner alone, and leaves nothing half-written in sight', async () => {
    const backend = await folderBackend();
    await backend.objects.putIfAbsent('cases/x/1.json', Buffer.from('{}'), 'application/json');
    expect((await stat(join(backend.root, 'cases/x/1.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(backend.root, 'cases/x'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(backend.root, 'cases/x'))).toEqual(['1.json']);
    await writeFile(join(backend.root, 'cases/x/.left-by-a-crash'), 'half');
    expect(await backend.objects.list('cases/')).toEqual(['cases/x/1.json']);
    await backend.close();
  });
  it('does not follow a link planted in place of evidence, and takes a folder for nothing', async () => {
    const backend = await folderBackend();
    await mkdir(join(backend.root, 'cases/x/2.json'), { recursive: true });
    await symlink('/etc/passwd', join(backend.root, 'cases/x/1.json'));
    expect(await backend.objects.get('cases/x/1.json')).toBeNull();
    expect(await backend.objects.get('cases/x/2.json')).toBeNull();
    expect(await backend.objects.putIfAbsent('cases/x/1.json', Buffer.from('x'), 't')).toBe(false);
    await backend.close();
  });
  it('says EVIDENCE_UNAVAILABLE when it cannot be written or listed', async () => {
    const backend = await folderBackend();
    await writeFile(join(backend.root, 'file'), '');
    const objects = folderObjects(join(backend.root, 'file'));
    expect(await codeFrom(objects.putIfAbsent('a/b', Buffer.from(''), 't'))).toBe('EVIDENCE_UNAVAILABLE');
    await backend.close();
  });
  it.each(['../x', 'a/../b', 'a//b', '/a', 'a/.hidden', 'a\0b', 'a/b\n', 'C:\\x', ''])('refuses the key %j', async (key) => {
    const objects = folderObjects('/nowhere');
    expect(await codeFrom((async () => objects.get(key))())).toBe('INVALID_INPUT');
    expect(await codeFrom((async () => objects.list(`${key}/`))())).toBe('INVALID_INPUT');
  });
});
