import type { ServicePrincipal, UnifiedRoleAssignment, UnifiedRoleDefinition } from '@microsoft/microsoft-graph-types';
import { roleTemplates, type RoleName } from '../graph/roles-data';
import { GRAPH_APP_ID } from '../login/granted';
import { idOf, newId, type Sim } from '../state/sim';
import { servicePrincipalFor } from './applications';

/** What every tenant has: Microsoft Graph with its permissions, the built-in roles. */
export function makeDirectory(sim: Sim, permissions: readonly string[]): void {
  const graph = servicePrincipalFor(sim, { appId: GRAPH_APP_ID, displayName: 'Microsoft Graph' }, idOf('servicePrincipal Microsoft Graph'));
  sim.shelf<ServicePrincipal>('servicePrincipals').put(graph.id!, {
    ...graph, appOwnerOrganizationId: 'f8cdef31-a31e-4b4a-93e4-5f571e91255a',
    // The ids are the sandbox’s own; the names are Microsoft’s.
    appRoles: permissions.map((value) => ({ allowedMemberTypes: ['Application'], description: value, displayName: value, id: idOf(`appRole ${value}`), isEnabled: true, origin: 'Application', value })),
  });
  for (const [displayName, id] of Object.entries(roleTemplates)) {
    sim.shelf<UnifiedRoleDefinition>('roleDefinitions').put(id, { id, templateId: id, displayName, description: displayName, isBuiltIn: true, isEnabled: true, resourceScopes: ['/'], version: '1', rolePermissions: [] });
  }
}

export function giveDirectoryRole(sim: Sim, principalId: string, role: RoleName): UnifiedRoleAssignment {
  const id = newId();
  return sim.shelf<UnifiedRoleAssignment>('roleAssignments').put(id, { id, principalId, roleDefinitionId: roleTemplates[role], directoryScopeId: '/' });
}
