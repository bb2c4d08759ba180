import type { Application, AppRoleAssignment, ConditionalAccessPolicy, Device, OAuth2PermissionGrant, ServicePrincipal, UnifiedRoleAssignment, UnifiedRoleEligibilitySchedule, User } from '@microsoft/microsoft-graph-types';
import { directoryTarget, proposal } from '../../activities/azure/contain/targets';
import type { Proposal, Target } from '../../playbook/model/plan';
import { addDevice } from '../../sandbox/azure/graph/devices';
import { addMethod } from '../../sandbox/azure/graph/methods';
import { roleTemplates } from '../../sandbox/azure/graph/roles-data';
import { addUser } from '../../sandbox/azure/graph/users';
import { linkId, type Link } from '../../sandbox/azure/state/membership';
import { addApplication, addCertificate, addSecret, grantPermissions } from '../../sandbox/azure/world/applications';
import { giveDirectoryRole } from '../../sandbox/azure/world/directory';
import { assign } from '../../sandbox/azure/world/estate';
import { builtIn, type RoleAssignment } from '../../sandbox/azure/arm/access';
import { newId } from '../../sandbox/azure/state/sim';
import type { ContractCase } from '../containment/contract';
import type { Bed } from './bed';

export type Case = ContractCase<Bed>;

export const attackerIp = '185.220.101.77';
let serial = 0;
export const fresh = (stem: string): string => `${stem}-${(serial += 1)}`;
export const day = 86_400_000;
export const since = (): string => new Date(Date.now() - 60_000).toISOString();

/** A person of the tenant, old enough that nothing of it is the attacker's. */
export function person({ azure, tenant }: Bed, more: Omit<Partial<User>, 'userPrincipalName'> = {}): Target & { password: string } {
  const name = fresh('mallory');
  const password = `Long-enough-${name}!`;
  const old = azure.sim.iso(azure.sim.now() - 30 * day);
  const user = addUser(azure.sim, { displayName: name, createdDateTime: old, lastPasswordChangeDateTime: old, signInSessionsValidFromDateTime: old, userPrincipalName: `${name}@${azure.world.domain}`, ...more }, password);
  return { ...directoryTarget('user', tenant, user.id!, user.userPrincipalName!), password };
}

const bare = ({ password: _password, ...target }: Target & { password: string }): Target => target;

/** An application with a secret, a certificate and a federated credential. */
export function application({ azure, tenant }: Bed, name = fresh('app')): { target: Target; application: string; secret: string; keyId: string; appId: string } {
  const { application: app, principal } = addApplication(azure.sim, name);
  const { secret, keyId } = addSecret(azure.sim, 'applications', app.id!, 'old');
  addSecret(azure.sim, 'servicePrincipals', principal.id!, 'hidden');
  addCertificate(azure.sim, app.id!, azure.world.responder.certificate.certificate, 'CN=old');
  const id = newId();
  azure.sim.shelf('federatedIdentityCredentials').put(id, { id, name: 'rogue', issuer: 'https://evil.example', subject: 'me', audiences: ['api://AzureADTokenExchange'], description: null, applicationId: app.id! });
  return { target: directoryTarget('service-principal', tenant, principal.id!, name), application: app.id!, secret, keyId, appId: app.appId! };
}

/** Makes a service principal a managed identity, as Entra shows it. */
export function managed({ azure }: Bed, id: string, alternativeNames: string[]): void {
  const principals = azure.sim.shelf<ServicePrincipal>('servicePrincipals');
  principals.put(id, { ...principals.get(id)!, servicePrincipalType: 'ManagedIdentity', alternativeNames });
}

/** The resource of a user-assigned identity, and one foreign token that it trusts. */
export function userAssigned(bed: Bed, id: string, name = fresh('identity')): string {
  const { production } = bed.azure.world.estate;
  const resource = `/subscriptions/${production}/resourcegroups/rg-web/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`.replace('/resourcegroups/', '/resourceGroups/');
  managed(bed, id, ['isExplicit=True', resource]);
  bed.azure.sim.shelf('arm').put(resource, { id: resource, name, type: 'Microsoft.ManagedIdentity/userAssignedIdentities', location: 'southeastasia', properties: { principalId: id } });
  trust(bed, resource);
  return resource;
}

function trust({ azure }: Bed, resource: string): void {
  const id = `${resource}/federatedIdentityCredentials/rogue`;
  azure.sim.shelf('arm').put(id, { id, name: 'rogue', type: 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials', properties: { issuer: 'https://token.evil.example', subject: 'anybody', audiences: ['api://AzureADTokenExchange'] } });
}

const identityOf = ({ azure }: Bed, { target }: Proposal): string => azure.sim.shelf<ServicePrincipal>('servicePrincipals').get(target.id)!.alternativeNames![1]!;

const byId = (_bed: Bed, { target }: Proposal): string => target.id;
const user = ({ azure }: Bed, { target }: Proposal): User => azure.sim.shelf<User>('users').get(target.id)!;
const lookUser = async (bed: Bed, one: Proposal) => {
  const { accountEnabled, lastPasswordChangeDateTime, signInSessionsValidFromDateTime } = user(bed, one);
  return { accountEnabled, lastPasswordChangeDateTime, signInSessionsValidFromDateTime };
};
const lookMethods = async ({ azure }: Bed, { target }: Proposal) => azure.sim.shelf<{ user: string; id: string }>('authenticationMethods').truth().filter((one) => one.user === target.id).map((one) => one.id);
const lookRoles = async ({ azure: { sim } }: Bed, { target }: Proposal) => ({
  active: sim.shelf<UnifiedRoleAssignment>('roleAssignments').truth().filter((one) => one.principalId === target.id).map((one) => one.roleDefinitionId).sort(),
  eligible: sim.shelf<UnifiedRoleEligibilitySchedule>('roleEligibilitySchedules').truth().filter((one) => one.principalId === target.id).map((one) => one.roleDefinitionId).sort(),
  groups: sim.shelf<Link>('members').truth().filter((one) => one.to === target.id).map((one) => one.from).sort(),
});
const lookAccess = async ({ azure: { sim } }: Bed, { target }: Proposal) => ({
  roles: sim.shelf<AppRoleAssignment>('appRoleAssignments').truth().filter((one) => one.principalId === target.id).map((one) => one.appRoleId).sort(),
  grants: sim.shelf<OAuth2PermissionGrant>('oauth2PermissionGrants').truth().filter((one) => one.principalId === target.id || one.clientId === target.id).map((one) => `${one.clientId} ${one.scope}`).sort(),
});
const lookAzureRoles = async ({ azure: { sim } }: Bed, { target }: Proposal) => [...sim.shelf<RoleAssignment>('armRoleAssignments').truth(), ...sim.shelf<RoleAssignment>('armEligible').truth()].filter((one) => one.properties.principalId === target.id).map((one) => [one.properties.scope, one.properties.roleDefinitionId.split('/').pop()]).sort();
const lookCredentials = async ({ azure: { sim } }: Bed, { target }: Proposal) => {
  const principal = sim.shelf<ServicePrincipal>('servicePrincipals').get(target.id)!;
  const app = sim.shelf<Application>('applications').truth().find((one) => one.appId === principal.appId)!;
  return [app, principal].flatMap((one) => [...(one.passwordCredentials ?? []), ...(one.keyCredentials ?? [])].map((key) => key.keyId)).concat(sim.shelf<{ id: string; applicationId: string }>('federatedIdentityCredentials').truth().filter((one) => one.applicationId === app.id).map((one) => one.id));
};
const lookPolicies = async ({ azure: { sim } }: Bed) => ({
  policies: sim.shelf<ConditionalAccessPolicy>('conditionalAccessPolicies').truth().map((one) => [one.displayName, one.state, one.conditions?.users]),
  locations: sim.shelf<{ displayName: string; ipRanges: unknown }>('namedLocations').truth().map((one) => [one.displayName, one.ipRanges]),
});

/** A role, an eligibility, and membership of the group that holds a role. */
function giveRoles({ azure }: Bed, id: string): void {
  const { sim, world } = azure;
  giveDirectoryRole(sim, id, 'Application Administrator');
  const eligible = newId();
  sim.shelf<UnifiedRoleEligibilitySchedule>('roleEligibilitySchedules').put(eligible, { id: eligible, principalId: id, roleDefinitionId: roleTemplates['Security Administrator'], directoryScopeId: '/', status: 'Provisioned', memberType: 'Direct' });
  sim.shelf<Link>('members').put(linkId(world.adminGroup.id, id), { id: linkId(world.adminGroup.id, id), from: world.adminGroup.id, to: id });
}

export const directoryCases: Case[] = [
  {
    action: 'azure.deny-sign-in', name: 'an administrator', left: null, protect: byId, look: lookPolicies,
    arrange: async (bed) => {
      const target = bare(person(bed));
      giveDirectoryRole(bed.azure.sim, target.id, 'Global Administrator');
      return proposal('azure.deny-sign-in', target, 'test');
    },
    attackerUndoes: async ({ azure: { sim } }, { target }) => {
      const policies = sim.shelf<ConditionalAccessPolicy>('conditionalAccessPolicies');
      const ours = policies.truth().find((one) => one.conditions?.users?.includeUsers?.includes(target.id))!;
      policies.put(ours.id!, { ...ours, conditions: { ...ours.conditions, users: { ...ours.conditions!.users, excludeUsers: [target.id] } } } as ConditionalAccessPolicy);
    },
  },
  {
    action: 'azure.disable-user', name: 'a person', left: null, protect: (bed, one) => user(bed, one).userPrincipalName!, look: lookUser,
    arrange: async (bed) => proposal('azure.disable-user', bare(person(bed)), 'test'),
    attackerUndoes: async (bed, one) => bed.azure.sim.shelf<User>('users').put(one.target.id, { ...user(bed, one), accountEnabled: true }),
  },
  {
    action: 'azure.reset-password', name: 'a person', left: /cannot be restored/, protect: byId, look: lookUser,
    arrange: async (bed) => proposal('azure.reset-password', bare(person(bed)), 'test'),
  },
  {
    action: 'azure.remove-auth-methods', name: 'methods since the alert, the default one among them', left: /registers them again/, protect: byId, look: lookMethods,
    arrange: async (bed) => {
      const target = bare(person(bed));
      const old = new Date(Date.now() - day).toISOString();
      addMethod(bed.azure.sim, target.id, 'phoneMethods', { createdDateTime: null, phoneNumber: '+66 1' });
      addMethod(bed.azure.sim, target.id, 'fido2Methods', { createdDateTime: old });
      addMethod(bed.azure.sim, target.id, 'microsoftAuthenticatorMethods');
      addMethod(bed.azure.sim, target.id, 'temporaryAccessPassMethods');
      return proposal('azure.remove-auth-methods', target, 'test', { since: since() });
    },
    attackerUndoes: async ({ azure }, { target }) => addMethod(azure.sim, target.id, 'softwareOathMethods'),
  },
  {
    action: 'azure.disable-devices', name: 'a device registered since the alert', left: /stays disabled/, protect: byId,
    look: async ({ azure: { sim } }, { target }) => {
      const mine = new Set(sim.shelf<Link>('registeredUsers').truth().filter((one) => one.to === target.id).map((one) => one.from));
      return sim.shelf<Device>('devices').truth().filter((one) => mine.has(one.id!)).map((one) => [one.displayName, one.accountEnabled]);
    },
    arrange: async (bed) => {
      const target = bare(person(bed));
      const old = addDevice(bed.azure.sim, target.id, 'LAPTOP');
      bed.azure.sim.shelf<Device>('devices').put(old.id!, { ...old, registrationDateTime: new Date(Date.now() - day).toISOString() });
      addDevice(bed.azure.sim, target.id, 'KALI');
      return proposal('azure.disable-devices', target, 'test', { since: since() });
    },
    attackerUndoes: async ({ azure }, { target }) => addDevice(azure.sim, target.id, 'KALI2'),
  },
  {
    action: 'azure.disable-service-principal', name: 'an application’s principal', left: null, protect: ({ azure: { sim } }, { target }) => sim.shelf<ServicePrincipal>('servicePrincipals').get(target.id)!.appId!,
    look: async ({ azure: { sim } }, { target }) => sim.shelf<ServicePrincipal>('servicePrincipals').get(target.id)!.accountEnabled,
    arrange: async (bed) => proposal('azure.disable-service-principal', application(bed).target, 'test'),
    attackerUndoes: async ({ azure: { sim } }, { target }) => sim.shelf<ServicePrincipal>('servicePrincipals').put(target.id, { ...sim.shelf<ServicePrincipal>('servicePrincipals').get(target.id)!, accountEnabled: true }),
  },
  {
    action: 'azure.remove-directory-roles', name: 'a person’s active, eligible and group roles', left: null, protect: byId, look: lookRoles,
    arrange: async (bed) => {
      const target = bare(person(bed));
      giveRoles(bed, target.id);
      return proposal('azure.remove-directory-roles', target, 'test');
    },
    attackerUndoes: async ({ azure }, { target }) => giveDirectoryRole(azure.sim, target.id, 'Global Administrator'),
  },
  {
    action: 'azure.remove-directory-roles', name: 'one role of a service principal', left: null, protect: byId, look: lookRoles,
    arrange: async (bed) => {
      const { target } = application(bed);
      giveDirectoryRole(bed.azure.sim, target.id, 'Application Administrator');
      giveDirectoryRole(bed.azure.sim, target.id, 'Directory Readers');
      return proposal('azure.remove-directory-roles', target, 'test', { roles: [roleTemplates['Application Administrator']] });
    },
    attackerUndoes: async ({ azure }, { target }) => giveDirectoryRole(azure.sim, target.id, 'Application Administrator'),
  },
  {
    action: 'azure.remove-app-access', name: 'a service principal’s app roles', left: null, protect: byId, look: lookAccess,
    arrange: async (bed) => {
      const { target } = application(bed);
      grantPermissions(bed.azure.sim, target.id, ['User.Read.All', 'Application.ReadWrite.All']);
      return proposal('azure.remove-app-access', target, 'test');
    },
    attackerUndoes: async ({ azure }, { target }) => grantPermissions(azure.sim, target.id, ['User.Read.All']),
  },
  {
    action: 'azure.remove-app-access', name: 'a person’s consents', left: null, protect: byId, look: lookAccess,
    arrange: async (bed) => {
      const target = bare(person(bed));
      consent(bed, target.id, 'Mail.Read offline_access');
      return proposal('azure.remove-app-access', target, 'test');
    },
    attackerUndoes: async (bed, { target }) => consent(bed, target.id, 'Mail.Read'),
  },
  {
    action: 'azure.remove-azure-roles', name: 'Owner of a subscription, a role in a group, and an eligible one', left: null, protect: byId, look: lookAzureRoles,
    arrange: async (bed) => {
      const target = bare(person(bed));
      const { estate } = bed.azure.world;
      assign(bed.azure.sim, target.id, 'User', builtIn.Owner!.id, `/subscriptions/${estate.production}`);
      assign(bed.azure.sim, target.id, 'User', builtIn.Reader!.id, `/subscriptions/${estate.production}/resourceGroups/${estate.web}`);
      const scope = `/subscriptions/${estate.platform}`;
      const id = `${scope}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances/${newId()}`;
      bed.azure.sim.shelf('armEligible').put(id, { id, name: id.split('/').pop()!, type: 'Microsoft.Authorization/roleEligibilityScheduleInstances', properties: { principalId: target.id, roleDefinitionId: `${scope}/providers/Microsoft.Authorization/roleDefinitions/${builtIn.Contributor!.id}`, scope, principalType: 'User', memberType: 'Direct', status: 'Provisioned', startDateTime: null, endDateTime: null, createdOn: null } });
      return proposal('azure.remove-azure-roles', target, 'test');
    },
    attackerUndoes: async (bed, { target }) => assign(bed.azure.sim, target.id, 'User', builtIn.Owner!.id, `/subscriptions/${bed.azure.world.estate.platform}`),
  },
  {
    action: 'azure.remove-azure-roles', name: 'of a service principal', left: null, protect: byId, look: lookAzureRoles,
    arrange: async (bed) => {
      const { target } = application(bed);
      assign(bed.azure.sim, target.id, 'ServicePrincipal', builtIn.Contributor!.id, `/subscriptions/${bed.azure.world.estate.production}`);
      return proposal('azure.remove-azure-roles', target, 'test');
    },
  },
  {
    action: 'azure.revoke-sessions', name: 'a person', left: /revoked sessions stay revoked/, protect: byId, look: async () => null,
    arrange: async (bed) => proposal('azure.revoke-sessions', bare(person(bed)), 'test'),
  },
  {
    action: 'azure.remove-app-credentials', name: 'every credential, on application and principal', left: /stays removed.*make a new one/, protect: byId, look: lookCredentials,
    arrange: async (bed) => proposal('azure.remove-app-credentials', application(bed).target, 'test'),
    attackerUndoes: async ({ azure: { sim } }, { target }) => addSecret(sim, 'servicePrincipals', target.id, 'again'),
  },
  {
    action: 'azure.remove-app-credentials', name: 'what a user-assigned identity trusts', left: /stays removed.*make a new one/, protect: byId,
    look: async (bed, one) => bed.azure.sim.shelf('arm').truth().filter((item) => String(item['id']).startsWith(`${identityOf(bed, one)}/`)).map((item) => item['id'] as string),
    arrange: async (bed) => {
      const { target } = application(bed);
      userAssigned(bed, target.id);
      return proposal('azure.remove-app-credentials', { ...target, kind: 'managed-identity' }, 'test');
    },
    attackerUndoes: async (bed, one) => trust(bed, identityOf(bed, one)),
  },
  {
    action: 'azure.rotate-app-credentials', name: 'an application that must live on', left: /stays in the vault/, protect: byId, look: lookCredentials,
    arrange: async (bed) => proposal('azure.rotate-app-credentials', application(bed).target, 'test'),
  },
  {
    action: 'azure.block-ip-conditional-access', name: 'the attacker’s address', left: null, protect: () => '', look: lookPolicies,
    arrange: async (bed) => proposal('azure.block-ip-conditional-access', directoryTarget('tenant', bed.tenant, bed.tenant, 'northwind'), 'test', { address: attackerIp }),
    attackerUndoes: async ({ azure: { sim } }) => {
      const policies = sim.shelf<ConditionalAccessPolicy>('conditionalAccessPolicies');
      const ours = policies.truth().find((one) => one.displayName === 'Tourniquet: block addresses')!;
      policies.put(ours.id!, { ...ours, state: 'disabled' });
    },
  },
];

function consent({ azure: { sim, world } }: Bed, principalId: string, scope: string): void {
  const id = newId();
  const graph = sim.shelf<ServicePrincipal>('servicePrincipals').truth().find((one) => one.displayName === 'Microsoft Graph')!;
  sim.shelf<OAuth2PermissionGrant>('oauth2PermissionGrants').put(id, { id, clientId: world.payroll.servicePrincipalId, consentType: 'Principal', principalId, resourceId: graph.id!, scope });
}
