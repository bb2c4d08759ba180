import { DeleteGroupCommand, paginateGetGroup, type IAMClient } from '@aws-sdk/client-iam';
import { guardedAction } from '../guarded';
import { refuseDependents } from './dependents';
import { attachedPolicies, deleteInline, detach, findIdentity, inlinePolicies, readIdentity } from './identity';
import { already, all, assertSame, gone, keepFirst, removed, toJson, whileBusy } from './support';

const members = async (iam: IAMClient, group: string) =>
  (await all(paginateGetGroup({ client: iam }, { GroupName: group }), (page) => page.Users)).map((user) => user.UserName ?? '').sort();

async function readGroupParts(iam: IAMClient, group: string) {
  const [users, attached, inline] = await Promise.all([members(iam, group), attachedPolicies(iam, 'group', group), inlinePolicies(iam, 'group', group)]);
  return { users, attached, inline };
}

/** Row 3.1. Target: a group that the attacker made. `params.users`: members that the attacker put in; any other member refuses it (STILL_IN_USE). */
export const deleteGroup = guardedAction('aws.delete-group', {
  permissions: [
    'iam:GetGroup', 'iam:ListAttachedGroupPolicies', 'iam:ListGroupPolicies', 'iam:GetGroupPolicy', 'iam:DetachGroupPolicy', 'iam:DeleteGroupPolicy', 'iam:DeleteGroup',
  ],
  async plan(ctx, { target, params }) {
    const { iam } = ctx.access.clients(target.account);
    const group = await readIdentity(iam, target);
    const parts = await readGroupParts(iam, target.name);
    await refuseDependents(ctx, 'aws.delete-group', target, params);
    return {
      needed: true,
      before: { ...toJson(group), parts: toJson(parts) },
      change: [
        `delete group ${group.arn} (made ${group.createdAt})`,
        ...parts.attached.map((policy) => `detach ${policy.arn} from it`),
        ...parts.inline.map((policy) => `delete its inline policy ${policy.name}`),
      ],
    };
  },
  async apply(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const group = await findIdentity(iam, 'group', step.target.name);
    if (!group) return already;
    assertSame(step, toJson(group), ['id', 'arn', 'createdAt']);
    const parts = await readGroupParts(iam, group.name);
    await refuseDependents(ctx, 'aws.delete-group', step.target, step.params);
    const kept = await keepFirst(ctx, step, 'group', { group: toJson(group), parts: toJson(parts) });
    for (const policy of parts.attached) await removed(detach(iam, 'group', group.name, policy.arn));
    for (const policy of parts.inline) await removed(deleteInline(iam, 'group', group.name, policy.name));
    // Its members leave by steps of their own (remove-group-member, delete-user), which run at the same time.
    await whileBusy(() => removed(iam.send(new DeleteGroupCommand({ GroupName: group.name }))), ['DeleteConflictException', 'DeleteConflict']);
    return { deleted: group.arn, kept };
  },
  async verify(ctx, step) {
    const group = await findIdentity(ctx.access.clients(step.target.account).iam, 'group', step.target.name);
    return { holds: group === null, seen: { exists: group !== null, recreated: group !== null && group.id !== step.before.id } };
  },
  undo: gone('the group, its members and its policies'),
});
