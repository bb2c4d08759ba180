import type { Json } from '../gateway/protocol/shapes';
import { documentOf, each, sorted, type Reader, type State } from './types';

/** What lives in one region: network, instances, functions, trails, detectors, WAF address sets. */
export async function regionState(read: Reader): Promise<State> {
  const parts = await Promise.all([network(read), instances(read), functions(read), trails(read), detectors(read), ipSets(read)]);
  return Object.assign({}, ...parts) as State;
}

/** Rules by what they allow, not by their ids: a rule put back is the same rule. */
function rules(permissions: unknown): unknown[] {
  return sorted(each(permissions).flatMap((one) => {
    const what = { protocol: one.IpProtocol, from: one.FromPort ?? null, to: one.ToPort ?? null };
    return [
      ...each(one.IpRanges).map((range) => ({ ...what, peer: range.CidrIp })), ...each(one.Ipv6Ranges).map((range) => ({ ...what, peer: range.CidrIpv6 })),
      ...each(one.UserIdGroupPairs).map((pair) => ({ ...what, peer: pair.GroupId })), ...each(one.PrefixListIds).map((list) => ({ ...what, peer: list.PrefixListId })),
    ];
  }));
}

async function network(read: Reader): Promise<State> {
  const [groups, acls] = await Promise.all([read('ec2', 'DescribeSecurityGroups'), read('ec2', 'DescribeNetworkAcls')]);
  return Object.fromEntries([
    ...each(groups?.SecurityGroups).map((one) => [`ec2/security-group/${String(one.GroupId)}`, { name: one.GroupName, ingress: rules(one.IpPermissions), egress: rules(one.IpPermissionsEgress) }] as const),
    ...each(acls?.NetworkAcls).map((one) => [`ec2/network-acl/${String(one.NetworkAclId)}`, { entries: sorted(each(one.Entries).map((entry) => ({ rule: entry.RuleNumber, egress: entry.Egress, action: entry.RuleAction, cidr: entry.CidrBlock ?? null }))) }] as const),
  ]);
}

async function instances(read: Reader): Promise<State> {
  const found = each((await read('ec2', 'DescribeInstances'))?.Reservations).flatMap((one) => each(one.Instances));
  // A terminated instance is shown for a while and is gone.
  return Object.fromEntries(found.filter((one) => (one.State as Json).Name !== 'terminated').map((one) => [`ec2/instance/${String(one.InstanceId)}`, {
    type: one.InstanceType, state: (one.State as Json).Name, groups: sorted(each(one.SecurityGroups).map((group) => group.GroupId)), profile: (one.IamInstanceProfile as Json | undefined)?.Arn ?? null,
  }]));
}

async function functions(read: Reader): Promise<State> {
  const found = await Promise.all(each((await read('lambda', 'ListFunctions'))?.Functions).map(async (one) => {
    const FunctionName = String(one.FunctionName);
    const [policy, concurrency] = await Promise.all([read('lambda', 'GetPolicy', { FunctionName }), read('lambda', 'GetFunctionConcurrency', { FunctionName })]);
    return [`lambda/${FunctionName}`, { code: one.CodeSha256, role: one.Role, policy: documentOf(policy?.Policy), concurrency: concurrency?.ReservedConcurrentExecutions ?? null }] as const;
  }));
  return Object.fromEntries(found);
}

async function trails(read: Reader): Promise<State> {
  const found = await Promise.all(each((await read('cloudtrail', 'DescribeTrails', { includeShadowTrails: false }))?.trailList).map(async (one) => {
    const [status, selectors] = await Promise.all([read('cloudtrail', 'GetTrailStatus', { Name: one.TrailARN }), read('cloudtrail', 'GetEventSelectors', { TrailName: one.TrailARN })]);
    return [`cloudtrail/${String(one.Name)}`, { bucket: one.S3BucketName, multiRegion: one.IsMultiRegionTrail, validation: one.LogFileValidationEnabled, logging: status?.IsLogging, selectors: selectors?.EventSelectors ?? [] }] as const;
  }));
  return Object.fromEntries(found);
}

async function detectors(read: Reader): Promise<State> {
  const ids = (await read('guardduty', 'ListDetectors'))?.DetectorIds;
  const found = await Promise.all((Array.isArray(ids) ? (ids as string[]) : []).map(async (DetectorId) => [`guardduty/${DetectorId}`, { status: (await read('guardduty', 'GetDetector', { DetectorId }))?.Status }] as const));
  return Object.fromEntries(found);
}

async function ipSets(read: Reader): Promise<State> {
  const found = await Promise.all(each((await read('wafv2', 'ListIPSets', { Scope: 'REGIONAL' }))?.IPSets).map(async (one) => {
    const answer = await read('wafv2', 'GetIPSet', { Scope: 'REGIONAL', Id: one.Id, Name: one.Name });
    return [`wafv2/ip-set/${String(one.Name)}`, { addresses: sorted(((answer?.IPSet as Json | undefined)?.Addresses as unknown[] | undefined) ?? []) }] as const;
  }));
  return Object.fromEntries(found);
}
