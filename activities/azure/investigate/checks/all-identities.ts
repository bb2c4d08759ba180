import type { Application, ServicePrincipal, UnifiedRoleAssignment, User } from '@microsoft/microsoft-graph-types';
import type { Artifact } from '../../../../playbook/model/finding';
import { isAdminRole } from '../../directory';
import { createReader, defineCheck, LAG, plain, trailPermissions } from '../check';
import { trail } from '../trail';

type Assigned = UnifiedRoleAssignment & { roleDefinition?: { displayName?: string | null } | null };

/** 2.2.3: every user, role and application of the tenant: who administers it, what was made within the incident, guests, applications with new credentials or none of ours. */
export const allIdentities = defineCheck('2.2.3-all-identities', [...trailPermissions, 'User.Read.All', 'Application.Read.All', 'RoleManagement.Read.Directory', 'RoleEligibilitySchedule.Read.Directory'], async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const reader = createReader();
  const graph = ctx.access.graph(seen.tenant);
  const [users, applications, principals, active, eligible] = await Promise.all([
    reader.read('users', () => graph.list<User>('/users', { select: 'id,userPrincipalName,userType,accountEnabled,createdDateTime,onPremisesSyncEnabled' })),
    reader.read('applications', () => graph.list<Application>('/applications', { select: 'id,appId,displayName,createdDateTime,passwordCredentials,keyCredentials' })),
    reader.read('service principals', () => graph.list<ServicePrincipal>('/servicePrincipals', { select: 'id,appId,displayName,servicePrincipalType,appOwnerOrganizationId,passwordCredentials,keyCredentials' })),
    reader.read('role assignments', () => graph.list<Assigned>('/roleManagement/directory/roleAssignments', { expand: 'roleDefinition' })),
    reader.read('role eligibilities', () => graph.list<Assigned>('/roleManagement/directory/roleEligibilityScheduleInstances', { expand: 'roleDefinition' })),
  ]);
  const names = new Map([...(users ?? []).map((one) => [one.id ?? '', one.userPrincipalName ?? ''] as const), ...(principals ?? []).map((one) => [one.id ?? '', one.displayName ?? ''] as const)]);
  const known = new Set(seen.artifacts.map((one) => one.id.toLowerCase()));
  const within = (time: string | null | undefined): boolean => (time ?? '') >= seen.windowStart;
  const made = (kind: Artifact['kind'], id: string, name: string, at: string, details: Artifact['details'] = {}): Artifact => ({
    provider: 'azure', account: seen.tenant, region: null, kind, id, name, attribution: 'unattributed', how: 'created', events: [], details: { why: `made ${at}, within the incident, and not by a recorded act of the attacker`, exists: true, ...details },
  });
  const keys = [...(applications ?? []), ...(principals ?? [])].flatMap((holder) => [...(holder.passwordCredentials ?? []), ...(holder.keyCredentials ?? [])].filter((one) => within(one.startDateTime)).map((one) => ({ id: one.keyId ?? '', at: one.startDateTime ?? '', holder: holder.id ?? '', name: holder.displayName ?? '' })));
  const artifacts = [
    ...(users ?? []).filter((one) => within(one.createdDateTime)).map((one) => made('user', one.id ?? '', one.userPrincipalName ?? '', one.createdDateTime ?? '')),
    ...(applications ?? []).filter((one) => within(one.createdDateTime)).map((one) => made('service-principal', one.id ?? '', one.displayName ?? '', one.createdDateTime ?? '', { object: 'application' })),
    ...keys.map((one) => made('access-key', one.id, one.id, one.at, { principal: one.holder, principalName: one.name })),
  ].filter((one) => !known.has(one.id.toLowerCase()));
  const roles = [...(active ?? []).map((one) => ({ ...one, how: 'active' as const })), ...(eligible ?? []).map((one) => ({ ...one, how: 'eligible' as const }))];
  const administrators = roles.filter((one) => isAdminRole({ roleId: one.roleDefinitionId ?? '', scope: one.directoryScopeId ?? '/' })).map((one) => ({ id: one.principalId ?? '', name: names.get(one.principalId ?? '') ?? '', role: one.roleDefinition?.displayName ?? one.roleDefinitionId ?? '', how: one.how }));
  const guests = (users ?? []).filter((one) => one.userType === 'Guest').length;
  return {
    found: artifacts.length > 0 || administrators.length > 0,
    summary: `${users?.length ?? '?'} users (${guests} guests), ${applications?.length ?? '?'} applications, ${roles.length} directory roles given; administrators: ${administrators.slice(0, 8).map((one) => `${one.name || one.id} (${one.role}, ${one.how})`).join(', ') || 'none'}; ${artifacts.length} made within the incident and not by the attacker’s recorded acts`,
    artifacts, failed: [...seen.failed, ...reader.failed], truncated: seen.truncated,
    facts: { users: users?.length ?? null, guests, applications: applications?.length ?? null, roles: roles.length, administrators: administrators.slice(0, 100), newCredentials: keys.length }, raw: plain({ users, roles, administrators }), notes: [LAG],
  };
});
