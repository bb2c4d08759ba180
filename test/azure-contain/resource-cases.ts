import { proposal, resourceTarget } from '../../activities/azure/contain/targets';
import type { Proposal } from '../../playbook/model/plan';
import { resources, type Resource } from '../../sandbox/azure/arm/routes';
import { keysOf } from '../../sandbox/azure/arm/storage';
import type { Bed } from './bed';
import { attackerIp, fresh, type Case } from './cases';

const store = ({ azure }: Bed) => resources(azure.sim);


/** A fresh copy of one of the world's resources, so that no case meets another's. */
function copyOf(bed: Bed, original: string, change: (properties: Resource['properties'], id: string) => Resource['properties'] = (properties) => properties): string {
  const found = store(bed).get(original)!;
  const id = `${original.slice(0, original.lastIndexOf('/') + 1)}${fresh(found.name)}`;
  const text = JSON.stringify(found.properties).split(original).join(id);
  store(bed).put(id, { ...found, id, name: id.slice(id.lastIndexOf('/') + 1), properties: change(JSON.parse(text) as Resource['properties'], id) });

  return id;
}

const properties = (bed: Bed, id: string): Resource['properties'] | null => store(bed).get(id)?.properties ?? null;
const change = (bed: Bed, id: string, given: object): void => {
  const found = store(bed).get(id)!;
  store(bed).put(id, { ...found, properties: { ...found.properties, ...given } });
};
const lookProperties = (...names: string[]) => async (bed: Bed, { target }: Proposal) => Object.fromEntries(names.map((name) => [name, properties(bed, target.id)?.[name] ?? null]));
const byId = (_bed: Bed, { target }: Proposal): string => target.id;
const ofGroup = (_bed: Bed, { target }: Proposal): string => target.id.split('/providers/')[0]!.toUpperCase();

export const resourceCases: Case[] = [
  {
    action: 'azure.rotate-storage-keys', name: 'both keys and the delegation keys', left: /cannot be restored/, protect: byId,
    look: async (bed, { target }) => ({ ...keysOf(bed.azure.sim, target.id), delegationRevokedAt: null }),
    arrange: async (bed) => proposal('azure.rotate-storage-keys', resourceTarget('bucket', bed.tenant, copyOf(bed, bed.azure.world.estate.storage)), 'test'),
  },
  {
    action: 'azure.block-ip-nsg', name: 'before the first allow', left: null, protect: byId,
    look: async (bed, { target }) => (properties(bed, target.id)!.securityRules as { name: string }[]).map((rule) => rule.name),
    arrange: async (bed) => proposal('azure.block-ip-nsg', resourceTarget('security-group', bed.tenant, copyOf(bed, bed.azure.world.estate.nsg)), 'test', { address: attackerIp }),
    attackerUndoes: async (bed, { target }) => change(bed, target.id, { securityRules: (properties(bed, target.id)!.securityRules as { name: string }[]).filter((rule) => !rule.name.startsWith('Tourniquet')) }),
  },
  {
    action: 'azure.block-ip-waf', name: 'a policy of Application Gateway', left: null, protect: byId, look: lookProperties('customRules'),
    arrange: async (bed) => proposal('azure.block-ip-waf', resourceTarget('waf-policy', bed.tenant, copyOf(bed, bed.azure.world.estate.waf)), 'test', { address: attackerIp }),
    attackerUndoes: async (bed, { target }) => change(bed, target.id, { customRules: [] }),
  },
  {
    action: 'azure.block-ip-waf', name: 'a policy of Front Door', left: null, protect: byId, look: lookProperties('customRules'),
    arrange: async (bed) => {
      const id = bed.azure.world.estate.waf.replace(/ApplicationGatewayWebApplicationFirewallPolicies.*/, `frontDoorWebApplicationFirewallPolicies/${fresh('door').replace('-', '')}`);
      store(bed).put(id, { id, name: id.split('/').pop()!, type: 'Microsoft.Network/frontDoorWebApplicationFirewallPolicies', location: 'Global', tags: {}, properties: { policySettings: { enabledState: 'Enabled', mode: 'Prevention' }, customRules: { rules: [] }, managedRules: { managedRuleSets: [] } } });
      return proposal('azure.block-ip-waf', resourceTarget('waf-policy', bed.tenant, id), 'test', { address: attackerIp });
    },
    attackerUndoes: async (bed, { target }) => change(bed, target.id, { customRules: { rules: [] } }),
  },
  {
    action: 'azure.isolate-vm', name: 'a machine with one interface', left: null, protect: ofGroup,
    look: async (bed, { target }) => {
      const vm = properties(bed, target.id)!.networkProfile as { networkInterfaces: { id: string }[] };
      return vm.networkInterfaces.map(({ id }) => (properties(bed, id)!.networkSecurityGroup as { id: string } | undefined)?.id ?? null);
    },
    arrange: async (bed) => {
      const nic = copyOf(bed, bed.azure.world.estate.nic);
      const vm = copyOf(bed, bed.azure.world.estate.vm, (given) => ({ ...given, networkProfile: { networkInterfaces: [{ id: nic, properties: { primary: true } }] } }));
      return proposal('azure.isolate-vm', resourceTarget('instance', bed.tenant, vm), 'test');
    },
    attackerUndoes: async (bed, { target }) => {
      const group = `${target.id.split('/providers/')[0]}/providers/Microsoft.Network/networkSecurityGroups/tourniquet-isolated`;
      change(bed, group, { securityRules: (properties(bed, group)!.securityRules as { name: string }[]).slice(1) });
      const nic = (properties(bed, target.id)!.networkProfile as { networkInterfaces: { id: string }[] }).networkInterfaces[0]!.id;
      change(bed, nic, { networkSecurityGroup: { id: bed.azure.world.estate.nsg } });
    },
  },
  {
    action: 'azure.isolate-function', name: 'a function app', left: null, protect: byId, look: lookProperties('state'),
    arrange: async (bed) => proposal('azure.isolate-function', resourceTarget('function', bed.tenant, copyOf(bed, bed.azure.world.estate.site)), 'test'),
    attackerUndoes: async (bed, { target }) => change(bed, target.id, { state: 'Running' }),
  },
  {
    action: 'azure.isolate-logic-app', name: 'a Consumption logic app', left: null, protect: byId, look: lookProperties('state'),
    arrange: async (bed) => proposal('azure.isolate-logic-app', resourceTarget('function', bed.tenant, copyOf(bed, bed.azure.world.estate.logicApp)), 'test'),
    attackerUndoes: async (bed, { target }) => change(bed, target.id, { state: 'Enabled' }),
  },
  {
    action: 'azure.close-public-container', name: 'a public container', left: null, protect: byId, look: lookProperties('publicAccess'),
    arrange: async (bed) => {
      change(bed, bed.azure.world.estate.storage, { allowBlobPublicAccess: true });
      return proposal('azure.close-public-container', resourceTarget('bucket', bed.tenant, copyOf(bed, bed.azure.world.estate.container, (given) => ({ ...given, publicAccess: 'Container' }))), 'test');
    },
    attackerUndoes: async (bed, { target }) => change(bed, target.id, { publicAccess: 'Blob' }),
  },
  {
    action: 'azure.close-public-container', name: 'a whole account', left: null, protect: byId, look: lookProperties('allowBlobPublicAccess'),
    arrange: async (bed) => proposal('azure.close-public-container', resourceTarget('bucket', bed.tenant, copyOf(bed, bed.azure.world.estate.storage, (given) => ({ ...given, allowBlobPublicAccess: true }))), 'test'),
    attackerUndoes: async (bed, { target }) => change(bed, target.id, { allowBlobPublicAccess: true }),
  },
  {
    action: 'azure.restore-diagnostics', name: 'a deleted setting of a subscription, as it was', left: /stays on/, protect: byId, look: async (bed, { target }) => properties(bed, target.id),
    arrange: async (bed) => {
      const { diagnostics } = bed.azure.world.estate;
      const wanted = properties(bed, diagnostics)!;
      const id = copyOf(bed, diagnostics);
      store(bed).remove(id);
      return proposal('azure.restore-diagnostics', resourceTarget('trail', bed.tenant, id), 'test', { wanted: { logs: wanted.logs as never, storageAccountId: wanted.storageAccountId as string } });
    },
    attackerUndoes: async (bed, { target }) => change(bed, target.id, { logs: (properties(bed, target.id)!.logs as object[]).map((log) => ({ ...log, enabled: false })) }),
  },
  {
    action: 'azure.restore-diagnostics', name: 'Entra’s own setting, emptied', left: /stays on/, protect: byId, look: async (bed, { target }) => properties(bed, target.id),
    arrange: async (bed) => {
      const id = copyOf(bed, '/providers/microsoft.aadiam/diagnosticSettings/entra-to-storage', (given) => ({ ...given, logs: (given.logs as object[]).map((log) => ({ ...log, enabled: false })) }));
      return proposal('azure.restore-diagnostics', resourceTarget('trail', bed.tenant, id), 'test', { wanted: null });
    },
    attackerUndoes: async (bed, { target }) => store(bed).remove(target.id),
  },
];
