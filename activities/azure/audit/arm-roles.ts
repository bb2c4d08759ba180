import type { AuthorizationManagementClient, RoleAssignment } from '@azure/arm-authorization';
import type { JsonObject } from '../../../playbook/json';
import { each, plain } from '../../check';
import { pages } from '../contain/arm';
import type { AzureContext } from '../context';
import { gone } from '../errors';
import { literal } from '../graph';

/** A scope above subscriptions (management group, `/`) is reached through any of them. */
function clientFor(ctx: AzureContext, tenant: string, scope: string): AuthorizationManagementClient {
  const own = /^\/subscriptions\/([^/]+)/i.exec(scope)?.[1]?.toLowerCase();
  const subscriptions = ctx.access.subscriptions(tenant);
  return ctx.access.arm(tenant, own && subscriptions.includes(own) ? own : subscriptions[0]!).authorization;
}

/** The role assignments of a principal itself in every configured subscription; what is inherited shows in each and counts once. */
export async function assignmentsOf(ctx: AzureContext, tenant: string, principal: string): Promise<RoleAssignment[]> {
  const lists = await each(ctx.access.subscriptions(tenant), 4, (subscription) =>
    pages<RoleAssignment>(ctx.access.arm(tenant, subscription).authorization.roleAssignments.listForSubscription({ filter: `principalId eq ${literal(principal)}` })));
  const own = lists.flat().filter((one) => one.principalId?.toLowerCase() === principal.toLowerCase());
  return [...new Map(own.map((one) => [(one.id ?? '').toLowerCase(), one])).values()].sort((a, b) => (a.id! < b.id! ? -1 : 1));
}

export const roleNameOf = async (ctx: AzureContext, tenant: string, { scope, roleDefinitionId }: RoleAssignment): Promise<string> =>
  (await clientFor(ctx, tenant, scope ?? '/').roleDefinitions.getById(roleDefinitionId ?? '')).roleName ?? roleDefinitionId ?? '';

/** Exactly what gives it back: with its condition, which narrows it, and its description. */
export function snapshotOf(one: RoleAssignment): JsonObject {
  const { id, name, scope, roleDefinitionId, principalId, principalType, condition, conditionVersion, description, delegatedManagedIdentityResourceId, createdOn } = one;
  return plain({ id, name, scope, roleDefinitionId, principalId, principalType, condition, conditionVersion, description, delegatedManagedIdentityResourceId, createdOn: createdOn?.toISOString() }) as JsonObject;
}

export async function takeAssignment(ctx: AzureContext, tenant: string, { id, scope }: JsonObject): Promise<void> {
  await gone(clientFor(ctx, tenant, String(scope)).roleAssignments.deleteById(String(id)));
}

export async function giveAssignment(ctx: AzureContext, tenant: string, snapshot: JsonObject): Promise<void> {
  const text = (member: string): string | undefined => (typeof snapshot[member] === 'string' ? snapshot[member] : undefined);
  await clientFor(ctx, tenant, text('scope')!).roleAssignments.create(text('scope')!, text('name')!, {
    principalId: text('principalId')!, roleDefinitionId: text('roleDefinitionId')!, principalType: text('principalType'), condition: text('condition'), conditionVersion: text('conditionVersion'), description: text('description'),
    delegatedManagedIdentityResourceId: text('delegatedManagedIdentityResourceId'),
  });
}
