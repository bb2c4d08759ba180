import { Fault } from '../protocol/faults';
import { isObject, type Json } from '../protocol/shapes';
import type { Afters, Handlers } from './types';

const ownership = 'bucket-ownership';

export const s3: Handlers = {
  /** S3 User Guide, "Blocking public access": BlockPublicPolicy rejects a public policy. */
  PutBucketPolicy: ({ call, world }) => {
    const bucket = world.estate.buckets.get(String(call.input.Bucket));
    if (bucket?.block.policy && isPublic(String(call.input.Policy))) throw new Fault('AccessDenied', 'User is not authorized to perform: s3:PutBucketPolicy because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.', 403);
    return null;
  },
  /** S3 User Guide, "Controlling ownership of objects": ACLs are off in new buckets until the ownership setting is changed. */
  PutBucketAcl: ({ call, world }) => {
    const rule = world.shelf(ownership, 'all', () => new Map<string, string>()).get(String(call.input.Bucket));
    if (rule === 'BucketOwnerEnforced') throw new Fault('AccessControlListNotSupported', 'The bucket does not allow ACLs');
    return null;
  },
};

export const s3After: Afters = {
  /** Since April 2023 new buckets block public access and have ACLs off; moto's do not. */
  CreateBucket: async ({ call, world, ask }) => {
    const Bucket = String(call.input.Bucket);
    world.shelf(ownership, 'all', () => new Map<string, string>()).set(Bucket, typeof call.input.ObjectOwnership === 'string' ? call.input.ObjectOwnership : 'BucketOwnerEnforced');
    await ask('PutPublicAccessBlock', { Bucket, PublicAccessBlockConfiguration: { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true } });
    if (call.input.ObjectOwnership === undefined) await ask('PutBucketOwnershipControls', { Bucket, OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] } });
  },
  PutBucketOwnershipControls: ({ call, world }) => {
    const rules = isObject(call.input.OwnershipControls) ? (call.input.OwnershipControls.Rules as { ObjectOwnership?: string }[] | undefined) : undefined;
    const rule = rules?.[0]?.ObjectOwnership;
    if (rule) world.shelf(ownership, 'all', () => new Map<string, string>()).set(String(call.input.Bucket), rule);
  },
};

/** S3's meaning of public, for the conditions that the sandbox knows: an Allow to everyone that no condition narrows to fixed values. */
const narrowing = new Set(['aws:sourceip', 'aws:sourcearn', 'aws:sourcevpc', 'aws:sourcevpce', 'aws:sourceowner', 'aws:sourceaccount', 'aws:principalorgid', 'aws:principalarn', 'aws:principalaccount', 'aws:userid', 's3:dataaccesspointarn', 's3:dataaccesspointaccount']);
export function isPublic(policy: string): boolean {
  const { Statement = [] } = JSON.parse(policy) as { Statement?: Json | Json[] };
  return [Statement].flat().some((statement) => {
    const { Principal, Effect, Condition } = statement as { Principal?: unknown; Effect?: string; Condition?: Record<string, Json> };
    const everyone = Principal === '*' || (isObject(Principal) && [Principal.AWS].flat().includes('*'));
    const narrowed = Object.values(Condition ?? {}).some((keys) => Object.keys(keys).some((key) => narrowing.has(key.toLowerCase())));
    return Effect === 'Allow' && everyone && !narrowed;
  });
}
