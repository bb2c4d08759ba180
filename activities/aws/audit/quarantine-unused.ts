import { AttachRolePolicyCommand, AttachUserPolicyCommand, type IAMClient } from '@aws-sdk/client-iam';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import { defineAwsAction, type Verified } from '../define';
import { attachedPolicies, deleteInline, detach, findIdentity, inlinePolicies, inlinePolicy, putInline, readIdentity } from '../eradicate/identity';
import { already, assertSame, keepFirst, removed, sameDocument, toJson } from '../eradicate/support';
import { assertProposable, exemptPermissions } from './exempt';

export const QUARANTINE_POLICY = 'TourniquetUnused';
const quarantine: JsonObject = { Version: '2012-10-17', Statement: [{ Sid: 'TourniquetUnused', Effect: 'Deny', Action: '*', Resource: '*' }] };
/** The way out when there is no room for an inline policy. */
const managedDeny = (target: Target): string => `arn:${target.id.split(':')[1] || 'aws'}:iam::aws:policy/AWSDenyAll`;

export const kindOf = (target: Target): 'role' | 'user' => {
  if (target.kind === 'role' || target.kind === 'user') return target.kind;
  throw fail('INVALID_INPUT', `target.kind is ${target.kind}, not role or user`);
};
export const windowOf = (params: JsonObject): number => {
  if (typeof params.windowMs !== 'number' || !(params.windowMs > 0)) throw fail('INVALID_INPUT', 'params.windowMs is missing');
  return params.windowMs;
};

/** Is our deny on it: `inline`, `attached`, or null. */
export async function quarantineOn(iam: IAMClient, target: Target): Promise<'inline' | 'attached' | null> {
  const kind = kindOf(target);
  if (sameDocument(await inlinePolicy(iam, kind, target.name, QUARANTINE_POLICY), quarantine)) return 'inline';
  return (await attachedPolicies(iam, kind, target.name)).some((one) => one.arn === managedDeny(target)) ? 'attached' : null;
}

/** Row audit.4. Target: an unused role or user. Everything is denied to it, and nothing is taken away: whoever needs it after all is heard before it is gone. */
export const quarantineUnused = defineAwsAction('aws.quarantine-unused', {
  permissions: [
    ...exemptPermissions, 'iam:ListAttachedRolePolicies', 'iam:ListAttachedUserPolicies', 'iam:ListRolePolicies', 'iam:ListUserPolicies', 'iam:PutRolePolicy', 'iam:PutUserPolicy', 'iam:DeleteRolePolicy',
    'iam:DeleteUserPolicy', 'iam:AttachRolePolicy', 'iam:AttachUserPolicy', 'iam:DetachRolePolicy', 'iam:DetachUserPolicy',
  ],
  async plan(ctx, { target, params }) {
    const { iam } = ctx.access.clients(target.account);
    const kind = kindOf(target);
    const identity = await readIdentity(iam, target);
    const audited = await assertProposable(ctx, target, target.name, windowOf(params));
    const [attached, inline, on] = await Promise.all([attachedPolicies(iam, kind, target.name), inlinePolicies(iam, kind, target.name), quarantineOn(iam, target)]);
    return {
      needed: on === null,
      before: { ...toJson(identity), tags: audited.tags, attached: attached.map(toJson), inline: inline.map(toJson) },
      change: on ? [] : [`deny everything to ${kind} ${target.name} (inline policy ${QUARANTINE_POLICY}); its own policies stay as they are`],
    };
  },
  async apply(ctx, step) {
    const { target } = step;
    const { iam } = ctx.access.clients(target.account);
    await assertProposable(ctx, target, target.name, windowOf(step.params));
    assertSame(step, toJson(await readIdentity(iam, target)), ['id', 'arn', 'createdAt']);
    if (await quarantineOn(iam, target)) return already;
    const kept = await keepFirst(ctx, step, 'unused-identity', step.before);
    try {
      await putInline(iam, kindOf(target), target.name, QUARANTINE_POLICY, quarantine);
      return { policy: QUARANTINE_POLICY, kept };
    } catch (error) {
      if (!(error instanceof Error && /^LimitExceeded/.test(error.name))) throw error;
      const PolicyArn = managedDeny(target);
      await (target.kind === 'role' ? iam.send(new AttachRolePolicyCommand({ RoleName: target.name, PolicyArn })) : iam.send(new AttachUserPolicyCommand({ UserName: target.name, PolicyArn })));
      return { policy: PolicyArn, because: 'no room for an inline policy', kept };
    }
  },
  async verify(ctx, { target }): Promise<Verified> {
    const { iam } = ctx.access.clients(target.account);
    if (!(await findIdentity(iam, kindOf(target), target.name))) return { holds: true, seen: { exists: false } };
    const on = await quarantineOn(iam, target);
    return { holds: on !== null, seen: { denied: on } };
  },
  async undo(ctx, step) {
    const { target } = step;
    const { iam } = ctx.access.clients(target.account);
    const identity = await findIdentity(iam, kindOf(target), target.name);
    if (!identity || identity.id !== step.before.id) throw fail('UNDO_IMPOSSIBLE', `${target.name} is gone: there is nothing to restore`);
    await removed(deleteInline(iam, kindOf(target), target.name, QUARANTINE_POLICY));
    const had = (step.before.attached as { arn?: string }[]).some((one) => one.arn === managedDeny(target));
    if (!had) await removed(detach(iam, kindOf(target), target.name, managedDeny(target)));
    return { seen: { denied: await quarantineOn(iam, target) }, left: [] };
  },
});

/** Throws PLAN_CHANGED unless the quarantine that was agreed is still there: what somebody put back is not deleted. */
export async function assertQuarantined(ctx: AwsContext, target: Target): Promise<void> {
  const { iam } = ctx.access.clients(target.account);
  if ((await findIdentity(iam, kindOf(target), target.name)) && !(await quarantineOn(iam, target))) throw fail('PLAN_CHANGED', `${target.name} is not in quarantine any more: it is not removed`);
}
