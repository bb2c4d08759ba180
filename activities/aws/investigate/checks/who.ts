import { GetAccessKeyLastUsedCommand } from '@aws-sdk/client-iam';
import { createReader, defineCheck } from '../check';
import { text } from '../record';
import { trail } from '../trail';

/** 1.2.1: who performed the action: the principal, the owner of the key, and the session's chain back to who started it. */
export const who = defineCheck('1.2.1-who', ['cloudtrail:LookupEvents', 'iam:GetAccessKeyLastUsed'], async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const { principal, alerts } = aCase;
  const reader = createReader();
  const keys = [...new Set(alerts.flatMap((alert) => (alert.session?.accessKeyId ? [alert.session.accessKeyId] : [])))];
  const owners = await Promise.all(
    // Temporary keys have no owner of their own: their chain says who.
    keys.filter((key) => key.startsWith('AKIA')).slice(0, 5).map(async (key) => {
      const { value } = await reader.exists('iam:GetAccessKeyLastUsed', () => ctx.access.clients(principal.account).iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: key })));
      return { key, owner: value?.UserName ?? null, lastUsed: value?.AccessKeyLastUsed?.LastUsedDate?.toISOString() ?? null };
    }),
  );
  const own = seen.events.filter(({ record }) => keys.includes(record.identity.accessKeyId ?? ''));
  const start = seen.chain[seen.chain.length - 1];
  const named = principal.kind !== 'unknown' && principal.id !== '';
  const recordOwner = own.find(({ record }) => record.identity.arn)?.record.identity.arn ?? null;
  const strangers = owners.filter(({ owner }) => owner !== null && principal.kind === 'user' && owner !== principal.name).map(({ key, owner }) => `key ${key} belongs to ${owner}`);
  const summary = [
    `${principal.kind} ${principal.id || 'unknown'}`,
    ...(keys.length > 0 ? [`with ${keys.slice(0, 3).join(', ')}`] : []),
    ...(start ? [`the session was started by ${start.by.arn ?? start.by.account ?? 'somebody'} from ${start.sourceIp} at ${start.time} (${seen.chain.map((link) => link.event).join(' ← ')})`] : []),
    ...seen.origins.origins.map(({ how }) => how), ...seen.origins.unclear.map((why) => `not followed to the end: ${why}`), ...strangers,
    `${seen.events.filter((one) => one.attribution === 'attacker').length} of ${seen.events.length} of its calls are the attacker’s`,
  ].join('; ');
  return {
    found: named || recordOwner !== null, summary, failed: [...seen.failed, ...reader.failed], truncated: seen.truncated, records: [...own.map((one) => one.record), ...seen.chain.map((link) => link.record)],
    facts: {
      principal: { ...principal }, keys, owners, recordOwner,
      chain: seen.chain.map(({ key, time, event, eventID, roleArn, by, sourceIp }) => ({ key, time, event, eventID, roleArn, by, sourceIp })),
      origins: seen.origins.origins.map(({ alerts: ids, principal: by, roles, how }) => ({ alerts: ids, principal: { ...by }, roles, how })), unclear: seen.origins.unclear,
      startedBy: start ? start.by : null, attackerKeys: [...seen.owned.keys.keys()], attackerUsers: [...seen.owned.users.keys()], attackerRoles: [...seen.owned.roles.keys()],
      assumedRoles: [...new Set(seen.events.flatMap(({ record, attribution }) => (attribution === 'attacker' && record.errorCode === null && record.eventName.startsWith('AssumeRole') ? (text(record.request, 'roleArn') ?? []) : [])))],
      calls: seen.events.length, attackersCalls: seen.events.filter((one) => one.attribution === 'attacker').length, windowStart: seen.windowStart,
    },
  };
});
