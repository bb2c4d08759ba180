import { AddUserToGroupCommand, GetUserCommand, paginateGetGroup, RemoveUserFromGroupCommand, type IAMClient } from '@aws-sdk/client-iam';
import { fail } from '../../boundary';
import { guardedAction } from '../guarded';
import { already, all, assertSame, keepFirst, orNull, removed, text, toJson } from './support';
import { findIdentity, readIdentity } from './identity';

async function memberOf(iam: IAMClient, group: string, user: string): Promise<{ members: string[]; userId: string | null }> {
  const users = (await orNull(all(paginateGetGroup({ client: iam }, { GroupName: group }), (page) => page.Users))) ?? [];
  return { members: users.map((one) => one.UserName ?? '').sort(), userId: users.find((one) => one.UserName === user)?.UserId ?? null };
}

/** Row 3.2. Target: the group; `params.user`: whom the attacker added. */
export const removeGroupMember = guardedAction('aws.remove-group-member', {
  permissions: ['iam:GetGroup', 'iam:GetUser', 'iam:RemoveUserFromGroup', 'iam:AddUserToGroup'],
  async plan(ctx, { target, params }) {
    const { iam } = ctx.access.clients(target.account);
    const group = await readIdentity(iam, target);
    const user = text(params, 'user');
    const { userId } = await memberOf(iam, group.name, user);
    return { needed: userId !== null, before: { ...toJson(group), userId }, change: userId ? [`take user ${user} out of group ${group.name}`] : [] };
  },
  async apply(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const user = text(step.params, 'user');
    const group = await findIdentity(iam, 'group', step.target.name);
    const { members, userId } = group ? await memberOf(iam, group.name, user) : { members: [], userId: null };
    if (!group || !userId) return already;
    assertSame(step, { ...toJson(group), userId }, ['id', 'arn', 'userId']);
    const kept = await keepFirst(ctx, step, 'group-members', { group: toJson(group), members });
    await removed(iam.send(new RemoveUserFromGroupCommand({ GroupName: group.name, UserName: user })));
    return { removed: user, kept };
  },
  async verify(ctx, step) {
    const { members, userId } = await memberOf(ctx.access.clients(step.target.account).iam, step.target.name, text(step.params, 'user'));
    return { holds: userId === null, seen: { members } };
  },
  async undo(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const user = text(step.params, 'user');
    if (!step.before.userId) return { seen: { member: false }, left: [] };
    const now = await orNull(iam.send(new GetUserCommand({ UserName: user })));
    if (now?.User?.UserId !== step.before.userId) throw fail('UNDO_IMPOSSIBLE', `user ${user} is gone: nobody to put back into the group`);
    await iam.send(new AddUserToGroupCommand({ GroupName: step.target.name, UserName: user }));
    return { seen: { member: true }, left: [] };
  },
});
