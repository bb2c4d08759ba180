import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, fail } from '../boundary';
import { assertObjectKey, assertPrefix, type ObjectStore } from './objects';

export interface S3Options {
  bucket: string;
  /** Put before every key, ends with `/`; empty for the whole bucket. */
  prefix: string;
  /** Object Lock on every object; the bucket must have been made with it. Null leaves the bucket's own default. */
  lock: { mode: 'COMPLIANCE' | 'GOVERNANCE'; days: number } | null;
  /** KMS key for server-side encryption; null leaves the bucket's own default. */
  kmsKeyId: string | null;
}

const DAY_MS = 86_400_000;

/**
 * Evidence in S3. `If-None-Match: *` makes a write conditional on the key being free
 * (docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html: 412 when taken, 409 when two writes meet: try again).
 * Errors: EVIDENCE_UNAVAILABLE.
 */
export function s3Objects(client: S3Client, options: S3Options, now: () => Date = () => new Date()): ObjectStore {
  const keyOf = (key: string) => `${options.prefix}${assertObjectKey(key)}`;
  const put = async (key: string, content: Uint8Array, contentType: string): Promise<boolean> => {
    for (let attempt = 1; ; attempt++) {
      try {
        await client.send(new PutObjectCommand({
          Bucket: options.bucket, Key: keyOf(key), Body: content, ContentType: contentType, IfNoneMatch: '*', ChecksumAlgorithm: 'SHA256',
          ...(options.lock && { ObjectLockMode: options.lock.mode, ObjectLockRetainUntilDate: new Date(now().getTime() + options.lock.days * DAY_MS) }),
          ...(options.kmsKeyId && { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: options.kmsKeyId }),
        }));
        return true;
      } catch (error) {
        if (is(error, 'PreconditionFailed', 412)) return false;
        if (!is(error, 'ConditionalRequestConflict', 409) || attempt >= 5) throw error;
        await delay(20 * attempt + Math.random() * 50);
      }
    }
  };
  const get = async (key: string): Promise<Uint8Array | null> => {
    try {
      const found = await client.send(new GetObjectCommand({ Bucket: options.bucket, Key: keyOf(key) }));
      return found.Body ? await found.Body.transformToByteArray() : new Uint8Array();
    } catch (error) {
      if (is(error, 'NoSuchKey', 404) && (error as Error).name !== 'NoSuchBucket') return null;
      throw error;
    }
  };
  const list = async (prefix: string, shallow: boolean): Promise<string[]> => {
    const found: string[] = [];
    const from = `${options.prefix}${assertPrefix(prefix)}`;
    for (let token: string | undefined, more = true; more; ) {
      const page = await client.send(new ListObjectsV2Command({ Bucket: options.bucket, Prefix: from, Delimiter: shallow ? '/' : undefined, ContinuationToken: token }));
      for (const object of page.Contents ?? []) if (object.Key) found.push(object.Key.slice(options.prefix.length));
      for (const folder of page.CommonPrefixes ?? []) if (folder.Prefix) found.push(folder.Prefix.slice(options.prefix.length));
      token = page.NextContinuationToken;
      more = page.IsTruncated === true && token !== undefined;
    }
    return found.sort();
  };
  return {
    where: `s3://${options.bucket}/${options.prefix}`,
    putIfAbsent: (key, content, contentType) => guarded('write', key, () => put(key, content, contentType)),
    get: (key) => guarded('read', key, () => get(key)),
    list: (prefix, shallow = false) => guarded('list', prefix, () => list(prefix, shallow)),
  };
}

function is(error: unknown, name: string, status: number): boolean {
  const known = error as { name?: string; $metadata?: { httpStatusCode?: number } } | null;
  return known?.name === name || known?.$metadata?.httpStatusCode === status;
}

async function guarded<T>(verb: string, key: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (codeOf(error)) throw error;
    const name = error instanceof Error ? error.name : 'unknown error';
    throw fail('EVIDENCE_UNAVAILABLE', `the evidence bucket cannot ${verb} ${key} (${name})`, { cause: error });
  }
}
