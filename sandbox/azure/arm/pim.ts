import type { RoleAssignmentScheduleInstance, RoleAssignmentScheduleRequest } from '@azure/arm-authorization';
import type { Making } from '../graph/routes';
import { objectOf } from '../graph/objects';
import { ok, Fault, type Call, type Json } from '../protocol/types';
import { groupsOf } from '../state/membership';
import { spanOf, type Assignments, type PimRequest } from '../state/pim';
import { assign } from '../world/estate';
import type { RoleAssignment } from './access';
import { AUTHORIZATION, related, scopeOf } from './authorization';
import { arm, armList } from './routes';

const TYPES: Record<string, string> = { AdminAssign: 'adminAssign', AdminUpdate: 'adminUpdate', AdminRemove: 'adminRemove' };

/** PIM for Azure resources: active assignments that end, and the requests that make them. Source: ARM, roleAssignmentScheduleRequests and …Instances, 2020-10-01. */
export function armPimRoutes(making: Making): void {
  const { sim } = making;
  const assignments = sim.shelf<RoleAssignment>('armRoleAssignments');
  const at = `/:scope*/providers/${AUTHORIZATION}`;
  const role = (id: string): string => id.split('/').pop()!.toLowerCase();
  const on: Assignments = {
    find: (of) => assignments.truth().find(({ properties: one }) => one.principalId === of.principalId && role(one.roleDefinitionId) === of.roleDefinitionId && one.scope.toLowerCase() === of.scope.toLowerCase())?.id ?? null,
    put: (id, of) => void assign(sim, of.principalId, 'User', of.roleDefinitionId, of.scope, id.split('/').pop()!),
    remove: (id) => assignments.remove(id),
  };
  const schedules = (scope: string, name: string): string => `${scope === '/' ? '' : scope}/providers/${AUTHORIZATION}/roleAssignmentSchedules/${name}`;
  const instanceOf = (one: RoleAssignment, type: string) => {
    const span = sim.pim.spans.get(one.id);
    const time = (ms: number | null | undefined): string | null => (ms === null || ms === undefined ? null : sim.iso(ms));
    const properties: Record<keyof Pick<RoleAssignmentScheduleInstance, 'scope' | 'roleDefinitionId' | 'principalId' | 'principalType' | 'roleAssignmentScheduleId' | 'originRoleAssignmentId' | 'status' | 'startDateTime' | 'endDateTime' | 'assignmentType' | 'memberType' | 'createdOn'>, string | null> = {
      scope: one.properties.scope, roleDefinitionId: one.properties.roleDefinitionId, principalId: one.properties.principalId, principalType: one.properties.principalType, createdOn: one.properties.createdOn,
      roleAssignmentScheduleId: schedules(one.properties.scope, (span?.schedule ?? one.name).split('/').pop()!), originRoleAssignmentId: one.id, status: 'Provisioned', startDateTime: time(span?.from), endDateTime: time(span?.until),
      assignmentType: span?.activated ? 'Activated' : 'Assigned', memberType: 'Direct',
    };
    return { id: `${one.properties.scope}/providers/${AUTHORIZATION}/${type}/${one.name}`, name: one.name, type: `${AUTHORIZATION}/${type}`, properties };
  };
  /** `principalId eq` is the person alone, `assignedTo` through groups too. */
  const whose = (call: Call): ((id: string) => boolean) => {
    const filter = call.query.get('$filter') ?? '';
    const [, how, id] = /^(principalId eq |assignedTo\()'([^']*)'\)?$/i.exec(filter) ?? [];
    if (!id) {
      if (filter !== '') throw new Fault(400, 'UnsupportedQuery', `The filter '${filter}' is not supported.`);
      return () => true;
    }
    const through = new Set([id, ...(/^assigned/i.test(how!) ? groupsOf(sim, id) : [])]);
    return (one) => through.has(one);
  };
  for (const type of ['roleAssignmentScheduleInstances', 'roleAssignmentSchedules']) {
    arm(making, 'GET', `${at}/${type}`, { action: `${AUTHORIZATION}/${type}/read`, scope: scopeOf, handle: (call) => {
      const is = whose(call);
      return armList(call, assignments.list().filter(({ properties }) => related(properties.scope, scopeOf(call), false) && is(properties.principalId)).map((one) => instanceOf(one, type)));
    } });
  }

  const requests = `${at}/roleAssignmentScheduleRequests`;
  const shown = (one: PimRequest): Json => {
    const properties: { [K in keyof Omit<RoleAssignmentScheduleRequest, 'id' | 'name' | 'type'>]?: unknown } = {
      ...one.body, scope: one.scope, status: one.status, createdOn: sim.iso(one.at), targetRoleAssignmentScheduleId: schedules(one.scope, one.schedule.split('/').pop()!), approvalId: one.status === 'PendingApproval' ? one.id : null,
    };
    return { id: one.id, name: one.id.split('/').pop(), type: `${AUTHORIZATION}/roleAssignmentScheduleRequests`, properties };
  };
  const idOf = (call: Call): string => `${scopeOf(call)}/providers/${AUTHORIZATION}/roleAssignmentScheduleRequests/${call.params['name']}`;
  const reading = { action: `${AUTHORIZATION}/roleAssignmentScheduleRequests/read`, scope: scopeOf };
  arm(making, 'GET', requests, { ...reading, handle: (call) => {
    const is = whose(call);
    return armList(call, sim.pim.requests().filter((one) => one.scope.startsWith('/subscriptions/') && related(one.scope, scopeOf(call), false) && is(one.principalId)).map(shown));
  } });
  arm(making, 'GET', `${requests}/:name`, { ...reading, handle: (call) => {
    const found = sim.pim.requests().find((one) => one.id === idOf(call));
    if (!found) throw new Fault(404, 'RoleAssignmentRequestNotFound', `The role assignment request '${call.params['name']}' is not found.`);
    return ok(shown(found));
  } });
  arm(making, 'POST', `${requests}/:name/cancel`, { action: `${AUTHORIZATION}/roleAssignmentScheduleRequests/cancel/action`, scope: scopeOf, handle: (call) => {
    sim.pim.cancel(idOf(call));
    return ok(undefined);
  } });
  arm(making, 'PUT', `${requests}/:name`, { action: `${AUTHORIZATION}/roleAssignmentScheduleRequests/write`, scope: scopeOf, handle: (call) => {
    const body = (call.body['properties'] ?? {}) as { principalId?: string; roleDefinitionId?: string; requestType?: string; justification?: string; scheduleInfo?: Parameters<typeof spanOf>[0] };
    const action = TYPES[body.requestType ?? ''];
    if (!action) throw new Fault(400, 'InvalidRequestType', `The sandbox does not know ${String(body.requestType)}.`);
    if (!body.principalId || !objectOf(sim, body.principalId, true)) throw new Fault(400, 'SubjectNotFound', 'The subject is not found.');
    const roleDefinitionId = role(body.roleDefinitionId ?? '');
    if (!sim.shelf('armRoleDefinitions').get(roleDefinitionId)) throw new Fault(400, 'RoleDefinitionDoesNotExist', `The specified role definition with ID '${roleDefinitionId}' does not exist.`);
    return ok(shown(sim.pim.submit({ id: idOf(call), action, principalId: body.principalId, roleDefinitionId, scope: scopeOf(call), justification: body.justification ?? '', durationMs: spanOf(body.scheduleInfo, sim.now()), body }, on)), 201);
  } });
}
