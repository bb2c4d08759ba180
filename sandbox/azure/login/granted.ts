import type { AppRoleAssignment, ServicePrincipal } from '@microsoft/microsoft-graph-types';
import type { Sim } from '../state/sim';

export const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000';

/** The application permissions of Microsoft Graph that a service principal was granted, by name. */
export function grantedRoles(sim: Sim, principalId: string): string[] {
  const graph = sim.shelf<ServicePrincipal>('servicePrincipals').truth().find((one) => one.appId === GRAPH_APP_ID);
  const names = new Map((graph?.appRoles ?? []).map((role) => [role.id, role.value ?? '']));
  return sim.shelf<AppRoleAssignment>('appRoleAssignments').list().filter((one) => one.principalId === principalId && one.resourceId === graph?.id).flatMap((one) => names.get(one.appRoleId) ?? []);
}
