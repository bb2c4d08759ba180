import {
  CancelSpotInstanceRequestsCommand, DescribeInstanceAttributeCommand, DescribeInstancesCommand, ModifyInstanceAttributeCommand, TerminateInstancesCommand,
  type EC2Client, type Instance,
} from '@aws-sdk/client-ec2';
import type { JsonObject } from '../../../playbook/json';
import { fail } from '../../boundary';
import { guardedAction } from '../guarded';
import { snapshotVolumes } from './snapshots';
import { already, assertSame, gone, keepFirst, orNull, toJson } from './support';

async function findInstance(ec2: EC2Client, id: string): Promise<Instance | null> {
  const found = await orNull(ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] })));
  return found?.Reservations?.flatMap((one) => one.Instances ?? [])[0] ?? null;
}

const stateOf = (instance: Instance | null) => instance?.State?.Name ?? 'gone';
const ended = (instance: Instance | null) => ['gone', 'terminated', 'shutting-down'].includes(stateOf(instance));
const volumesOf = (instance: Instance) => (instance.BlockDeviceMappings ?? []).flatMap((one) => (one.Ebs?.VolumeId ? [one.Ebs.VolumeId] : [])).sort();
const tag = (instance: Instance, key: string) => instance.Tags?.find((one) => one.Key === key)?.Value ?? null;

function facts(instance: Instance) {
  return {
    id: instance.InstanceId ?? '', launchedAt: instance.LaunchTime?.toISOString() ?? '', image: instance.ImageId ?? '', type: instance.InstanceType ?? '',
    subnet: instance.SubnetId ?? null, addresses: [instance.PublicIpAddress, instance.PrivateIpAddress].filter((one): one is string => one !== undefined),
    securityGroups: (instance.SecurityGroups ?? []).map((one) => one.GroupId ?? ''), profile: instance.IamInstanceProfile?.Arn ?? null, key: instance.KeyName ?? null,
    volumes: volumesOf(instance), spotRequest: instance.SpotInstanceRequestId ?? null, autoScalingGroup: tag(instance, 'aws:autoscaling:groupName'),
  };
}

/**
 * Row 3.3. Target: the instance (`id` = `i-…`, with region). Each EBS volume is snapshotted first; user data and description are kept;
 * termination protection is lifted; a spot request is cancelled, so that it does not start another.
 */
export const terminateInstance = guardedAction('aws.terminate-instance', {
  permissions: [
    'ec2:DescribeInstances', 'ec2:DescribeInstanceAttribute', 'ec2:DescribeSnapshots', 'ec2:CreateSnapshot', 'ec2:CreateTags', 'ec2:ModifyInstanceAttribute',
    'ec2:CancelSpotInstanceRequests', 'ec2:TerminateInstances',
  ],
  async plan(ctx, { target }) {
    const { ec2 } = ctx.access.clients(target.account, target.region);
    const instance = await findInstance(ec2, target.id);
    if (!instance) throw fail('NOT_FOUND', `no instance ${target.id} in ${target.region}`);
    const before = facts(instance);
    const needed = !ended(instance);
    const change = [
      `snapshot ${before.volumes.join(', ') || 'nothing (no EBS volume; instance store is lost)'}`,
      `terminate ${before.id} (${before.type}, launched ${before.launchedAt})`,
      ...(before.spotRequest ? [`cancel spot request ${before.spotRequest}`] : []),
      ...(before.autoScalingGroup ? [`careful: Auto Scaling group ${before.autoScalingGroup} will start another in its place`] : []),
    ];
    return { needed, before: { ...before, state: stateOf(instance) }, change: needed ? change : [] };
  },
  async apply(ctx, step): Promise<JsonObject> {
    const { ec2 } = ctx.access.clients(step.target.account, step.target.region);
    const instance = await findInstance(ec2, step.target.id);
    if (!instance || ended(instance)) return { ...already, state: stateOf(instance) };
    assertSame(step, facts(instance), ['id', 'launchedAt', 'volumes']);
    const userData = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: step.target.id, Attribute: 'userData' }));
    const snapshots = await snapshotVolumes(ec2, volumesOf(instance), ctx.incident, step.target.id);
    const kept = await keepFirst(ctx, step, 'instance', {
      instance: toJson(instance), userData: userData.UserData?.Value ?? null, snapshots: snapshots.map((one) => ({ ...one })),
    });
    const spot = instance.SpotInstanceRequestId;
    if (spot) await ec2.send(new CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [spot] }));
    const protection = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: step.target.id, Attribute: 'disableApiTermination' }));
    if (protection.DisableApiTermination?.Value) {
      await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: step.target.id, DisableApiTermination: { Value: false } }));
    }
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [step.target.id] }));
    return { terminated: step.target.id, snapshots: snapshots.map((one) => ({ ...one })), kept };
  },
  async verify(ctx, step) {
    const instance = await findInstance(ctx.access.clients(step.target.account, step.target.region).ec2, step.target.id);
    // `shutting-down` cannot be turned back (EC2 User Guide: instance lifecycle).
    return { holds: ended(instance), seen: { state: stateOf(instance) } };
  },
  undo: gone('the description, user data, and the ids of the EBS snapshots'),
});
