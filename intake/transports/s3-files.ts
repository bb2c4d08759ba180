import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { isMembers, membersOf, text } from '../fields';
import type { JsonLimits } from '../json';
import { carriedBy } from './any-of';

/** A file as it lies, gzip or plain. CloudTrail’s are a few MB; a bill or a snapshot is not read by accident. */
export const MOST_FILE_BYTES = 25_000_000;
/** After inflating: a log file holds thousands of records. */
export const FILE_JSON_LIMITS: JsonLimits = { bytes: 64 * 1024 * 1024, depth: 64, nodes: 4_000_000 };

export interface StoredFile {
  bucket: string;
  key: string;
}

/** What a notice of new objects names: `files` to read, or what is wrong with it. Digests and insights of a trail are not logs and are left out. */
export function filesIn(payload: unknown): { files: StoredFile[] } | { problem: string; path: string } {
  const carried = carriedBy(payload);
  if (!isMembers(carried)) return { path: '(record)', problem: 'must be an object' };
  // S3 writes this once, when the notification is set up.
  if (carried['Event'] === 's3:TestEvent') return { files: [] };
  if (carried['source'] === 'aws.s3') {
    const detail = membersOf(carried['detail']);
    return wanted([{ bucket: text(membersOf(detail['bucket'])['name']), key: text(membersOf(detail['object'])['key']) }], 'detail.object.key');
  }
  const records = carried['Records'];
  if (!Array.isArray(records)) return { path: 'Records', problem: records === undefined ? 'is missing' : 'must be a list' };
  const files: StoredFile[] = [];
  for (const record of records.slice(0, 1000).map(membersOf)) {
    if (!text(record['eventName']).startsWith('ObjectCreated:')) continue;
    const s3 = membersOf(record['s3']);
    files.push({ bucket: text(membersOf(s3['bucket'])['name']), key: decoded(text(membersOf(s3['object'])['key'])) });
  }
  return wanted(files, 'Records[].s3.object.key');
}

function wanted(files: StoredFile[], path: string): ReturnType<typeof filesIn> {
  if (files.some(({ bucket, key }) => bucket === '' || key === '')) return { path, problem: 'is missing' };
  return { files: files.filter(({ key }) => !/\/CloudTrail-(Digest|Insight)\//.test(key)) };
}

/** Keys in notifications are URL-encoded, spaces as `+`. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return '';
  }
}

export type Fetched = { body: Uint8Array } | { problem: string };

/** Reads one object, never more than the limit. Rejects when S3 does not answer; a file that is gone or too large is a problem to tell, and no reason to come again. */
export async function fetchFile(client: S3Client, { bucket, key }: StoredFile, most = MOST_FILE_BYTES): Promise<Fetched> {
  try {
    const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const tooLarge = { problem: `is larger than ${most} bytes` };
    const stream = Body as (AsyncIterable<Uint8Array> & { destroy?(): void }) | undefined;
    if ((ContentLength ?? 0) > most) {
      stream?.destroy?.();
      return tooLarge;
    }
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of stream ?? []) {
      size += chunk.length;
      if (size > most) return tooLarge;
      chunks.push(chunk);
    }
    return { body: Buffer.concat(chunks) };
  } catch (error) {
    if (['NoSuchKey', 'NotFound'].includes((error as Error).name)) return { problem: 'is gone' };
    throw error;
  }
}
