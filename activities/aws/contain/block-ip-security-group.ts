import { AuthorizeSecurityGroupIngressCommand, DescribeSecurityGroupsCommand, paginateDescribeSecurityGroupRules, RevokeSecurityGroupIngressCommand, type IpPermission, type SecurityGroupRule } from '@aws-sdk/client-ec2';
import type { JsonObject } from '../../../playbook/json';
import type { Step, Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import { classifyAws } from '../errors';
import type { AwsContext } from '../context';
import { defineAwsAction } from '../define';
import { all, toJson } from '../eradicate/support';
import { refuseProtected } from '../protect';
import { blockable, contains, isNarrow, type Address } from '../../address';

/** Row 2.1.4. Target: a security group; `params.address`. A rule for everybody, or wider than /24, is somebody's workload and stays. */
export const blockIpSecurityGroup = defineAwsAction('aws.block-ip-security-group', {
  permissions: ['ec2:DescribeSecurityGroups', 'ec2:DescribeSecurityGroupRules', 'ec2:RevokeSecurityGroupIngress', 'ec2:AuthorizeSecurityGroupIngress'],
  async plan(ctx, { target, params }) {
    refuseProtected(ctx, target);
    const address = blockable(ctx.access.config, params.address);
    await assertGroup(ctx, target);
    const rules = (await ingressRules(ctx, target)).filter((rule) => admits(rule, address));
    return {
      needed: rules.length > 0,
      before: { rules: rules.map(toJson) },
      change: rules.map((rule) => `revoke ingress rule ${rule.SecurityGroupRuleId} of ${target.id}: ${rule.IpProtocol} ${rule.FromPort ?? ''}-${rule.ToPort ?? ''} from ${rangeOf(rule)}`),
    };
  },
  async apply(ctx, { target, params }) {
    refuseProtected(ctx, target);
    const address = blockable(ctx.access.config, params.address);
    const ids = (await ingressRules(ctx, target)).filter((rule) => admits(rule, address)).map((rule) => rule.SecurityGroupRuleId ?? '');
    if (ids.length > 0) await ctx.access.clients(target.account, target.region).ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: target.id, SecurityGroupRuleIds: ids }));
    return { revoked: ids };
  },
  async verify(ctx, { target, params }) {
    const address = blockable(ctx.access.config, params.address);
    const rules = (await rulesOrNone(ctx, target)).filter((rule) => admits(rule, address)).map((rule) => rule.SecurityGroupRuleId ?? '');
    return { holds: rules.length === 0, seen: { rules } };
  },
  async undo(ctx, step) {
    const { target } = step;
    refuseProtected(ctx, target);
    const there = await ingressRules(ctx, target);
    const missing = rulesBefore(step).filter((rule) => !there.some((other) => sameRule(rule, other)));
    const { ec2 } = ctx.access.clients(target.account, target.region);
    if (missing.length > 0) await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: target.id, IpPermissions: missing.map(permission) }));
    return { seen: { restored: missing.map(rangeOf) }, left: [] };
  },
});

const rangeOf = (rule: SecurityGroupRule): string => rule.CidrIpv4 ?? rule.CidrIpv6 ?? '';

function admits(rule: SecurityGroupRule, address: Address): boolean {
  return rangeOf(rule) !== '' && isNarrow(rangeOf(rule)) && contains(rangeOf(rule), address);
}

async function assertGroup(ctx: AwsContext, target: Target): Promise<void> {
  const { SecurityGroups: groups } = await ctx.access.clients(target.account, target.region).ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [target.id] }));
  if (!groups?.length) throw fail('NOT_FOUND', `no security group ${target.id}`);
}

/** Ingress rules of one group, or of the whole region when no group is given. */
export async function ingressRules(ctx: AwsContext, { account, region, id }: Pick<Target, 'account' | 'region' | 'id'>): Promise<SecurityGroupRule[]> {
  const { ec2 } = ctx.access.clients(account, region);
  const rules = await all(paginateDescribeSecurityGroupRules({ client: ec2 }, id ? { Filters: [{ Name: 'group-id', Values: [id] }] } : {}), (page) => page.SecurityGroupRules);
  return rules.filter((rule) => rule.IsEgress === false);
}

async function rulesOrNone(ctx: AwsContext, target: Target): Promise<SecurityGroupRule[]> {
  try {
    return await ingressRules(ctx, target);
  } catch (error) {
    if (classifyAws(error)?.type === 'NOT_FOUND') return [];
    throw error;
  }
}

const rulesBefore = (step: Step): SecurityGroupRule[] => step.before.rules as JsonObject[] as SecurityGroupRule[];

function sameRule(a: SecurityGroupRule, b: SecurityGroupRule): boolean {
  return a.IpProtocol === b.IpProtocol && a.FromPort === b.FromPort && a.ToPort === b.ToPort && rangeOf(a) === rangeOf(b);
}

function permission(rule: SecurityGroupRule): IpPermission {
  const { Description } = rule;
  return {
    IpProtocol: rule.IpProtocol, FromPort: rule.FromPort, ToPort: rule.ToPort,
    ...(rule.CidrIpv4 ? { IpRanges: [{ CidrIp: rule.CidrIpv4, Description }] } : { Ipv6Ranges: [{ CidrIpv6: rule.CidrIpv6, Description }] }),
  };
}
