import { documentOf, each, sorted, type Reader, type State } from './types';

/** Buckets with who may reach them and every object version. */
export async function s3State(read: Reader): Promise<State> {
  const state: State = {};
  await Promise.all(each((await read('s3', 'ListBuckets'))?.Buckets).map(async (bucket) => {
    const Bucket = String(bucket.Name);
    const [policy, block, acl, versioning, objects] = await Promise.all([
      read('s3', 'GetBucketPolicy', { Bucket }), read('s3', 'GetPublicAccessBlock', { Bucket }), read('s3', 'GetBucketAcl', { Bucket }), read('s3', 'GetBucketVersioning', { Bucket }), read('s3', 'ListObjectVersions', { Bucket }),
    ]);
    state[`s3/${Bucket}`] = {
      policy: documentOf(policy?.Policy), block: block?.PublicAccessBlockConfiguration ?? null, versioning: versioning?.Status ?? null,
      grants: sorted(each(acl?.Grants).map((grant) => ({ to: (grant.Grantee as { URI?: string; ID?: string } | undefined)?.URI ?? 'owner', permission: grant.Permission }))),
      objects: Object.fromEntries(each(objects?.Versions).map((one) => [`${String(one.Key)}#${String(one.VersionId)}`, one.ETag])), deleteMarkers: each(objects?.DeleteMarkers).map((one) => one.Key),
    };
  }));
  return state;
}
