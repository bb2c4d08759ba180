import type { RoleAssignment } from '@azure/arm-authorization';
import type { Application, DirectoryObject, Group, ServicePrincipal, UnifiedRoleAssignment, UnifiedRoleEligibilitySchedule, User } from '@microsoft/microsoft-graph-types';
import type { Subject } from '../../../playbook/permission-audit/model';
import type { AuditProviderActivities } from '../../contract-audit';
import { each } from '../../check';
import { pages } from '../contain/arm';
import type { AzureContext } from '../context';
import { at, literal } from '../graph';
import { protectedBy } from '../protect';
import { readUser } from './exempt';
import { licensed } from './roles';

export const listPermissions = ['RoleManagement.Read.Directory', 'GroupMember.Read.All', 'User.Read.All', 'Application.Read.All', 'Microsoft.Authorization/roleAssignments/read'] as const;

const PAGE = 100;
type Listing = Awaited<ReturnType<AuditProviderActivities['list']>>;
type Holder = DirectoryObject & { '@odata.type'?: string; displayName?: string | null; appId?: string | null; userPrincipalName?: string | null };
type Held = (UnifiedRoleAssignment | UnifiedRoleEligibilitySchedule) & { principal?: Holder | null };

/**
 * One page of a tenant's candidates: who holds directory roles (active, eligible, by a role-assignable group), then of Azure roles in each configured subscription, then the tenant's own applications.
 * `next`: `directory:<from>`, `azure:<subscription>:<from>`, `applications:<next link>`. Groups are never candidates: their members are, where a group gives them directory roles.
 */
export async function listSubjects(ctx: AzureContext, { account, next }: Parameters<AuditProviderActivities['list']>[0]): Promise<Listing> {
  const [what = '', ...rest] = (next ?? 'directory:0').split(':');
  const page = what === 'directory' ? await holders(ctx, account, Number(rest[0])) : what === 'azure' ? await azureRoles(ctx, account, Number(rest[0]), Number(rest[1])) : await applications(ctx, account, rest.join(':') || null);
  const subjects = [...new Map(page.subjects.map((one) => [`${one.kind} ${one.id}`, one])).values()];
  return { ...page, subjects: subjects.filter((one) => protectedBy(ctx.access.config, one.id, one.name) === null) };
}

const slice = <T>(all: readonly T[], from: number, stage: string, then: string): { some: T[]; next: string } => ({ some: all.slice(from, from + PAGE), next: from + PAGE < all.length ? `${stage}:${from + PAGE}` : then });
const user = (account: string, id: string, name: string): Subject => ({ provider: 'azure', account, kind: 'user', id, name });
/** None for an application that is protected by its application id, as Tourniquet's own is. */
const application = (ctx: AzureContext, account: string, { id, appId, displayName }: Pick<ServicePrincipal, 'id' | 'appId' | 'displayName'>): Subject[] =>
  (protectedBy(ctx.access.config, appId ?? '') ? [] : [{ provider: 'azure', account, kind: 'service-principal', id: id!, name: displayName ?? id! }]);

async function holders(ctx: AzureContext, account: string, from: number): Promise<Listing> {
  const graph = ctx.access.graph(account);
  const roles = '/roleManagement/directory';
  const [active, eligible] = await Promise.all([graph.list<Held>(`${roles}/roleAssignments`, { expand: 'principal' }), licensed(graph.list<Held>(`${roles}/roleEligibilitySchedules`, { expand: 'principal' }))]);
  const all = new Map([...active, ...eligible].flatMap(({ principal }): [string, Holder][] => (principal?.id ? [[principal.id, principal]] : [])));
  const { some, next } = slice([...all.values()].sort((a, b) => (a.id! < b.id! ? -1 : 1)), from, 'directory', 'azure:0:0');
  const found = await each(some, 4, async (one): Promise<Subject[]> => {
    const type = one['@odata.type']?.split('.').pop();
    if (type === 'user') return [user(account, one.id!, one.userPrincipalName ?? one.id!)];
    if (type === 'servicePrincipal') return application(ctx, account, one);
    if (type !== 'group') return [];
    const group = await graph.get<Group>(at`/groups/${one.id!}`, { select: 'id,isAssignableToRole' });
    // Only such a group gives directory roles; it is never synchronised (Entra: “Use groups to manage role assignments”).
    return group.isAssignableToRole !== true ? [] : (await graph.list<User>(at`/groups/${one.id!}/members/microsoft.graph.user`)).map((member) => user(account, member.id!, member.userPrincipalName ?? member.id!));
  });
  return { subjects: found.flat(), next };
}

async function azureRoles(ctx: AzureContext, account: string, index: number, from: number): Promise<Listing> {
  const subscription = ctx.access.subscriptions(account)[index];
  if (subscription === undefined) return { subjects: [], next: 'applications:' };
  const { roleAssignments } = ctx.access.arm(account, subscription).authorization;
  // What is inherited from above shows in every subscription: it belongs to the first.
  const own = (one: RoleAssignment): boolean => /^\/subscriptions\//i.test(one.scope ?? '') || index === 0;
  const all = (await pages<RoleAssignment>(roleAssignments.listForSubscription())).filter(own).sort((a, b) => (a.id! < b.id! ? -1 : 1));
  const { some, next } = slice(all, from, `azure:${index}`, `azure:${index + 1}:0`);
  const found = await each(some, 4, async (one): Promise<Subject[]> => {
    const principal = one.principalId ?? '';
    if (one.principalType === 'ServicePrincipal') return application(ctx, account, (await servicePrincipal(ctx, account, principal)) ?? { id: principal });
    if (one.principalType !== 'User') return [];
    const person = await readUser(ctx, account, principal);
    return person ? [user(account, principal, person.userPrincipalName ?? principal)] : [];
  });
  return { subjects: found.flat(), next };
}

const servicePrincipal = async (ctx: AzureContext, account: string, id: string): Promise<ServicePrincipal | undefined> => (await ctx.access.graph(account).list<ServicePrincipal>('/servicePrincipals', { filter: `id eq ${literal(id)}`, select: 'id,appId,displayName' }))[0];

/** The tenant's own registrations whose service principal holds permissions of applications. */
async function applications(ctx: AzureContext, account: string, from: string | null): Promise<Listing> {
  const graph = ctx.access.graph(account);
  const { items, next } = await graph.page<Application>('/applications', { select: 'id,appId,displayName', top: PAGE }, from);
  const found = await each(items, 4, async ({ appId }): Promise<Subject[]> => {
    const [principal] = await graph.list<ServicePrincipal>('/servicePrincipals', { filter: `appId eq ${literal(appId ?? '')}`, select: 'id,appId,displayName' });
    if (!principal?.id) return [];
    const { items: given } = await graph.page<object>(at`/servicePrincipals/${principal.id}/appRoleAssignments`, { top: 1 }, null);
    return given.length > 0 ? application(ctx, account, principal) : [];
  });
  return { subjects: found.flat(), next: next === null ? null : `applications:${next}` };
}
