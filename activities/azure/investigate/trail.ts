import type { ServicePrincipal } from '@microsoft/microsoft-graph-types';
import type { Artifact } from '../../../playbook/model/finding';
import { merged, settled } from '../../artifacts';
import { onceAMinute } from '../../once-a-minute';
import type { AzureCase, AzureContext } from '../context';
import { at, literal } from '../graph';
import { attribute, DEFAULT_LOOK_BACK_MS, type Attributed, type Attribution, type Seeds } from './attribution';
import { createReader, each, type Failed, type Reader } from './check';
import { directoryChange } from './directory-changes';
import { activities, auditsBy, signInsOf, type Asked } from './logs';
import type { LogRecord } from './record';
import { resourceChange } from './resource-changes';

const HISTORY_MS = 30 * 86_400_000;
const ROUNDS = 6;
/** An attacker who makes more than this is seen by the directory's own lists (2.2.3). */
const MAX_FOLLOWED = 60;

/** Everything that the logs say about the compromised identity and what it made; shared by the checks of one minute. */
export interface Trail extends Attribution {
  tenant: string;
  firstAlert: string;
  /** ISO. */
  to: string;
  /** What was made and changed, each thing once. */
  artifacts: Artifact[];
  /** The first write of each storage account, by its id in lower case, whoever made it. */
  firstWrites: ReadonlyMap<string, LogRecord>;
  failed: readonly Failed[];
  truncated: readonly string[];
}

const shared = onceAMinute<Trail>();

/** The case's trail, read once for all the checks of a minute. */
export function trail(ctx: AzureContext, aCase: AzureCase): Promise<Trail> {
  return shared(ctx.access, aCase, ctx.now(), () => readTrail(ctx, aCase));
}

/** What the alerts and the other sides of the incident start from. */
export function seedsOf({ principal, alerts, elsewhere }: AzureCase, now: Date): Seeds {
  const times = [...alerts.map((alert) => alert.time), ...(elsewhere ? [elsewhere.firstAlert] : [])].sort();
  return {
    principals: [...new Set([principal.id, ...(principal.name.includes('@') ? [principal.name] : [])].map((one) => one.toLowerCase()).filter((one) => one !== ''))],
    addresses: [...new Set([...alerts.flatMap((alert) => [alert.sourceIp ?? '', ...alert.addresses]), ...(elsewhere?.addresses ?? [])].filter((ip) => ip !== ''))],
    alerts: alerts.map((alert) => ({ event: alert.event.toLowerCase(), time: alert.time })), firstAlert: times[0] ?? now.toISOString(), lookBackMs: DEFAULT_LOOK_BACK_MS,
  };
}

async function readTrail(ctx: AzureContext, aCase: AzureCase): Promise<Trail> {
  const { principal } = aCase;
  const tenant = ctx.access.tenant(principal.account).id;
  const to = ctx.now();
  const seeds = seedsOf(aCase, to);
  const windowStart = new Date(Date.parse(seeds.firstAlert) - seeds.lookBackMs);
  const reader = createReader();
  const subscriptions = ctx.access.subscriptions(tenant);
  const logs = each(subscriptions, 4, (subscription) => activities(ctx, reader, tenant, subscription, windowStart, to));
  const first = principal.kind === 'user' || principal.kind === 'guest' ? await person(ctx, reader, tenant, principal.id, seeds) : await application(ctx, reader, tenant, principal.id, seeds);
  const records: LogRecord[] = [...(await history(ctx, reader, tenant, first, new Date(to.getTime() - HISTORY_MS)))];
  const found = await logs;
  records.push(...found.flatMap((one) => one.records));
  const truncated = found.flatMap((one) => one.truncated);
  const followed = new Set([first.id]);
  let seen = attribute(records, seeds);
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = [...seen.owned, ...seen.shared].filter(([id]) => !followed.has(id));
    if (next.length === 0) break;
    const asked = next.slice(0, Math.max(0, MAX_FOLLOWED - followed.size));
    if (asked.length < next.length) truncated.push(`${next.length - asked.length} identities of the attacker were not followed`);
    if (asked.length === 0) break;
    asked.forEach(([id]) => followed.add(id));
    const answers = await each(asked, 4, async ([id]) => history(ctx, reader, tenant, await identityOf(ctx, reader, tenant, id), windowStart));
    records.push(...answers.flat());
    seen = attribute(records, seeds);
  }
  const artifacts = settled(merged(seen.events.flatMap((event) => artifactsOf(event))));
  return { ...seen, firstWrites: firstWritesOf(records), tenant, firstAlert: seeds.firstAlert, to: to.toISOString(), artifacts, failed: reader.failed, truncated };
}

function firstWritesOf(records: readonly LogRecord[]): Map<string, LogRecord> {
  const writes = records.filter((one) => one.succeeded && one.event.toLowerCase() === 'microsoft.storage/storageaccounts/write').sort((a, b) => Date.parse(b.time) - Date.parse(a.time));
  return new Map(writes.map((one) => [one.resource.toLowerCase(), one]));
}

/** What one event made or changed; a failed call made nothing. */
export function artifactsOf({ record, attribution, why }: Attributed): Artifact[] {
  if (!record.succeeded || record.log === 'sign-in') return [];
  const made = record.log === 'directory' ? directoryChange(record) : resourceChange(record);
  return made.map((one): Artifact => ({
    provider: 'azure', account: record.tenant, region: one.region ?? null, kind: one.kind, id: one.id, name: one.name, attribution, how: one.how, events: [record.id],
    details: { why, by: record.actor.name || record.actor.id, sourceIp: record.ip, time: record.time, event: record.event, ...one.details },
  }));
}

async function history(ctx: AzureContext, reader: Reader, tenant: string, asked: Asked, from: Date): Promise<LogRecord[]> {
  const [signIns, audits] = await Promise.all([asked.kind === 'user' ? signInsOf(ctx, reader, tenant, asked.id, from) : [], auditsBy(ctx, reader, tenant, asked, from)]);
  return [...signIns, ...audits];
}

/** The alert may name a person by UPN: the logs are asked by object id. */
async function person(ctx: AzureContext, reader: Reader, tenant: string, id: string, seeds: Seeds): Promise<Asked> {
  if (/^[0-9a-f-]{36}$/i.test(id)) return { kind: 'user', id: id.toLowerCase(), appId: null };
  const { value } = await reader.exists(`user ${id}`.slice(0, 200), () => ctx.access.graph(tenant).get<{ id?: string }>(at`/users/${id}`, { select: 'id' }));
  if (value?.id) seeds.principals.push(value.id.toLowerCase());
  return { kind: 'user', id: value?.id?.toLowerCase() ?? id, appId: null };
}

/** Alerts name an application by its service principal or by its application id. */
async function application(ctx: AzureContext, reader: Reader, tenant: string, id: string, seeds: Seeds): Promise<Asked> {
  const asked = await identityOf(ctx, reader, tenant, id, true);
  if (!seeds.principals.includes(asked.id)) seeds.principals.push(asked.id);
  return asked;
}

/** What kind of object an id is; one that is gone is asked for as a user, which changes nothing. */
export async function identityOf(ctx: AzureContext, reader: Reader, tenant: string, id: string, byAppId = false): Promise<Asked> {
  const graph = ctx.access.graph(tenant);
  const select = 'id,appId';
  const { value } = await reader.exists(`service principal ${id}`.slice(0, 200), () => graph.get<ServicePrincipal>(at`/servicePrincipals/${id}`, { select }));
  if (value?.id) return { kind: 'service-principal', id: value.id.toLowerCase(), appId: value.appId ?? null };
  const { value: registered } = byAppId ? { value: null } : await reader.exists(`application ${id}`.slice(0, 200), () => graph.get<{ appId?: string }>(at`/applications/${id}`, { select }));
  const appId = registered?.appId ?? (byAppId ? id : null);
  if (!appId) return { kind: 'user', id, appId: null };
  const principals = await reader.read('service principals', () => graph.list<ServicePrincipal>('/servicePrincipals', { filter: `appId eq ${literal(appId)}`, select }));
  return { kind: 'service-principal', id: principals?.[0]?.id?.toLowerCase() ?? id, appId };
}
