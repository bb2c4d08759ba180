import {
  DeleteBucketPolicyCommand, DeletePublicAccessBlockCommand, GetBucketAclCommand, GetBucketPolicyCommand, GetPublicAccessBlockCommand, ListBucketsCommand,
  PutBucketAclCommand, PutBucketPolicyCommand, PutPublicAccessBlockCommand, type AccessControlPolicy, type S3Client,
} from '@aws-sdk/client-s3';
import type { JsonObject } from '../../../playbook/json';
import { toJson } from './support';

/** Who may get into a bucket. A member that is null is not set on the bucket. */
export interface BucketAccess {
  policy: JsonObject | null;
  /** `{Owner, Grants}` as S3 has it. */
  acl: JsonObject | null;
  publicAccessBlock: JsonObject | null;
}
export type AccessPart = keyof BucketAccess;

const absent: ReadonlySet<string> = new Set(['NoSuchBucketPolicy', 'NoSuchPublicAccessBlockConfiguration', 'NoSuchLifecycleConfiguration', 'ServerSideEncryptionConfigurationNotFoundError', 'NoSuchTagSet']);

/** The configuration, or null when the bucket has none of that kind. A missing bucket throws. */
export async function setting<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof Error && absent.has(error.name)) return null;
    throw error;
  }
}

export async function readAccess(s3: S3Client, bucket: string, owner: string): Promise<BucketAccess> {
  const of = { Bucket: bucket, ExpectedBucketOwner: owner };
  const [policy, acl, block] = await Promise.all([
    setting(s3.send(new GetBucketPolicyCommand(of))), s3.send(new GetBucketAclCommand(of)), setting(s3.send(new GetPublicAccessBlockCommand(of))),
  ]);
  return {
    policy: policy?.Policy ? (JSON.parse(policy.Policy) as JsonObject) : null,
    acl: toJson({ Owner: acl.Owner ?? {}, Grants: acl.Grants ?? [] }),
    publicAccessBlock: block?.PublicAccessBlockConfiguration ? toJson(block.PublicAccessBlockConfiguration) : null,
  };
}

/** Writes one part as it was; null removes it. */
export async function writeAccess(s3: S3Client, bucket: string, owner: string, part: AccessPart, value: JsonObject | null): Promise<void> {
  const of = { Bucket: bucket, ExpectedBucketOwner: owner };
  if (part === 'policy') {
    await (value ? s3.send(new PutBucketPolicyCommand({ ...of, Policy: JSON.stringify(value) })) : s3.send(new DeleteBucketPolicyCommand(of)));
  } else if (part === 'publicAccessBlock') {
    await (value ? s3.send(new PutPublicAccessBlockCommand({ ...of, PublicAccessBlockConfiguration: value })) : s3.send(new DeletePublicAccessBlockCommand(of)));
  } else if (value) {
    await s3.send(new PutBucketAclCommand({ ...of, AccessControlPolicy: value as AccessControlPolicy }));
  } else {
    // A bucket always has an ACL; "none" is S3's default, owner only.
    await s3.send(new PutBucketAclCommand({ ...of, ACL: 'private' }));
  }
}

/** When the bucket was made (or, outside its home region, last reconfigured: S3 API, ListBuckets); null when this account has no such bucket. */
export async function bucketCreatedAt(s3: S3Client, bucket: string): Promise<string | null> {
  let token: string | undefined;
  do {
    const page = await s3.send(new ListBucketsCommand({ Prefix: bucket, ContinuationToken: token }));
    const found = page.Buckets?.find((one) => one.Name === bucket);
    if (found) return found.CreationDate?.toISOString() ?? '';
    token = page.ContinuationToken;
  } while (token);
  return null;
}
