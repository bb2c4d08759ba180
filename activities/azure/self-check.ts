import type { RoleAssignment } from '@azure/arm-authorization';
import type { AzureAccess } from './clients';
import { pages } from './contain/arm';
import { literal } from './graph';

/** What the doctor reads besides what the actions do. */
export const selfCheckPermissions: readonly string[] = ['Organization.Read.All', 'Application.Read.All', 'Microsoft.Authorization/roleAssignments/read', 'Microsoft.Authorization/roleDefinitions/read'];

const matches = (pattern: string, action: string): boolean => new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`, 'i').test(action);

/** Actions that no role of the principal gives at the subscription or above. Deny assignments and conditions are not read (Azure RBAC: “How Azure RBAC determines access”). */
export async function ungrantedActions(access: AzureAccess, tenant: string, subscription: string, principal: string, actions: readonly string[], dataActions: readonly string[] = []): Promise<string[]> {
  const { roleAssignments, roleDefinitions } = access.arm(tenant, subscription).authorization;
  const assigned = await pages<RoleAssignment>(roleAssignments.listForSubscription({ filter: `principalId eq ${literal(principal)}` }));
  const whole = assigned.filter((one) => one.principalId?.toLowerCase() === principal.toLowerCase() && covers(one.scope ?? '', subscription));
  const roles = await Promise.all(whole.map((one) => roleDefinitions.getById(one.roleDefinitionId ?? '')));
  const given = roles.flatMap((role) => role.permissions ?? []);
  const without = (wanted: readonly string[], gives: 'actions' | 'dataActions', takes: 'notActions' | 'notDataActions'): string[] =>
    wanted.filter((action) => !given.some((one) => (one[gives] ?? []).some((pattern) => matches(pattern, action)) && !(one[takes] ?? []).some((pattern) => matches(pattern, action))));
  return [...without(actions, 'actions', 'notActions'), ...without(dataActions, 'dataActions', 'notDataActions')];
}

const covers = (scope: string, subscription: string): boolean => !/^\/subscriptions\//i.test(scope) || scope.toLowerCase() === `/subscriptions/${subscription.toLowerCase()}`;
