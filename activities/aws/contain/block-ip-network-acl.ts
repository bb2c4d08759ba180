import { CreateNetworkAclEntryCommand, DeleteNetworkAclEntryCommand, DescribeNetworkAclsCommand, type NetworkAcl, type NetworkAclEntry } from '@aws-sdk/client-ec2';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import { defineAwsAction, type Verified } from '../define';
import { isNotFound } from '../errors';
import { removed } from '../eradicate/support';
import { refuseProtected } from '../protect';
import { blockable, type Address } from '../../address';

/**
 * Row 2.1.4. Target: a network ACL; `params.address`. A deny with a number below every allow is read first
 * (Amazon VPC User Guide: “Network ACL rules”). Ingress alone cuts both ways: ACLs keep no state. The plan fixes `params.ruleNumber`.
 */
export const blockIpNetworkAcl = defineAwsAction('aws.block-ip-network-acl', {
  permissions: ['ec2:DescribeNetworkAcls', 'ec2:CreateNetworkAclEntry', 'ec2:DeleteNetworkAclEntry'],
  async plan(ctx, { target, params }) {
    refuseProtected(ctx, target);
    const address = blockable(ctx.access.config, params.address);
    const acl = await readAcl(ctx, target);
    const there = denyOf(acl, address);
    const ruleNumber = there?.RuleNumber ?? freeNumber(acl);
    return {
      needed: there === null,
      before: { denied: there !== null },
      params: { address: address.text, ruleNumber },
      change: there ? [] : [`add ingress rule ${ruleNumber} to network ACL ${target.id}: deny all from ${address.cidr}`],
    };
  },
  async apply(ctx, { target, params }): Promise<JsonObject> {
    refuseProtected(ctx, target);
    const address = blockable(ctx.access.config, params.address);
    const acl = await readAcl(ctx, target);
    if (denyOf(acl, address)) return { already: true };
    const ruleNumber = params.ruleNumber as number;
    if (ingress(acl).some((entry) => entry.RuleNumber === ruleNumber)) throw fail('PLAN_CHANGED', `rule ${ruleNumber} of ${target.id} was taken by somebody since the plan`);
    await ctx.access.clients(target.account, target.region).ec2.send(
      new CreateNetworkAclEntryCommand({ NetworkAclId: target.id, Egress: false, Protocol: '-1', RuleAction: 'deny', RuleNumber: ruleNumber, ...block(address) }),
    );
    return { ruleNumber };
  },
  async verify(ctx, { target, params }): Promise<Verified> {
    const address = blockable(ctx.access.config, params.address);
    const acl = await findAcl(ctx, target);
    if (!acl) return { holds: true, seen: { exists: false } };
    const deny = denyOf(acl, address);
    const first = Math.min(...ingress(acl).filter((entry) => entry.RuleAction === 'allow').map((entry) => entry.RuleNumber ?? 0));
    return { holds: deny !== null && (deny.RuleNumber ?? 0) < first, seen: { ruleNumber: deny?.RuleNumber ?? null } };
  },
  async undo(ctx, { target, params, before }) {
    refuseProtected(ctx, target);
    const acl = await findAcl(ctx, target);
    const deny = acl && denyOf(acl, blockable(ctx.access.config, params.address));
    if (deny && before.denied !== true) {
      await removed(ctx.access.clients(target.account, target.region).ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId: target.id, Egress: false, RuleNumber: deny.RuleNumber })));
    }
    return { seen: { denied: before.denied ?? false }, left: [] };
  },
});

const block = (address: Address) => (address.version === 4 ? { CidrBlock: address.cidr } : { Ipv6CidrBlock: address.cidr });

const ingress = (acl: NetworkAcl): NetworkAclEntry[] => (acl.Entries ?? []).filter((entry) => entry.Egress === false);

function denyOf(acl: NetworkAcl, address: Address): NetworkAclEntry | null {
  return ingress(acl).find((entry) => entry.RuleAction === 'deny' && entry.Protocol === '-1' && (entry.CidrBlock ?? entry.Ipv6CidrBlock) === address.cidr) ?? null;
}

/** The highest free number below every allow, so that there is room for the next address too. Throws LIMIT_EXCEEDED. */
function freeNumber(acl: NetworkAcl): number {
  const entries = ingress(acl);
  const firstAllow = Math.min(32_767, ...entries.filter((entry) => entry.RuleAction === 'allow').map((entry) => entry.RuleNumber ?? 0));
  const taken = new Set(entries.map((entry) => entry.RuleNumber));
  for (let number = firstAllow - 1; number >= 1; number -= 1) if (!taken.has(number)) return number;
  throw fail('LIMIT_EXCEEDED', `network ACL ${acl.NetworkAclId} has no free rule number below its first allow (${firstAllow})`);
}

async function findAcl(ctx: AwsContext, target: Target): Promise<NetworkAcl | null> {
  try {
    const { NetworkAcls: acls } = await ctx.access.clients(target.account, target.region).ec2.send(new DescribeNetworkAclsCommand({ NetworkAclIds: [target.id] }));
    return acls?.[0] ?? null;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

async function readAcl(ctx: AwsContext, target: Target): Promise<NetworkAcl> {
  const acl = await findAcl(ctx, target);
  if (!acl) throw fail('NOT_FOUND', `no network ACL ${target.id}`);
  return acl;
}
