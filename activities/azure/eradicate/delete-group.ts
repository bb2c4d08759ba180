import { at } from '../graph';
import { readObject, restoreDeleted } from './deleted-items';
import { removal } from './removal';

/** Row 3.1. Target: a group that the attacker made. Security groups are gone at once; only Microsoft 365 groups can be restored. */
export const deleteGroup = removal('azure.delete-group', {
  permissions: ['Group.ReadWrite.All'],
  async read(ctx, target) {
    const group = await readObject(ctx, target, at`/groups/${target.id}`);
    if (!group) return null;
    const members = await ctx.access.graph(target.account).list<{ id?: string }>(at`/groups/${target.id}/members`, { select: 'id' });
    return { ...group, members: members.map((one) => one.id ?? '') };
  },
  change: (target, state) => [`delete group ${target.name} with ${(state.members as string[]).length} members`],
  remove: (ctx, target) => ctx.access.graph(target.account).delete(at`/groups/${target.id}`),
  restore: restoreDeleted,
});
