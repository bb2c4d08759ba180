import { DeactivateMFADeviceCommand } from '@aws-sdk/client-iam';
import type { Step } from '../../../playbook/model/plan';
import type { AwsContext } from '../context';
import { defineAwsAction } from '../define';
import { readIdentity } from '../eradicate/identity';
import { removed, texts } from '../eradicate/support';
import { mfaDevices } from '../iam-read';
import { refuseProtected } from '../protect';
import { onlyUsers } from './deny-user';

/**
 * Row 2.1.1. Target: a user; `params.devices`: serials seen enrolled by the attacker, `params.since`: ISO start of the incident,
 * after which every enrolment counts as the attacker's. The plan fixes the serials. The virtual device itself stays, as evidence.
 */
export const removeRogueMfa = defineAwsAction('aws.remove-rogue-mfa', {
  permissions: ['iam:GetUser', 'iam:ListMFADevices', 'iam:DeactivateMFADevice'],
  async plan(ctx, { target, params }) {
    onlyUsers(target);
    refuseProtected(ctx, target);
    const { iam } = ctx.access.clients(target.account);
    const [user, devices] = await Promise.all([readIdentity(iam, target), mfaDevices(iam, target.name)]);
    refuseProtected(ctx, target, user.arn);
    const since = typeof params.since === 'string' ? params.since : null;
    const named = texts(params, 'devices');
    const rogue = devices.filter((device) => named.includes(device.serial) || (since !== null && device.enabledAt !== '' && device.enabledAt >= since));
    return {
      needed: rogue.length > 0,
      before: { devices },
      params: { devices: rogue.map((device) => device.serial) },
      change: rogue.map((device) => `deactivate MFA device ${device.serial} of user ${target.name} (enrolled ${device.enabledAt})`),
    };
  },
  async apply(ctx, step) {
    refuseProtected(ctx, step.target);
    const enabled = await stillEnabled(ctx, step);
    const { iam } = ctx.access.clients(step.target.account);
    await Promise.all(enabled.map((serial) => removed(iam.send(new DeactivateMFADeviceCommand({ UserName: step.target.name, SerialNumber: serial })))));
    return { deactivated: enabled };
  },
  async verify(ctx, step) {
    const enabled = await stillEnabled(ctx, step);
    return { holds: enabled.length === 0, seen: { enabled } };
  },
  async undo(ctx, step) {
    const enabled = await stillEnabled(ctx, step);
    const gone = texts(step.params, 'devices').filter((serial) => !enabled.includes(serial));
    return { seen: { enabled }, left: gone.map((serial) => `MFA device ${serial} of ${step.target.name} cannot be enrolled again from here: its owner enrols it with two codes`) };
  },
});

async function stillEnabled(ctx: AwsContext, { target, params }: Step): Promise<string[]> {
  const rogue = texts(params, 'devices');
  const devices = await mfaDevices(ctx.access.clients(target.account).iam, target.name);
  return devices.map((device) => device.serial).filter((serial) => rogue.includes(serial));
}
