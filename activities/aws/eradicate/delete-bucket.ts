import {
  AbortMultipartUploadCommand, DeleteBucketCommand, DeleteObjectsCommand, ListMultipartUploadsCommand, type ListObjectVersionsCommandOutput, type S3Client,
} from '@aws-sdk/client-s3';
import { fail } from '../../boundary';
import { boundsOf, defaultBounds } from '../../keep-bounds';
import { guardedAction } from '../guarded';
import { firstPage, keepBucket, pageOf } from './bucket-evidence';
import { bucketCreatedAt } from './bucket-state';
import { refuseDependents } from './dependents';
import { already, assertSame, gone, keepFirst, removed, whileBusy } from './support';

const countOf = (page: ListObjectVersionsCommandOutput) => (page.Versions ?? []).length + (page.DeleteMarkers ?? []).length;

/**
 * Row 3.4. Target: a bucket that the attacker made (with its region). Its listing, access and contents up to a bound are kept;
 * then every version and delete marker, every unfinished upload, and the bucket go. `params.keepObjects`, `.keepBytes`: other bounds;
 * `params.trails`: trails of the attacker that write to it; any other refuses it (STILL_IN_USE).
 */
export const deleteBucket = guardedAction('aws.delete-bucket', {
  permissions: [
    'cloudtrail:DescribeTrails', 's3:ListAllMyBuckets', 's3:GetBucketPolicy', 's3:GetBucketAcl', 's3:GetBucketPublicAccessBlock', 's3:GetBucketVersioning', 's3:ListBucketVersions', 's3:GetObject',
    's3:GetObjectVersion', 's3:DeleteObject', 's3:DeleteObjectVersion', 's3:ListBucketMultipartUploads', 's3:AbortMultipartUpload', 's3:DeleteBucket',
  ],
  async plan(ctx, { target, params }) {
    const { s3 } = ctx.access.clients(target.account, target.region);
    const createdAt = await bucketCreatedAt(s3, target.name);
    if (createdAt === null) throw fail('NOT_FOUND', `no bucket ${target.name} in ${target.account}`);
    await refuseDependents(ctx, 'aws.delete-bucket', target, params);
    const page = await firstPage(s3, target.name, target.account);
    const count = `${countOf(page)}${page.IsTruncated ? ' or more' : ''}`;
    return {
      needed: true,
      before: { name: target.name, createdAt },
      change: [`keep the listing of ${target.name} (made ${createdAt}) and its objects up to ${defaultBounds.objects}`, `delete ${count} object versions and markers`, `delete bucket ${target.name}`],
    };
  },
  async apply(ctx, step) {
    const { s3 } = ctx.access.clients(step.target.account, step.target.region);
    const bucket = step.target.name;
    const createdAt = await bucketCreatedAt(s3, bucket);
    if (createdAt === null) return already;
    assertSame(step, { name: bucket, createdAt }, ['name', 'createdAt']);
    await refuseDependents(ctx, 'aws.delete-bucket', step.target, step.params);
    const { kept, pages, versions } = await keepBucket(ctx, step, s3, boundsOf(step.params));
    for (let page = await firstPage(s3, bucket, step.target.account); countOf(page) > 0; page = await firstPage(s3, bucket, step.target.account)) {
      // What came in since the listing is kept too before it goes; an unchanged page is the same object in the store.
      pages.add(String((await keepFirst(ctx, step, 'listing', pageOf(page))).sha256));
      await deletePage(s3, bucket, step.target.account, page);
    }
    const of = { Bucket: bucket, ExpectedBucketOwner: step.target.account };
    await abortUploads(s3, of);
    await whileBusy(() => removed(s3.send(new DeleteBucketCommand(of))), ['BucketNotEmpty', 'OperationAborted'], 3);
    return { deleted: bucket, versions, listingPages: pages.size, kept };
  },
  async verify(ctx, step) {
    const createdAt = await bucketCreatedAt(ctx.access.clients(step.target.account, step.target.region).s3, step.target.name);
    return { holds: createdAt === null, seen: { exists: createdAt !== null } };
  },
  undo: gone('the listing, the access settings, and the contents up to the bound'),
});

/** Aborting empties the list, so its first page is read until there is none; an upload that stays is left for DeleteBucket to name. */
async function abortUploads(s3: S3Client, of: { Bucket: string; ExpectedBucketOwner: string }): Promise<void> {
  for (let last = ''; ; ) {
    const uploads = (await s3.send(new ListMultipartUploadsCommand(of))).Uploads ?? [];
    const ids = uploads.map((upload) => upload.UploadId).join();
    if (uploads.length === 0 || ids === last) return;
    for (const upload of uploads) await removed(s3.send(new AbortMultipartUploadCommand({ ...of, Key: upload.Key, UploadId: upload.UploadId })));
    last = ids;
  }
}

async function deletePage(s3: S3Client, bucket: string, owner: string, page: ListObjectVersionsCommandOutput): Promise<void> {
  const Objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map((one) => ({ Key: one.Key ?? '', VersionId: one.VersionId }));
  const answer = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, ExpectedBucketOwner: owner, Delete: { Objects, Quiet: true } }));
  const failed = answer.Errors ?? [];
  // S3 answers 200 and lists what it refused: a legal hold or retention shows here only.
  if (failed.length > 0) {
    const first = failed[0]!;
    throw fail(first.Code === 'AccessDenied' ? 'ACCESS_DENIED' : first.Code === 'SlowDown' ? 'THROTTLED' : 'CLOUD_UNAVAILABLE',
      `${failed.length} object versions of ${bucket} could not be deleted: ${first.Code} ${first.Message ?? ''} (object lock or legal hold?)`);
  }
}
