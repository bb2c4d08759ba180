import type { Json, JsonObject } from '../../../playbook/json';
import { canonicalJson } from '../../../playbook/json';
import type { Proposal } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import { guardedAction } from '../guarded';
import { bucketCreatedAt, readAccess, writeAccess, type AccessPart, type BucketAccess } from './bucket-state';
import { already, assertSame, keepFirst, sameDocument } from './support';

// The public access block first: it stops a public policy at once. On the way back it goes last, or S3 would refuse the policy.
const parts: readonly AccessPart[] = ['publicAccessBlock', 'policy', 'acl'];

/** The parts that `params` names, with what they were; an absent member is left alone, null = there was none. */
function wantedOf(params: Proposal['params']): [AccessPart, JsonObject | null][] {
  const wanted = parts.filter((part) => params[part] !== undefined).map((part): [AccessPart, JsonObject | null] => [part, params[part] as JsonObject | null]);
  if (wanted.length === 0) throw fail('INVALID_INPUT', 'params names none of policy, acl, publicAccessBlock');
  return wanted;
}

/** ACLs are equal when owner and grants are, whatever the order; `null` wants S3's default, the owner's own full control. */
function same(part: AccessPart, now: JsonObject | null, wanted: JsonObject | null): boolean {
  if (part !== 'acl') return sameDocument(now, wanted);
  const grants = (acl: JsonObject | null): string[] => ((acl?.Grants ?? []) as { Grantee?: { ID?: string; URI?: string }; Permission?: string }[])
    .map((grant) => canonicalJson([grant.Grantee?.ID ?? grant.Grantee?.URI ?? null, grant.Permission ?? null])).sort();
  const owner = (now?.Owner as { ID?: string } | undefined)?.ID ?? null;
  return sameDocument(grants(now), wanted ? grants(wanted) : [canonicalJson([owner, 'FULL_CONTROL'])]);
}

const pending = (now: BucketAccess, params: Proposal['params']) => wantedOf(params).filter(([part, wanted]) => !same(part, now[part], wanted));
const onlyNamed = (now: BucketAccess, params: Proposal['params']): JsonObject => Object.fromEntries(wantedOf(params).map(([part]) => [part, now[part] as Json]));

/** Row 3.2. Target: a bucket that was there before. `params.policy`, `.acl`, `.publicAccessBlock`: each as it was before the attacker. */
export const restoreBucketPolicy = guardedAction('aws.restore-bucket-policy', {
  permissions: [
    's3:ListAllMyBuckets', 's3:GetBucketPolicy', 's3:GetBucketAcl', 's3:GetBucketPublicAccessBlock', 's3:PutBucketPolicy', 's3:DeleteBucketPolicy',
    's3:PutBucketAcl', 's3:PutBucketPublicAccessBlock',
  ],
  async plan(ctx, { target, params }) {
    const { s3 } = ctx.access.clients(target.account, target.region);
    if ((await bucketCreatedAt(s3, target.name)) === null) throw fail('NOT_FOUND', `no bucket ${target.name} in ${target.account}`);
    const now = await readAccess(s3, target.name, target.account);
    const change = pending(now, params).map(([part, wanted]) => `put the ${label[part]} of ${target.name} back to ${wanted ? canonicalJson(wanted) : 'none'}`);
    return { needed: change.length > 0, before: onlyNamed(now, params), change };
  },
  async apply(ctx, step) {
    const { s3 } = ctx.access.clients(step.target.account, step.target.region);
    const now = await readAccess(s3, step.target.name, step.target.account);
    const todo = pending(now, step.params);
    if (todo.length === 0) return already;
    assertSame(step, onlyNamed(now, step.params), todo.map(([part]) => part));
    const kept = await keepFirst(ctx, step, 'bucket-access', { ...now });
    for (const [part, wanted] of todo) await writeAccess(s3, step.target.name, step.target.account, part, wanted);
    return { restored: todo.map(([part]) => part), kept };
  },
  async verify(ctx, step) {
    const { s3 } = ctx.access.clients(step.target.account, step.target.region);
    const now = await readAccess(s3, step.target.name, step.target.account);
    return { holds: pending(now, step.params).length === 0, seen: { ...now } };
  },
  async undo(ctx, step) {
    const { s3 } = ctx.access.clients(step.target.account, step.target.region);
    const before = step.before as Partial<Record<AccessPart, JsonObject | null>>;
    const named = wantedOf(step.params).map(([part]) => part);
    const open = before.publicAccessBlock !== undefined ? (['publicAccessBlock'] as const) : [];
    for (const part of [...open, ...named.filter((one) => one !== 'publicAccessBlock')]) await writeAccess(s3, step.target.name, step.target.account, part, before[part] ?? null);
    return { seen: { ...(await readAccess(s3, step.target.name, step.target.account)) }, left: [] };
  },
});

const label: Record<AccessPart, string> = { policy: 'policy', acl: 'access control list', publicAccessBlock: 'public access block' };
