import type { AuthorizationManagementClient, RoleAssignment } from '@azure/arm-authorization';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import { plain } from '../../check';
import type { AzureContext } from '../context';
import { orNull } from '../errors';

const ID = /^((?:\/[^?#%\\]{1,800})?)\/providers\/Microsoft\.Authorization\/roleAssignments\/([0-9a-f-]{36})$/i;

/** Scope and name of an assignment, at any scope. Throws INVALID_INPUT for what is none. */
export function parseAssignment(id: string): { scope: string; name: string } {
  const [, scope, name] = ID.exec(id) ?? [];
  if (name === undefined) throw fail('INVALID_INPUT', `no Azure role assignment: ${id.slice(0, 120)}`);
  return { scope: scope || '/', name };
}

/** A scope above subscriptions is reached through any of them. */
function clientFor(ctx: AzureContext, tenant: string, scope: string): AuthorizationManagementClient {
  const own = /^\/subscriptions\/([^/]+)/i.exec(scope)?.[1]?.toLowerCase();
  return ctx.access.arm(tenant, own ?? ctx.access.subscriptions(tenant)[0] ?? '').authorization;
}

export const readAssignment = (ctx: AzureContext, { account, id }: Pick<Target, 'account' | 'id'>): Promise<RoleAssignment | null> =>
  orNull(clientFor(ctx, account, parseAssignment(id).scope).roleAssignments.getById(id));

/** Exactly what gives it back: with its condition, which narrows it, and its description. */
export function snapshotOf(one: RoleAssignment): JsonObject {
  const { id, name, scope, roleDefinitionId, principalId, principalType, condition, conditionVersion, description, delegatedManagedIdentityResourceId, createdOn } = one;
  return plain({ id, name, scope, roleDefinitionId, principalId, principalType, condition, conditionVersion, description, delegatedManagedIdentityResourceId, createdOn: createdOn?.toISOString() }) as JsonObject;
}

export async function takeAssignment(ctx: AzureContext, { account, id }: Target): Promise<void> {
  await orNull(clientFor(ctx, account, parseAssignment(id).scope).roleAssignments.deleteById(id));
}

export async function giveAssignment(ctx: AzureContext, { account, id }: Target, snapshot: JsonObject): Promise<void> {
  const { scope, name } = parseAssignment(id);
  const text = (member: string): string | undefined => (typeof snapshot[member] === 'string' ? snapshot[member] : undefined);
  await clientFor(ctx, account, scope).roleAssignments.create(scope, name, {
    principalId: text('principalId')!, roleDefinitionId: text('roleDefinitionId')!, principalType: text('principalType'), condition: text('condition'), conditionVersion: text('conditionVersion'), description: text('description'),
    delegatedManagedIdentityResourceId: text('delegatedManagedIdentityResourceId'),
  });
}

export const assignmentPermissions = ['Microsoft.Authorization/roleAssignments/read'] as const;
