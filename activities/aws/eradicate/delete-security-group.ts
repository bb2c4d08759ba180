import {
  DeleteSecurityGroupCommand, DescribeSecurityGroupsCommand, paginateDescribeNetworkInterfaces, paginateDescribeSecurityGroups, type EC2Client, type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { fail } from '../../boundary';
import { guardedAction } from '../guarded';
import { already, all, assertSame, gone, keepFirst, orNull, removed, texts, toJson, whileBusy } from './support';

async function findGroup(ec2: EC2Client, id: string): Promise<SecurityGroup | null> {
  return (await orNull(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }))))?.SecurityGroups?.[0] ?? null;
}

/** Who relies on the group: interfaces in it (by instance, else by interface id), and other groups whose rules name it. */
export async function usersOfGroup(ec2: EC2Client, id: string): Promise<{ instances: string[]; others: string[] }> {
  const client = { client: ec2 };
  const [interfaces, byRule] = await Promise.all([
    all(paginateDescribeNetworkInterfaces(client, { Filters: [{ Name: 'group-id', Values: [id] }] }), (page) => page.NetworkInterfaces),
    all(paginateDescribeSecurityGroups(client, { Filters: [{ Name: 'ip-permission.group-id', Values: [id] }] }), (page) => page.SecurityGroups),
  ]);
  return {
    instances: interfaces.flatMap((one) => (one.Attachment?.InstanceId ? [one.Attachment.InstanceId] : [])),
    others: [
      ...interfaces.filter((one) => !one.Attachment?.InstanceId).map((one) => `interface ${one.NetworkInterfaceId}`),
      ...byRule.filter((group) => group.GroupId !== id).map((group) => `rules of ${group.GroupId}`),
    ],
  };
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
    const users = await usersOfGroup(ec2, target.id);
    const allowed = new Set(texts(params, 'groups').map((id) => `rules of ${id}`));
    const others = [...users.instances.filter((id) => !texts(params, 'instances').includes(id)), ...users.others.filter((one) => !allowed.has(one))];
    if (others.length > 0) throw fail('STILL_IN_USE', `security group ${target.id} is used by what is not the attacker's: ${others.join(', ')}`);
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
