import { DeletePolicyCommand, DeletePolicyVersionCommand } from '@aws-sdk/client-iam';
import { fail } from '../../boundary';
import { guardedAction } from '../guarded';
import { refuseDependents } from './dependents';
import { detach } from './identity';
import { findPolicy, holderKey, holdersOf, policyReadPermissions } from './managed-policy';
import { already, assertSame, gone, keepFirst, removed, toJson, whileBusy } from './support';

/**
 * Row 3.2. Target: a managed policy that the attacker made (`id` = ARN). `params.holders`: attachments that the attacker made (`user/mallory`, …);
 * any other attachment refuses it (STILL_IN_USE): somebody else relies on it by now.
 */
export const deletePolicy = guardedAction('aws.delete-policy', {
  permissions: [
    ...policyReadPermissions, 'iam:ListEntitiesForPolicy', 'iam:DetachUserPolicy', 'iam:DetachRolePolicy', 'iam:DetachGroupPolicy', 'iam:DeletePolicyVersion', 'iam:DeletePolicy',
  ],
  async plan(ctx, { target, params }) {
    const { iam } = ctx.access.clients(target.account);
    const policy = await findPolicy(iam, target.id);
    if (!policy) throw fail('NOT_FOUND', `no policy ${target.id}`);
    const holders = await holdersOf(iam, target.id);
    await refuseDependents(ctx, 'aws.delete-policy', target, params);
    return {
      needed: true,
      before: { id: policy.id, arn: policy.arn, createdAt: policy.createdAt, versions: policy.versions.map((one) => toJson(one)), holders: holders.map(holderKey) },
      change: [`delete policy ${policy.arn} (made ${policy.createdAt}, ${policy.versions.length} versions)`, ...holders.map((holder) => `detach it from ${holder.kind} ${holder.name}`)],
    };
  },
  async apply(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const policy = await findPolicy(iam, step.target.id);
    if (!policy) return already;
    assertSame(step, toJson(policy), ['id', 'arn', 'createdAt']);
    const holders = await holdersOf(iam, policy.arn);
    await refuseDependents(ctx, 'aws.delete-policy', step.target, step.params);
    const kept = await keepFirst(ctx, step, 'policy', { policy: toJson(policy), holders: holders.map(holderKey) });
    for (const holder of holders) await removed(detach(iam, holder.kind, holder.name, policy.arn));
    for (const one of policy.versions.filter((version) => !version.isDefault)) {
      await removed(iam.send(new DeletePolicyVersionCommand({ PolicyArn: policy.arn, VersionId: one.version })));
    }
    await whileBusy(() => removed(iam.send(new DeletePolicyCommand({ PolicyArn: policy.arn }))), ['DeleteConflictException', 'DeleteConflict']);
    return { deleted: policy.arn, kept };
  },
  async verify(ctx, step) {
    const policy = await findPolicy(ctx.access.clients(step.target.account).iam, step.target.id);
    return { holds: policy === null, seen: { exists: policy !== null } };
  },
  undo: gone('every version of the policy, and what it was attached to'),
});
