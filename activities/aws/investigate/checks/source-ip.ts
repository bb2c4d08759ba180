import { countryOf, networkOf } from '../../../geo';
import { agentFamily } from '../attribution';
import { defineCheck } from '../check';
import { trail } from '../trail';
import { compare } from '../../../../playbook/triage/baseline';
import { sightingOf, traitsOfAlert } from '../../baseline';

/** 1.2.2: every address in the incident, its country (offline registry data), whether the identity used it before, and what else of the alerts is new for it. */
export const sourceIp = defineCheck('1.2.2-source-ip', ['cloudtrail:LookupEvents'], async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const byIp = new Map<string, { count: number; first: string; last: string; agents: Set<string>; attackers: number }>();
  const count = (ip: string, time: string, agent: string, attackers: boolean): void => {
    const one = byIp.get(ip) ?? { count: 0, first: time, last: time, agents: new Set<string>(), attackers: 0 };
    one.count += 1;
    if (time < one.first) one.first = time;
    if (time > one.last) one.last = time;
    if (agent) one.agents.add(agentFamily(agent));
    if (attackers) one.attackers += 1;
    byIp.set(ip, one);
  };
  for (const { record, attribution } of seen.events) if (record.sourceIPAddress) count(record.sourceIPAddress, record.eventTime, record.userAgent, attribution === 'attacker');
  for (const alert of aCase.alerts) for (const ip of new Set([alert.sourceIp, ...alert.addresses])) if (ip && !byIp.has(ip)) count(ip, alert.time, alert.userAgent ?? '', false);
  const addresses = [...byIp].map(([ip, one]) => ({
    ip, country: countryOf(ip), network: networkOf(ip), known: seen.baseline.has(ip), hostile: seen.hostile.has(ip) || one.attackers > 0, calls: one.count, attackersCalls: one.attackers,
    first: one.first, last: one.last, agents: [...one.agents].slice(0, 5),
  })).sort((a, b) => Number(b.hostile) - Number(a.hostile) || b.calls - a.calls);
  const { firsts, silent } = compare(aCase.principal.name, { from: new Date(0), until: new Date(seen.windowStart), sampled: seen.truncated.length > 0 }, seen.before.flatMap(sightingOf), aCase.alerts.map((alert) => ({ id: alert.id, time: alert.time, traits: traitsOfAlert(alert) })));
  const fresh = [...new Set(firsts.map(({ trait, value }) => `${trait} ${value}`))];
  const shown = addresses.slice(0, 5).map((one) => `${one.ip} (${one.country ?? one.network}, ${one.calls} calls${one.hostile ? ', the attacker’s' : one.known ? ', seen before' : ''})`);
  return {
    found: addresses.length > 0, summary: addresses.length > 0 ? `${addresses.length} addresses: ${shown.join(', ')}${fresh.length > 0 ? `; new for ${aCase.principal.name}: ${fresh.slice(0, 8).join(', ')}` : ''}` : 'no address in any event',
    facts: { addresses: addresses.slice(0, 100), new: silent ?? fresh.slice(0, 50), usualCountries: [...new Set([...seen.baseline].map((ip) => countryOf(ip) ?? networkOf(ip)))].sort() },
    failed: seen.failed, truncated: seen.truncated, records: seen.events.map((one) => one.record),
  };
});
