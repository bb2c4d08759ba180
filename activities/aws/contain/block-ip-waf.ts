import { CreateIPSetCommand, DeleteIPSetCommand, Scope, UpdateIPSetCommand, type WAFV2Client } from '@aws-sdk/client-wafv2';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import { defineAwsAction } from '../define';
import { refuseProtected } from '../protect';
import { blockable, type Address } from '../../address';
import { findIpSet, referringAcls, webAcls, type IpSet } from './waf-read';

/**
 * Row 2.1.4. Target: kind `waf-ip-set`, its region (the global one for CloudFront); params `address`, `scope`. The set is shared by all incidents.
 * A set blocks only through a web ACL's rule; which rule is the owner's decision, so a missing one is said in the plan and not made.
 */
export const blockIpWaf = defineAwsAction('aws.block-ip-waf', {
  permissions: ['wafv2:ListIPSets', 'wafv2:GetIPSet', 'wafv2:CreateIPSet', 'wafv2:UpdateIPSet', 'wafv2:DeleteIPSet', 'wafv2:ListWebACLs', 'wafv2:GetWebACL'],
  async plan(ctx, { target, params }) {
    const { address, scope, waf, name } = opened(ctx, target, params);
    const [set, acls] = await Promise.all([findIpSet(waf, scope, name), webAcls(waf, scope)]);
    const blocked = set?.addresses.includes(address.cidr) ?? false;
    const needed = acls.length > 0 && !blocked;
    const referring = needed ? await referringAcls(waf, scope, acls, set?.arn ?? '') : [];
    return {
      needed, before: { exists: set !== null, blocked },
      change: needed ? [
        `${set ? 'add' : `create WAF IP set ${name} (${scope}) with`} ${address.cidr}${set ? ` to WAF IP set ${name} (${scope})` : ''}`,
        ...(referring.length > 0 ? [] : [`  no web ACL refers to ${name} yet (${acls.map((acl) => acl.name).join(', ')}): add a rule that blocks it, or the address stays let in there`]),
      ] : [],
    };
  },
  async apply(ctx, { target, params }): Promise<JsonObject> {
    const { address, scope, waf, name } = opened(ctx, target, params);
    const changed = await change(waf, scope, name, async (set) => {
      if (set?.addresses.includes(address.cidr)) return false;
      if (set) await waf.send(new UpdateIPSetCommand({ Scope: scope, Id: set.id, Name: name, LockToken: set.lockToken, Addresses: [...set.addresses, address.cidr] }));
      else await waf.send(new CreateIPSetCommand({ Scope: scope, Name: name, IPAddressVersion: address.version === 4 ? 'IPV4' : 'IPV6', Addresses: [address.cidr], Description: 'Addresses that Tourniquet blocks' }));
      return true;
    });
    return { set: name, changed };
  },
  async verify(ctx, { target, params }) {
    const { address, scope, waf, name } = opened(ctx, target, params);
    const [set, acls] = await Promise.all([findIpSet(waf, scope, name), webAcls(waf, scope)]);
    const blocked = set?.addresses.includes(address.cidr) ?? false;
    return { holds: blocked || acls.length === 0, seen: { blocked, referredToBy: set ? await referringAcls(waf, scope, acls, set.arn) : [] } };
  },
  async undo(ctx, { target, params, before }) {
    const { address, scope, waf, name } = opened(ctx, target, params);
    const left: string[] = [];
    if (before.blocked !== true) {
      await change(waf, scope, name, async (set) => {
        if (!set?.addresses.includes(address.cidr)) return false;
        await waf.send(new UpdateIPSetCommand({ Scope: scope, Id: set.id, Name: name, LockToken: set.lockToken, Addresses: set.addresses.filter((one) => one !== address.cidr) }));
        return true;
      });
    }
    const set = await findIpSet(waf, scope, name);
    if (set && before.exists === false && set.addresses.length === 0 && !(await deleted(waf, scope, set))) left.push(`the empty WAF IP set ${name} stays: a web ACL refers to it`);
    return { seen: { addresses: (await findIpSet(waf, scope, name))?.addresses ?? null }, left };
  },
});

function opened(ctx: AwsContext, target: Target, params: JsonObject): { address: Address; scope: Scope; waf: WAFV2Client; name: string } {
  refuseProtected(ctx, target);
  const address = blockable(ctx.access.config, params.address);
  const scope = params.scope;
  if (scope !== Scope.REGIONAL && scope !== Scope.CLOUDFRONT) throw fail('INVALID_INPUT', 'params.scope is neither REGIONAL nor CLOUDFRONT');
  const region = scope === Scope.CLOUDFRONT ? ctx.access.config.globalRegion : target.region;
  return { address, scope, waf: ctx.access.clients(target.account, region).wafv2, name: ipSetName(ctx, address) };
}

/** One set holds one IP version. */
export const ipSetName = (ctx: AwsContext, address: Address): string => `${ctx.access.config.names.ipSet}-ipv${address.version}`;

/** Reads, changes with the lock token just read, and reads anew when somebody was faster. */
async function change(waf: WAFV2Client, scope: Scope, name: string, once: (set: IpSet | null) => Promise<boolean>): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(await findIpSet(waf, scope, name));
    } catch (error) {
      const raced = error instanceof Error && ['WAFOptimisticLockException', 'WAFDuplicateItemException'].includes(error.name);
      if (!raced || attempt >= 5) throw error;
    }
  }
}

async function deleted(waf: WAFV2Client, Scope: Scope, set: IpSet): Promise<boolean> {
  try {
    await waf.send(new DeleteIPSetCommand({ Scope, Id: set.id, Name: set.name, LockToken: set.lockToken }));
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'WAFAssociatedItemException') return false;
    throw error;
  }
}
