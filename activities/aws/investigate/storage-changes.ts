import type { JsonObject } from '../../../playbook/json';
import type { Artifact } from '../../../playbook/model/finding';
import { isPublic } from '../../../playbook/policy-analysis';
import { publicAclGrants } from '../../../playbook/exposure-analysis';
import { artifactOf } from './artifact';
import type { Attributed } from './attribution';
import { documentIn, object, text, type TrailRecord } from './record';

/** Parts of a bucket's configuration that decide who gets in; each event that writes one (Amazon S3 User Guide: “CloudTrail S3 bucket-level actions”). */
const parts: Record<string, Artifact['kind']> = {
  PutBucketPolicy: 'bucket-policy', DeleteBucketPolicy: 'bucket-policy', PutBucketAcl: 'bucket-acl', PutBucketPublicAccessBlock: 'public-access-block', DeleteBucketPublicAccessBlock: 'public-access-block',
  PutPublicAccessBlock: 'public-access-block', DeletePublicAccessBlock: 'public-access-block', PutAccountPublicAccessBlock: 'public-access-block', DeleteAccountPublicAccessBlock: 'public-access-block',
};
/** Other writes with which data leave or get lost. */
const others = /^(PutBucket(Replication|Website|Cors|Versioning|Lifecycle|LifecycleConfiguration|Encryption|Logging|Notification|NotificationConfiguration|OwnershipControls)|DeleteBucket(Encryption|Lifecycle|Replication|Website|OwnershipControls)|PutReplicationConfiguration)$/;

export function storageArtifacts(events: readonly Attributed[], partition: string): Artifact[] {
  return events.filter(({ record }) => record.errorCode === null && /^s3(-outposts)?\.amazonaws\.com$/.test(record.eventSource)).flatMap((event): Artifact[] => {
    const { record } = event;
    const bucket = text(record.request, 'bucketName');
    const kind = parts[record.eventName];
    const id = bucket ? `arn:${partition}:s3:::${bucket}` : record.account;
    const name = bucket ?? record.account;
    // Only the account’s own block has no bucket.
    if (kind && (bucket || record.eventName.includes('Account'))) return [artifactOf(event, { kind, id, name, how: 'changed', details: { ...(bucket ? { bucket } : {}), madePublic: makesPublic(record), written: record.eventName } })];
    if (!bucket) return [];
    if (record.eventName === 'CreateBucket') return [artifactOf(event, { kind: 'bucket', id, name, how: 'created', details: { bucket, ...(makesPublic(record) ? { madePublic: true } : {}) } })];
    if (record.eventName === 'DeleteBucket') return [artifactOf(event, { kind: 'bucket', id, name, how: 'deleted', details: { bucket } })];
    if (others.test(record.eventName)) return [artifactOf(event, { kind: 'bucket', id, name, how: 'changed', details: { bucket, change: record.eventName } })];
    return [];
  });
}

/** Does the call itself open the bucket; a switched-off block opens nothing alone. */
export function makesPublic({ eventName, request }: TrailRecord): boolean {
  if (eventName === 'PutBucketPolicy') return isPublic(documentIn(request, 'bucketPolicy', 'policy')) === true;
  if (eventName === 'PutBucketAcl' || eventName === 'CreateBucket') return publicAclGrants(request).length > 0;
  return false;
}

export interface PreviousPart {
  previous: JsonObject | null;
  previousKnown: boolean;
}

/** The part of the bucket as it was before, from the events that name the bucket (oldest first, none of the attacker's); `null` known = it had none. */
export function partBefore(kind: Artifact['kind'], history: readonly TrailRecord[]): PreviousPart {
  const mine = history.filter((record) => parts[record.eventName] === kind || record.eventName === 'CreateBucket');
  const last = mine[mine.length - 1];
  if (!last) return { previous: null, previousKnown: false };
  const made = last.eventName === 'CreateBucket';
  if (kind === 'bucket-policy') {
    if (made || last.eventName === 'DeleteBucketPolicy') return { previous: null, previousKnown: true };
    const previous = documentIn(last.request, 'bucketPolicy', 'policy');
    return { previous, previousKnown: previous !== null };
  }
  if (kind === 'public-access-block') {
    if (last.eventName.startsWith('Delete')) return { previous: null, previousKnown: true };
    const block = object(last.request, 'PublicAccessBlockConfiguration');
    const flags = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'];
    const previous = Object.fromEntries(flags.map((flag) => [flag, block[flag] === true || block[flag] === 'true']));
    // Since April 2023 S3 gives new buckets a block of its own: after a creation alone it is not known.
    return Object.keys(block).length > 0 ? { previous, previousKnown: true } : { previous: null, previousKnown: false };
  }
  // An access list written in full cannot be had back from its record with its owner; the default can.
  const canned = text(last.request, 'x-amz-acl') ?? cannedIn(last.request);
  const plain = made ? canned === null || canned === 'private' : canned === 'private';
  return { previous: null, previousKnown: plain && publicAclGrants(last.request).length === 0 };
}

function cannedIn(request: JsonObject): string | null {
  const value = request['x-amz-acl'];
  return Array.isArray(value) && typeof value[0] === 'string' ? value[0] : null;
}
