import type { NetworkSecurityGroup, SecurityRule } from '@azure/arm-network';
import type { JsonObject } from '../../../playbook/json';
import { digestOf } from '../../../playbook/digest';
import { blockable, type Address } from '../../address';
import { fail } from '../../boundary';
import type { AzureContext } from '../context';
import { guardedAzureAction, type Verified } from '../define';
import { gone, orNull } from '../errors';
import { armFor, polling } from './arm';

const TYPE = 'Microsoft.Network/networkSecurityGroups';
/** Priorities that a rule may have (Azure: “Network security groups”). */
const [FIRST, LAST] = [100, 4096];

/** Row 2.1.4. Target: a network security group; `params.address`. A deny rule before every allow: what the address may still reach is then nothing, whatever others allow. */
export const blockIpNsg = guardedAzureAction('azure.block-ip-nsg', {
  permissions: [`${TYPE}/read`, `${TYPE}/securityRules/read`, `${TYPE}/securityRules/write`, `${TYPE}/securityRules/delete`],
  async plan(ctx, { target, params }) {
    const address = blockable(ctx.access.config, params.address);
    const group = await read(ctx, target);
    const needed = !denies(group, address);
    const priority = needed ? freePriority(group, nameOf(ctx, address)) : null;
    return { needed, before: { rule: named(group, nameOf(ctx, address))?.name ?? null }, change: needed ? [`add rule ${nameOf(ctx, address)} to ${target.name}: deny everything in from ${address.cidr}, priority ${priority}`] : [] };
  },
  async apply(ctx, { target, params }): Promise<JsonObject> {
    const address = blockable(ctx.access.config, params.address);
    const group = await read(ctx, target);
    if (denies(group, address)) return { already: true };
    const { arm, at } = armFor(ctx, target, TYPE);
    const priority = freePriority(group, nameOf(ctx, address));
    await arm.network.securityRules.beginCreateOrUpdateAndWait(at.group, at.name, nameOf(ctx, address), {
      priority, direction: 'Inbound', access: 'Deny', protocol: '*', sourceAddressPrefix: address.cidr, sourcePortRange: '*', destinationAddressPrefix: '*', destinationPortRange: '*', description: `Tourniquet ${ctx.incident}`,
    }, polling);
    return { rule: nameOf(ctx, address), priority };
  },
  async verify(ctx, { target, params }): Promise<Verified> {
    const address = blockable(ctx.access.config, params.address);
    const { arm, at } = armFor(ctx, target, TYPE);
    const group = await orNull(arm.network.networkSecurityGroups.get(at.group, at.name));
    return { holds: !group || denies(group, address), seen: { rule: group ? (named(group, nameOf(ctx, address))?.name ?? null) : null } };
  },
  async undo(ctx, { target, params, before }) {
    const address = blockable(ctx.access.config, params.address);
    const { arm, at } = armFor(ctx, target, TYPE);
    if (before.rule === null) await gone(arm.network.securityRules.beginDeleteAndWait(at.group, at.name, nameOf(ctx, address), polling));
    return { seen: { denied: denies(await read(ctx, target), address) }, left: [] };
  },
});

const nameOf = (ctx: AzureContext, address: Address): string => `${ctx.access.config.names.nsgRule}-${digestOf(address.text).slice(0, 8)}`;

function read(ctx: AzureContext, target: Parameters<typeof armFor>[1]): Promise<NetworkSecurityGroup> {
  const { arm, at } = armFor(ctx, target, TYPE);
  return arm.network.networkSecurityGroups.get(at.group, at.name);
}

const named = (group: NetworkSecurityGroup, name: string): SecurityRule | undefined => group.securityRules?.find((rule) => rule.name === name);

const firstAllow = (group: NetworkSecurityGroup): number => Math.min(LAST + 1, ...(group.securityRules ?? []).filter((rule) => rule.direction === 'Inbound' && rule.access === 'Allow').map((rule) => rule.priority ?? LAST));

/** A whole deny of the address that comes before every allow. */
function denies(group: NetworkSecurityGroup, address: Address): boolean {
  return (group.securityRules ?? []).some((rule) => rule.direction === 'Inbound' && rule.access === 'Deny' && rule.protocol === '*' && rule.destinationPortRange === '*' && rule.destinationAddressPrefix === '*' &&
    [rule.sourceAddressPrefix, ...(rule.sourceAddressPrefixes ?? [])].some((prefix) => prefix === address.cidr || prefix === address.text) && (rule.priority ?? LAST) < firstAllow(group));
}

function freePriority(group: NetworkSecurityGroup, own: string): number {
  const taken = new Set((group.securityRules ?? []).filter((rule) => rule.direction === 'Inbound' && rule.name !== own).map((rule) => rule.priority));
  for (let priority = FIRST; priority < firstAllow(group); priority += 1) if (!taken.has(priority)) return priority;
  throw fail('LIMIT_EXCEEDED', `${group.name ?? 'the group'} has no free priority before its first allow rule (${firstAllow(group)}): move that rule, then retry`);
}
