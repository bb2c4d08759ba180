import { GetAccessKeyLastUsedCommand, type IAMClient, type ServiceLastAccessed } from '@aws-sdk/client-iam';
import type { Claim, Logged, Observation, Subject } from '../../../playbook/permission-audit/model';
import type { Used } from '../../../playbook/permission-audit/narrow';
import { onlyDenied } from '../../../playbook/permission-audit/rules';
import { codeOf, toFailure } from '../../boundary';
import type { AwsContext } from '../context';
import { classifyAws } from '../errors';
import { orNull } from '../eradicate/support';
import { createLooker } from '../investigate/looker';
import type { TrailRecord } from '../investigate/record';
import { accessKeys } from '../iam-read';
import { lastAccessedReport } from '../recover/last-used';
import { exemptionOf, exemptPermissions, readAudited, type AuditedIdentity } from './exempt';

export const lookPermissions = [
  ...exemptPermissions, 'iam:GenerateServiceLastAccessedDetails', 'iam:GetServiceLastAccessedDetails', 'iam:ListAccessKeys', 'iam:GetAccessKeyLastUsed', 'cloudtrail:LookupEvents',
] as const;

interface Window { from: Date; to: Date }

/** A service used later than its newest tracked action was used otherwise too: reports track management events only. */
const OTHERWISE_MS = 60_000;
/** CloudTrail answers two look-ups a second: claims beyond these stay claims. */
const LOOKED_UP = 20;
const PAGES = 4;

/** What is known of the subject's use: IAM's own reports, and CloudTrail's word where a report may have counted a denied attempt. */
export async function lookAt(ctx: AwsContext, subject: Subject, window: Window): Promise<Observation> {
  const { iam } = ctx.access.clients(subject.account);
  const kind = subject.kind === 'role' ? 'role' : 'user';
  const seen: Observation = { createdAt: null, exempt: null, tags: {}, claims: [], log: [], used: [], services: null, failed: [] };
  const identity = await readAudited(iam, kind, subject.of ?? subject.name);
  if (!identity) return seen;
  const keys = kind === 'user' ? await accessKeys(iam, identity.name) : [];
  const key = subject.kind === 'access-key' ? keys.find((one) => one.id === subject.id) : undefined;
  if (subject.kind === 'access-key' && !key) return seen;
  seen.createdAt = key?.createdAt ?? identity.createdAt;
  seen.tags = identity.tags;
  seen.exempt = (await exemptionOf(ctx, subject.account, identity, key?.id)) ?? (key && !key.active ? `${key.id} is inactive already` : null);
  if (seen.exempt || Date.parse(seen.createdAt) > window.from.getTime()) return seen;
  const attempt = async (what: string, read: () => Promise<void>): Promise<void> => read().catch((error: unknown) => void seen.failed.push(`${what}: ${codeOf(toFailure(error, classifyAws)) ?? 'UNEXPECTED'}`));
  await attempt('keys', async () => void seen.claims.push(...(await keyClaims(iam, key ? [key.id] : keys.map((one) => one.id)))));
  if (key) {
    // Of a key only the time is known: a denied call beside it does not prove that nothing else was done with it then.
    seen.log = (await logOf(ctx, subject.account, identity, seen.claims, window, key.id)).filter((one) => !one.denied);
    return seen;
  }
  if (identity.lastUsed) (kind === 'user' ? seen.used : seen.claims).push({ what: '', at: identity.lastUsed, by: kind === 'user' ? 'password-last-used' : 'role-last-used' });
  await attempt('last-accessed report', async () => {
    const report = await lastAccessedReport(iam, identity.arn);
    seen.claims.push(...report.flatMap(claimsOf));
    seen.log = await logOf(ctx, subject.account, identity, seen.claims, window);
    const used = usedIn(seen, window).map((one) => one.service);
    seen.services = { granted: report.flatMap((one) => one.ServiceNamespace ?? []).sort(), used };
  });
  return seen;
}

/** As much of it as decides, for the history: the newest claims, and of each call its newest successes and denials. */
export function brief(seen: Observation): Observation {
  const newest = <T extends { at: string }>(items: readonly T[]): T[] => [...items].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const counts = new Map<string, number>();
  const log = newest(seen.log).filter((one) => {
    const key = `${one.what} ${one.denied}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts.get(key)! <= 3;
  });
  return { ...seen, claims: newest(seen.claims).slice(0, 200), log };
}

/** What counts as used in the window, by service: for a narrower policy. */
export function usedIn({ claims, log }: Pick<Observation, 'claims' | 'log'>, { from }: Pick<Window, 'from'>): Used[] {
  const counted = [...claims.filter((claim) => claim.what !== '' && Date.parse(claim.at) >= from.getTime() && !onlyDenied(claim, log)), ...log.filter((one) => !one.denied)];
  const services = new Map<string, string[] | null>();
  for (const { what } of counted) {
    const [service = '', action] = what.split(':');
    const known = services.get(service);
    services.set(service, action === undefined || known === null ? null : [...new Set([...(known ?? []), action])]);
  }
  return [...services].map(([service, actions]) => ({ service, actions: actions?.sort() ?? null })).sort((a, b) => (a.service < b.service ? -1 : 1));
}

function claimsOf(service: ServiceLastAccessed): Claim[] {
  const name = service.ServiceNamespace;
  if (!name) return [];
  const actions = (service.TrackedActionsLastAccessed ?? []).flatMap((one): Claim[] => (one.ActionName && one.LastAccessedTime ? [{ what: `${name}:${one.ActionName}`, at: one.LastAccessedTime.toISOString(), by: 'service-last-accessed' }] : []));
  const newest = Math.max(0, ...actions.map((one) => Date.parse(one.at)));
  const last = service.LastAuthenticated?.getTime() ?? 0;
  return last - newest >= OTHERWISE_MS ? [...actions, { what: name, at: new Date(last).toISOString(), by: 'service-last-accessed' }] : actions;
}

async function keyClaims(iam: IAMClient, ids: readonly string[]): Promise<Claim[]> {
  const used = await Promise.all(ids.map((id) => orNull(iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: id })))));
  return used.flatMap((one): Claim[] => (one?.AccessKeyLastUsed?.LastUsedDate ? [{ what: '', at: one.AccessKeyLastUsed.LastUsedDate.toISOString(), by: 'key-last-used' }] : []));
}

/** CloudTrail's own events of the identity in the window. Where an answer was cut off or did not come, its denials prove nothing and are left out. */
async function logOf(ctx: AwsContext, account: string, identity: AuditedIdentity, claims: readonly Claim[], { from, to }: Window, key?: string): Promise<Logged[]> {
  const inWindow = claims.filter((claim) => Date.parse(claim.at) >= from.getTime()).sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  if (inWindow.length === 0) return [];
  const looker = createLooker(ctx.access);
  const ask = (name: 'Username' | 'AccessKeyId' | 'EventName', value: string): Promise<TrailRecord[]> => looker.ask({ account, key: name, value, from, to, maxPages: PAGES });
  const actions = [...new Set(inWindow.flatMap((claim) => claim.what.split(':')[1] ?? []))].slice(0, LOOKED_UP);
  const records = key ? await ask('AccessKeyId', key) : identity.kind === 'user' ? await ask('Username', identity.name) : (await Promise.all(actions.map((action) => ask('EventName', action)))).flat();
  const mine = records.filter((record) => key !== undefined || (record.identity.issuer?.arn ?? record.identity.arn)?.toLowerCase() === identity.arn.toLowerCase());
  const whole = looker.truncated.length === 0 && looker.failed.length === 0 && looker.unreadable === 0;
  return mine.map((record): Logged => ({ what: `${record.eventSource.split('.')[0]}:${record.eventName}`, at: record.eventTime, denied: record.errorCode !== null && /denied|unauthorized/i.test(record.errorCode) })).filter((one) => whole || !one.denied);
}
