import { fail } from '../../boundary';
import { keepFirst } from '../../before';
import { plain } from '../../check';
import { guardedAzureAction } from '../define';
import type { JsonObject } from '../../../playbook/json';
import { assertTakable, giveBack, heldBy, plannedIn, take } from './held';

export const heldPermissions = ['User.Read.All', 'GroupMember.Read.All', 'RoleManagement.Read.Directory', 'AuditLog.Read.All', 'Microsoft.Authorization/roleAssignments/read', 'Microsoft.Authorization/roleDefinitions/read'] as const;

/**
 * Row audit.4. Target: a person who has not signed in. All their roles, in the directory and in Azure, are taken away with an exact snapshot; the account stays.
 * A role that is gone may be in a token for up to an hour.
 */
export const suspendUnusedRoles = guardedAzureAction('azure.suspend-unused-roles', {
  permissions: [...heldPermissions, 'RoleManagement.ReadWrite.Directory', 'GroupMember.ReadWrite.All', 'Microsoft.Authorization/roleAssignments/write', 'Microsoft.Authorization/roleAssignments/delete'],
  async plan(ctx, { target, params }) {
    const held = await heldBy(ctx, target.account, target.id);
    await assertTakable(ctx, { target, params }, held);
    return { needed: held.length > 0, before: { held: plain(held) as unknown as JsonObject[] }, change: held.map((one) => `take ${one.text} from ${target.name}`) };
  },
  async apply(ctx, step): Promise<JsonObject> {
    const held = await heldBy(ctx, step.target.account, step.target.id);
    await assertTakable(ctx, step, held);
    const planned = plannedIn(step.before);
    const other = held.filter((one) => !planned.some((known) => known.key === one.key));
    if (other.length > 0) throw fail('PLAN_CHANGED', `${step.target.name} has more than was planned (${other.map((one) => one.text).join(', ')}): nothing was done`);
    if (held.length === 0) return { already: true };
    const kept = await keepFirst(ctx, step, 'roles', step.before);
    for (const one of held) await take(ctx, step.target, one);
    return { taken: held.map((one) => one.text), kept };
  },
  async verify(ctx, { target, before }) {
    const back = (await heldBy(ctx, target.account, target.id)).filter((one) => plannedIn(before).some((known) => known.key === one.key));
    return { holds: back.length === 0, seen: { held: back.map((one) => one.text) } };
  },
  async undo(ctx, step) {
    const { restored, left } = await giveBack(ctx, step, await heldBy(ctx, step.target.account, step.target.id));
    return { seen: { restored }, left };
  },
});
