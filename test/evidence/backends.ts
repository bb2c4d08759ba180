import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderObjects } from '../../activities/evidence';
import { s3Objects } from '../../activities/evidence';
import type { ObjectStore } from '../../activities/evidence';
import { ensurePython, freePort, startChild, waitFor, type Child } from '../../sandbox/tools';

/** One place to keep evidence, freshly made; `again()` opens the same place as another process would. */
export interface Backend {
  objects: ObjectStore;
  again(): ObjectStore;
  /** Behind the store's back, as somebody who tampers would. */
  overwrite(key: string, content: string | Uint8Array): Promise<void>;
  remove(key: string): Promise<void>;
  close(): Promise<void>;
}

export async function folderBackend(): Promise<Backend & { root: string }> {
  const { writeFile, unlink } = await import('node:fs/promises');
  const root = await mkdtemp(join(tmpdir(), 'tourniquet-evidence-'));
  return {
    root, objects: folderObjects(root), again: () => folderObjects(root),
    overwrite: (key, content) => writeFile(join(root, key), content),
    remove: (key) => unlink(join(root, key)),
    close: () => rm(root, { recursive: true, force: true }),
  };
}

export interface Moto {
  endpoint: string;
  client: S3Client;
  stop(): Promise<void>;
}

export async function startMoto(): Promise<Moto> {
  const tools = await ensurePython(() => undefined);
  const port = await freePort(undefined, 'moto');
  const logs = await mkdtemp(join(tmpdir(), 'tourniquet-moto-'));
  const child: Child = startChild(tools.moto, ['-H', '127.0.0.1', '-p', String(port)], { log: join(logs, 'moto.log') });
  const endpoint = `http://127.0.0.1:${port}`;
  await waitFor(
    () => fetch(`${endpoint}/moto-api/`).then((answer) => (answer.ok ? true : null), () => {
      if (!child.running()) throw new Error(`moto ended: ${child.tail()}`);
      return null;
    }),
    25_000, () => new Error(`moto does not answer: ${child.tail()}`),
  );
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  return {
    endpoint, client,
    stop: async () => {
      client.destroy();
      await child.stop();
      await rm(logs, { recursive: true, force: true });
    },
  };
}

let buckets = 0;
export async function s3Backend(moto: Moto, lock: { mode: 'COMPLIANCE' | 'GOVERNANCE'; days: number } | null = null): Promise<Backend & { bucket: string }> {
  const { DeleteObjectCommand, PutObjectCommand } = await import('@aws-sdk/client-s3');
  const bucket = `evidence-${process.pid}-${++buckets}`;
  await moto.client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: lock !== null }));
  const options = { bucket, prefix: 'tourniquet/', lock, kmsKeyId: null };
  return {
    bucket, objects: s3Objects(moto.client, options), again: () => s3Objects(moto.client, options),
    overwrite: async (key, content) => {
      await moto.client.send(new PutObjectCommand({ Bucket: bucket, Key: `tourniquet/${key}`, Body: content }));
    },
    remove: async (key) => {
      await moto.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: `tourniquet/${key}` }));
    },
    close: async () => undefined,
  };
}
