import {
  AuthorizeSecurityGroupEgressCommand, AuthorizeSecurityGroupIngressCommand, DescribeSecurityGroupRulesCommand, RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand, type EC2Client, type IpPermission, type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import type { JsonObject } from '../../../playbook/json';
import { fail } from '../../boundary';
import { guardedAction } from '../guarded';
import { already, assertSame, keepFirst, orNull, removed } from './support';

async function findRule(ec2: EC2Client, id: string): Promise<SecurityGroupRule | null> {
  return (await orNull(ec2.send(new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [id] }))))?.SecurityGroupRules?.[0] ?? null;
}

function facts(rule: SecurityGroupRule) {
  return {
    id: rule.SecurityGroupRuleId ?? '', group: rule.GroupId ?? '', egress: rule.IsEgress ?? false, protocol: rule.IpProtocol ?? '', from: rule.FromPort ?? -1, to: rule.ToPort ?? -1,
    ipv4: rule.CidrIpv4 ?? null, ipv6: rule.CidrIpv6 ?? null, prefixList: rule.PrefixListId ?? null, peerGroup: rule.ReferencedGroupInfo?.GroupId ?? null,
    peerAccount: rule.ReferencedGroupInfo?.UserId ?? null, description: rule.Description ?? null,
  };
}
type Facts = ReturnType<typeof facts>;

const whom = (rule: Facts) => rule.ipv4 ?? rule.ipv6 ?? rule.prefixList ?? rule.peerGroup ?? 'nobody';
const ports = (rule: Facts) => (rule.protocol === '-1' ? 'everything' : `${rule.protocol} ${rule.from === rule.to ? rule.from : `${rule.from}-${rule.to}`}`);

/** Row 3.5. Target: the rule (`id` = `sgr-…`, with region); IPv4 and IPv6 rules have an id each. */
export const revokeSecurityGroupRule = guardedAction('aws.revoke-security-group-rule', {
  permissions: [
    'ec2:DescribeSecurityGroupRules', 'ec2:RevokeSecurityGroupIngress', 'ec2:RevokeSecurityGroupEgress', 'ec2:AuthorizeSecurityGroupIngress',
    'ec2:AuthorizeSecurityGroupEgress',
  ],
  async plan(ctx, { target }) {
    const rule = await findRule(ctx.access.clients(target.account, target.region).ec2, target.id);
    if (!rule) throw fail('NOT_FOUND', `no security-group rule ${target.id} in ${target.region}`);
    const before = facts(rule);
    return { needed: true, before, change: [`revoke ${before.id} of ${before.group}: ${ports(before)} ${before.egress ? 'to' : 'from'} ${whom(before)}`] };
  },
  async apply(ctx, step) {
    const { ec2 } = ctx.access.clients(step.target.account, step.target.region);
    const rule = await findRule(ec2, step.target.id);
    if (!rule) return already;
    const now = facts(rule);
    assertSame(step, now, Object.keys(now).filter((member) => member !== 'description'));
    const kept = await keepFirst(ctx, step, 'security-group-rule', now);
    const which = { GroupId: now.group, SecurityGroupRuleIds: [now.id] };
    await removed(now.egress ? ec2.send(new RevokeSecurityGroupEgressCommand(which)) : ec2.send(new RevokeSecurityGroupIngressCommand(which)));
    return { revoked: now.id, kept };
  },
  async verify(ctx, step) {
    const rule = await findRule(ctx.access.clients(step.target.account, step.target.region).ec2, step.target.id);
    return { holds: rule === null, seen: { exists: rule !== null } };
  },
  async undo(ctx, step): Promise<{ seen: JsonObject; left: string[] }> {
    const { ec2 } = ctx.access.clients(step.target.account, step.target.region);
    if (await findRule(ec2, step.target.id)) return { seen: { exists: true }, left: [] };
    const rule = step.before as JsonObject & Facts;
    const request = { GroupId: rule.group, IpPermissions: [permissionOf(rule)] };
    try {
      await (rule.egress ? ec2.send(new AuthorizeSecurityGroupEgressCommand(request)) : ec2.send(new AuthorizeSecurityGroupIngressCommand(request)));
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'InvalidPermission.Duplicate') throw error;
    }
    return { seen: { authorized: `${ports(rule)} ${whom(rule)}` }, left: ['the rule has a new id'] };
  },
});

function permissionOf(rule: Facts): IpPermission {
  const Description = rule.description ?? undefined;
  return {
    IpProtocol: rule.protocol,
    ...(rule.protocol === '-1' ? {} : { FromPort: rule.from, ToPort: rule.to }),
    ...(rule.ipv4 ? { IpRanges: [{ CidrIp: rule.ipv4, Description }] } : {}),
    ...(rule.ipv6 ? { Ipv6Ranges: [{ CidrIpv6: rule.ipv6, Description }] } : {}),
    ...(rule.prefixList ? { PrefixListIds: [{ PrefixListId: rule.prefixList, Description }] } : {}),
    ...(rule.peerGroup ? { UserIdGroupPairs: [{ GroupId: rule.peerGroup, UserId: rule.peerAccount ?? undefined, Description }] } : {}),
  };
}
