import type { Device } from '@microsoft/microsoft-graph-types';
import type { JsonObject } from '../../../playbook/json';
import type { Proposal, Target } from '../../../playbook/model/plan';
import type { AzureContext } from '../context';
import { guardedAzureAction, type Verified } from '../define';
import { gone } from '../errors';
import { at } from '../graph';
import { refuseProtected } from '../protect';
import { findUser, readUser } from './users';

/** Row 2.1.1. Target: a user; `params.since`: devices registered since (ISO); `params.devices`: these object ids. A disabled device gets no token any more, whoever sits before it. */
export const disableDevices = guardedAzureAction('azure.disable-devices', {
  permissions: ['Device.ReadWrite.All', 'User.Read.All'],
  async plan(ctx, { target, params }) {
    await readUser(ctx, target);
    const rogue = (await devicesOf(ctx, target)).filter((one) => isRogue(one, params));
    for (const one of rogue) refuseProtected(ctx, { id: one.id ?? '', name: one.displayName ?? '' });
    const enabled = rogue.filter((one) => one.accountEnabled !== false);
    return {
      needed: enabled.length > 0, before: { devices: rogue.map((one) => ({ id: one.id ?? '', name: one.displayName ?? '', enabled: one.accountEnabled !== false, registeredAt: one.registrationDateTime ?? null })) },
      change: enabled.map((one) => `disable device ${one.displayName ?? one.id} (${one.operatingSystem ?? 'unknown system'}) of user ${target.name}, registered ${one.registrationDateTime ?? 'at an unknown time'}`),
    };
  },
  async apply(ctx, { target, params }): Promise<JsonObject> {
    await readUser(ctx, target);
    const enabled = (await devicesOf(ctx, target)).filter((one) => isRogue(one, params) && one.accountEnabled !== false);
    for (const one of enabled) refuseProtected(ctx, { id: one.id ?? '', name: one.displayName ?? '' });
    for (const one of enabled) await gone(ctx.access.graph(target.account).patch(at`/devices/${one.id ?? ''}`, { accountEnabled: false }));
    return { disabled: enabled.map((one) => one.id ?? '') };
  },
  async verify(ctx, { target, params }): Promise<Verified> {
    if (!(await findUser(ctx, target))) return { holds: true, seen: { exists: false } };
    const enabled = (await devicesOf(ctx, target)).filter((one) => isRogue(one, params) && one.accountEnabled !== false).map((one) => one.id ?? '');
    return { holds: enabled.length === 0, seen: { enabled } };
  },
  undo: async (_ctx, { before }) => {
    const devices = (before.devices as { name: string; id: string; enabled: boolean }[]).filter((one) => one.enabled);
    return { seen: {}, left: devices.map((one) => `device ${one.name || one.id} stays disabled, because somebody else may hold it: enable it when its owner has it in hand`) };
  },
});

const devicesOf = (ctx: AzureContext, { account, id }: Target): Promise<Device[]> =>
  ctx.access.graph(account).list<Device>(at`/users/${id}/registeredDevices/microsoft.graph.device`, { select: 'id,displayName,operatingSystem,accountEnabled,registrationDateTime' });

function isRogue(device: Device, params: Proposal['params']): boolean {
  if (Array.isArray(params.devices) && params.devices.includes(device.id ?? '')) return true;
  return typeof params.since === 'string' && typeof device.registrationDateTime === 'string' && Date.parse(device.registrationDateTime) >= Date.parse(params.since);
}
