import type { UnifiedRoleAssignment, UnifiedRoleDefinition } from '@microsoft/microsoft-graph-types';
import { Fault, noContent, type Call, type Json } from '../protocol/types';
import { newId, type Sim } from '../state/sim';
import { audit } from './audit';
import { collection } from './collection';
import { objectOf, typeName } from './objects';
import { itemAnswer, listAnswer, notFound, type ListRules } from './odata';
import { graph, type Making } from './routes';

export const ROLES = '/roleManagement/directory';
export const READ = ['RoleManagement.Read.Directory', 'RoleManagement.Read.All', 'Directory.Read.All', 'RoleManagement.ReadWrite.Directory'];
export const WRITE = ['RoleManagement.ReadWrite.Directory'];

/** `roleDefinition` and `principal`, which assignments and schedules expand to. */
export const expandable = (sim: Sim): NonNullable<ListRules['expand']> => ({
  roleDefinition: (item) => sim.shelf('roleDefinitions').seen(String(item['roleDefinitionId'])),
  principal: (item) => objectOf(sim, String(item['principalId'])),
});

/** The record of a role given or taken: the member, then the role. */
export function tellRole(sim: Sim, call: Call, activity: string, { principalId, roleDefinitionId }: { principalId?: string | null; roleDefinitionId?: string | null }): void {
  const object = objectOf(sim, String(principalId), true);
  const role = sim.shelf<UnifiedRoleDefinition>('roleDefinitions').get(String(roleDefinitionId));
  const change = (displayName: string, value: unknown) => (activity.startsWith('Remove') ? { displayName, oldValue: JSON.stringify(value), newValue: null } : { displayName, oldValue: null, newValue: JSON.stringify(value) });
  audit(sim, call, activity, 'RoleManagement', [
    { type: typeName(object), id: String(principalId), displayName: (object?.['displayName'] as string) ?? null, userPrincipalName: (object?.['userPrincipalName'] as string) ?? null }, { type: 'Role', id: role?.id ?? '', displayName: role?.displayName ?? null },
  ], [change('Role.ObjectID', role?.id), change('Role.DisplayName', role?.displayName), change('Role.TemplateId', role?.templateId)]);
}

/** A principal and a role that exist; throws what Graph answers else. */
export function checkGiven(sim: Sim, body: Json): void {
  if (!objectOf(sim, String(body['principalId']), true)) throw notFound(String(body['principalId']));
  if (!sim.shelf('roleDefinitions').get(String(body['roleDefinitionId']))) throw notFound(String(body['roleDefinitionId']));
  if (!body['directoryScopeId'] && !body['appScopeId']) throw new Fault(400, 'Request_BadRequest', 'directoryScopeId or appScopeId is required.');
}

/** Directory roles: definitions and active assignments of the unified API. */
export function roleRoutes(making: Making): void {
  const { sim } = making;
  const assignments = sim.shelf<UnifiedRoleAssignment>('roleAssignments');
  const rules: ListRules = { context: 'roleManagement/directory/roleAssignments', filterable: ['principalId', 'roleDefinitionId', 'directoryScopeId'], expand: expandable(sim) };
  collection(making, {
    path: `${ROLES}/roleDefinitions`, shelf: 'roleDefinitions', rules: { context: 'roleManagement/directory/roleDefinitions', filterable: ['id', 'displayName', 'isBuiltIn', 'isEnabled', 'templateId'] }, read: READ, write: WRITE,
    audits: { add: 'Add role definition', update: 'Update role definition', remove: 'Delete role definition', category: 'RoleManagement', type: 'Role' },
    guard: (item) => { if (item['isBuiltIn']) throw new Fault(400, 'Request_BadRequest', 'Built-in roles cannot be changed.'); },
    make: (body) => ({ isBuiltIn: false, templateId: newId(), resourceScopes: ['/'], version: null, ...body }),
  });
  graph(making, 'GET', `${ROLES}/roleAssignments`, READ, (call) => listAnswer(call, assignments.list(), rules));
  graph(making, 'GET', `${ROLES}/roleAssignments/:id`, READ, (call) => itemAnswer(call, assignments.seen(call.params['id']!), rules, call.params['id']!));
  graph(making, 'POST', `${ROLES}/roleAssignments`, WRITE, (call) => {
    checkGiven(sim, call.body);
    const given = call.body as UnifiedRoleAssignment;
    const same = (one: UnifiedRoleAssignment): boolean => one.principalId === given.principalId && one.roleDefinitionId === given.roleDefinitionId && one.directoryScopeId === given.directoryScopeId;
    if (assignments.truth().some(same)) throw new Fault(400, 'Request_BadRequest', 'A conflicting object with one or more of the specified property values is present in the directory.');
    const id = newId();
    const made = assignments.put(id, { id, principalId: given.principalId, roleDefinitionId: given.roleDefinitionId, directoryScopeId: given.directoryScopeId });
    tellRole(sim, call, 'Add member to role', made);
    return itemAnswer(call, made, rules, id, 201);
  });
  graph(making, 'DELETE', `${ROLES}/roleAssignments/:id`, WRITE, (call) => {
    const found = assignments.get(call.params['id']!);
    if (!found) throw notFound(call.params['id']!);
    assignments.remove(found.id!);
    sim.shelf('roleAssignmentSchedules').remove(found.id!);
    tellRole(sim, call, 'Remove member from role', found);
    return noContent;
  });
}
