import type { Alert } from '../../../playbook/model/alert';
import type { Principal } from '../../../playbook/model/principal';
import { onceAMinute } from '../../once-a-minute';
import type { AwsCase, AwsContext } from '../context';
import { attribute, DEFAULT_LOOK_BACK_MS, identityCenterName, type Attributed, type Attribution, type Seeds } from './attribution';
import { followChain, type ChainLink } from './chain';
import { createLooker, type Failed, type Looker } from './looker';
import { HISTORY_MS, type LookupOptions } from './lookup-events';
import { originsOf, type Origins } from './origin';
import type { TrailRecord } from './record';

/** Everything that CloudTrail says about the compromised identity and what it made; shared by the checks of one minute. */
export interface Trail extends Attribution {
  account: string;
  /** Partition of the principal's ARN: `aws`, `aws-cn`, `aws-us-gov`. */
  partition: string;
  records: TrailRecord[];
  /** The principal's session followed back to who started it, newest first. */
  chain: ChainLink[];
  /** Whose incident the alerts' sessions belong to, where that is somebody else's. */
  origins: Origins;
  /** ISO. */
  from: string;
  to: string;
  firstAlert: string;
  failed: readonly Failed[];
  truncated: readonly string[];
  unreadable: number;
  lookups: number;
  /** Who wrote a resource before: every event that names it, oldest first, before `until`. Errors are noted, not thrown. */
  historyOf(account: string, region: string, resource: string, until: string): Promise<TrailRecord[]>;
  /** Every event of that name in the window, whoever made it. */
  eventsNamed(account: string, name: string): Promise<TrailRecord[]>;
}

export interface TrailOptions extends LookupOptions {
  lookBackMs?: number;
}

const WINDOW_PAGES = 60;
const BASELINE_PAGES = 10;
const ROUNDS = 8;
const MAX_QUESTIONS = 150;

const shared = onceAMinute<Trail>();

/** The case's trail, read once for all the checks of a minute. */
export function trail(ctx: AwsContext, aCase: AwsCase, options: TrailOptions = {}): Promise<Trail> {
  return shared(ctx.access, aCase, ctx.now(), () => readTrail(ctx, aCase, options));
}

async function readTrail(ctx: AwsContext, aCase: AwsCase, options: TrailOptions): Promise<Trail> {
  const to = ctx.now();
  const looker = createLooker(ctx.access, options);
  const seeds = seedsOf(aCase, to, options.lookBackMs ?? DEFAULT_LOOK_BACK_MS);
  const windowStart = new Date(Date.parse(seeds.firstAlert) - seeds.lookBackMs);
  const from = new Date(to.getTime() - HISTORY_MS);
  const records = new Map<string, TrailRecord>();
  const add = (found: TrailRecord[]): void => found.forEach((record) => records.set(record.eventID, record));
  const { account } = aCase.principal;
  const configured = ctx.access.config.accounts.map((one) => one.id);

  add(await sharedEvents(looker, { ...seeds, keys: [] }, configured, from, windowStart, to));
  // A key seen under its user's name needs no look-up of its own; of two a second each one counts.
  const unseen = seeds.keys.filter((key) => ![...records.values()].some((record) => record.identity.accessKeyId === key && record.identity.userName !== null));
  if (unseen.length > 0) add(await sharedEvents(looker, { ...seeds, principals: seeds.principals.slice(0, 1), sessions: [], keys: unseen }, configured, from, windowStart, to, true));
  const chain = await chainOf(looker, aCase, [...records.values()], configured);
  add(chain.map((link) => link.record));
  const origins = await originsOf(looker, aCase, [...records.values()], configured);
  const starters = startersOf(chain, seeds);
  if (starters.length > 0) {
    seeds.principals.push(...starters);
    add(await sharedEvents(looker, { ...seeds, principals: starters, keys: [], sessions: [] }, configured, from, windowStart, to));
  }

  let result = attribute([...records.values()], seeds);
  const asked = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const questions = questionsOf(result, asked, account).slice(0, Math.max(0, MAX_QUESTIONS - asked.size));
    if (questions.length === 0) break;
    for (const question of questions) asked.add(question.id);
    add((await Promise.all(questions.map(({ since, ...question }) => looker.ask({ ...question, from: new Date(since - 1000), to, maxPages: WINDOW_PAGES })))).flat());
    result = attribute([...records.values()], seeds);
  }
  if (questionsOf(result, asked, account).length > 0) looker.truncated.push(`the attacker’s credentials: ${asked.size} followed, and there are more`);

  return {
    ...result, account, partition: /^arn:([^:]+):/.exec(aCase.principal.id)?.[1] ?? 'aws', chain, origins, from: from.toISOString(), to: to.toISOString(), firstAlert: seeds.firstAlert,
    records: [...records.values()].sort((a, b) => (a.eventTime < b.eventTime ? -1 : a.eventTime > b.eventTime ? 1 : 0)),
    failed: looker.failed, truncated: looker.truncated, unreadable: looker.unreadable, lookups: looker.lookups,
    historyOf: async (where, region, resource, until) =>
      (await looker.ask({ account: where, region, key: 'ResourceName', value: resource, from, to: new Date(until), maxPages: 4 })).sort((a, b) => (a.eventTime < b.eventTime ? -1 : 1)),
    eventsNamed: (where, name) => looker.ask({ account: where, key: 'EventName', value: name, from: windowStart, to, maxPages: 4 }),
  };
}

/** The attributed events that changed something, by time. */
export function changes(of: Pick<Trail, 'events'>, ...names: string[]): Attributed[] {
  return of.events.filter(({ record }) => record.errorCode === null && names.includes(record.eventName));
}

/** Two windows a credential: the incident's in full, and enough of the 90 days before to know its usual addresses. */
async function sharedEvents(looker: Looker, seeds: Seeds, accounts: readonly string[], from: Date, windowStart: Date, to: Date, keysOnly = false): Promise<TrailRecord[]> {
  const users = seeds.principals.filter((one) => one.kind === 'user').map((one) => ({ account: one.account, key: 'Username' as const, value: one.id.split('/').pop()! }));
  const roots = seeds.principals.filter((one) => one.kind === 'root').map((one) => ({ account: one.account, key: 'Username' as const, value: 'root' }));
  const account = seeds.principals[0]?.account ?? '';
  // A person of Identity Center may be in any account; the session bears the person's name in each.
  const people = seeds.principals.flatMap((one) => identityCenterName(one) ?? []).flatMap((value) => accounts.map((where) => ({ account: where, key: 'Username' as const, value })));
  const sessions = seeds.sessions.map(({ roleArn, name }) => ({ account: roleArn.split(':')[4] || account, key: 'Username' as const, value: name }));
  const keys = seeds.keys.map((value) => ({ account, key: 'AccessKeyId' as const, value }));
  const windows = [{ from: windowStart, to, maxPages: WINDOW_PAGES }, { from, to: windowStart, maxPages: BASELINE_PAGES }];
  return (await Promise.all((keysOnly ? keys : [...users, ...roots, ...people, ...sessions, ...keys]).flatMap((who) => windows.map((window) => looker.ask({ ...who, ...window }))))).flat();
}

interface Wanted {
  id: string;
  account: string;
  key: 'AccessKeyId' | 'Username' | 'ResourceName';
  value: string;
  since: number;
}

/** What to look up next: each credential that the attacker made, once. */
function questionsOf({ owned }: Attribution, asked: ReadonlySet<string>, account: string): Wanted[] {
  const want = (key: Wanted['key'], value: string, { at, account: where }: { at: number; account: string }): Wanted => ({ id: `${where || account}|${key}|${value}`, account: where || account, key, value, since: at });
  const ofMadeUser = (since: { account: string; name?: string }): boolean => since.name !== undefined && [...owned.users.values()].some((user) => user.account === since.account && user.name === since.name);
  return [
    ...[...owned.keys].filter(([, since]) => !ofMadeUser(since)).map(([key, since]) => want('AccessKeyId', key, since)),
    ...[...owned.users].map(([arn, since]) => want('Username', since.name ?? arn.split('/').pop()!, since)),
    ...[...owned.roles].map(([arn, since]) => want('ResourceName', since.name ?? arn, since)),
    ...[...owned.sessions].map(([id, since]) => want('Username', id.slice(id.indexOf('|') + 1), since)),
  ].filter((one) => !asked.has(one.id));
}

function seedsOf({ principal, alerts, elsewhere }: AwsCase, now: Date, lookBackMs: number): Seeds {
  const sessions = alerts.flatMap(({ session }) => (session?.roleArn && session.name ? [{ roleArn: session.roleArn, name: session.name }] : []));
  const unique = <T>(values: T[]): T[] => [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
  return {
    principals: [principal].map((one: Principal) => ({ kind: one.kind, id: one.id, account: one.account })),
    keys: unique(alerts.flatMap((alert) => (alert.session?.accessKeyId ? [alert.session.accessKeyId] : []))),
    sessions: unique(sessions),
    addresses: unique([...alerts.flatMap((alert: Alert) => [...(alert.sourceIp ? [alert.sourceIp] : []), ...alert.addresses]), ...(elsewhere?.addresses ?? [])]),
    firstAlert: [...alerts.map((alert) => alert.time), ...(elsewhere ? [elsewhere.firstAlert] : [])].sort()[0] ?? now.toISOString(),
    lookBackMs,
  };
}

async function chainOf(looker: Looker, { principal, alerts }: AwsCase, known: TrailRecord[], configured: string[]): Promise<ChainLink[]> {
  const start = alerts.map((alert) => ({ key: alert.session?.accessKeyId ?? '', issuedAt: alert.session?.issuedAt ?? null, account: alert.session?.roleArn?.split(':')[4] || principal.account, ofRole: Boolean(alert.session?.roleArn) })).find(({ key }) => key.startsWith('ASIA'));
  return start ? followChain(looker, start, known, configured) : [];
}

/** Who started the session is compromised too, when the session was opened from one of the attacker's addresses. */
function startersOf(chain: readonly ChainLink[], seeds: Seeds): Seeds['principals'] {
  const known = new Set(seeds.principals.map((one) => one.id.toLowerCase()));
  return chain.flatMap(({ record, sourceIp }) => {
    const { identity, account } = record;
    if (!seeds.addresses.includes(sourceIp) || !identity.arn) return [];
    const starter = identity.type === 'IAMUser' ? { kind: 'user' as const, id: identity.arn, account } : identity.type === 'Root' ? { kind: 'root' as const, id: identity.arn, account } : null;
    return starter && !known.has(starter.id.toLowerCase()) ? [starter] : [];
  });
}
