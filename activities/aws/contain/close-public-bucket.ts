import { DeleteBucketPolicyCommand, DeletePublicAccessBlockCommand, GetBucketAclCommand, GetBucketPolicyCommand, GetPublicAccessBlockCommand, PutBucketAclCommand, PutBucketPolicyCommand, PutPublicAccessBlockCommand, type Grant, type PublicAccessBlockConfiguration, type S3Client } from '@aws-sdk/client-s3';
import type { Json, JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { isPublic } from '../../../playbook/policy-analysis';
import type { AwsContext } from '../context';
import { defineAwsAction, type Verified } from '../define';
import { removed, sameDocument, toJson } from '../eradicate/support';
import { statementsOf } from '../iam-read';
import { refuseProtected } from '../protect';

type Block = { BlockPublicAcls: boolean; IgnorePublicAcls: boolean; BlockPublicPolicy: boolean; RestrictPublicBuckets: boolean };
type BucketAccess = { block: Block | null; policy: JsonObject | null; owner: JsonObject; grants: JsonObject[] };

const closed: Block = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };

/**
 * Row 2.1.4. Target: a bucket. A bucket that is meant to be public belongs on the protected list. The public access block closes everything at once;
 * the public statements and grants go too, so that switching the block off later opens nothing (Amazon S3 User Guide: “Blocking public access”).
 */
export const closePublicBucket = defineAwsAction('aws.close-public-bucket', {
  permissions: ['s3:GetBucketPublicAccessBlock', 's3:PutBucketPublicAccessBlock', 's3:GetBucketPolicy', 's3:PutBucketPolicy', 's3:DeleteBucketPolicy', 's3:GetBucketAcl', 's3:PutBucketAcl'],
  async plan(ctx, { target }) {
    refuse(ctx, target);
    const now = await readAccess(ctx, target);
    const open = { statements: publicStatements(now.policy), grants: now.grants.filter(isPublicGrant) };
    return {
      needed: !isClosed(now), before: now,
      change: [
        ...(sameDocument(now.block, closed) ? [] : [`block all public access to bucket ${target.name}`]),
        ...open.statements.map((statement) => `remove the public statement ${JSON.stringify(statement)} from its policy`),
        ...open.grants.map((grant) => `remove the grant ${String(grant.Permission)} to ${String((grant.Grantee as JsonObject).URI)} from its access list`),
      ],
    };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    refuse(ctx, target);
    const now = await readAccess(ctx, target);
    if (isClosed(now)) return { already: true };
    const s3 = client(ctx, target);
    if (!sameDocument(now.block, closed)) await s3.send(new PutPublicAccessBlockCommand({ ...named(target), PublicAccessBlockConfiguration: closed }));
    if (publicStatements(now.policy).length > 0) await putPolicy(s3, target, withoutPublic(now.policy));
    if (now.grants.some(isPublicGrant)) await putGrants(s3, target, now, now.grants.filter((grant) => !isPublicGrant(grant)));
    return { closed: target.name };
  },
  async verify(ctx, { target }): Promise<Verified> {
    try {
      const now = await readAccess(ctx, target);
      return { holds: isClosed(now), seen: { block: now.block, publicStatements: publicStatements(now.policy).length, publicGrants: now.grants.filter(isPublicGrant).length } };
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchBucket') return { holds: true, seen: { exists: false } };
      throw error;
    }
  },
  async undo(ctx, step) {
    const { target } = step;
    refuse(ctx, target);
    const before = step.before as unknown as BucketAccess;
    const now = await readAccess(ctx, target);
    const s3 = client(ctx, target);
    // The block first: it would refuse the public policy that is put back.
    if (!before.block) await removed(s3.send(new DeletePublicAccessBlockCommand(named(target))));
    else if (!sameDocument(now.block, before.block)) await s3.send(new PutPublicAccessBlockCommand({ ...named(target), PublicAccessBlockConfiguration: before.block }));
    const left: string[] = [];
    if (sameDocument(now.policy, withoutPublic(before.policy))) {
      if (!sameDocument(now.policy, before.policy)) await putPolicy(s3, target, before.policy);
    } else if (!sameDocument(now.policy, before.policy)) left.push(`the policy of bucket ${target.name} was changed since: compare it with the plan and put it right by hand`);
    if (!sameDocument(now.grants, before.grants)) await putGrants(s3, target, before, before.grants);
    return { seen: { ...(await readAccess(ctx, target)) }, left };
  },
});

const refuse = (ctx: AwsContext, target: Target): void => refuseProtected(ctx, target, `arn:aws:s3:::${target.name}`);

const client = (ctx: AwsContext, target: Target): S3Client => ctx.access.clients(target.account, target.region).s3;

/** With the owner expected, so that another account's bucket of the same name is never touched. */
const named = (target: Target) => ({ Bucket: target.name, ExpectedBucketOwner: target.account });

async function readAccess(ctx: AwsContext, target: Target): Promise<BucketAccess> {
  const s3 = client(ctx, target);
  const [block, policy, acl] = await Promise.all([
    unless('NoSuchPublicAccessBlockConfiguration', s3.send(new GetPublicAccessBlockCommand(named(target)))),
    unless('NoSuchBucketPolicy', s3.send(new GetBucketPolicyCommand(named(target)))),
    s3.send(new GetBucketAclCommand(named(target))),
  ]);
  return {
    block: block?.PublicAccessBlockConfiguration ? blockOf(block.PublicAccessBlockConfiguration) : null,
    policy: policy?.Policy ? (JSON.parse(policy.Policy) as JsonObject) : null,
    owner: toJson(acl.Owner ?? {}),
    grants: (acl.Grants ?? []).map(toJson),
  };
}

/** Null for the one error that says “nothing set”; a bucket that is gone is another error. */
async function unless<T>(name: string, read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof Error && error.name === name) return null;
    throw error;
  }
}

const blockOf = (block: PublicAccessBlockConfiguration): Block => ({
  BlockPublicAcls: block.BlockPublicAcls ?? false, IgnorePublicAcls: block.IgnorePublicAcls ?? false,
  BlockPublicPolicy: block.BlockPublicPolicy ?? false, RestrictPublicBuckets: block.RestrictPublicBuckets ?? false,
});

const isPublicGrant = (grant: JsonObject): boolean => /\/global\/(AllUsers|AuthenticatedUsers)$/.test(String((grant.Grantee as JsonObject | undefined)?.URI ?? ''));

const publicStatements = (policy: JsonObject | null): JsonObject[] => (statementsOf(policy) as JsonObject[]).filter((statement) => isPublic({ Statement: [statement] }) !== false);

function withoutPublic(policy: JsonObject | null): JsonObject | null {
  if (!policy) return null;
  const open = publicStatements(policy);
  if (open.length === 0) return policy;
  const rest = (statementsOf(policy) as Json[]).filter((statement) => !open.some((one) => sameDocument(one, statement)));
  return rest.length === 0 ? null : { ...policy, Statement: rest };
}

const isClosed = ({ block, policy, grants }: BucketAccess): boolean => sameDocument(block, closed) && publicStatements(policy).length === 0 && !grants.some(isPublicGrant);

async function putPolicy(s3: S3Client, target: Target, policy: JsonObject | null): Promise<void> {
  if (policy) await s3.send(new PutBucketPolicyCommand({ ...named(target), Policy: JSON.stringify(policy) }));
  else await removed(s3.send(new DeleteBucketPolicyCommand(named(target))));
}

async function putGrants(s3: S3Client, target: Target, { owner }: BucketAccess, grants: readonly JsonObject[]): Promise<void> {
  await s3.send(new PutBucketAclCommand({ ...named(target), AccessControlPolicy: { Owner: owner, Grants: grants as unknown as Grant[] } }));
}
