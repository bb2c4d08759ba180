import type { UnifiedRoleAssignmentScheduleRequest, UnifiedRoleEligibilitySchedule } from '@microsoft/microsoft-graph-types';
import { Fault, type Answer, type Call } from '../protocol/types';
import { rolesOf } from '../state/membership';
import { newId, type Sim } from '../state/sim';
import { roleTemplates } from './roles-data';
import { listAnswer, itemAnswer, type ListRules } from './odata';
import { checkGiven, expandable, READ, ROLES, tellRole } from './roles';
import { graph, type Making } from './routes';

type Request = UnifiedRoleAssignmentScheduleRequest;
const ELIGIBLE_READ = ['RoleEligibilitySchedule.Read.Directory', 'RoleEligibilitySchedule.ReadWrite.Directory', ...READ];
const filterable = ['principalId', 'roleDefinitionId', 'directoryScopeId', 'status', 'assignmentType', 'memberType'];

const removed = (): Fault => new Fault(404, 'RoleAssignmentDoesNotExist', 'The Role assignment does not exist.');
const exists = (): Fault => new Fault(400, 'RoleAssignmentExists', 'The Role assignment already exists.');

/** Privileged Identity Management: who may make themselves holder of a role. Source: Graph “PIM for Microsoft Entra roles”. */
export function pimRoutes(making: Making): void {
  const { sim } = making;
  const eligible = sim.shelf<UnifiedRoleEligibilitySchedule>('roleEligibilitySchedules');
  const rules = (what: string): ListRules => ({ context: `roleManagement/directory/${what}`, filterable, expand: expandable(sim) });
  const instance = (one: object & { id?: string }) => ({ ...one, startDateTime: null, endDateTime: null, roleAssignmentScheduleId: one.id, roleEligibilityScheduleId: one.id });
  for (const name of ['roleEligibilitySchedules', 'roleEligibilityScheduleInstances']) graph(making, 'GET', `${ROLES}/${name}`, ELIGIBLE_READ, (call) => listAnswer(call, eligible.list().map((one) => (name.endsWith('Instances') ? instance(one) : one)), rules(name)));

  graph(making, 'POST', `${ROLES}/roleEligibilityScheduleRequests`, ['RoleEligibilitySchedule.Remove.Directory', 'RoleEligibilitySchedule.ReadWrite.Directory', 'RoleManagement.ReadWrite.Directory'], (call) => {
    const asked = request(call);
    const found = eligible.truth().find((one) => same(one, asked));
    if (asked.action === 'adminRemove') {
      if (!found) throw removed();
      eligible.remove(found.id!);
      tellRole(sim, call, 'Remove eligible member from role in PIM completed (permanent)', asked);
      return answer(call, asked, 'roleEligibilityScheduleRequests', 'Revoked', found.id!);
    }
    onlyFull(sim, call, 'RoleEligibilitySchedule.ReadWrite.Directory');
    if (asked.action !== 'adminAssign') throw new Fault(400, 'InvalidAction', `The sandbox does not know the action ${String(asked.action)}.`);
    checkGiven(sim, call.body);
    if (found) throw exists();
    const id = newId();
    eligible.put(id, { id, principalId: asked.principalId, roleDefinitionId: asked.roleDefinitionId, directoryScopeId: asked.directoryScopeId, appScopeId: null, createdUsing: id, createdDateTime: sim.iso(), modifiedDateTime: null, status: 'Provisioned', memberType: 'Direct', scheduleInfo: asked.scheduleInfo });
    tellRole(sim, call, 'Add eligible member to role in PIM completed (permanent)', asked);
    return answer(call, asked, 'roleEligibilityScheduleRequests', 'Provisioned', id);
  });

  const same = (one: { principalId?: string | null; roleDefinitionId?: string | null; directoryScopeId?: string | null }, asked: Request): boolean => one.principalId === asked.principalId && one.roleDefinitionId === asked.roleDefinitionId && one.directoryScopeId === asked.directoryScopeId;
  const answer = (call: Call, asked: Request, what: string, status: string, target: string): Answer => {
    const id = newId();
    return itemAnswer(call, { id, status, createdDateTime: sim.iso(), completedDateTime: sim.iso(), approvalId: null, customData: null, createdBy: { user: { id: call.caller.id } }, targetScheduleId: target, isValidationOnly: false, ...asked }, rules(what), id, 201);
  };
}

function request(call: Call): Request {
  const asked = call.body as Request;
  if (!asked.action || !asked.principalId || !asked.roleDefinitionId) throw new Fault(400, 'Request_BadRequest', 'action, principalId and roleDefinitionId are required.');
  return asked;
}

/** The `…Remove.Directory` permissions only remove. */
export function onlyFull(sim: Sim, { caller }: Call, needed: string): void {
  if (caller.kind === 'app' && !rolesOf(sim, caller.id).includes(roleTemplates['Global Administrator']) && !caller.roles.includes(needed) && !caller.roles.includes('RoleManagement.ReadWrite.Directory')) throw new Fault(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
}
