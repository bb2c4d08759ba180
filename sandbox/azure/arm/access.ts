import { Fault, type Call } from '../protocol/types';
import { groupsOf } from '../state/membership';
import type { Sim } from '../state/sim';

export interface RoleDefinition {
  id: string;
  name: string;
  type: 'Microsoft.Authorization/roleDefinitions';
  properties: { roleName: string; description: string; type: 'BuiltInRole' | 'CustomRole'; permissions: { actions: string[]; notActions: string[]; dataActions: string[]; notDataActions: string[] }[]; assignableScopes: string[]; createdOn?: string; updatedOn?: string; createdBy?: string; updatedBy?: string };
}
export interface RoleAssignment {
  id: string;
  name: string;
  type: 'Microsoft.Authorization/roleAssignments';
  properties: { roleDefinitionId: string; principalId: string; principalType: 'User' | 'Group' | 'ServicePrincipal' | 'ForeignGroup'; scope: string; condition: string | null; conditionVersion: string | null; createdOn: string; updatedOn: string; createdBy: string | null; updatedBy: string | null; delegatedManagedIdentityResourceId: null; description: string | null };
}

/** Built-in roles, the same ids everywhere. Source: Azure built-in roles. */
export const builtIn: Record<string, { id: string; actions: string[]; notActions?: string[] }> = {
  Owner: { id: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635', actions: ['*'] },
  Contributor: { id: 'b24988ac-6180-42a0-ab88-20f7382dd24c', actions: ['*'], notActions: ['Microsoft.Authorization/*/Delete', 'Microsoft.Authorization/*/Write', 'Microsoft.Authorization/elevateAccess/Action'] },
  Reader: { id: 'acdd72a7-3385-48ef-bd42-f606fba81ae7', actions: ['*/read'] },
  'User Access Administrator': { id: '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9', actions: ['*/read', 'Microsoft.Authorization/*', 'Microsoft.Support/*'] },
};

const matches = (pattern: string, action: string): boolean => new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`, 'i').test(action);

type Permission = RoleDefinition['properties']['permissions'][number];

/** True when an assignment at the scope or above gives the action. */
export const allows = (sim: Sim, principal: string, action: string, scope: string): boolean =>
  given(sim, principal, scope, (one) => one.actions.some((pattern) => matches(pattern, action)) && !one.notActions.some((pattern) => matches(pattern, action)));

/** The same for what is done with data: no built-in owner has it by that alone. */
export const allowsData = (sim: Sim, principal: string, action: string, scope: string): boolean =>
  given(sim, principal, scope, (one) => one.dataActions.some((pattern) => matches(pattern, action)) && !one.notDataActions.some((pattern) => matches(pattern, action)));

function given(sim: Sim, principal: string, scope: string, gives: (permission: Permission) => boolean): boolean {
  const who = new Set([principal, ...groupsOf(sim, principal)]);
  const at = scope.toLowerCase();
  return sim.shelf<RoleAssignment>('armRoleAssignments').list().some(({ properties }) => {
    const over = properties.scope.toLowerCase().replace(/\/$/, '');
    if (!who.has(properties.principalId) || !(at === over || at.startsWith(`${over}/`))) return false;
    const role = sim.shelf<RoleDefinition>('armRoleDefinitions').get(properties.roleDefinitionId.split('/').pop()!);
    return (role?.properties.permissions ?? []).some(gives);
  });
}

export function authorize(sim: Sim, call: Call, actions: readonly string[], scope: string): void {
  for (const action of actions) {
    if (allows(sim, call.caller.id, action, scope)) continue;
    throw new Fault(403, 'AuthorizationFailed', `The client '${call.caller.name}' with object id '${call.caller.id}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`);
  }
}
