import type { NetworkInterface } from '@azure/arm-network';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import type { AzureContext } from '../context';
import { guardedAzureAction, type Verified } from '../define';
import { orNull } from '../errors';
import { armFor, polling } from './arm';
import { resourceTarget } from './targets';

const VM = 'Microsoft.Compute/virtualMachines';
const NIC = 'Microsoft.Network/networkInterfaces';
const NSG = 'Microsoft.Network/networkSecurityGroups';
const GROUP_NAME = 'tourniquet-isolated';

interface Nic {
  id: string;
  /** Its own security group; null when it has none. */
  nsg: string | null;
}

/**
 * Row 2.1.4. Target: a virtual machine. Every interface gets a security group that lets nothing in and nothing out; the machine keeps running, so that its memory stays as evidence.
 * Connections that were open may last until they are idle (Azure: “Network security groups, stateful”).
 */
export const isolateVm = guardedAzureAction('azure.isolate-vm', {
  permissions: [
    `${VM}/read`, `${NIC}/read`, `${NIC}/write`, `${NSG}/read`, `${NSG}/write`, `${NSG}/join/action`, 'Microsoft.Network/virtualNetworks/subnets/join/action', 'Microsoft.Network/publicIPAddresses/join/action',
  ],
  async plan(ctx, { target }) {
    const nics = await nicsOf(ctx, target);
    const open = nics.filter((nic) => !isolated(nic));
    return {
      needed: open.length > 0, before: { nics: nics.map((nic) => ({ ...nic })) },
      change: open.map((nic) => `put interface ${last(nic.id)} of virtual machine ${target.name} into security group ${GROUP_NAME}: nothing in, nothing out (now ${nic.nsg ? last(nic.nsg) : 'none'})`),
    };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    const open = (await nicsOf(ctx, target)).filter((nic) => !isolated(nic));
    for (const nic of open) await setGroup(ctx, target, nic.id, await isolation(ctx, target, nic.id));
    return { isolated: open.map((nic) => nic.id) };
  },
  async verify(ctx, { target }): Promise<Verified> {
    const nics = await orNull(nicsOf(ctx, target));
    const open = (nics ?? []).filter((nic) => !isolated(nic)).map((nic) => nic.id);
    const broken = nics && open.length === 0 ? await weakened(ctx, target, nics) : [];
    return { holds: open.length + broken.length === 0, seen: { open, weakened: broken } };
  },
  async undo(ctx, { target, before }) {
    const restored = (before.nics as unknown as Nic[]).filter((nic) => !isolated(nic));
    for (const nic of restored) await setGroup(ctx, target, nic.id, nic.nsg);
    return { seen: { restored: restored.map((nic) => nic.id) }, left: [] };
  },
});

const last = (id: string): string => id.slice(id.lastIndexOf('/') + 1);
const isolated = (nic: Nic): boolean => nic.nsg !== null && last(nic.nsg) === GROUP_NAME;

async function nicsOf(ctx: AzureContext, target: Target): Promise<Nic[]> {
  const { arm, at } = armFor(ctx, target, VM);
  const vm = await arm.compute.virtualMachines.get(at.group, at.name);
  const ids = (vm.networkProfile?.networkInterfaces ?? []).flatMap((one) => one.id ?? []);
  return Promise.all(ids.map(async (id) => ({ id, nsg: (await readNic(ctx, target, id)).networkSecurityGroup?.id ?? null })));
}

function readNic(ctx: AzureContext, target: Target, id: string): Promise<NetworkInterface> {
  const { arm, at } = armFor(ctx, { account: target.account, id }, NIC);
  return arm.network.networkInterfaces.get(at.group, at.name);
}

async function setGroup(ctx: AzureContext, target: Target, id: string, nsg: string | null): Promise<void> {
  const { arm, at } = armFor(ctx, { account: target.account, id }, NIC);
  const nic = await arm.network.networkInterfaces.get(at.group, at.name);
  await arm.network.networkInterfaces.beginCreateOrUpdateAndWait(at.group, at.name, { ...nic, networkSecurityGroup: nsg ? { id: nsg } : undefined }, polling);
}

/** The group that isolates, in the interface's own resource group and region; made, or put right, each time. */
async function isolation(ctx: AzureContext, target: Target, nic: string): Promise<string> {
  const { arm, at } = armFor(ctx, { account: target.account, id: nic }, NIC);
  const { location } = await readNic(ctx, target, nic);
  const group = await arm.network.networkSecurityGroups.beginCreateOrUpdateAndWait(at.group, GROUP_NAME, { location, securityRules: rules() }, polling);
  return group.id ?? '';
}

const rules = () => (['Inbound', 'Outbound'] as const).map((direction) => ({
  name: `Deny${direction}`, priority: 100, direction, access: 'Deny' as const, protocol: '*' as const, sourceAddressPrefix: '*', sourcePortRange: '*', destinationAddressPrefix: '*', destinationPortRange: '*',
}));

/** Isolating groups that somebody gave an allow rule, or took a deny from. */
async function weakened(ctx: AzureContext, target: Target, nics: readonly Nic[]): Promise<string[]> {
  const groups = [...new Set(nics.flatMap((nic) => nic.nsg ?? []))];
  const found = await Promise.all(groups.map(async (id) => {
    const { arm, at } = armFor(ctx, resourceTarget('network-security-group', target.account, id), NSG);
    const { securityRules = [] } = await arm.network.networkSecurityGroups.get(at.group, at.name);
    const whole = rules().every((rule) => securityRules.some((one) => one.direction === rule.direction && one.access === 'Deny' && one.priority === rule.priority && one.sourceAddressPrefix === '*' && one.destinationAddressPrefix === '*'));
    return whole ? [] : [id];
  }));
  return found.flat();
}
