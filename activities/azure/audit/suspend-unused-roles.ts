import { fail } from '../../boundary';
import { keepFirst } from '../../before';
import { plain } from '../../check';
import { guardedAzureAction } from '../define';
import type { JsonObject } from '../../../playbook/json';
import { assertTakable, giveBack, heldNow, plannedIn, take } from './held';

export const heldPermissions = ['User.Read.All', 'GroupMember.Read.All', 'RoleManagement.Read.Directory', 'AuditLog.Read.All', 'Microsoft.Authorization/roleAssignments/read'] as const;

/**
 * Row audit.4. Target: a person who has not signed in (all their directory roles), or one Azure role assignment of such a person. It is taken away with an exact snapshot; the account stays.
 * A role that is gone may be in a token for up to an hour.
 */
export const suspendUnusedRoles = guardedAzureAction('azure.suspend-unused-roles', {
  permissions: [...heldPermissions, 'RoleManagement.ReadWrite.Directory', 'GroupMember.ReadWrite.All', 'Microsoft.Authorization/roleAssignments/write', 'Microsoft.Authorization/roleAssignments/delete'],
  async plan(ctx, { target, params }) {
    const held = await heldNow(ctx, target);
    const principal = await assertTakable(ctx, { target, params }, held);
    return { needed: held.length > 0, before: { principal, held: plain(held) as unknown as JsonObject[] }, change: held.map((one) => (target.kind === 'user' ? `take ${one.text} from ${target.name}` : `take ${one.text} away`)) };
  },
  async apply(ctx, step): Promise<JsonObject> {
    const held = await heldNow(ctx, step.target);
    const principal = await assertTakable(ctx, step, held);
    const planned = plannedIn(step.before);
    if (principal !== step.before.principal) throw fail('PLAN_CHANGED', `${step.target.name} is not the one that was planned`);
    const other = held.filter((one) => !planned.some((known) => known.key === one.key));
    if (other.length > 0) throw fail('PLAN_CHANGED', `${step.target.name} has more than was planned (${other.map((one) => one.text).join(', ')}): nothing was done`);
    if (held.length === 0) return { already: true };
    const kept = await keepFirst(ctx, step, 'roles', step.before);
    for (const one of held) await take(ctx, step.target, one);
    return { taken: held.map((one) => one.text), kept };
  },
  async verify(ctx, { target, before }) {
    const back = (await heldNow(ctx, target)).filter((one) => plannedIn(before).some((known) => known.key === one.key));
    return { holds: back.length === 0, seen: { held: back.map((one) => one.text) } };
  },
  async undo(ctx, step) {
    const { restored, left } = await giveBack(ctx, step, await heldNow(ctx, step.target));
    return { seen: { restored }, left };
  },
});
