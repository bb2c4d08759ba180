import { DescribeNetworkAclsCommand, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { Scope } from '@aws-sdk/client-wafv2';
import type { Finding } from '../../../playbook/model/finding';
import type { Proposal } from '../../../playbook/model/plan';
import { objectOf, textOf } from '../../../playbook/triage/reading';
import type { AwsConfig } from '../config';
import type { AwsCase, AwsContext } from '../context';
import { all } from '../eradicate/support';
import { contains, isKnown, isNarrow, isPublic, parseAddress, type Address } from '../../address';
import { ipSetName } from './block-ip-waf';
import { ingressRules } from './block-ip-security-group';
import { proposal, regional } from './targets';
import { webAcls } from './waf-read';

/** At most so many addresses: beyond, blocking single addresses is no containment. */
const MAX_ADDRESSES = 20;

/** The attacker's public addresses, of the alerts and of the investigation; ours and documented ones left out. Pure. */
export function attackersAddresses(config: Pick<AwsConfig, 'knownAddresses'>, { alerts, elsewhere }: Pick<AwsCase, 'alerts' | 'elsewhere'>, findings: readonly Finding[]): Address[] {
  const listed = findings.find((finding) => finding.check === '1.2.2-source-ip')?.facts.addresses;
  const hostile = (Array.isArray(listed) ? listed : []).map(objectOf).filter((one) => one.hostile === true && one.known !== true).map((one) => textOf(one.ip));
  const texts = [...alerts.flatMap((alert) => [alert.sourceIp ?? '', ...alert.addresses]), ...(elsewhere?.addresses ?? []), ...hostile];
  const addresses = texts.filter(isPublic).map(parseAddress).filter((address) => !isKnown(config, address.text));
  return [...new Map(addresses.map((address) => [address.text, address])).values()].slice(0, MAX_ADDRESSES);
}

/** Row 2.1.4 in one region, only where a block bites: groups with a rule for the address, ACLs before running instances, web ACLs that exist. */
export async function proposeBlocks(ctx: AwsContext, account: string, region: string, addresses: readonly Address[], because: string): Promise<Proposal[]> {
  if (addresses.length === 0) return [];
  const [rules, acls, webs] = await Promise.all([ingressRules(ctx, { account, region, id: '' }), aclsBeforeInstances(ctx, account, region), webAcls(ctx.access.clients(account, region).wafv2, Scope.REGIONAL)]);
  return addresses.flatMap((address) => {
    const groups = new Set(rules.filter((rule) => [rule.CidrIpv4, rule.CidrIpv6].some((cidr) => cidr !== undefined && isNarrow(cidr) && contains(cidr, address))).map((rule) => rule.GroupId ?? ''));
    return [
      ...[...groups].map((id) => proposal('aws.block-ip-security-group', regional('security-group', account, region, id), because, { address: address.text })),
      ...acls.map((id) => proposal('aws.block-ip-network-acl', regional('network-acl', account, region, id), because, { address: address.text })),
      ...(webs.length > 0 ? [wafProposal(ctx, account, region, Scope.REGIONAL, address, because)] : []),
    ];
  });
}

/** CloudFront's web ACLs live in the global region only. */
export async function proposeCloudFrontBlocks(ctx: AwsContext, account: string, addresses: readonly Address[], because: string): Promise<Proposal[]> {
  if (addresses.length === 0) return [];
  const region = ctx.access.config.globalRegion;
  const webs = await webAcls(ctx.access.clients(account, region).wafv2, Scope.CLOUDFRONT);
  return webs.length === 0 ? [] : addresses.map((address) => wafProposal(ctx, account, region, Scope.CLOUDFRONT, address, because));
}

function wafProposal(ctx: AwsContext, account: string, region: string, scope: Scope, address: Address, because: string): Proposal {
  const name = ipSetName(ctx, address);
  return proposal('aws.block-ip-waf', regional('waf-ip-set', account, region, `${scope}/${name}`, name), because, { address: address.text, scope });
}

async function aclsBeforeInstances(ctx: AwsContext, account: string, region: string): Promise<string[]> {
  const { ec2 } = ctx.access.clients(account, region);
  const running = { Filters: [{ Name: 'instance-state-name', Values: ['pending', 'running'] }] };
  const reservations = await all(paginateDescribeInstances({ client: ec2 }, running), (page) => page.Reservations);
  const subnets = new Set(reservations.flatMap((one) => one.Instances ?? []).flatMap((instance) => instance.SubnetId ?? []));
  if (subnets.size === 0) return [];
  const { NetworkAcls: acls = [] } = await ec2.send(new DescribeNetworkAclsCommand({ Filters: [{ Name: 'association.subnet-id', Values: [...subnets].slice(0, 200) }] }));
  return [...new Set(acls.map((acl) => acl.NetworkAclId ?? ''))].sort();
}
