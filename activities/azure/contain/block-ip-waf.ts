import type { CustomRule } from '@azure/arm-frontdoor';
import type { WebApplicationFirewallCustomRule } from '@azure/arm-network';
import { digestOf } from '../../../playbook/digest';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { blockable, type Address } from '../../address';
import { fail } from '../../boundary';
import type { AzureContext } from '../context';
import { guardedAzureAction, type Verified } from '../define';
import { orNull } from '../errors';
import { armFor, polling } from './arm';

const GATEWAY = 'Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies';
const FRONT_DOOR = 'Microsoft.Network/frontDoorWebApplicationFirewallPolicies';

/** One of our rules, in words that both kinds of policy share. */
interface Rule {
  name: string;
  priority: number;
  enabled: boolean;
  addresses: string[];
  blocks: boolean;
}

interface Policy {
  prevents: boolean;
  rules: Rule[];
  /** Writes the policy back with our rule, or without it (null). */
  write(name: string, rule: Rule | null): Promise<unknown>;
}

/** Row 2.1.4. Target: a WAF policy of Front Door or Application Gateway; `params.address`. A custom rule before all others. A policy in Detection mode would only log: NOT_SUPPORTED, and so a task. */
export const blockIpWaf = guardedAzureAction('azure.block-ip-waf', {
  permissions: [`${GATEWAY}/read`, `${GATEWAY}/write`, `${FRONT_DOOR}/read`, `${FRONT_DOOR}/write`],
  async plan(ctx, { target, params }) {
    const address = blockable(ctx.access.config, params.address);
    const policy = await read(ctx, target);
    if (!policy.prevents) throw fail('NOT_SUPPORTED', `WAF policy ${target.name} is off or only detects: a rule would block nothing, switch it to Prevention by hand`);
    const needed = !blocks(policy, address);
    return { needed, before: { rule: policy.rules.some((rule) => rule.name === nameOf(ctx, address)) }, change: needed ? [`add custom rule ${nameOf(ctx, address)} to WAF policy ${target.name}: block ${address.cidr}, priority ${freePriority(policy, nameOf(ctx, address))}`] : [] };
  },
  async apply(ctx, { target, params }): Promise<JsonObject> {
    const address = blockable(ctx.access.config, params.address);
    const policy = await read(ctx, target);
    if (blocks(policy, address)) return { already: true };
    const name = nameOf(ctx, address);
    await policy.write(name, { name, priority: freePriority(policy, name), enabled: true, addresses: [address.cidr], blocks: true });
    return { rule: name };
  },
  async verify(ctx, { target, params }): Promise<Verified> {
    const address = blockable(ctx.access.config, params.address);
    const policy = await orNull(read(ctx, target));
    return { holds: !policy || (policy.prevents && blocks(policy, address)), seen: { prevents: policy?.prevents ?? null, rules: (policy?.rules ?? []).map((rule) => rule.name) } };
  },
  async undo(ctx, { target, params, before }) {
    const address = blockable(ctx.access.config, params.address);
    if (before.rule !== true) await (await read(ctx, target)).write(nameOf(ctx, address), null);
    return { seen: { blocks: blocks(await read(ctx, target), address) }, left: [] };
  },
});

/** Letters and digits only: Front Door takes nothing else. */
const nameOf = (ctx: AzureContext, address: Address): string => `${ctx.access.config.names.wafRule}${digestOf(address.text).slice(0, 8)}`;

const blocks = (policy: Policy, address: Address): boolean => policy.rules.some((rule) => rule.enabled && rule.blocks && rule.addresses.some((one) => one === address.cidr || one === address.text));

function freePriority(policy: Policy, own: string): number {
  const taken = new Set(policy.rules.filter((rule) => rule.name !== own).map((rule) => rule.priority));
  for (let priority = 1; priority <= 100; priority += 1) if (!taken.has(priority)) return priority;
  throw fail('LIMIT_EXCEEDED', 'the WAF policy has no free custom rule: a policy takes 100');
}

async function read(ctx: AzureContext, target: Target): Promise<Policy> {
  const { at } = armFor(ctx, target, GATEWAY, FRONT_DOOR);
  return at.type === FRONT_DOOR.toLowerCase() ? readFrontDoor(ctx, target) : readGateway(ctx, target);
}

async function readGateway(ctx: AzureContext, target: Target): Promise<Policy> {
  const { arm, at } = armFor(ctx, target, GATEWAY);
  const { webApplicationFirewallPolicies: policies } = arm.network;
  const policy = await policies.get(at.group, at.name);
  const rules = policy.customRules ?? [];
  return {
    prevents: policy.policySettings?.state !== 'Disabled' && policy.policySettings?.mode === 'Prevention',
    rules: rules.map((rule) => ({ name: rule.name ?? '', priority: rule.priority, enabled: rule.state !== 'Disabled', blocks: rule.action === 'Block', addresses: rule.matchConditions.filter((one) => one.operator === 'IPMatch' && !one.negationConditon).flatMap((one) => one.matchValues) })),
    write: (name, rule) => policies.createOrUpdate(at.group, at.name, { ...policy, customRules: [...rules.filter((one) => one.name !== name), ...(rule ? [gatewayRule(rule)] : [])] }),
  };
}

const gatewayRule = (rule: Rule): WebApplicationFirewallCustomRule => ({
  name: rule.name, priority: rule.priority, ruleType: 'MatchRule', action: 'Block', state: 'Enabled', matchConditions: [{ matchVariables: [{ variableName: 'RemoteAddr' }], operator: 'IPMatch', negationConditon: false, matchValues: rule.addresses }],
});

async function readFrontDoor(ctx: AzureContext, target: Target): Promise<Policy> {
  const { arm, at } = armFor(ctx, target, FRONT_DOOR);
  const { policies } = arm.frontDoor;
  const policy = await policies.get(at.group, at.name);
  const rules = policy.customRules?.rules ?? [];
  return {
    prevents: policy.policySettings?.enabledState !== 'Disabled' && policy.policySettings?.mode === 'Prevention',
    rules: rules.map((rule) => ({ name: rule.name ?? '', priority: rule.priority, enabled: rule.enabledState !== 'Disabled', blocks: rule.action === 'Block', addresses: rule.matchConditions.filter((one) => one.operator === 'IPMatch' && !one.negateCondition).flatMap((one) => one.matchValue) })),
    write: (name, rule) => policies.beginCreateOrUpdateAndWait(at.group, at.name, { ...policy, customRules: { rules: [...rules.filter((one) => one.name !== name), ...(rule ? [frontDoorRule(rule)] : [])] } }, polling),
  };
}

const frontDoorRule = (rule: Rule): CustomRule => ({
  name: rule.name, priority: rule.priority, ruleType: 'MatchRule', action: 'Block', enabledState: 'Enabled', matchConditions: [{ matchVariable: 'SocketAddr', operator: 'IPMatch', negateCondition: false, matchValue: rule.addresses }],
});
