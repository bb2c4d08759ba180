import { builtIn, type RoleAssignment, type RoleDefinition } from '../arm/access';
import type { Subscription } from '../arm/groups';
import { resources } from '../arm/routes';
import { location, makeWorkloads, type Workloads } from './workloads';
import { idOf, newId, type Sim } from '../state/sim';

export interface Estate extends Workloads {
  /** Where the workloads run, and where the rest is. */
  production: string;
  platform: string;
  /** Resource groups of production. */
  web: string;
  data: string;
}

export interface EstateOwners { responder: string; actions: readonly string[]; dataActions: readonly string[]; owners: readonly string[]; ci: string; payroll: string }

/** Two subscriptions and what runs in them. */
export function makeEstate(sim: Sim, owners: EstateOwners): Estate {
  const production = idOf('subscription production');
  const platform = idOf('subscription platform');
  for (const [name, { id, actions, notActions = [] }] of Object.entries(builtIn)) role(sim, id, name, 'BuiltInRole', actions, notActions);
  const responderRole = idOf('role Tourniquet responder');
  role(sim, responderRole, 'Tourniquet responder', 'CustomRole', owners.actions, [], [`/subscriptions/${production}`, `/subscriptions/${platform}`], owners.dataActions);
  for (const [id, displayName] of [[production, 'production'], [platform, 'platform']] as const) {
    sim.shelf<Subscription>('subscriptions').put(id, { id: `/subscriptions/${id}`, subscriptionId: id, displayName, state: 'Enabled', tenantId: sim.tenantId, authorizationSource: 'RoleBased', managedByTenants: [], subscriptionPolicies: { locationPlacementId: 'Public_2014-09-01', quotaId: 'PayAsYouGo_2014-09-01', spendingLimit: 'Off' } });
    assign(sim, owners.responder, 'ServicePrincipal', responderRole, `/subscriptions/${id}`);
    assign(sim, owners.owners[0]!, 'User', builtIn['Owner']!.id, `/subscriptions/${id}`);
  }
  const group = (subscription: string, name: string): string => {
    const id = `/subscriptions/${subscription}/resourceGroups/${name}`;
    resources(sim).put(id, { id, name, type: 'Microsoft.Resources/resourceGroups', location, tags: { owner: 'northwind' }, properties: { provisioningState: 'Succeeded' } });
    return name;
  };
  const [web, data] = [group(production, 'rg-web'), group(production, 'rg-data')];
  group(platform, 'rg-logs');
  for (const owner of owners.owners.slice(1)) assign(sim, owner, 'User', builtIn['Owner']!.id, `/subscriptions/${production}`);
  assign(sim, owners.ci, 'ServicePrincipal', builtIn['Contributor']!.id, `/subscriptions/${production}`);
  assign(sim, owners.payroll, 'ServicePrincipal', builtIn['Contributor']!.id, `/subscriptions/${production}/resourceGroups/${data}`);
  return { production, platform, web, data, ...makeWorkloads(sim, production, platform) };
}

function role(sim: Sim, id: string, roleName: string, type: 'BuiltInRole' | 'CustomRole', actions: readonly string[], notActions: readonly string[], assignableScopes: string[] = ['/'], dataActions: readonly string[] = []): void {
  sim.shelf<RoleDefinition>('armRoleDefinitions').put(id, {
    id: `/subscriptions/${idOf('subscription production')}/providers/Microsoft.Authorization/roleDefinitions/${id}`, name: id, type: 'Microsoft.Authorization/roleDefinitions',
    properties: { roleName, type, description: roleName, assignableScopes, permissions: [{ actions: [...actions], notActions: [...notActions], dataActions: [...dataActions], notDataActions: [] }], createdOn: sim.iso(), updatedOn: sim.iso() },
  });
}

/** Gives an Azure role at a scope; used for what was there before. */
export function assign(sim: Sim, principalId: string, principalType: RoleAssignment['properties']['principalType'], roleId: string, scope: string, name: string = newId()): RoleAssignment {
  const id = `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
  return sim.shelf<RoleAssignment>('armRoleAssignments').put(id, {
    id, name, type: 'Microsoft.Authorization/roleAssignments',
    properties: { roleDefinitionId: `${/^\/subscriptions\/[^/]+/.exec(scope)?.[0] ?? ''}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`, principalId, principalType, scope, condition: null, conditionVersion: null, createdOn: sim.iso(), updatedOn: sim.iso(), createdBy: null, updatedBy: null, delegatedManagedIdentityResourceId: null, description: null },
  });
}
