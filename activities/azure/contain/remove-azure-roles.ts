import type { AuthorizationManagementClient, RoleAssignment, RoleEligibilityScheduleInstance } from '@azure/arm-authorization';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import type { AzureContext } from '../context';
import { guardedAzureAction, type Verified } from '../define';
import { gone } from '../errors';
import { literal } from '../graph';
import { pages } from './arm';
import { readIdentity } from './principals';

interface Held {
  id: string;
  name: string;
  scope: string;
  roleDefinitionId: string;
  principalType: string;
  how: 'active' | 'eligible';
  /** Narrows the assignment: given back without it, it would allow more than before. */
  condition?: string;
  conditionVersion?: string;
}

/**
 * Row 2.1.1. Target: a user, service principal or managed identity: its own role assignments in every configured subscription, active and eligible. What it has through groups is
 * the directory’s. ARM keeps deciding by what it knew for up to half an hour (Azure RBAC: “Troubleshoot, changes are not detected”), which the disabled identity cannot use.
 */
export const removeAzureRoles = guardedAzureAction('azure.remove-azure-roles', {
  permissions: [
    'User.Read.All', 'Application.Read.All', 'Microsoft.Authorization/roleAssignments/read', 'Microsoft.Authorization/roleAssignments/write', 'Microsoft.Authorization/roleAssignments/delete',
    'Microsoft.Authorization/roleEligibilityScheduleInstances/read', 'Microsoft.Authorization/roleEligibilityScheduleRequests/write',
  ],
  async plan(ctx, { target }) {
    await readIdentity(ctx, target);
    const held = await heldBy(ctx, target);
    return { needed: held.length > 0, before: { assignments: held.map((one) => ({ ...one })) }, change: held.map((one) => `take ${one.how === 'eligible' ? 'eligibility for ' : ''}role ${shortId(one.roleDefinitionId)} at ${one.scope} from ${target.name}`) };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    await readIdentity(ctx, target);
    const held = await heldBy(ctx, target);
    for (const one of held) {
      const { roleAssignments, roleEligibilityScheduleRequests } = clientFor(ctx, target, one.scope);
      if (one.how === 'active') await gone(roleAssignments.deleteById(one.id));
      else await gone(roleEligibilityScheduleRequests.create(one.scope, randomUUID(), { principalId: target.id, roleDefinitionId: one.roleDefinitionId, requestType: 'AdminRemove', justification: `Tourniquet ${ctx.incident}` }));
    }
    return { removed: held.map((one) => `${shortId(one.roleDefinitionId)} at ${one.scope}`) };
  },
  async verify(ctx, { target }): Promise<Verified> {
    const held = await heldBy(ctx, target);
    return { holds: held.length === 0, seen: { assignments: held.map((one) => one.id) } };
  },
  async undo(ctx, { target, before }) {
    await readIdentity(ctx, target);
    const now = await heldBy(ctx, target);
    const missing = (before.assignments as unknown as Held[]).filter((one) => !now.some((other) => other.scope === one.scope && shortId(other.roleDefinitionId) === shortId(one.roleDefinitionId) && other.how === one.how));
    for (const one of missing) {
      const { roleAssignments, roleEligibilityScheduleRequests } = clientFor(ctx, target, one.scope);
      if (one.how === 'active') await roleAssignments.create(one.scope, one.name, { principalId: target.id, roleDefinitionId: one.roleDefinitionId, principalType: one.principalType, condition: one.condition, conditionVersion: one.conditionVersion });
      else await roleEligibilityScheduleRequests.create(one.scope, randomUUID(), { principalId: target.id, roleDefinitionId: one.roleDefinitionId, requestType: 'AdminAssign', condition: one.condition, conditionVersion: one.conditionVersion, justification: `Tourniquet ${ctx.incident}: undone`, scheduleInfo: { startDateTime: ctx.now(), expiration: { type: 'NoExpiration' } } });
    }
    return { seen: { restored: missing.map((one) => one.scope) }, left: [] };
  },
});

const shortId = (roleDefinitionId: string): string => roleDefinitionId.slice(roleDefinitionId.lastIndexOf('/') + 1).toLowerCase();

/** A scope above subscriptions (management group, `/`) is reached through any of them. */
function clientFor(ctx: AzureContext, target: Target, scope: string): AuthorizationManagementClient {
  const own = /^\/subscriptions\/([^/]+)/i.exec(scope)?.[1]?.toLowerCase();
  const subscriptions = ctx.access.subscriptions(target.account);
  return ctx.access.arm(target.account, own && subscriptions.includes(own) ? own : subscriptions[0]!).authorization;
}

async function heldBy(ctx: AzureContext, target: Target): Promise<Held[]> {
  const filter = `principalId eq ${literal(target.id)}`;
  const lists = await Promise.all(ctx.access.subscriptions(target.account).map(async (subscription) => {
    const { roleAssignments, roleEligibilityScheduleInstances } = ctx.access.arm(target.account, subscription).authorization;
    const [active, eligible] = await Promise.all([
      pages<RoleAssignment>(roleAssignments.listForSubscription({ filter })), pages<RoleEligibilityScheduleInstance>(roleEligibilityScheduleInstances.listForScope(`/subscriptions/${subscription}`, { filter })),
    ]);
    const own = (one: RoleAssignment | RoleEligibilityScheduleInstance): boolean => one.principalId?.toLowerCase() === target.id.toLowerCase();
    return [...active.filter(own).map((one) => held(one, 'active')), ...eligible.filter(own).map((one) => held(one, 'eligible'))];
  }));
  // What is inherited shows in every subscription.
  return [...new Map(lists.flat().map((one) => [one.id.toLowerCase(), one])).values()];
}

const held = (one: RoleAssignment | RoleEligibilityScheduleInstance, how: Held['how']): Held => ({
  id: one.id ?? '', name: one.name ?? '', scope: one.scope ?? '', roleDefinitionId: one.roleDefinitionId ?? '', principalType: String(one.principalType ?? 'User'), how, ...(one.condition && { condition: one.condition, conditionVersion: one.conditionVersion }),
});
