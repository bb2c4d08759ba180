import { defineCheck } from '../check';
import type { TrailRecord } from '../record';
import { trail } from '../trail';

/** 1.2.3: console, API, or an AWS service on somebody's behalf (CloudTrail User Guide: `sessionCredentialFromConsole`, `invokedBy`). */
export const channel = defineCheck('1.2.3-console-or-api', ['cloudtrail:LookupEvents'], async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const attackers = seen.events.filter((one) => one.attribution === 'attacker').map((one) => one.record);
  const counts = { console: 0, api: 0, service: 0 };
  for (const record of attackers) counts[channelOf(record)] += 1;
  if (attackers.length === 0) for (const alert of aCase.alerts) if (alert.channel !== 'unknown') counts[alert.channel] += 1;
  const agents = [...new Set(attackers.map((record) => record.userAgent))].filter((agent) => agent !== '').slice(0, 10);
  const total = counts.console + counts.api + counts.service;
  const main = counts.console > 0 && counts.api > 0 ? 'console and API' : counts.console > 0 ? 'console' : counts.api > 0 ? 'API (programmatic)' : counts.service > 0 ? 'an AWS service' : 'unknown';
  return {
    found: total > 0,
    summary: total > 0 ? `${main}: ${counts.console} console, ${counts.api} API, ${counts.service} by services${agents.length > 0 ? `; agents ${agents.slice(0, 3).map((agent) => agent.slice(0, 60)).join(' | ')}` : ''}` : 'no call that says how it was made',
    facts: { channel: main, ...counts, agents, signIns: attackers.filter((record) => record.eventName === 'ConsoleLogin').length }, failed: seen.failed, truncated: seen.truncated, records: attackers,
  };
});

export function channelOf(record: TrailRecord): 'console' | 'api' | 'service' {
  if (record.identity.invokedBy || /\.amazonaws\.com$/.test(record.sourceIPAddress)) return 'service';
  return record.fromConsole || /^AwsConsole/.test(record.eventType) || /console\.amazonaws\.com|signin\.amazonaws\.com/i.test(record.userAgent) ? 'console' : 'api';
}
