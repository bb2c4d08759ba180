import type { AppRoleAssignment, Application, ServicePrincipal, UnifiedRoleAssignment, UnifiedRoleEligibilitySchedule, User } from '@microsoft/microsoft-graph-types';
import { planProposals } from '../../activities/actions';
import { azureAudit, azureAuditActions } from '../../activities/azure/audit';
import type { AzureContext } from '../../activities/azure/context';
import { classifyAzure } from '../../activities/azure/errors';
import type { Judgement, Observation, Subject } from '../../playbook/permission-audit/model';
import type { Refusal, Step } from '../../playbook/model/plan';
import { judge } from '../../playbook/permission-audit/rules';
import type { RoleAssignment } from '../../sandbox/azure/arm/access';
import { builtIn } from '../../sandbox/azure/arm/access';
import { roleTemplates, type RoleName } from '../../sandbox/azure/graph/roles-data';
import type { SeenBefore } from '../../sandbox/azure/graph/sign-in-activity';
import { addUser } from '../../sandbox/azure/graph/users';
import { linkId, type Link } from '../../sandbox/azure/state/membership';
import { newId } from '../../sandbox/azure/state/sim';
import { addApplication, addSecret, grantPermissions } from '../../sandbox/azure/world/applications';
import { giveDirectoryRole } from '../../sandbox/azure/world/directory';
import { assign } from '../../sandbox/azure/world/estate';
import type { Bed } from '../azure-contain/bed';

export const DAY = 86_400_000;
export const WINDOW = 90 * DAY;
let serial = 0;
const fresh = (stem: string): string => `${stem}-${(serial += 1)}`;

export const actionOf = (id: string) => azureAuditActions.find((one) => one.id === id)!;
export const withReport = (bed: Bed): AzureContext => bed.context({ config: { betaReports: ['servicePrincipalSignInActivities'] } });

/** A person, 400 days old; with the password they can sign in. */
export function person({ azure }: Bed, more: Partial<User> = {}): { id: string; upn: string; password: string } {
  const name = fresh('old-hand');
  const upn = `${name}@${azure.world.domain}`;
  const password = `Long-enough-${name}!`;
  const user = addUser(azure.sim, { displayName: name, createdDateTime: azure.sim.iso(azure.sim.now() - 400 * DAY), ...more, userPrincipalName: upn }, password);
  return { id: user.id!, upn, password };
}

export const give = ({ azure }: Bed, id: string, role: RoleName): UnifiedRoleAssignment => giveDirectoryRole(azure.sim, id, role);

export function makeEligible({ azure: { sim } }: Bed, principalId: string, role: RoleName, daysAgo: number, endDateTime: string | null = null): void {
  const id = newId();
  const from = sim.iso(sim.now() - daysAgo * DAY);
  sim.shelf<UnifiedRoleEligibilitySchedule>('roleEligibilitySchedules').put(id, {
    id, principalId, roleDefinitionId: roleTemplates[role], directoryScopeId: '/', appScopeId: null, createdUsing: id, createdDateTime: from, modifiedDateTime: null, status: 'Provisioned', memberType: 'Direct',
    scheduleInfo: { startDateTime: from, recurrence: null, expiration: { type: endDateTime === null ? 'noExpiration' : 'afterDateTime', endDateTime, duration: null } },
  });
}

export function join({ azure: { sim } }: Bed, group: string, member: string): void {
  const id = linkId(group, member);
  sim.shelf<Link>('members').put(id, { id, from: group, to: member });
}

/** An Azure role of a person at production, given so many days ago. */
export function azureRole({ azure, tenant }: Bed, of: { id: string; upn: string }, daysAgo = 200, more: Partial<RoleAssignment['properties']> = {}): Subject {
  const made = assign(azure.sim, of.id, 'User', builtIn['Reader']!.id, `/subscriptions/${azure.world.estate.production}`);
  azure.sim.shelf<RoleAssignment>('armRoleAssignments').put(made.id, { ...made, properties: { ...made.properties, createdOn: azure.sim.iso(azure.sim.now() - daysAgo * DAY), ...more } });
  return { provider: 'azure', account: tenant, kind: 'user', id: of.id, name: of.upn };
}

export interface OldApp { subject: Subject; application: Application; principal: ServicePrincipal; secret: string }

/** An application of the tenant's own with a secret and a permission, all 400 days old. */
export function application({ azure: { sim }, tenant }: Bed, more: { application?: Partial<Application>; principal?: Partial<ServicePrincipal> } = {}): OldApp {
  const name = fresh('old-app');
  const then = sim.iso(sim.now() - 400 * DAY);
  const { application: app, principal } = addApplication(sim, name, { createdDateTime: then, ...more.application });
  const { secret } = addSecret(sim, 'applications', app.id!, 'first');
  sim.shelf<ServicePrincipal>('servicePrincipals').put(principal.id!, { ...principal, ...more.principal });
  grantPermissions(sim, principal.id!, ['User.Read.All']);
  const given = sim.shelf<AppRoleAssignment>('appRoleAssignments');
  for (const one of given.truth()) if (one.principalId === principal.id) given.put(one.id!, { ...one, createdDateTime: then });
  return { subject: { provider: 'azure', account: tenant, kind: 'service-principal', id: principal.id!, name }, application: app, principal, secret };
}

/** What Entra's report had of somebody before, in days ago. */
export function seenBefore({ azure: { sim } }: Bed, id: string, { success, attempt }: { success?: number; attempt?: number }): void {
  const ago = (days: number | undefined): string | null => (days === undefined ? null : sim.iso(sim.now() - days * DAY));
  sim.shelf<SeenBefore>('signInActivity').put(id, { id, lastSignInDateTime: ago(attempt ?? success), lastNonInteractiveSignInDateTime: null, lastSuccessfulSignInDateTime: ago(success) });
}

export const userSubject = ({ tenant }: Bed, { id, upn }: { id: string; upn: string }): Subject => ({ provider: 'azure', account: tenant, kind: 'user', id, name: upn });

export const look = (ctx: AzureContext, subject: Subject, windowMs = WINDOW): Promise<Observation> => azureAudit.look(ctx, subject, { from: new Date(Date.now() - windowMs), to: new Date() });
export const judged = async (ctx: AzureContext, subject: Subject, windowMs = WINDOW): Promise<Judgement> => judge(await look(ctx, subject, windowMs), { windowMs, unusedShare: 0.5 }, Date.now());

/** Both steps of a removal, or why they were refused. */
export async function planned(ctx: AzureContext, subject: Subject, windowMs = WINDOW): Promise<{ steps: Step[]; refused: Refusal[] }> {
  return planProposals(azureAuditActions, ctx, azureAudit.propose(subject, 'removal', windowMs, 'unused'), classifyAzure);
}
