import {
  GetBucketVersioningCommand, GetObjectCommand, ListObjectVersionsCommand, type ListObjectVersionsCommandOutput, type S3Client,
} from '@aws-sdk/client-s3';
import type { Json, JsonObject } from '../../../playbook/json';
import type { Step } from '../../../playbook/model/plan';
import type { KeepBounds } from '../../keep-bounds';
import type { AwsContext } from '../context';
import { readAccess } from './bucket-state';
import { keepFirst, toJson } from './support';

/** One page of at most 1000 versions and delete markers, as evidence has it. */
export function pageOf(page: ListObjectVersionsCommandOutput): Json {
  return { versions: (page.Versions ?? []).map(toJson), markers: (page.DeleteMarkers ?? []).map(toJson) };
}

/**
 * Keeps a bucket before it goes: access, versioning, the whole listing with versions, and contents up to the bounds.
 * The manifest says what was and what was not kept. `pages` are the digests of the listing's pages.
 */
export async function keepBucket(ctx: AwsContext, step: Step, s3: S3Client, bounds: KeepBounds): Promise<{ kept: JsonObject; pages: Set<string>; versions: number }> {
  const bucket = step.target.name;
  const of = { Bucket: bucket, ExpectedBucketOwner: step.target.account };
  const [access, versioning] = await Promise.all([readAccess(s3, bucket, step.target.account), s3.send(new GetBucketVersioningCommand(of))]);
  const pages: JsonObject[] = [];
  const contents: JsonObject[] = [];
  let versions = 0;
  let bytes = 0;
  let notKept = 0;
  for await (const page of versionPages(s3, of)) {
    pages.push(await keepFirst(ctx, step, 'listing', pageOf(page)));
    versions += (page.Versions ?? []).length + (page.DeleteMarkers ?? []).length;
    for (const version of page.Versions ?? []) {
      const size = version.Size ?? 0;
      if (contents.length >= bounds.objects || size > bounds.bytesEach || bytes + size > bounds.bytes) {
        notKept += 1;
        continue;
      }
      const object = await s3.send(new GetObjectCommand({ ...of, Key: version.Key, VersionId: version.VersionId }));
      const ref = await ctx.evidence.keep(ctx.caseKey, 'object', (await object.Body?.transformToByteArray()) ?? new Uint8Array(), 'application/octet-stream');
      contents.push({ key: version.Key ?? '', version: version.VersionId ?? null, evidence: ref.key, sha256: ref.sha256, bytes: ref.bytes });
      bytes += size;
    }
  }
  const manifest = { bucket, access: { ...access }, versioning: toJson(versioning), pages, contents, notKept };
  const kept = await keepFirst(ctx, step, 'bucket', manifest);
  return { kept: { ...kept, objectsKept: contents.length, objectsNotKept: notKept }, pages: new Set(pages.map((page) => String(page.sha256))), versions };
}

/** The SDK has no paginator for this one: S3 pages by two markers. */
async function* versionPages(s3: S3Client, of: { Bucket: string; ExpectedBucketOwner: string }): AsyncGenerator<ListObjectVersionsCommandOutput> {
  let from: { KeyMarker?: string; VersionIdMarker?: string } | null = {};
  while (from) {
    const page: ListObjectVersionsCommandOutput = await s3.send(new ListObjectVersionsCommand({ ...of, MaxKeys: 1000, ...from }));
    yield page;
    from = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : null;
  }
}

/** The first page of what is in the bucket now. */
export function firstPage(s3: S3Client, bucket: string, owner: string): Promise<ListObjectVersionsCommandOutput> {
  return s3.send(new ListObjectVersionsCommand({ Bucket: bucket, ExpectedBucketOwner: owner, MaxKeys: 1000 }));
}
