import type { Making } from '../graph/routes';
import { objectOf } from '../graph/objects';
import { rolesOf } from '../state/membership';
import { roleTemplates } from '../graph/roles-data';
import { Fault, noContent, ok, type Call, type Json } from '../protocol/types';
import { newId } from '../state/sim';
import { assign } from '../world/estate';
import { builtIn, type RoleAssignment, type RoleDefinition } from './access';
import { recordActivity } from './activity';
import { arm, armList } from './routes';

export const AUTHORIZATION = 'Microsoft.Authorization';
export const scopeOf = (call: Call): string => decodeURIComponent(call.params['scope'] ?? '').replace(/^\/+/, '/').replace(/\/+$/, '') || '/';
const quoted = (text: string): string | undefined => /'([^']*)'/.exec(text)?.[1];

/** At the scope, above it, or (unless `only`) below. */
export const related = (of: string, scope: string, only: boolean): boolean => {
  const [a, b] = [of.toLowerCase().replace(/\/$/, ''), scope.toLowerCase().replace(/\/$/, '')];
  return a === b || b.startsWith(`${a}/`) || (!only && a.startsWith(`${b}/`));
};

/** Role assignments and definitions, PIM’s eligibility, and the elevation of Global Administrators. Source: Azure RBAC REST, 2022-04-01. */
export function authorizationRoutes(making: Making): void {
  const { sim } = making;
  const assignments = sim.shelf<RoleAssignment>('armRoleAssignments');
  const definitions = sim.shelf<RoleDefinition>('armRoleDefinitions');
  const at = `/:scope*/providers/${AUTHORIZATION}`;
  /** `atScope()`, `principalId eq '…'`, `assignedTo('…')` and their conjunctions; anything else is refused. */
  const filtered = <T extends { properties: { principalId: string; scope: string } }>(call: Call, items: T[]): T[] => {
    const parts = (call.query.get('$filter') ?? '').split(/\s+and\s+/i).filter((one) => one !== '');
    const only = parts.some((part) => /^atScope\(\)$/i.test(part));
    for (const part of parts) if (!/^(atScope\(\)|asTarget\(\)|principalId eq '[^']*'|assignedTo\('[^']*'\)|roleDefinitionId eq '[^']*')$/i.test(part)) throw new Fault(400, 'UnsupportedQuery', `The filter '${part}' is not supported. Supported filters are either 'atScope()' or 'principalId eq '{value}' or assignedTo('{value}')'.`);
    const who = parts.filter((part) => !/Scope|asTarget|roleDefinitionId/i.test(part)).map(quoted);
    return items.filter((one) => related(one.properties.scope, scopeOf(call), only) && who.every((id) => one.properties.principalId === id));
  };
  arm(making, 'GET', `${at}/roleAssignments`, { action: `${AUTHORIZATION}/roleAssignments/read`, scope: scopeOf, handle: (call) => armList(call, filtered(call, assignments.list())) });
  arm(making, 'GET', `${at}/roleAssignments/:name`, { action: `${AUTHORIZATION}/roleAssignments/read`, scope: scopeOf, handle: (call) => {
    const found = assignments.seen(idOf(call));
    if (!found) throw new Fault(404, 'RoleAssignmentNotFound', `The role assignment '${call.params['name']}' is not found.`);
    return ok(found);
  } });
  arm(making, 'PUT', `${at}/roleAssignments/:name`, { action: `${AUTHORIZATION}/roleAssignments/write`, scope: scopeOf, handle: (call) => {
    const { principalId, roleDefinitionId, principalType, condition = null, conditionVersion = null, description = null } = ((call.body['properties'] ?? call.body) as Json) as Record<string, string> & { condition?: string | null; conditionVersion?: string | null; description?: string | null };
    const role = roleDefinitionId?.split('/').pop() ?? '';
    if (!definitions.get(role)) throw new Fault(400, 'RoleDefinitionDoesNotExist', `The specified role definition with ID '${role}' does not exist.`);
    if (!principalId || !objectOf(sim, principalId, true)) throw new Fault(400, 'PrincipalNotFound', `Principal ${principalId} does not exist in the directory ${sim.tenantId}.`);
    if (assignments.truth().some(({ properties }) => properties.principalId === principalId && properties.roleDefinitionId.endsWith(role) && properties.scope === scopeOf(call))) throw new Fault(409, 'RoleAssignmentExists', 'The role assignment already exists.');
    const made = assign(sim, principalId, (principalType as RoleAssignment['properties']['principalType']) ?? 'User', role, scopeOf(call), call.params['name']);
    return ok(assignments.put(made.id, { ...made, properties: { ...made.properties, condition, conditionVersion, description, createdBy: call.caller.id, updatedBy: call.caller.id } }), 201);
  } });
  arm(making, 'DELETE', `${at}/roleAssignments/:name`, { action: `${AUTHORIZATION}/roleAssignments/delete`, scope: scopeOf, handle: (call) => {
    const found = assignments.get(idOf(call));
    if (!found) return noContent;
    assignments.remove(found.id);
    return ok(found);
  } });
  const idOf = (call: Call): string => `${scopeOf(call) === '/' ? '' : scopeOf(call)}/providers/${AUTHORIZATION}/roleAssignments/${call.params['name']}`;

  arm(making, 'GET', `${at}/roleDefinitions`, { action: `${AUTHORIZATION}/roleDefinitions/read`, scope: scopeOf, handle: (call) => {
    const filter = call.query.get('$filter') ?? '';
    if (filter && !/^(atScopeAndBelow\(\)|(roleName|type) eq '[^']*')$/i.test(filter)) throw new Fault(400, 'UnsupportedQuery', `The filter '${filter}' is not supported.`);
    return armList(call, definitions.list().filter(({ properties }) => !/ eq /.test(filter) || (/^roleName/i.test(filter) ? properties.roleName : properties.type) === quoted(filter)));
  } });
  const definition = (call: Call): RoleDefinition => {
    const found = definitions.seen(call.params['name']!);
    if (!found) throw new Fault(404, 'RoleDefinitionDoesNotExist', `The specified role definition with ID '${call.params['name']}' does not exist.`);
    return found;
  };
  arm(making, 'GET', `${at}/roleDefinitions/:name`, { action: `${AUTHORIZATION}/roleDefinitions/read`, scope: scopeOf, handle: (call) => ok(definition(call)) });
  arm(making, 'PUT', `${at}/roleDefinitions/:name`, { action: `${AUTHORIZATION}/roleDefinitions/write`, scope: scopeOf, handle: (call) => {
    const before = definitions.get(call.params['name']!);
    if (before?.properties.type === 'BuiltInRole') throw new Fault(403, 'RoleDefinitionUpdateNotAllowed', 'Built-in roles cannot be changed.');
    const properties = (call.body['properties'] ?? {}) as Partial<RoleDefinition['properties']>;
    if (!properties.roleName || !properties.permissions || !properties.assignableScopes) throw new Fault(400, 'InvalidRoleDefinition', 'roleName, permissions and assignableScopes are required.');
    const permissions = properties.permissions.map((one) => ({ actions: one.actions ?? [], notActions: one.notActions ?? [], dataActions: one.dataActions ?? [], notDataActions: one.notDataActions ?? [] }));
    const name = call.params['name']!;
    return ok(definitions.put(name, { id: `${scopeOf(call) === '/' ? '' : scopeOf(call)}/providers/${AUTHORIZATION}/roleDefinitions/${name}`, name, type: `${AUTHORIZATION}/roleDefinitions`, properties: { ...before?.properties, ...(properties as RoleDefinition['properties']), description: properties.description ?? '', permissions, type: 'CustomRole', createdOn: before?.properties.createdOn ?? sim.iso(), updatedOn: sim.iso(), createdBy: before?.properties.createdBy ?? call.caller.id, updatedBy: call.caller.id } }), 201);
  } });
  arm(making, 'DELETE', `${at}/roleDefinitions/:name`, { action: `${AUTHORIZATION}/roleDefinitions/delete`, scope: scopeOf, handle: (call) => {
    const found = definitions.get(call.params['name']!);
    if (!found) return noContent;
    if (found.properties.type === 'BuiltInRole') throw new Fault(403, 'RoleDefinitionDeleteNotAllowed', 'Built-in roles cannot be deleted.');
    if (assignments.truth().some(({ properties }) => properties.roleDefinitionId.endsWith(found.name))) throw new Fault(400, 'RoleDefinitionHasAssignments', 'There are existing role assignments referencing role.');
    definitions.remove(found.name);
    return ok(found);
  } });

  // PIM for Azure resources: who may activate a role at a scope.
  type Eligible = { id: string; name: string; type: string; properties: Json & { principalId: string; scope: string; roleDefinitionId: string } };
  const eligible = sim.shelf<Eligible>('armEligible');
  for (const name of ['roleEligibilityScheduleInstances', 'roleEligibilitySchedules']) arm(making, 'GET', `${at}/${name}`, { action: `${AUTHORIZATION}/${name}/read`, scope: scopeOf, handle: (call) => armList(call, filtered(call, eligible.list())) });
  arm(making, 'PUT', `${at}/roleEligibilityScheduleRequests/:name`, { action: `${AUTHORIZATION}/roleEligibilityScheduleRequests/write`, scope: scopeOf, handle: (call) => {
    const properties = (call.body['properties'] ?? {}) as Json;
    const found = eligible.truth().find((one) => one.properties.principalId === properties['principalId'] && one.properties.scope === scopeOf(call) && one.properties.roleDefinitionId.split('/').pop() === String(properties['roleDefinitionId']).split('/').pop());
    if (properties['requestType'] === 'AdminRemove') {
      if (!found) throw new Fault(400, 'RoleAssignmentDoesNotExist', 'The Role assignment does not exist.');
      eligible.remove(found.id);
    } else if (properties['requestType'] === 'AdminAssign') {
      const id = `${scopeOf(call)}/providers/${AUTHORIZATION}/roleEligibilityScheduleInstances/${newId()}`;
      eligible.put(id, { id, name: id.split('/').pop()!, type: `${AUTHORIZATION}/roleEligibilityScheduleInstances`, properties: { principalId: String(properties['principalId']), roleDefinitionId: String(properties['roleDefinitionId']), scope: scopeOf(call), principalType: 'User', memberType: 'Direct', status: 'Provisioned', startDateTime: sim.iso(), endDateTime: null, createdOn: sim.iso() } });
    } else {
      throw new Fault(400, 'InvalidRequestType', `The sandbox does not know ${String(properties['requestType'])}.`);
    }
    return ok({ id: decodeURIComponent(call.url.pathname), name: call.params['name'], type: `${AUTHORIZATION}/roleEligibilityScheduleRequests`, properties: { ...properties, scope: scopeOf(call), status: properties['requestType'] === 'AdminRemove' ? 'Revoked' : 'Provisioned' } }, 201);
  } });

  making.router.add({ surface: 'arm', method: 'POST', pattern: `/providers/${AUTHORIZATION}/elevateAccess`, needs: [], handle: (call) => {
    if (call.caller.kind !== 'user' || !rolesOf(sim, call.caller.id).includes(roleTemplates['Global Administrator'])) throw new Fault(403, 'AuthorizationFailed', 'Only a Global Administrator can elevate their access.');
    assign(sim, call.caller.id, 'User', builtIn['User Access Administrator']!.id, '/');
    recordActivity(sim, call, `${AUTHORIZATION}/elevateAccess/action`, '/', 200);
    return ok(undefined);
  } });
}
