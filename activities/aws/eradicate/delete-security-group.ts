import { DeleteSecurityGroupCommand, DescribeSecurityGroupsCommand, type EC2Client, type SecurityGroup } from '@aws-sdk/client-ec2';
import { fail } from '../../boundary';
import { guardedAction } from '../guarded';
import { refuseDependents } from './dependents';
import { already, assertSame, gone, keepFirst, orNull, removed, toJson, whileBusy } from './support';

async function findGroup(ec2: EC2Client, id: string): Promise<SecurityGroup | null> {
  return (await orNull(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }))))?.SecurityGroups?.[0] ?? null;
}

const facts = (group: SecurityGroup) => ({ id: group.GroupId ?? '', name: group.GroupName ?? '', vpc: group.VpcId ?? '' });

/**
 * Row 3.5. Target: a group that the attacker made (`id` = `sg-…`, with region). `params.instances`: the attacker's instances, which go first;
 * `params.groups`: groups whose rules naming it were opened by the attacker. Anything else that uses it refuses it (STILL_IN_USE).
 */
export const deleteSecurityGroup = guardedAction('aws.delete-security-group', {
  permissions: ['ec2:DescribeSecurityGroups', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteSecurityGroup'],
  async plan(ctx, { target, params }) {
    const { ec2 } = ctx.access.clients(target.account, target.region);
    const group = await findGroup(ec2, target.id);
    if (!group) throw fail('NOT_FOUND', `no security group ${target.id} in ${target.region}`);
    if (group.GroupName === 'default') throw fail('NOT_SUPPORTED', `${target.id} is the VPC's default group, which cannot be deleted`);
    await refuseDependents(ctx, 'aws.delete-security-group', target, params);
    return { needed: true, before: facts(group), change: [`delete security group ${target.id} (${group.GroupName}) in ${group.VpcId}`] };
  },
  async apply(ctx, step) {
    const { ec2 } = ctx.access.clients(step.target.account, step.target.region);
    const group = await findGroup(ec2, step.target.id);
    if (!group) return already;
    assertSame(step, facts(group), ['id', 'name', 'vpc']);
    const kept = await keepFirst(ctx, step, 'security-group', toJson(group));
    // The interfaces of a terminated instance take up to a minute to go.
    await whileBusy(() => removed(ec2.send(new DeleteSecurityGroupCommand({ GroupId: step.target.id }))), ['DependencyViolation', 'InvalidGroup.InUse'], 5, 1_000);
    return { deleted: step.target.id, kept };
  },
  async verify(ctx, step) {
    const group = await findGroup(ctx.access.clients(step.target.account, step.target.region).ec2, step.target.id);
    return { holds: group === null, seen: { exists: group !== null } };
  },
  undo: gone('the group with all its rules'),
});
