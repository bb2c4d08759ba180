import type { UnifiedRoleAssignmentScheduleInstance, UnifiedRoleAssignmentScheduleRequest, UnifiedRoleDefinition } from '@microsoft/microsoft-graph-types';
import type { Entitlement, GrantOrder } from '../../../playbook/jit/model';
import { fail } from '../../boundary';
import type { AzureContext } from '../context';
import { roleGroupsOf } from '../directory';
import { gone } from '../errors';
import { at, literal } from '../graph';
import type { Asked, Held, Pim, Wish } from './pim';

type EntraRole = Extract<Entitlement, { kind: 'entra-role' }>;

/** The plain delete of an assignment needs the widest, and that one covers PIM’s requests and reading too. */
export const entraPermissions = ['RoleManagement.ReadWrite.Directory'] as const;

const ROLES = '/roleManagement/directory';
const lower = (text: string | null | undefined): string => (text ?? '').toLowerCase();

/** PIM of the directory, for one person and role (Graph: roleAssignmentScheduleRequest, adminAssign with `afterDuration`, adminUpdate, adminRemove). */
export function entraPim(ctx: AzureContext, order: GrantOrder, principal: string): Pim {
  const { account, roleDefinitionId, roleName, directoryScopeId } = order.entitlement as EntraRole;
  const graph = ctx.access.graph(account);
  const instances = (of: string) => graph.list<UnifiedRoleAssignmentScheduleInstance>(`${ROLES}/roleAssignmentScheduleInstances`, { filter: `principalId eq ${literal(of)} and roleDefinitionId eq ${literal(roleDefinitionId)}` });
  const here = (scope: string | null | undefined): boolean => lower(scope) === lower(directoryScopeId);
  const covers = (scope: string | null | undefined): boolean => scope === '/' || here(scope);
  return {
    what: `role ${roleName}`,
    held: async () => (await instances(principal)).filter((one) => here(one.directoryScopeId)).map(heldOf),
    async wider() {
      const groups = await roleGroupsOf(graph, 'user', principal);
      const [own, theirs] = await Promise.all([instances(principal), Promise.all(groups.map((group) => instances(group.id!)))]);
      return own.some((one) => one.directoryScopeId === '/' && !here(one.directoryScopeId)) || theirs.flat().some((one) => covers(one.directoryScopeId));
    },
    asked: async () => (await graph.list<UnifiedRoleAssignmentScheduleRequest>(`${ROLES}/roleAssignmentScheduleRequests`, { filter: `principalId eq ${literal(principal)} and roleDefinitionId eq ${literal(roleDefinitionId)}` })).filter((one) => here(one.directoryScopeId)).map(askedOf),
    ask: async (wish, justification) => askedOf(await graph.post<UnifiedRoleAssignmentScheduleRequest>(`${ROLES}/roleAssignmentScheduleRequests`, {
      action: ({ assign: 'adminAssign', update: 'adminUpdate', remove: 'adminRemove' } as const)[wish.action], principalId: principal, roleDefinitionId, directoryScopeId, justification,
      ticketInfo: { ticketNumber: order.grant, ticketSystem: 'Tourniquet' }, ...scheduleOf(wish, ctx.now()),
    })),
    read: async (id) => askedOf(await graph.get<UnifiedRoleAssignmentScheduleRequest>(at`/roleManagement/directory/roleAssignmentScheduleRequests/${id}`)),
    cancel: async (id) => void (await graph.post(at`/roleManagement/directory/roleAssignmentScheduleRequests/${id}/cancel`)),
    drop: (origin) => gone(graph.delete(at`/roleManagement/directory/roleAssignments/${origin}`)),
  };
}

/** What the approver read is what the role is called. Throws INVALID_CONFIG. */
export async function checkEntraRole(ctx: Pick<AzureContext, 'access'>, { entitlement }: Pick<GrantOrder, 'entitlement'>): Promise<void> {
  const { account, roleDefinitionId, roleName } = entitlement as EntraRole;
  const role = await ctx.access.graph(account).get<UnifiedRoleDefinition>(at`/roleManagement/directory/roleDefinitions/${roleDefinitionId}`);
  if (lower(role.displayName) !== lower(roleName)) throw fail('INVALID_CONFIG', `${roleDefinitionId} is the role ${role.displayName ?? ''}, not ${roleName} (jit.roles)`);
}

function scheduleOf(wish: Wish, now: Date): object {
  return wish.action === 'remove' ? {} : { scheduleInfo: { startDateTime: now.toISOString(), expiration: { type: 'afterDuration', duration: `PT${wish.minutes}M` } } };
}

const heldOf = (one: UnifiedRoleAssignmentScheduleInstance): Held => ({ schedule: lower(one.roleAssignmentScheduleId), origin: one.roleAssignmentOriginId ?? null, activated: one.assignmentType === 'Activated', until: one.endDateTime ?? null });

const askedOf = (one: UnifiedRoleAssignmentScheduleRequest): Asked => ({ id: one.id!, schedule: one.targetScheduleId ? lower(one.targetScheduleId) : null, status: one.status ?? '', justification: one.justification ?? '' });
