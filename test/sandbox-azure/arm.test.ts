import { WebSiteManagementClient } from '@azure/arm-appservice';
import { AuthorizationManagementClient } from '@azure/arm-authorization';
import { ComputeManagementClient } from '@azure/arm-compute';
import { ConsumptionManagementClient } from '@azure/arm-consumption';
import { LogicManagementClient } from '@azure/arm-logic';
import { MonitorClient } from '@azure/arm-monitor';
import { NetworkManagementClient } from '@azure/arm-network';
import { PolicyClient } from '@azure/arm-policy';
import { SecurityCenter } from '@azure/arm-security';
import { StorageManagementClient } from '@azure/arm-storage';
import { MicrosoftSupport } from '@azure/arm-support';
import type { TokenCredential } from '@azure/identity';
import { randomUUID } from 'node:crypto';
import { startAzureSandbox, type Azure } from '../../sandbox/azure';
import { armOptions, bySecret, resourcesClient } from './clients';

let azure: Azure;
beforeEach(async () => { azure = await startAzureSandbox(); });
afterEach(() => azure.stop());

const client = <T>(make: new (credential: TokenCredential, subscription: string, options: object) => T, credential = bySecret(azure), subscription = azure.subscriptions[0]!): T => new make(credential, subscription, armOptions(azure));
const all = async <T>(list: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const one of list) found.push(one);
  return found;
};
const quick = { updateIntervalInMs: 20 };

test('network: a rule is a long-running write, seen in its group; priorities conflict; a group in use stays', async () => {
  const network = client(NetworkManagementClient);
  const deny = { priority: 100, direction: 'Inbound', access: 'Deny', protocol: '*', sourceAddressPrefix: '185.220.101.34/32', sourcePortRange: '*', destinationAddressPrefix: '*', destinationPortRange: '*' } as const;
  await network.securityRules.beginCreateOrUpdateAndWait('rg-web', 'nsg-web', 'Deny1', deny, quick);
  const group = await network.networkSecurityGroups.get('rg-web', 'nsg-web');
  expect(group.securityRules?.map((rule) => [rule.name, rule.priority])).toEqual([['AllowHttps', 300], ['Deny1', 100]]);
  await expect(network.securityRules.beginCreateOrUpdateAndWait('rg-web', 'nsg-web', 'Deny2', deny, quick)).rejects.toMatchObject({ code: 'SecurityRuleConflict' });
  await network.securityRules.beginDeleteAndWait('rg-web', 'nsg-web', 'Deny1', quick);
  expect((await network.networkSecurityGroups.get('rg-web', 'nsg-web')).securityRules).toHaveLength(1);
  await expect(network.networkSecurityGroups.beginDeleteAndWait('rg-web', 'nsg-web', quick)).rejects.toThrow();
  const made = await network.networkSecurityGroups.beginCreateOrUpdateAndWait('rg-web', 'nsg-new', { location: 'southeastasia', securityRules: [{ name: 'all', ...deny }] }, quick);
  expect(made).toMatchObject({ provisioningState: 'Succeeded', securityRules: [{ name: 'all' }] });
  const nic = await network.networkInterfaces.get('rg-web', 'nic-web-1');
  await network.networkInterfaces.beginCreateOrUpdateAndWait('rg-web', 'nic-web-1', { ...nic, networkSecurityGroup: { id: made.id } }, quick);
  expect((await network.networkInterfaces.get('rg-web', 'nic-web-1')).networkSecurityGroup?.id).toBe(made.id);
});

test('compute: power, snapshot before deletion, commands, deletion', async () => {
  const compute = client(ComputeManagementClient);
  const { vm, osDisk } = azure.world.estate;
  expect((await compute.virtualMachines.get('rg-web', 'vm-web-1')).id).toBe(vm);
  const ran = await compute.virtualMachines.runCommand('rg-web', 'vm-web-1', { commandId: 'RunShellScript', script: ['id'] }, quick);
  expect(ran.value?.[0]?.code).toBe('ComponentStatus/StdOut/succeeded');
  await compute.virtualMachines.powerOff('rg-web', 'vm-web-1', quick);
  expect((await compute.virtualMachines.instanceView('rg-web', 'vm-web-1')).statuses?.map((one) => one.code)).toContain('PowerState/stopped');
  const snapshot = await compute.snapshots.createOrUpdate('rg-web', 'evidence-1', { location: 'southeastasia', creationData: { createOption: 'Copy', sourceResourceId: osDisk } }, quick);
  expect(snapshot).toMatchObject({ name: 'evidence-1', provisioningState: 'Succeeded', diskSizeGB: 64 });
  await compute.virtualMachines.delete('rg-web', 'vm-web-1', quick);
  await expect(compute.virtualMachines.get('rg-web', 'vm-web-1')).rejects.toMatchObject({ statusCode: 404, code: 'ResourceNotFound' });
});

test('storage: public access only where the account allows it; keys anew; a locked policy stays', async () => {
  const storage = client(StorageManagementClient);
  await expect(storage.blobContainers.update('rg-data', 'stnorthwinddata', 'customers', { publicAccess: 'Container' })).rejects.toMatchObject({ code: 'PublicAccessNotPermitted' });
  // With allowBlobPublicAccess alone, arm-storage 20.0.0 sends nothing: its serializer looks for another spelling.
  await storage.storageAccounts.update('rg-data', 'stnorthwinddata', { allowBlobPublicAccess: true, minimumTlsVersion: 'TLS1_2' });
  await storage.blobContainers.update('rg-data', 'stnorthwinddata', 'customers', { publicAccess: 'Container' });
  expect((await storage.blobContainers.get('rg-data', 'stnorthwinddata', 'customers')).publicAccess).toBe('Container');
  const before = await storage.storageAccounts.listKeys('rg-data', 'stnorthwinddata');
  const after = await storage.storageAccounts.regenerateKey('rg-data', 'stnorthwinddata', { keyName: 'key1' });
  expect(after.keys?.[0]?.value).not.toBe(before.keys?.[0]?.value);
  expect(after.keys?.[1]?.value).toBe(before.keys?.[1]?.value);
  await storage.storageAccounts.revokeUserDelegationKeys('rg-data', 'stnorthwinddata');
  expect((await all(storage.blobContainers.list('rg-data', 'stnorthwinddata'))).map((one) => one.name)).toEqual(['customers']);
});

test('apps and Logic Apps stop and start', async () => {
  const [web, logic] = [client(WebSiteManagementClient), client(LogicManagementClient)];
  await web.webApps.stop('rg-web', 'func-orders');
  expect((await web.webApps.get('rg-web', 'func-orders')).state).toBe('Stopped');
  await logic.workflows.disable('rg-web', 'logic-invoices');
  expect((await logic.workflows.get('rg-web', 'logic-invoices')).state).toBe('Disabled');
  expect((await all(web.webApps.list())).map((one) => one.name)).toEqual(['func-orders']);
});

test('roles decide: without an assignment 403 with ARM’s body, with one it works, and both are in the Activity Log', async () => {
  const { payroll, estate } = azure.world;
  const as = bySecret(azure, payroll);
  await expect(client(NetworkManagementClient, as).networkSecurityGroups.get('rg-web', 'nsg-web')).rejects.toMatchObject({ statusCode: 403, code: 'AuthorizationFailed', message: expect.stringContaining(`object id '${payroll.servicePrincipalId}'`) });
  const authorization = client(AuthorizationManagementClient);
  const scope = `/subscriptions/${estate.production}`;
  const reader = (await all(authorization.roleDefinitions.list(scope, { filter: `roleName eq 'Reader'` })))[0]!;
  const name = randomUUID();
  await authorization.roleAssignments.create(scope, name, { principalId: payroll.servicePrincipalId, principalType: 'ServicePrincipal', roleDefinitionId: reader.id! });
  await client(NetworkManagementClient, as).networkSecurityGroups.get('rg-web', 'nsg-web');
  await expect(client(WebSiteManagementClient, as).webApps.stop('rg-web', 'func-orders')).rejects.toMatchObject({ code: 'AuthorizationFailed' });
  const mine = await all(authorization.roleAssignments.listForSubscription({ filter: `principalId eq '${payroll.servicePrincipalId}'` }));
  expect(mine.map((one) => one.scope)).toEqual([`${scope}/resourceGroups/rg-data`, scope]);
  await authorization.roleAssignments.delete(scope, name);
  await expect(client(NetworkManagementClient, as).networkSecurityGroups.get('rg-web', 'nsg-web')).rejects.toMatchObject({ statusCode: 403 });
  const since = new Date(Date.now() - 60_000).toISOString();
  const events = await all(client(MonitorClient).activityLogs.list(`eventTimestamp ge '${since}'`));
  expect(events.map((one) => [one.operationName?.value, one.status?.value])).toEqual([
    ['Microsoft.Authorization/roleAssignments/delete', 'Succeeded'], ['Microsoft.Web/sites/stop/action', 'Failed'], ['Microsoft.Authorization/roleAssignments/write', 'Succeeded'],
  ]);
  await expect(all(client(MonitorClient).activityLogs.list(`eventTimestamp ge '${since}' and caller eq 'x'`))).rejects.toMatchObject({ statusCode: 400 });
});

test('diagnostic settings, Defender plans, budgets, policies, tickets', async () => {
  const { estate } = azure.world;
  const scope = `subscriptions/${estate.production}`;
  const resources = resourcesClient(azure);
  await resources.resources.beginDeleteByIdAndWait(estate.diagnostics, '2021-05-01-preview', quick);
  await expect(resources.resources.getById(estate.diagnostics, '2021-05-01-preview')).rejects.toMatchObject({ statusCode: 404 });
  await expect(resources.resources.beginCreateOrUpdateByIdAndWait(estate.diagnostics, '2021-05-01-preview', { properties: { logs: [] } }, quick)).rejects.toThrow(/data sink/);
  await resources.resources.beginCreateOrUpdateByIdAndWait(estate.diagnostics, '2021-05-01-preview', { properties: { storageAccountId: estate.logStorage, logs: [{ category: 'Administrative', enabled: true }] } }, quick);
  const security = client(SecurityCenter);
  expect((await security.pricings.get('VirtualMachines')).pricingTier).toBe('Standard');
  await security.pricings.update('KeyVaults', { pricingTier: 'Standard' });
  expect((await security.pricings.list()).value.filter((one) => one.pricingTier === 'Standard').map((one) => one.name)).toEqual(['VirtualMachines', 'StorageAccounts', 'KeyVaults', 'Arm']);
  const consumption = client(ConsumptionManagementClient);
  await consumption.budgets.createOrUpdate(scope, 'monthly', { amount: 500, timeGrain: 'Monthly', category: 'Cost', timePeriod: { startDate: new Date() } });
  expect((await all(consumption.budgets.list(scope))).map((one) => one.amount)).toEqual([500]);
  const policy = client(PolicyClient);
  await policy.policyAssignments.create(`/${scope}`, 'require-tls', { policyDefinitionId: '/providers/Microsoft.Authorization/policyDefinitions/x' });
  expect((await policy.policyAssignments.get(`/${scope}`, 'require-tls')).enforcementMode).toBe('Default');
  const ticket = { title: 'Compromise', description: 'x', severity: 'critical', serviceId: '/providers/Microsoft.Support/services/1', problemClassificationId: '/p', contactDetails: { firstName: 'A', lastName: 'B', preferredContactMethod: 'email', primaryEmailAddress: 'a@example.com', preferredTimeZone: 'UTC', country: 'TH', preferredSupportLanguage: 'en' } } as const;
  const support = client(MicrosoftSupport);
  await expect(support.supportTickets.beginCreateAndWait('t-1', { ...ticket, advancedDiagnosticConsent: 'No' } as never, quick)).rejects.toMatchObject({ code: 'InvalidSupportPlan' });
  azure.sim.supportPlans.add(estate.production);
  expect(await support.supportTickets.beginCreateAndWait('t-1', { ...ticket, advancedDiagnosticConsent: 'No' } as never, quick)).toMatchObject({ status: 'Open' });
});
