import type { JsonObject } from '../../../playbook/json';
import { placed } from './by-id';
import { removal } from './removal';

/** Row 3.5. Target: a security group that the attacker made, or a rule in one that was there. */
export const deleteNsgRule = removal('azure.delete-nsg-rule', {
  permissions: ['Microsoft.Network/networkSecurityGroups/read', 'Microsoft.Network/networkSecurityGroups/delete', 'Microsoft.Network/networkSecurityGroups/securityRules/read', 'Microsoft.Network/networkSecurityGroups/securityRules/delete'],
  ...placed('microsoft.network/networksecuritygroups'),
  change: (target, state) => {
    const { sourceAddressPrefix, destinationPortRange } = (state.properties ?? {}) as JsonObject;
    return [/\/securityRules\//i.test(target.id) ? `delete rule ${target.name} (from ${String(sourceAddressPrefix ?? 'several')} to port ${String(destinationPortRange ?? 'several')})` : `delete security group ${target.name}`];
  },
});
