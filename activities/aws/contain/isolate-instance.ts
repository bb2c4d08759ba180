import {
  AssociateIamInstanceProfileCommand, DescribeInstancesCommand, DisassociateIamInstanceProfileCommand, ModifyInstanceMetadataOptionsCommand, ModifyNetworkInterfaceAttributeCommand,
  paginateDescribeIamInstanceProfileAssociations, type HttpTokensState,
} from '@aws-sdk/client-ec2';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import { defineAwsAction, type Undone, type Verified } from '../define';
import { all, orNull } from '../eradicate/support';
import { refuseProtected } from '../protect';
import { ensureQuarantineGroup, findQuarantineGroup, groupRules } from './quarantine-group';

type Interface = { id: string; groups: string[] };
type InstanceState = { state: string; vpc: string; interfaces: Interface[]; profile: { association: string; arn: string } | null; metadata: { endpoint: string; tokens: string } };

/**
 * Row 2.1.4. Target: an instance. Every network interface gets a group without rules, the instance loses its profile and its metadata service.
 * The disk and the memory stay for the investigation. Connections that security groups already track live on until they pause
 * (EC2 User Guide: “Security group connection tracking”), which the plan says.
 */
export const isolateInstance = defineAwsAction('aws.isolate-instance', {
  permissions: [
    'ec2:DescribeInstances', 'ec2:DescribeIamInstanceProfileAssociations', 'ec2:DescribeSecurityGroups', 'ec2:DescribeSecurityGroupRules', 'ec2:CreateSecurityGroup',
    'ec2:RevokeSecurityGroupEgress', 'ec2:RevokeSecurityGroupIngress', 'ec2:ModifyNetworkInterfaceAttribute', 'ec2:DisassociateIamInstanceProfile', 'ec2:ModifyInstanceMetadataOptions',
    'ec2:AssociateIamInstanceProfile', 'iam:PassRole',
  ],
  async plan(ctx, { target }) {
    refuseProtected(ctx, target);
    const now = await readInstance(ctx, target);
    if (!now) throw fail('NOT_FOUND', `no instance ${target.id}`);
    const needed = !isGone(now) && !(await isIsolated(ctx, target, now));
    const name = ctx.access.config.names.quarantineGroup;
    return {
      needed, before: now,
      change: needed ? [
        ...now.interfaces.map((one) => `put network interface ${one.id} into security group ${name} (no rules), out of ${one.groups.join(', ')}`),
        ...(now.profile ? [`take instance profile ${now.profile.arn} from it`] : []),
        'switch its metadata service off',
        '  connections that are open now may live on until they pause: stop the instance if that is too long',
      ] : [],
    };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    refuseProtected(ctx, target);
    const now = await readInstance(ctx, target);
    if (!now || isGone(now)) return { gone: true };
    const { ec2 } = ctx.access.clients(target.account, target.region);
    const group = await ensureQuarantineGroup(ec2, now.vpc, ctx.access.config.names.quarantineGroup);
    await Promise.all(now.interfaces.filter((one) => !onlyIn(one, group)).map((one) => ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: one.id, Groups: [group] }))));
    if (now.profile) await orNull(ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId: now.profile.association })));
    if (now.metadata.endpoint !== 'disabled') await ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: target.id, HttpEndpoint: 'disabled' }));
    return { group, interfaces: now.interfaces.map((one) => one.id) };
  },
  async verify(ctx, { target }): Promise<Verified> {
    const now = await readInstance(ctx, target);
    if (!now || isGone(now)) return { holds: true, seen: { gone: true } };
    return { holds: await isIsolated(ctx, target, now), seen: { interfaces: now.interfaces, profile: now.profile, metadata: now.metadata } };
  },
  async undo(ctx, step): Promise<Undone> {
    const { target } = step;
    refuseProtected(ctx, target);
    const now = await readInstance(ctx, target);
    if (!now || isGone(now)) return { seen: { gone: true }, left: [`instance ${target.id} is gone`] };
    const before = step.before as unknown as InstanceState;
    const { ec2 } = ctx.access.clients(target.account, target.region);
    for (const one of before.interfaces) {
      if (now.interfaces.some((seen) => seen.id === one.id)) await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: one.id, Groups: one.groups }));
    }
    if (before.profile && !now.profile) await ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId: target.id, IamInstanceProfile: { Arn: before.profile.arn } }));
    if (before.metadata.endpoint === 'enabled' && now.metadata.endpoint !== 'enabled') {
      await ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: target.id, HttpEndpoint: 'enabled', HttpTokens: before.metadata.tokens as HttpTokensState }));
    }
    const group = await findQuarantineGroup(ec2, before.vpc, ctx.access.config.names.quarantineGroup);
    return { seen: { interfaces: (await readInstance(ctx, target))?.interfaces ?? [] }, left: group ? [`security group ${group} (empty, for isolation) stays for the next time`] : [] };
  },
});

const isGone = ({ state }: InstanceState): boolean => state === 'terminated' || state === 'shutting-down';

const onlyIn = (one: Interface, group: string): boolean => one.groups.length === 1 && one.groups[0] === group;

async function isIsolated(ctx: AwsContext, target: Target, now: InstanceState): Promise<boolean> {
  const { ec2 } = ctx.access.clients(target.account, target.region);
  const group = await findQuarantineGroup(ec2, now.vpc, ctx.access.config.names.quarantineGroup);
  if (!group || now.profile || now.metadata.endpoint !== 'disabled' || !now.interfaces.every((one) => onlyIn(one, group))) return false;
  return (await groupRules(ec2, group)).length === 0;
}

async function readInstance(ctx: AwsContext, target: Target): Promise<InstanceState | null> {
  const { ec2 } = ctx.access.clients(target.account, target.region);
  const [answer, associations] = await Promise.all([
    orNull(ec2.send(new DescribeInstancesCommand({ InstanceIds: [target.id] }))),
    all(paginateDescribeIamInstanceProfileAssociations({ client: ec2 }, { Filters: [{ Name: 'instance-id', Values: [target.id] }] }), (page) => page.IamInstanceProfileAssociations),
  ]);
  const instance = answer?.Reservations?.[0]?.Instances?.[0];
  if (!instance) return null;
  const association = associations.find((one) => one.State === 'associated' || one.State === 'associating');
  return {
    state: instance.State?.Name ?? '',
    vpc: instance.VpcId ?? '',
    interfaces: (instance.NetworkInterfaces ?? []).map((one) => ({ id: one.NetworkInterfaceId ?? '', groups: (one.Groups ?? []).map((group) => group.GroupId ?? '').sort() })),
    profile: association ? { association: association.AssociationId ?? '', arn: association.IamInstanceProfile?.Arn ?? '' } : null,
    metadata: { endpoint: instance.MetadataOptions?.HttpEndpoint ?? 'enabled', tokens: instance.MetadataOptions?.HttpTokens ?? 'optional' },
  };
}
