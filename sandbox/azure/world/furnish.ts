import type { ConditionalAccessPolicy, Domain, FederatedIdentityCredential, Group, OAuth2PermissionGrant, Organization, UnifiedRoleEligibilitySchedule } from '@microsoft/microsoft-graph-types';
import { addDevice } from '../graph/devices';
import { addMethod } from '../graph/methods';
import { roleTemplates } from '../graph/roles-data';
import { GRAPH_APP_ID } from '../login/granted';
import { linkId, type Link } from '../state/membership';
import { idOf, type Sim } from '../state/sim';
import { giveDirectoryRole } from './directory';
import type { App, AzureWorld, Person } from './index';

/** What a tenant in use has: ways to prove oneself, devices, groups, policies, trusts, consents. */
export function furnish(sim: Sim, people: Record<'ada' | 'dana' | 'eve' | 'emergency' | 'synced' | 'guest', Person>, { payroll, ci, breakGlass }: { payroll: App; ci: App; breakGlass: App }): Pick<AzureWorld, 'adminGroup' | 'mfaPolicy' | 'office'> {
  for (const person of Object.values(people)) {
    sim.shelf('authenticationMethods').put(idOf(`password method ${person.id}`), { '@odata.type': '#microsoft.graph.passwordAuthenticationMethod', id: '28c10230-6103-485e-b985-444c60001490', user: person.id, createdDateTime: sim.iso(), password: null });
    if (person !== people.guest) addMethod(sim, person.id, 'microsoftAuthenticatorMethods', { displayName: `${person.name}’s phone`, deviceTag: 'SoftwareTokenActivated', phoneAppVersion: '6.2503.1', isDefault: true, createdDateTime: sim.iso(sim.now() - 90 * 86_400_000) });
  }
  addMethod(sim, people.emergency.id, 'fido2Methods', { displayName: 'safe, key 1', aaGuid: 'ee882879-721c-4913-9775-3dfcce97072a', model: 'YubiKey 5', attestationCertificates: [], attestationLevel: 'attested' });
  for (const person of [people.ada, people.dana, people.eve]) addDevice(sim, person.id, `NW-${person.name.toUpperCase()}`, 'Windows', sim.iso(sim.now() - 90 * 86_400_000));
  const adminGroup = group(sim, 'helpdesk-admins', { isAssignableToRole: true });
  group(sim, 'all-staff', {});
  for (const member of [idOf('user Nina')]) sim.shelf<Link>('members').put(linkId(adminGroup.id!, member), { id: linkId(adminGroup.id!, member), from: adminGroup.id!, to: member });
  giveDirectoryRole(sim, adminGroup.id!, 'User Administrator');
  sim.shelf<UnifiedRoleEligibilitySchedule>('roleEligibilitySchedules').put(idOf('eligible Omar'), { id: idOf('eligible Omar'), principalId: idOf('user Omar'), roleDefinitionId: roleTemplates['Security Administrator'], directoryScopeId: '/', appScopeId: null, createdUsing: null, createdDateTime: sim.iso(), modifiedDateTime: null, status: 'Provisioned', memberType: 'Direct', scheduleInfo: { startDateTime: sim.iso(), recurrence: null, expiration: { type: 'noExpiration', endDateTime: null, duration: null } } });
  const office = { id: idOf('location office'), cidr: '203.0.113.0/24' };
  sim.shelf('namedLocations').put(office.id, { '@odata.type': '#microsoft.graph.ipNamedLocation', id: office.id, displayName: 'Office', createdDateTime: sim.iso(), modifiedDateTime: sim.iso(), isTrusted: true, ipRanges: [{ '@odata.type': '#microsoft.graph.iPv4CidrRange', cidrAddress: office.cidr }] });
  const mfaPolicy = { id: idOf('policy mfa'), name: 'Require MFA for everybody' };
  sim.shelf<ConditionalAccessPolicy>('conditionalAccessPolicies').put(mfaPolicy.id, {
    id: mfaPolicy.id, displayName: mfaPolicy.name, state: 'enabled', createdDateTime: sim.iso(), modifiedDateTime: null, templateId: null, sessionControls: null,
    conditions: { clientAppTypes: ['all'], users: { includeUsers: ['All'], excludeUsers: [people.emergency.id], includeGroups: [], excludeGroups: [], includeRoles: [], excludeRoles: [] }, applications: { includeApplications: ['All'], excludeApplications: [], includeUserActions: [] }, userRiskLevels: [], signInRiskLevels: [] },
    grantControls: { operator: 'OR', builtInControls: ['mfa'], customAuthenticationFactors: [], termsOfUse: [] },
  });
  sim.shelf<FederatedIdentityCredential & { applicationId: string }>('federatedIdentityCredentials').put(idOf('federated ci'), { id: idOf('federated ci'), name: 'main-branch', issuer: 'https://token.actions.githubusercontent.com', subject: 'repo:northwind/web:ref:refs/heads/main', audiences: ['api://AzureADTokenExchange'], description: null, applicationId: ci.applicationId });
  sim.shelf<OAuth2PermissionGrant>('oauth2PermissionGrants').put(idOf('grant payroll'), { id: idOf('grant payroll'), clientId: payroll.servicePrincipalId, consentType: 'Principal', principalId: people.eve.id, resourceId: sim.shelf<{ id: string; appId: string }>('servicePrincipals').truth().find((one) => one.appId === GRAPH_APP_ID)!.id, scope: 'User.Read' });
  sim.shelf<Link>('owners').put(linkId(payroll.applicationId, people.ada.id), { id: linkId(payroll.applicationId, people.ada.id), from: payroll.applicationId, to: people.ada.id });
  for (const { applicationId, servicePrincipalId } of [ci, breakGlass]) sim.shelf<Link>('owners').put(linkId(applicationId, servicePrincipalId), { id: linkId(applicationId, servicePrincipalId), from: applicationId, to: servicePrincipalId });
  tenant(sim);
  return { adminGroup: { id: adminGroup.id!, name: adminGroup.displayName! }, mfaPolicy, office };
}

function group(sim: Sim, displayName: string, more: Partial<Group>): Group {
  const id = idOf(`group ${displayName}`);
  return sim.shelf<Group>('groups').put(id, { id, displayName, description: null, groupTypes: [], mailEnabled: false, mailNickname: displayName, securityEnabled: true, isAssignableToRole: null, onPremisesSyncEnabled: null, createdDateTime: sim.iso(), ...more });
}

function tenant(sim: Sim): void {
  sim.shelf<Organization>('organization').put(sim.tenantId, { id: sim.tenantId, displayName: 'Northwind', tenantType: 'AAD', countryLetterCode: 'TH', createdDateTime: sim.iso(), onPremisesSyncEnabled: true, verifiedDomains: [{ name: sim.domain, isDefault: true, isInitial: true, type: 'Managed', capabilities: 'Email' }], assignedPlans: [] });
  sim.shelf<Domain>('domains').put(sim.domain, { id: sim.domain, authenticationType: 'Managed', isAdminManaged: true, isDefault: true, isInitial: true, isRoot: true, isVerified: true, supportedServices: [], passwordNotificationWindowInDays: null, passwordValidityPeriodInDays: null });
  const singles = sim.shelf('singles');
  const closed = { usersAndGroups: { accessType: 'blocked', targets: [{ target: 'AllUsers', targetType: 'user' }] }, applications: { accessType: 'blocked', targets: [{ target: 'AllApplications', targetType: 'application' }] } };
  singles.put('crossTenantDefault', { isServiceDefault: true, inboundTrust: { isMfaAccepted: false, isCompliantDeviceAccepted: false, isHybridAzureADJoinedDeviceAccepted: false }, b2bDirectConnectInbound: closed, b2bDirectConnectOutbound: closed });
  singles.put('authorizationPolicy', { id: 'authorizationPolicy', displayName: 'Authorization Policy', allowInvitesFrom: 'adminsAndGuestInviters', guestUserRoleId: '10dae51f-b6af-4016-8d66-8c2a99b929b3', blockMsolPowerShell: true, defaultUserRolePermissions: { allowedToCreateApps: false, allowedToCreateSecurityGroups: false, allowedToReadOtherUsers: true } });
  singles.put('securityDefaults', { id: '00000000-0000-0000-0000-000000000005', displayName: 'Security Defaults', isEnabled: false });
}
