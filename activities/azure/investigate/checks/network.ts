import type { NetworkSecurityGroup } from '@azure/arm-network';
import type { Artifact } from '../../../../playbook/model/finding';
import { reachOf } from '../../../../playbook/addresses';
import { counted, named, withDetails } from '../../../artifacts';
import { pages } from '../../contain/arm';
import { createReader, defineCheck, each, LAG, plain, trailPermissions } from '../check';
import { trail } from '../trail';

/** 1.3.3: rules opened, and every rule that lets the whole internet in now. */
export const network = defineCheck('1.3.3-network', [...trailPermissions, 'Microsoft.Network/networkSecurityGroups/read'], async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const reader = createReader();
  const lists = await each(ctx.access.subscriptions(seen.tenant), 3, (subscription) => reader.read(`subscription ${subscription} security groups`, () => pages<NetworkSecurityGroup>(ctx.access.arm(seen.tenant, subscription).network.networkSecurityGroups.listAll())));
  const groups = lists.flatMap((list) => list ?? []);
  const rules = groups.flatMap((group) => (group.securityRules ?? []).map((rule) => ({ id: rule.id ?? '', group: group.name ?? '', name: rule.name ?? '', rule })));
  const wide = rules.filter(({ rule }) => rule.direction === 'Inbound' && rule.access === 'Allow' && [rule.sourceAddressPrefix ?? '', ...(rule.sourceAddressPrefixes ?? [])].some((prefix) => /^(\*|any|internet)$/i.test(prefix) || reachOf(prefix) === 'world'));
  const there = new Set([...rules.map((one) => one.id.toLowerCase()), ...groups.map((one) => (one.id ?? '').toLowerCase())]);
  const complete = lists.every((list) => list !== null);
  const artifacts = seen.artifacts.filter((one) => one.kind === 'security-group-rule' || one.kind === 'security-group')
    .map((one): Artifact => withDetails(one, { exists: there.has(one.id.toLowerCase()) ? true : complete ? false : null }));
  const open = artifacts.filter((one) => one.details.open === true);
  return {
    found: artifacts.length > 0,
    summary: [artifacts.length > 0 ? `${artifacts.length} rules and groups were written (${counted(artifacts)}), ${open.length} open to the internet: ${named(artifacts)}` : 'no rule was written', ...(wide.length > 0 ? [`in all ${wide.length} rules let the whole internet in: ${wide.slice(0, 6).map((one) => `${one.group}/${one.name} port ${one.rule.destinationPortRange ?? (one.rule.destinationPortRanges ?? []).join(',')}`).join(', ')}`] : [])].join('; '),
    artifacts, failed: [...seen.failed, ...reader.failed], truncated: seen.truncated, facts: { open: open.length, openNow: wide.slice(0, 100).map(({ id, group, name }) => ({ id, group, name })) },
    records: seen.events.map((one) => one.record).filter((record) => /^microsoft\.network\//i.test(record.event)), raw: plain(wide.map((one) => one.rule)), notes: [LAG],
  };
});
