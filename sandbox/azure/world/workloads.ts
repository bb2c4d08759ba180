import type { Cost } from '../arm/governance';
import { resources, type Resource } from '../arm/routes';
import type { Json } from '../protocol/types';
import { idOf, type Sim } from '../state/sim';

/** Ids of what runs in production, and where its logs go. */
export interface Workloads {
  nsg: string;
  nic: string;
  vm: string;
  osDisk: string;
  /** Storage account of the data, and its containers. */
  storage: string;
  container: string;
  /** Where the Activity Log is kept, in the platform subscription. */
  logStorage: string;
  /** The production subscription’s diagnostic setting. */
  diagnostics: string;
  site: string;
  logicApp: string;
  waf: string;
}

export const location = 'southeastasia';

/** What runs in the two subscriptions, as ARM shows it. */
export function makeWorkloads(sim: Sim, production: string, platform: string): Workloads {
  const put = (id: string, properties: Json, more: Partial<Resource> = {}): string => {
    const type = id.slice(id.lastIndexOf('/providers/') + 11).split('/').filter((_part, index) => index === 0 || index % 2 === 1).join('/');
    resources(sim).put(id, { id, name: id.split('/').pop()!, type, location, tags: { owner: 'northwind' }, properties: { provisioningState: 'Succeeded', ...properties }, ...more });
    return id;
  };
  const web = `/subscriptions/${production}/resourceGroups/rg-web/providers`;
  const data = `/subscriptions/${production}/resourceGroups/rg-data/providers`;
  const logs = `/subscriptions/${platform}/resourceGroups/rg-logs/providers`;
  const nsg = `${web}/Microsoft.Network/networkSecurityGroups/nsg-web`;
  put(nsg, { securityRules: [{ id: `${nsg}/securityRules/AllowHttps`, name: 'AllowHttps', type: 'Microsoft.Network/networkSecurityGroups/securityRules', properties: { provisioningState: 'Succeeded', priority: 300, direction: 'Inbound', access: 'Allow', protocol: 'Tcp', sourceAddressPrefix: 'Internet', sourcePortRange: '*', destinationAddressPrefix: '*', destinationPortRange: '443', sourceAddressPrefixes: [], destinationAddressPrefixes: [], sourcePortRanges: [], destinationPortRanges: [] } }], defaultSecurityRules: [] });
  const nsgInUse = resources(sim).get(nsg)!;
  resources(sim).put(nsg, { ...nsgInUse, properties: { ...nsgInUse.properties, networkInterfaces: [{ id: `${web}/Microsoft.Network/networkInterfaces/nic-web-1` }] } });
  const vnet = put(`${web}/Microsoft.Network/virtualNetworks/vnet-web`, { addressSpace: { addressPrefixes: ['10.10.0.0/16'] }, subnets: [{ id: `${web}/Microsoft.Network/virtualNetworks/vnet-web/subnets/default`, name: 'default', properties: { addressPrefix: '10.10.1.0/24' } }] });
  const address = put(`${web}/Microsoft.Network/publicIPAddresses/ip-web`, { ipAddress: '198.51.100.20', publicIPAllocationMethod: 'Static' });
  const vm = `${web}/Microsoft.Compute/virtualMachines/vm-web-1`;
  const nic = put(`${web}/Microsoft.Network/networkInterfaces/nic-web-1`, { ipConfigurations: [{ name: 'ipconfig1', properties: { privateIPAddress: '10.10.1.4', primary: true, subnet: { id: `${vnet}/subnets/default` }, publicIPAddress: { id: address } } }], networkSecurityGroup: { id: nsg }, virtualMachine: { id: vm }, primary: true });
  const osDisk = put(`${web}/Microsoft.Compute/disks/disk-web-1`, { diskSizeGB: 64, diskState: 'Attached', osType: 'Linux', timeCreated: sim.iso(), creationData: { createOption: 'FromImage' } }, { managedBy: vm } as Partial<Resource>);
  put(vm, { vmId: idOf('vm-web-1'), timeCreated: sim.iso(), hardwareProfile: { vmSize: 'Standard_D2s_v5' }, storageProfile: { osDisk: { name: 'disk-web-1', osType: 'Linux', createOption: 'FromImage', managedDisk: { id: osDisk } }, dataDisks: [] }, osProfile: { computerName: 'vm-web-1', adminUsername: 'azureuser' }, networkProfile: { networkInterfaces: [{ id: nic, properties: { primary: true } }] } });
  // Long before any attack: an account that is as new as the attacker's first write in it would pass for his.
  const account = (id: string): string => put(id, { creationTime: sim.iso(sim.now() - 400 * 86_400_000), keyCreationTime: { key1: sim.iso(), key2: sim.iso() }, allowBlobPublicAccess: false, allowSharedKeyAccess: true, supportsHttpsTrafficOnly: true, minimumTlsVersion: 'TLS1_2', publicNetworkAccess: 'Enabled', networkAcls: { bypass: 'AzureServices', defaultAction: 'Deny', ipRules: [], virtualNetworkRules: [] }, primaryEndpoints: { blob: `https://${id.split('/').pop()}.blob.core.windows.net/` } }, { kind: 'StorageV2', sku: { name: 'Standard_GRS', tier: 'Standard' } } as Partial<Resource>);
  const storage = account(`${data}/Microsoft.Storage/storageAccounts/stnorthwinddata`);
  const container = put(`${storage}/blobServices/default/containers/customers`, { publicAccess: 'None', hasImmutabilityPolicy: false, hasLegalHold: false, leaseState: 'Available', leaseStatus: 'Unlocked', lastModifiedTime: sim.iso() }, { location: undefined });
  const logStorage = account(`${logs}/Microsoft.Storage/storageAccounts/stnorthwindlogs`);
  put(`${logStorage}/blobServices/default/containers/insights-activity-logs`, { publicAccess: 'None', hasImmutabilityPolicy: false, hasLegalHold: false, leaseState: 'Available', leaseStatus: 'Unlocked', lastModifiedTime: sim.iso() }, { location: undefined });
  const categories = ['Administrative', 'Security', 'ServiceHealth', 'Alert', 'Recommendation', 'Policy', 'Autoscale', 'ResourceHealth'];
  const diagnostics = [production, platform].map((subscription) => put(`/subscriptions/${subscription}/providers/Microsoft.Insights/diagnosticSettings/activity-to-storage`, { storageAccountId: logStorage, logs: categories.map((category) => ({ category, enabled: true })) }, { location: undefined, tags: undefined }))[0]!;
  put(`${storage}/providers/Microsoft.Insights/diagnosticSettings/audit`, { storageAccountId: logStorage, logs: [{ category: null, categoryGroup: 'allLogs', enabled: true }], metrics: [] }, { location: undefined, tags: undefined });
  put('/providers/microsoft.aadiam/diagnosticSettings/entra-to-storage', { storageAccountId: logStorage, logs: ['AuditLogs', 'SignInLogs', 'NonInteractiveUserSignInLogs', 'ServicePrincipalSignInLogs'].map((category) => ({ category, enabled: true })) }, { location: undefined, tags: undefined });
  const site = put(`${web}/Microsoft.Web/sites/func-orders`, { state: 'Running', enabled: true, hostNames: ['func-orders.azurewebsites.net'], defaultHostName: 'func-orders.azurewebsites.net', lastModifiedTimeUtc: sim.iso() }, { kind: 'functionapp,linux' } as Partial<Resource>);
  const logicApp = put(`${web}/Microsoft.Logic/workflows/logic-invoices`, { state: 'Enabled', createdTime: sim.iso(), changedTime: sim.iso(), version: '1', definition: { triggers: {}, actions: {} } });
  const waf = put(`${web}/Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies/waf-web`, { customRules: [], managedRules: { managedRuleSets: [{ ruleSetType: 'OWASP', ruleSetVersion: '3.2' }] }, policySettings: { state: 'Enabled', mode: 'Prevention' }, resourceState: 'Enabled', applicationGateways: [{ id: `${web}/Microsoft.Network/applicationGateways/gateway-web` }] });
  for (const name of ['VirtualMachines', 'StorageAccounts', 'Arm']) put(`/subscriptions/${production}/providers/Microsoft.Security/pricings/${name}`, { pricingTier: 'Standard', freeTrialRemainingTime: 'PT0S', enablementTime: sim.iso() }, { location: undefined, tags: undefined });
  bill(sim, production);
  return { nsg, nic, vm, osDisk, storage, container, logStorage, diagnostics, site, logicApp, waf };
}

/** Thirty days of a small company’s bill. */
function bill(sim: Sim, subscription: string): void {
  for (let ago = 1; ago <= 30; ago += 1) {
    const date = sim.iso(sim.now() - ago * 86_400_000).slice(0, 10);
    for (const [service, usd] of [['Virtual Machines', 14.2], ['Storage', 1.9], ['Azure App Service', 2.4]] as const) addCost(sim, { subscription, date, service, usd });
  }
}

export function addCost(sim: Sim, cost: Cost): void {
  sim.shelf<Cost>('costs').put(`${cost.subscription}/${cost.date}/${cost.service}/${sim.shelf('costs').truth().length}`, cost);
}
