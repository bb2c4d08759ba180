import type { UnifiedRoleAssignment, UnifiedRoleAssignmentSchedule, UnifiedRoleAssignmentScheduleInstance, UnifiedRoleAssignmentScheduleRequest, UnifiedRoleEligibilitySchedule } from '@microsoft/microsoft-graph-types';
import { Fault, noContent, type Call } from '../protocol/types';
import { spanOf, type Assignments, type PimRequest, type Span } from '../state/pim';
import { newId } from '../state/sim';
import { itemAnswer, listAnswer, type ListRules } from './odata';
import { onlyFull } from './pim';
import { checkGiven, expandable, READ, ROLES, tellRole } from './roles';
import { graph, type Making } from './routes';

type Request = UnifiedRoleAssignmentScheduleRequest;
const WRITE = ['RoleAssignmentSchedule.ReadWrite.Directory', 'RoleManagement.ReadWrite.Directory'];
const ACTIVE_READ = ['RoleAssignmentSchedule.Read.Directory', ...READ, ...WRITE];
const filterable = ['id', 'principalId', 'roleDefinitionId', 'directoryScopeId', 'status', 'assignmentType', 'memberType', 'roleAssignmentScheduleId'];

/** PIM’s active assignments. Source: Graph, unifiedRoleAssignmentScheduleRequest, …Schedule, …ScheduleInstance. */
export function pimActiveRoutes(making: Making): void {
  const { sim } = making;
  const active = sim.shelf<UnifiedRoleAssignment>('roleAssignments');
  const eligible = sim.shelf<UnifiedRoleEligibilitySchedule>('roleEligibilitySchedules');
  const on: Assignments = {
    find: (of) => active.truth().find((one) => one.principalId === of.principalId && one.roleDefinitionId === of.roleDefinitionId && one.directoryScopeId === of.scope)?.id ?? null,
    put: (id, of) => void active.put(id, { id, principalId: of.principalId, roleDefinitionId: of.roleDefinitionId, directoryScopeId: of.scope }),
    remove: (id) => active.remove(id),
  };
  const rules = (what: string): ListRules => ({ context: `roleManagement/directory/${what}`, filterable, expand: expandable(sim) });
  const iso = (at: number | null | undefined): string | null => (at === null || at === undefined ? null : sim.iso(at));
  const span = (one: UnifiedRoleAssignment): Span | undefined => sim.pim.spans.get(one.id!);
  const shared = (one: UnifiedRoleAssignment) => ({ principalId: one.principalId, roleDefinitionId: one.roleDefinitionId, directoryScopeId: one.directoryScopeId, appScopeId: null, memberType: 'Direct', assignmentType: span(one)?.activated ? 'Activated' : 'Assigned' });
  const schedule = (one: UnifiedRoleAssignment): UnifiedRoleAssignmentSchedule => {
    const { schedule: id = one.id!, from = null, until = null } = span(one) ?? {};
    return { ...shared(one), id, createdDateTime: iso(from), createdUsing: from === null ? null : id, status: 'Provisioned', scheduleInfo: { startDateTime: iso(from), recurrence: null, expiration: { type: until === null ? 'noExpiration' : 'afterDateTime', endDateTime: iso(until), duration: null } } };
  };
  const instance = (one: UnifiedRoleAssignment): UnifiedRoleAssignmentScheduleInstance => ({
    ...shared(one), id: `${one.id!}-1`, startDateTime: iso(span(one)?.from), endDateTime: iso(span(one)?.until), roleAssignmentOriginId: one.id!, roleAssignmentScheduleId: span(one)?.schedule ?? one.id!,
  });
  graph(making, 'GET', `${ROLES}/roleAssignmentSchedules`, ACTIVE_READ, (call) => listAnswer(call, active.list().map(schedule), rules('roleAssignmentSchedules')));
  graph(making, 'GET', `${ROLES}/roleAssignmentScheduleInstances`, ACTIVE_READ, (call) => listAnswer(call, active.list().map(instance), rules('roleAssignmentScheduleInstances')));

  const requests = rules('roleAssignmentScheduleRequests');
  const shown = (one: PimRequest): Request => ({
    appScopeId: null, ticketInfo: { ticketNumber: null, ticketSystem: null }, ...(one.body as Request), id: one.id, status: one.status, justification: one.justification, targetScheduleId: one.schedule, createdDateTime: sim.iso(one.at),
    completedDateTime: one.status.startsWith('Pending') ? null : sim.iso(one.dueAt), approvalId: one.status === 'PendingApproval' ? one.id : null, customData: null, isValidationOnly: false,
  });
  const seen = (call: Call): Request | null => {
    const found = sim.pim.requests().find((one) => one.id === call.params['id']);
    return found ? shown(found) : null;
  };
  graph(making, 'GET', `${ROLES}/roleAssignmentScheduleRequests`, ACTIVE_READ, (call) => listAnswer(call, sim.pim.requests().filter((one) => !one.scope.startsWith('/subscriptions/')).map(shown), requests));
  graph(making, 'GET', `${ROLES}/roleAssignmentScheduleRequests/:id`, ACTIVE_READ, (call) => itemAnswer(call, seen(call), requests, call.params['id']!));
  graph(making, 'POST', `${ROLES}/roleAssignmentScheduleRequests/:id/cancel`, WRITE, (call) => {
    sim.pim.cancel(call.params['id']!);
    return noContent;
  });
  graph(making, 'POST', `${ROLES}/roleAssignmentScheduleRequests`, ['RoleAssignmentSchedule.Remove.Directory', ...WRITE], (call) => {
    const asked = call.body as Request;
    const { action, principalId, roleDefinitionId } = asked;
    if (!action || !principalId || !roleDefinitionId) throw new Fault(400, 'Request_BadRequest', 'action, principalId and roleDefinitionId are required.');
    const removing = action === 'adminRemove' || action === 'selfDeactivate';
    if (action === 'selfActivate') {
      if (call.caller.id !== principalId || !eligible.truth().some((one) => one.principalId === principalId && one.roleDefinitionId === roleDefinitionId && one.directoryScopeId === asked.directoryScopeId)) throw new Fault(400, 'RoleAssignmentRequestPolicyValidationFailed', 'The following policy rules failed: ["EligibilityRule"]');
    } else if (!removing) {
      onlyFull(sim, call, 'RoleAssignmentSchedule.ReadWrite.Directory');
      if (action !== 'adminAssign' && action !== 'adminUpdate') throw new Fault(400, 'InvalidAction', `The sandbox does not know the action ${String(action)}.`);
    }
    if (!removing) checkGiven(sim, call.body);
    const made = sim.pim.submit({ id: newId(), action, principalId, roleDefinitionId, scope: asked.directoryScopeId ?? '/', justification: asked.justification ?? '', durationMs: spanOf(asked.scheduleInfo ?? undefined, sim.now()), body: { ...asked, createdBy: { user: { id: call.caller.id } } } }, on);
    tellRole(sim, call, removing ? 'Remove member from role in PIM completed (permanent)' : action === 'selfActivate' ? 'Add member to role completed (PIM activation)' : `Add member to role in PIM completed (${made.durationMs === null ? 'permanent' : 'timebound'})`, asked);
    return itemAnswer(call, shown(made), requests, made.id, 201);
  });
}
