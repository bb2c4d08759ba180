import type { Group, UnifiedRoleAssignment, UnifiedRoleAssignmentSchedule, UnifiedRoleAssignmentScheduleInstance, UnifiedRoleEligibilitySchedule } from '@microsoft/microsoft-graph-types';
import type { Target } from '../../../playbook/model/plan';
import { codeOf, toFailure } from '../../boundary';
import type { AzureContext } from '../context';
import { roleGroupsOf } from '../directory';
import { classifyAzure, gone } from '../errors';
import { at, literal, type Graph } from '../graph';

const ROLES = '/roleManagement/directory';

/** One way in which a person has a directory role: all that is needed to give it back exactly. */
export interface DirectoryRole {
  how: 'active' | 'eligible' | 'group';
  role: string;
  name: string;
  /** Scope within the directory; `/` is all of it. */
  scope: string;
  /** ISO; null: PIM has no record of when it was given. */
  given: string | null;
  /** ISO; null: for good. */
  until: string | null;
  group: { id: string; name: string } | null;
}

type Named<T> = T & { roleDefinition?: { displayName?: string | null } | null };

/** Every directory role of a person that they have directly (active, eligible) or by a role-assignable group. Without PIM’s licence nobody is eligible. Activations are left out: PIM ends them. */
export async function directoryRolesOf(graph: Graph, user: string): Promise<DirectoryRole[]> {
  const filter = `principalId eq ${literal(user)}`;
  const [assigned, schedules, instances, eligible, groups] = await Promise.all([
    graph.list<Named<UnifiedRoleAssignment>>(`${ROLES}/roleAssignments`, { filter, expand: 'roleDefinition' }),
    licensed(graph.list<UnifiedRoleAssignmentSchedule>(`${ROLES}/roleAssignmentSchedules`, { filter })),
    licensed(graph.list<UnifiedRoleAssignmentScheduleInstance>(`${ROLES}/roleAssignmentScheduleInstances`, { filter })),
    licensed(graph.list<Named<UnifiedRoleEligibilitySchedule>>(`${ROLES}/roleEligibilitySchedules`, { filter, expand: 'roleDefinition' })),
    roleGroupsOf(graph, 'user', user),
  ]);
  const active = assigned.flatMap((one): DirectoryRole[] => {
    const instance = instances.find((other) => other.roleAssignmentOriginId === one.id);
    if (instance?.assignmentType === 'Activated') return [];
    const schedule = schedules.find((other) => other.id === instance?.roleAssignmentScheduleId);
    return [{ ...shared(one), how: 'active', given: schedule?.createdDateTime ?? null, until: instance?.endDateTime ?? null, group: null }];
  });
  const may = eligible.filter((one) => one.memberType === 'Direct').map((one): DirectoryRole => ({ ...shared(one), how: 'eligible', given: one.createdDateTime ?? null, until: one.scheduleInfo?.expiration?.endDateTime ?? null, group: null }));
  const through = await Promise.all(groups.map((group) => byGroup(graph, group)));
  return [...active, ...may, ...through.flat()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

const shared = (one: Named<UnifiedRoleAssignment | UnifiedRoleEligibilitySchedule>): Pick<DirectoryRole, 'role' | 'name' | 'scope'> => ({ role: one.roleDefinitionId ?? '', name: one.roleDefinition?.displayName ?? one.roleDefinitionId ?? '', scope: one.directoryScopeId ?? '/' });

async function byGroup(graph: Graph, { id = '', displayName }: Group): Promise<DirectoryRole[]> {
  const held = await graph.list<Named<UnifiedRoleAssignment>>(`${ROLES}/roleAssignments`, { filter: `principalId eq ${literal(id)}`, expand: 'roleDefinition' });
  return held.map((one) => ({ ...shared(one), how: 'group', given: null, until: null, group: { id, name: displayName ?? id } }));
}

/** An answer that wants a licence the tenant has not bought: nothing of the kind can be there. */
export async function licensed<T>(list: Promise<T[]>): Promise<T[]> {
  try {
    return await list;
  } catch (error) {
    if (codeOf(toFailure(error, classifyAzure)) === 'NOT_SUPPORTED') return [];
    throw error;
  }
}

/** What tells one from another; when it was given may be learnt later. */
export const keyOf = ({ how, role, scope, group, until }: DirectoryRole): string => [how, group?.id ?? '', role, scope, until ?? ''].join(' ');

export const describe = ({ how, name, scope, group, until }: DirectoryRole): string =>
  `${how === 'eligible' ? 'the eligibility for ' : ''}${name}${scope === '/' ? '' : ` in ${scope}`}${group ? ` (membership of ${group.name})` : ''}${until ? ` until ${until}` : ''}`;

const request = (ctx: AzureContext, target: Target, one: DirectoryRole, action: 'adminAssign' | 'adminRemove') => ({
  action, principalId: target.id, roleDefinitionId: one.role, directoryScopeId: one.scope, justification: `Tourniquet permission audit ${ctx.incident}`,
});

/** Takes one away; gone already is taken. */
export async function takeRole(ctx: AzureContext, target: Target, one: DirectoryRole): Promise<void> {
  const graph = ctx.access.graph(target.account);
  if (one.how === 'group') return gone(graph.delete(`${at`/groups/${one.group!.id}/members/${target.id}`}/$ref`));
  if (one.how === 'eligible') return gone(graph.post(`${ROLES}/roleEligibilityScheduleRequests`, request(ctx, target, one, 'adminRemove')));
  if (one.until !== null) return gone(graph.post(`${ROLES}/roleAssignmentScheduleRequests`, request(ctx, target, one, 'adminRemove')));
  const held = await graph.list<UnifiedRoleAssignment>(`${ROLES}/roleAssignments`, { filter: `principalId eq ${literal(target.id)}` });
  const found = held.find((other) => other.roleDefinitionId === one.role && (other.directoryScopeId ?? '/') === one.scope);
  if (found?.id) await gone(graph.delete(at`/roleManagement/directory/roleAssignments/${found.id}`));
}

/** Gives one back as it was: the same scope, the same end. */
export async function giveRole(ctx: AzureContext, target: Target, one: DirectoryRole): Promise<void> {
  const graph = ctx.access.graph(target.account);
  const { graph: endpoint } = ctx.access.config.endpoints;
  if (one.how === 'group') return void (await graph.post(`${at`/groups/${one.group!.id}/members`}/$ref`, { '@odata.id': `${endpoint}/v1.0/directoryObjects/${target.id}` }));
  if (one.how === 'active' && one.until === null) return void (await graph.post(`${ROLES}/roleAssignments`, { principalId: target.id, roleDefinitionId: one.role, directoryScopeId: one.scope }));
  const expiration = one.until === null ? { type: 'noExpiration' } : { type: 'afterDateTime', endDateTime: one.until };
  await graph.post(`${ROLES}/role${one.how === 'eligible' ? 'Eligibility' : 'Assignment'}ScheduleRequests`, { ...request(ctx, target, one, 'adminAssign'), scheduleInfo: { startDateTime: ctx.now().toISOString(), expiration } });
}
