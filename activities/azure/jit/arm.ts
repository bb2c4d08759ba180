import { randomUUID } from 'node:crypto';
import type { RoleAssignmentScheduleInstance, RoleAssignmentScheduleRequest } from '@azure/arm-authorization';
import type { Entitlement, GrantOrder } from '../../../playbook/jit/model';
import { fail } from '../../boundary';
import { pages } from '../contain/arm';
import type { AzureContext } from '../context';
import { gone } from '../errors';
import type { Asked, Held, Pim } from './pim';

type AzureRole = Extract<Entitlement, { kind: 'azure-role' }>;

const OF = 'Microsoft.Authorization';
export const armPermissions = [
  `${OF}/roleDefinitions/read`, `${OF}/roleAssignmentScheduleInstances/read`, `${OF}/roleAssignmentScheduleRequests/read`, `${OF}/roleAssignmentScheduleRequests/write`,
  `${OF}/roleAssignmentScheduleRequests/cancel/action`, `${OF}/roleAssignments/delete`,
  // Why a person’s sessions may not be ended: their own directory roles.
  'RoleManagement.Read.Directory',
] as const;

const lastOf = (id: string | undefined): string => (id ?? '').split('/').pop()!.toLowerCase();
const subscriptionOf = (scope: string): string => /^\/subscriptions\/([^/]+)/i.exec(scope)?.[1] ?? '';

/** PIM for Azure resources, for one person, role and scope (ARM: roleAssignmentScheduleRequests, 2020-10-01). */
export function armPim(ctx: AzureContext, order: GrantOrder, principal: string): Pim {
  const { account, roleDefinitionId, roleName, scope } = order.entitlement as AzureRole;
  const { roleAssignments, roleAssignmentScheduleInstances: instances, roleAssignmentScheduleRequests: requests } = ctx.access.arm(account, subscriptionOf(scope)).authorization;
  const isRole = (one: { roleDefinitionId?: string }): boolean => lastOf(one.roleDefinitionId) === roleDefinitionId;
  const here = (at: string | undefined): boolean => at?.toLowerCase() === scope.toLowerCase();
  const above = (at: string | undefined): boolean => at === '/' || scope.toLowerCase().startsWith(`${(at ?? '').toLowerCase()}/`) || /managementGroups/i.test(at ?? '');
  return {
    what: `role ${roleName} on ${scope}`,
    held: async () => (await pages<RoleAssignmentScheduleInstance>(instances.listForScope(scope, { filter: `principalId eq '${principal}'` }))).filter((one) => isRole(one) && here(one.scope)).map(heldOf),
    wider: async () => (await pages<RoleAssignmentScheduleInstance>(instances.listForScope(scope, { filter: `assignedTo('${principal}')` }))).some((one) => isRole(one) && (above(one.scope) || (here(one.scope) && one.principalId !== principal))),
    asked: async () => (await pages<RoleAssignmentScheduleRequest>(requests.listForScope(scope, { filter: `principalId eq '${principal}'` }))).filter((one) => isRole(one) && here(one.scope)).map(askedOf),
    ask: async (wish, justification, held) => askedOf(await requests.create(scope, randomUUID(), {
      principalId: principal, roleDefinitionId: `/subscriptions/${subscriptionOf(scope)}/providers/${OF}/roleDefinitions/${roleDefinitionId}`, justification,
      requestType: ({ assign: 'AdminAssign', update: 'AdminUpdate', remove: 'AdminRemove' } as const)[wish.action], ticketInfo: { ticketNumber: order.grant, ticketSystem: 'Tourniquet' },
      ...(held && { targetRoleAssignmentScheduleId: `${scope}/providers/${OF}/roleAssignmentSchedules/${held.schedule}` }),
      ...(wish.action !== 'remove' && { scheduleInfo: { startDateTime: ctx.now(), expiration: { type: 'AfterDuration', duration: `PT${wish.minutes}M` } } }),
    })),
    read: async (name) => askedOf(await requests.get(scope, name)),
    cancel: (name) => requests.cancel(scope, name),
    drop: (origin) => gone(roleAssignments.deleteById(origin)),
  };
}

/** What the approver read is what the role is called. Throws INVALID_CONFIG. */
export async function checkAzureRole(ctx: Pick<AzureContext, 'access'>, { entitlement }: Pick<GrantOrder, 'entitlement'>): Promise<void> {
  const { account, roleDefinitionId, roleName, scope } = entitlement as AzureRole;
  const role = await ctx.access.arm(account, subscriptionOf(scope)).authorization.roleDefinitions.get(scope, roleDefinitionId);
  if (role.roleName?.toLowerCase() !== roleName.toLowerCase()) throw fail('INVALID_CONFIG', `${roleDefinitionId} is the role ${role.roleName ?? ''}, not ${roleName} (jit.roles)`);
}

const heldOf = (one: RoleAssignmentScheduleInstance): Held => ({ schedule: lastOf(one.roleAssignmentScheduleId), origin: one.originRoleAssignmentId ?? null, activated: one.assignmentType === 'Activated', until: one.endDateTime?.toISOString() ?? null });

const askedOf = (one: RoleAssignmentScheduleRequest): Asked => ({ id: one.name!, schedule: one.targetRoleAssignmentScheduleId ? lastOf(one.targetRoleAssignmentScheduleId) : null, status: one.status ?? '', justification: one.justification ?? '' });
