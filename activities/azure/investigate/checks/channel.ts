import { defineCheck, LAG, trailPermissions } from '../check';
import type { LogRecord } from '../record';
import { trail } from '../trail';

/** The portal's application ids and names in sign-in logs and agents. Source: Microsoft Learn, first-party applications in sign-in reports. */
const PORTAL = /azure portal|microsoft 365 admin|entra|my ?apps|myaccount|office ?home|account\.activedirectory|mozilla\/5/i;

/** 1.2.3: a portal in a browser, or programs. */
export const channel = defineCheck('1.2.3-console-or-api', trailPermissions, async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const attackers = seen.events.filter((one) => one.attribution === 'attacker').map((one) => one.record);
  const counts = { console: 0, api: 0, service: 0 };
  for (const record of attackers) counts[channelOf(record)] += 1;
  if (attackers.length === 0) for (const alert of aCase.alerts) if (alert.channel !== 'unknown') counts[alert.channel] += 1;
  const agents = [...new Set(attackers.map((record) => record.agent))].filter((agent) => agent !== '').slice(0, 10);
  const total = counts.console + counts.api + counts.service;
  const main = counts.console > 0 && counts.api > 0 ? 'console and API' : counts.console > 0 ? 'console' : counts.api > 0 ? 'API (programmatic)' : 'unknown';
  return {
    found: total > 0, summary: total > 0 ? `${main}: ${counts.console} in a portal or browser, ${counts.api} by programs${agents.length > 0 ? `; with ${agents.slice(0, 3).map((agent) => agent.slice(0, 60)).join(' | ')}` : ''}` : 'no record says how it was made',
    facts: { channel: main, ...counts, agents, signIns: attackers.filter((record) => record.log === 'sign-in').length }, failed: seen.failed, truncated: seen.truncated, records: attackers, notes: ['the Activity Log does not name the program: its records count as programs’', LAG],
  };
});

export const channelOf = ({ log, agent, actor }: Pick<LogRecord, 'log' | 'agent' | 'actor'>): 'console' | 'api' =>
  actor.kind !== 'service-principal' && log !== 'activity' && (PORTAL.test(agent) || / \/ browser\b/i.test(agent)) ? 'console' : 'api';
