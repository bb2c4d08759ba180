import type { JsonObject } from '../../../playbook/json';
import type { Proposal, Target } from '../../../playbook/model/plan';
import { codeOf, toFailure } from '../../boundary';
import type { AzureContext } from '../context';
import { guardedAzureAction, type Verified } from '../define';
import { rolesOf, type HeldRole } from '../directory';
import { classifyAzure, gone, orNull } from '../errors';
import { at } from '../graph';
import { refuseProtected } from '../protect';
import { kindOf, readIdentity } from './principals';

const ROLES = '/roleManagement/directory';

/**
 * Row 2.1.1. Target: a user, service principal or managed identity; `params.roles`: only these role definition ids, none = all. Active assignments, eligible ones (PIM),
 * and membership of groups that hold roles. A role that is gone may be in a token for up to an hour.
 */
export const removeDirectoryRoles = guardedAzureAction('azure.remove-directory-roles', {
  permissions: ['RoleManagement.ReadWrite.Directory', 'GroupMember.ReadWrite.All', 'User.Read.All', 'Application.Read.All'],
  async plan(ctx, { target, params }) {
    await readIdentity(ctx, target);
    const held = await heldBy(ctx, target, params);
    for (const { group } of held) if (group) refuseProtected(ctx, group);
    return { needed: held.length > 0, before: { roles: held.map((role) => ({ ...role, group: role.group ? { ...role.group } : null })) }, change: held.map((role) => `take ${describe(role)} from ${target.name}`) };
  },
  async apply(ctx, { target, params }): Promise<JsonObject> {
    await readIdentity(ctx, target);
    const held = await heldBy(ctx, target, params);
    for (const { group } of held) if (group) refuseProtected(ctx, group);
    const groups = new Set(held.flatMap((role) => role.group?.id ?? []));
    const graph = ctx.access.graph(target.account);
    for (const role of held.filter((one) => !one.group)) await (role.how === 'active' ? removeActive(ctx, target, role) : removeEligible(ctx, target, role));
    for (const group of groups) await gone(graph.delete(`${at`/groups/${group}/members/${target.id}`}/$ref`));
    return { removed: held.map(describe) };
  },
  async verify(ctx, { target, params }): Promise<Verified> {
    const held = await orNull(heldBy(ctx, target, params));
    return { holds: !held?.length, seen: { roles: (held ?? []).map(describe) } };
  },
  async undo(ctx, { target, before, params }) {
    await readIdentity(ctx, target);
    const now = await heldBy(ctx, target, params);
    const graph = ctx.access.graph(target.account);
    const missing = (before.roles as unknown as HeldRole[]).filter((role) => !now.some((one) => same(one, role)));
    for (const role of missing.filter((one) => !one.group)) {
      const given = { principalId: target.id, roleDefinitionId: role.roleId, directoryScopeId: role.scope };
      if (role.how === 'active') await graph.post(`${ROLES}/roleAssignments`, given);
      else await graph.post(`${ROLES}/roleEligibilityScheduleRequests`, { action: 'adminAssign', ...given, justification: `Tourniquet ${ctx.incident}: undone`, scheduleInfo: { startDateTime: ctx.now().toISOString(), expiration: { type: 'noExpiration' } } });
    }
    for (const group of new Set(missing.flatMap((role) => role.group?.id ?? []))) await graph.post(`${at`/groups/${group}/members`}/$ref`, { '@odata.id': `${ctx.access.config.endpoints.graph}/v1.0/directoryObjects/${target.id}` });
    return { seen: { restored: missing.map(describe) }, left: [] };
  },
});

const same = (a: HeldRole, b: HeldRole): boolean => a.roleId === b.roleId && a.scope === b.scope && a.how === b.how && a.group?.id === b.group?.id;

const describe = (role: HeldRole): string =>
  `${role.how === 'eligible' ? 'eligibility for ' : ''}${role.roleName}${role.scope === '/' ? '' : ` in ${role.scope}`}${role.group ? ` (by leaving group ${role.group.name})` : ''}`;

async function heldBy(ctx: AzureContext, target: Target, params: Proposal['params']): Promise<HeldRole[]> {
  const held = await rolesOf(ctx.access.graph(target.account), kindOf(target), target.id);
  return Array.isArray(params.roles) ? held.filter((role) => (params.roles as string[]).includes(role.roleId)) : held;
}

/** An assignment that PIM activated may refuse the plain delete: then PIM is asked (Graph: roleAssignmentScheduleRequest, adminRemove). */
async function removeActive(ctx: AzureContext, target: Target, role: HeldRole): Promise<void> {
  const graph = ctx.access.graph(target.account);
  try {
    await gone(graph.delete(at`/roleManagement/directory/roleAssignments/${role.assignment}`));
  } catch (error) {
    if (codeOf(toFailure(error, classifyAzure)) !== 'REJECTED_BY_CLOUD') throw error;
    await gone(graph.post(`${ROLES}/roleAssignmentScheduleRequests`, request(ctx, target, role)));
  }
}

const removeEligible = (ctx: AzureContext, target: Target, role: HeldRole): Promise<void> =>
  gone(ctx.access.graph(target.account).post(`${ROLES}/roleEligibilityScheduleRequests`, request(ctx, target, role)));

const request = (ctx: AzureContext, target: Target, role: HeldRole) => ({
  action: 'adminRemove', principalId: target.id, roleDefinitionId: role.roleId, directoryScopeId: role.scope, justification: `Tourniquet ${ctx.incident}`,
});
