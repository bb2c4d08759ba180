import type { Undone } from '../define';
import { orNull } from '../errors';
import { at } from '../graph';
import { text } from './deleted-items';
import { removal } from './removal';

/** Row 3.2. Target: a group that was there before; `params.member`: the object that the attacker put into it. */
export const removeGroupMember = removal('azure.remove-group-member', {
  permissions: ['GroupMember.Read.All', 'GroupMember.ReadWrite.All', 'RoleManagement.ReadWrite.Directory'],
  async read(ctx, target, params) {
    const wanted = text(params, 'member').toLowerCase();
    const members = await orNull(ctx.access.graph(target.account).list<{ id?: string; displayName?: string }>(at`/groups/${target.id}/members`, { select: 'id,displayName' }));
    const found = members?.find((one) => one.id?.toLowerCase() === wanted);
    return found ? { id: wanted, displayName: found.displayName ?? null, group: target.id } : null;
  },
  change: (target, _state, params) => [`take ${String(params.memberName ?? params.member)} out of group ${target.name}`],
  remove: (ctx, target, params) => ctx.access.graph(target.account).delete(`${at`/groups/${target.id}/members/${text(params, 'member')}`}/$ref`),
  restore: async (ctx, { target, params, before }): Promise<Undone> => {
    if (before.state === null) return { seen: {}, left: [] };
    const graph = ctx.access.graph(target.account);
    const there = (await graph.list<{ id?: string }>(at`/groups/${target.id}/members`, { select: 'id' })).some((one) => one.id === params.member);
    if (!there) await graph.post(`${at`/groups/${target.id}/members`}/$ref`, { '@odata.id': `${ctx.access.config.endpoints.graph}/v1.0/directoryObjects/${encodeURIComponent(text(params, 'member'))}` });
    return { seen: { member: true }, left: [] };
  },
});
