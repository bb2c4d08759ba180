import { DescribeSecurityGroupRulesCommand, DescribeSecurityGroupsCommand, type SecurityGroupRule } from '@aws-sdk/client-ec2';
import { digestOf } from '../../../../playbook/digest';
import { textDetail } from '../../../../playbook/artifacts';
import type { JsonObject } from '../../../../playbook/json';
import type { Artifact } from '../../../../playbook/model/finding';
import { reachOf } from '../../../../playbook/addresses';
import { artifactOf, counted, merged, named, settled, withDetails } from '../artifact';
import type { Attributed } from '../attribution';
import { createReader, defineCheck, each } from '../check';
import { items, object, text } from '../record';
import { trail } from '../trail';

/** Security groups and rules from EC2's records: `securityGroupRuleSet.items[]` in the answer names each rule; older records have only the permissions. */
export function networkArtifacts(events: readonly Attributed[]): Artifact[] {
  return events.filter(({ record }) => record.errorCode === null && record.eventSource === 'ec2.amazonaws.com').flatMap((event): Artifact[] => {
    const { record } = event;
    const groupId = text(record.request, 'groupId');
    switch (record.eventName) {
      case 'CreateSecurityGroup': {
        const id = text(record.response, 'groupId');
        return id ? [artifactOf(event, { kind: 'security-group', id, name: text(record.request, 'groupName') ?? id, how: 'created', details: { groupId: id, vpc: text(record.request, 'vpcId') } })] : [];
      }
      case 'DeleteSecurityGroup':
        return groupId ? [artifactOf(event, { kind: 'security-group', id: groupId, name: groupId, how: 'deleted', details: { groupId } })] : [];
      case 'AuthorizeSecurityGroupIngress':
      case 'AuthorizeSecurityGroupEgress': {
        const direction = record.eventName.endsWith('Ingress') ? 'ingress' : 'egress';
        const made = items(record.response, 'securityGroupRuleSet');
        return made.length > 0 ? made.map((one) => fromRule(event, one, direction, groupId)) : fromPermissions(event, direction, groupId, 'created');
      }
      case 'RevokeSecurityGroupIngress':
      case 'RevokeSecurityGroupEgress':
        return fromPermissions(event, record.eventName.endsWith('Ingress') ? 'ingress' : 'egress', groupId, 'deleted');
      case 'ModifySecurityGroupRules': {
        const change = object(record.request, 'ModifySecurityGroupRulesRequest');
        const rules = [change.SecurityGroupRule].flat().filter((one): one is JsonObject => one !== null && typeof one === 'object' && !Array.isArray(one));
        return rules.flatMap((rule) => {
          const id = text(rule, 'SecurityGroupRuleId');
          const fresh = object(rule, 'SecurityGroupRule');
          const source = text(fresh, 'CidrIpv4') ?? text(fresh, 'CidrIpv6');
          const group = text(change, 'GroupId') ?? '';
          return id ? [artifactOf(event, { kind: 'security-group-rule', id, name: group, how: 'changed', details: { groupId: group, ruleId: id, source, open: isOpen(source) } })] : [];
        });
      }
      case 'CreateNetworkAclEntry':
      case 'ReplaceNetworkAclEntry':
      case 'DeleteNetworkAclEntry': {
        const acl = text(record.request, 'networkAclId');
        const number = text(record.request, 'ruleNumber');
        return acl ? [artifactOf(event, { kind: 'other', id: `${acl}/${number ?? ''}/${String(record.request.egress)}`, name: acl, how: record.eventName.startsWith('Delete') ? 'deleted' : record.eventName.startsWith('Replace') ? 'changed' : 'created', details: { service: record.eventSource, source: text(record.request, 'cidrBlock'), action: text(record.request, 'ruleAction') } })] : [];
      }
      default:
        return [];
    }
  });
}

const isOpen = (source: string | null): boolean => source !== null && reachOf(source) === 'world';

function fromRule(event: Attributed, rule: JsonObject, direction: string, groupId: string | null): Artifact {
  const id = text(rule, 'securityGroupRuleId') ?? '';
  const group = text(rule, 'groupId') ?? groupId ?? '';
  const source = text(rule, 'cidrIpv4') ?? text(rule, 'cidrIpv6') ?? text(rule, 'prefixListId') ?? text(object(rule, 'referencedGroupInfo'), 'groupId');
  return artifactOf(event, { kind: 'security-group-rule', id, name: group, how: 'created', details: {
    groupId: group, ruleId: id, direction, protocol: text(rule, 'ipProtocol'), fromPort: number(rule, 'fromPort'), toPort: number(rule, 'toPort'), source, open: isOpen(source),
  } });
}

function fromPermissions(event: Attributed, direction: string, groupId: string | null, how: 'created' | 'deleted'): Artifact[] {
  const group = groupId ?? text(event.record.request, 'groupName') ?? '';
  return items(event.record.request, 'ipPermissions').flatMap((permission) => {
    const sources = [
      ...items(permission, 'ipRanges').map((one) => text(one, 'cidrIp')), ...items(permission, 'ipv6Ranges').map((one) => text(one, 'cidrIpv6')),
      ...items(permission, 'groups').map((one) => text(one, 'groupId')), ...items(permission, 'prefixListIds').map((one) => text(one, 'prefixListId')),
    ];
    return sources.map((source) => {
      const rule = { groupId: group, direction, protocol: text(permission, 'ipProtocol'), fromPort: number(permission, 'fromPort'), toPort: number(permission, 'toPort'), source };
      return artifactOf(event, { kind: 'security-group-rule', id: `${group}/${digestOf(rule).slice(0, 12)}`, name: group, how, details: { ...rule, ruleId: null, open: isOpen(source) } });
    });
  });
}

function number(from: JsonObject, key: string): number | null {
  const value = text(from, key);
  return value === null || !Number.isFinite(Number(value)) ? null : Number(value);
}

/** 1.3.3: rules that were opened, to whom, and whether they are still there. */
export const network = defineCheck('1.3.3-network', ['cloudtrail:LookupEvents', 'ec2:DescribeSecurityGroupRules', 'ec2:DescribeSecurityGroups'], async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const reader = createReader();
  const all = settled(merged(networkArtifacts(seen.events)));
  const groups = [...new Set(all.flatMap((one) => (textDetail(one, 'groupId') ? [`${one.account}|${one.region}|${textDetail(one, 'groupId')}`] : [])))];
  const rules = new Map(
    await each(groups, 4, async (key): Promise<[string, { rules: SecurityGroupRule[]; exists: boolean | null }]> => {
      const [account, region, group] = key.split('|') as [string, string, string];
      const { ec2 } = ctx.access.clients(account, region);
      const there = await reader.exists(`${account}/${region} ec2:DescribeSecurityGroups`, () => ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [group] })));
      if (!there.exists) return [key, { rules: [], exists: there.exists }];
      const found = await reader.read(`${account}/${region} ec2:DescribeSecurityGroupRules`, () => ec2.send(new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [group] }] })));
      return [key, { rules: found?.SecurityGroupRules ?? [], exists: found ? true : null }];
    }),
  );
  const artifacts = all.map((artifact) => {
    const now = rules.get(`${artifact.account}|${artifact.region}|${textDetail(artifact, 'groupId')}`);
    if (!now) return artifact;
    if (artifact.kind === 'security-group') return withDetails(artifact, { exists: now.exists });
    const same = now.rules.find((rule) => rule.SecurityGroupRuleId === artifact.id || matches(rule, artifact.details));
    // A rule known only by what it allows gets its id, by which it can be revoked.
    const id = same?.SecurityGroupRuleId;
    return withDetails(id ? { ...artifact, id } : artifact, { exists: now.exists === null ? null : same !== undefined, ...(id ? { ruleId: id } : {}) });
  });
  const open = artifacts.filter((one) => one.details.open === true && one.details.direction !== 'egress' && one.how !== 'deleted');
  const still = open.filter((one) => one.details.exists === true).length;
  return {
    found: artifacts.length > 0,
    summary: artifacts.length > 0 ? `${artifacts.length} network changes (${counted(artifacts)}); ${open.length} rules open to the world, ${still} still there: ${named(artifacts)}` : 'no rule was opened',
    artifacts, facts: { open: open.length, stillOpen: still }, failed: [...seen.failed, ...reader.failed], truncated: seen.truncated,
    records: seen.events.map((one) => one.record).filter((record) => /SecurityGroup|NetworkAcl/.test(record.eventName) && record.readOnly !== true),
  };
});

function matches(rule: SecurityGroupRule, details: JsonObject): boolean {
  const source = rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.PrefixListId ?? rule.ReferencedGroupInfo?.GroupId ?? null;
  const ports = rule.IpProtocol === '-1' || (rule.FromPort === details.fromPort && rule.ToPort === details.toPort);
  return details.ruleId === null && source === details.source && rule.IpProtocol === details.protocol && (rule.IsEgress === true) === (details.direction === 'egress') && ports;
}
