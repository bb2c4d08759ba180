import type { NetworkSecurityGroup, WebApplicationFirewallPolicy } from '@azure/arm-network';
import type { WebApplicationFirewallPolicy as FrontDoorPolicy } from '@azure/arm-frontdoor';
import type { Alert } from '../../../playbook/model/alert';
import type { Finding } from '../../../playbook/model/finding';
import type { Proposal } from '../../../playbook/model/plan';
import { objectOf, textOf } from '../../../playbook/triage/reading';
import { contains, isKnown, isPublic, parseAddress, type Address, type KnownAddresses } from '../../address';
import type { AzureContext } from '../context';
import { pages } from './arm';
import { directoryTarget, proposal, resourceTarget } from './targets';

/** At most so many addresses: beyond, blocking single addresses is no containment. */
const MAX_ADDRESSES = 20;

export const networkPermissions: readonly string[] = ['Microsoft.Network/networkSecurityGroups/read', 'Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies/read', 'Microsoft.Network/frontDoorWebApplicationFirewallPolicies/read'];

/** The attacker's public addresses, of the alerts and of the investigation; ours and documented ones left out. Pure. */
export function attackersAddresses(config: KnownAddresses, alerts: readonly Alert[], findings: readonly Finding[]): Address[] {
  const listed = findings.find((finding) => finding.check === '1.2.2-source-ip')?.facts.addresses;
  const hostile = (Array.isArray(listed) ? listed : []).map(objectOf).filter((one) => one.hostile === true && one.known !== true).map((one) => textOf(one.ip));
  const texts = [...alerts.flatMap((alert) => [alert.sourceIp ?? '', ...alert.addresses]), ...hostile];
  const addresses = texts.filter(isPublic).map(parseAddress).filter((address) => !isKnown(config, address.text));
  return [...new Map(addresses.map((address) => [address.text, address])).values()].slice(0, MAX_ADDRESSES);
}

/** Sign-ins from the address, whoever it is next. */
export const proposeSignInBlocks = (tenant: string, name: string, addresses: readonly Address[], because: string): Proposal[] =>
  addresses.map((address) => proposal('azure.block-ip-conditional-access', directoryTarget('tenant', tenant, tenant, name), because, { address: address.text }));

/** Row 2.1.4 in one subscription, only where a block bites: groups in use that let the address in, WAF policies in use. */
export async function proposeBlocks(ctx: AzureContext, tenant: string, subscription: string, addresses: readonly Address[], because: string): Promise<Proposal[]> {
  if (addresses.length === 0) return [];
  const { network, frontDoor } = ctx.access.arm(tenant, subscription);
  const [groups, gateways, doors] = await Promise.all([
    pages<NetworkSecurityGroup>(network.networkSecurityGroups.listAll()), pages<WebApplicationFirewallPolicy>(network.webApplicationFirewallPolicies.listAll()), pages<FrontDoorPolicy>(frontDoor.policies.listBySubscription()),
  ]);
  const inUse = [...gateways.filter((one) => [one.applicationGateways, one.httpListeners, one.pathBasedRules].some((used) => used?.length)), ...doors.filter((one) => [one.frontendEndpointLinks, one.securityPolicyLinks].some((used) => used?.length))];
  return addresses.flatMap((address) => [
    ...groups.filter((group) => (group.networkInterfaces?.length ?? 0) + (group.subnets?.length ?? 0) > 0 && admits(group, address)).map((group) => proposal('azure.block-ip-nsg', resourceTarget('security-group', tenant, group.id ?? '', group.location ?? null), because, { address: address.text })),
    ...inUse.map((policy) => proposal('azure.block-ip-waf', resourceTarget('waf-policy', tenant, policy.id ?? '', policy.location ?? null), because, { address: address.text })),
  ]);
}

function admits(group: NetworkSecurityGroup, address: Address): boolean {
  return (group.securityRules ?? []).some((rule) => rule.direction === 'Inbound' && rule.access === 'Allow' &&
    [rule.sourceAddressPrefix ?? '', ...(rule.sourceAddressPrefixes ?? [])].some((prefix) => /^(\*|any|internet)$/i.test(prefix) || prefix === address.text || contains(prefix, address)));
}
