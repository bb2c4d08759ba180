import type { Alert } from '../../playbook/model/alert';
import type { Principal } from '../../playbook/model/principal';
import { compare, pastOf, type Baseline, type Sighting, type Traits } from '../../playbook/triage/baseline';
import { cacheOf } from '../context-cache';
import { placeOf, told } from '../traits';
import { noAnswer, within } from '../within';
import type { AwsContext } from './context';
import { agentFamily, identityCenterName, isIdentityCenterRole } from './investigate/attribution';
import { createLooker, type Looker } from './investigate/looker';
import type { LookupOptions } from './investigate/lookup-events';
import { actorOf, type TrailRecord } from './investigate/record';

export const baselinePermissions = ['cloudtrail:LookupEvents'] as const;

/** Of 50 events: the newest are read whole; of a longer past one page from each of so many equal parts. At two a second, 6 s for each region, side by side. */
const PAGES = 4;
const PARTS = 8;
const SESSIONS = 3;
const PATIENCE_MS = 40_000;

export interface Name {
  account: string;
  /** What CloudTrail calls `Username`: a user's name, a session's name, or `root`. */
  name: string;
  /** Sessions of other roles may bear the same name. */
  mine(record: TrailRecord): boolean;
}

/** The identity’s own past from CloudTrail’s event history, and what of the alerts is new. Nobody can write into that history or take from it. Never throws: why it says nothing is in the answer. */
export async function baseline(ctx: Pick<AwsContext, 'access'>, { principal, alerts }: { principal: Principal; alerts: Alert[] }, options: LookupOptions = {}): Promise<Baseline> {
  const compared = alerts.filter((alert) => alert.provider === 'aws').map((alert) => ({ id: alert.id, time: alert.time, traits: traitsOfAlert(alert) }));
  const window = pastOf(compared.map(({ time }) => time).sort()[0] ?? new Date().toISOString());
  const says = (silent: string): Baseline => ({ ...compare(principal.name, { ...window, sampled: false }, [], compared), silent });
  const names = namesOf(principal, alerts, ctx.access.config.accounts.map((one) => one.id));
  if (names.length === 0) return says('CloudTrail’s history cannot be asked for it');
  const asked = { kind: 'past', account: principal.account, subject: principal.id, more: `${window.until.toISOString()} ${names.map(({ name }) => name).join(' ')}` } as const;
  try {
    const reading = cacheOf(ctx.access).get(asked, () => read(createLooker(ctx.access, options), names, window), ({ failed }) => failed.length === 0);
    const { past, sampled, failed } = await within(reading, PATIENCE_MS, noAnswer(PATIENCE_MS));
    // What was not read might hold what looks new.
    if (failed.length > 0) return says(`its history could not be read in ${failed.map(({ where, error }) => `${where} (${error})`).join(', ')}`);
    return compare(principal.name, { ...window, sampled }, past, compared);
  } catch {
    return says(`its history could not be read within ${PATIENCE_MS / 1000} s`);
  }
}

/** By which names CloudTrail’s history knows the principal; none for one that is known by a key only. */
export function namesOf(principal: Principal, alerts: readonly Alert[], accounts: readonly string[]): Name[] {
  const { account, kind, id } = principal;
  if (kind === 'root') return [{ account, name: 'root', mine: (record) => actorOf(record).root === account }];
  if (kind === 'user') return [{ account, name: id.split('/').pop()!, mine: (record) => actorOf(record).user !== null }];
  const person = identityCenterName(principal);
  if (person) return accounts.map((where) => ({ account: where, name: person, mine: (record) => isIdentityCenterRole(actorOf(record).role ?? '') }));
  if (kind !== 'role') return [];
  const names = [...new Set(alerts.flatMap(({ session }) => (session?.roleArn && session.name ? [session.name] : [])))].slice(0, SESSIONS);
  const role = id.split('/').pop()!.toLowerCase();
  return names.map((name) => ({ account, name, mine: (record) => actorOf(record).role?.split('/').pop() === role }));
}

interface Past {
  past: Sighting[];
  sampled: boolean;
  failed: Looker['failed'];
}

async function read(looker: Looker, names: readonly Name[], window: { from: Date; until: Date }): Promise<Past> {
  const all = await Promise.all(names.map((name) => pastEvents(looker, name, window)));
  return { past: sharing(all.flatMap(({ records }) => records.flatMap(sightingOf))), sampled: all.some((one) => one.sampled), failed: looker.failed };
}

/** Thousands of events have the same few traits: each is kept once. */
function sharing(past: readonly Sighting[]): Sighting[] {
  const known = new Map<string, Traits>();
  return past.map(({ time, traits }) => {
    const key = JSON.stringify(traits);
    if (!known.has(key)) known.set(key, traits);
    return { time, traits: known.get(key)! };
  });
}

async function pastEvents(looker: Looker, { account, name, mine }: Name, { from, until }: { from: Date; until: Date }): Promise<{ records: TrailRecord[]; sampled: boolean }> {
  const regions = looker.regionsOf(account);
  const found = await Promise.all(regions.map(async (region) => {
    const ask = (since: Date, to: Date, maxPages: number): Promise<TrailRecord[]> => looker.ask({ account, region, key: 'Username', value: name, from: since, to, maxPages });
    const newest = await ask(from, until, PAGES);
    if (newest.length < PAGES * 50) return { records: newest, sampled: false };
    const oldest = Math.min(...newest.map((record) => Date.parse(record.eventTime)));
    const part = (oldest - from.getTime()) / PARTS;
    const spread = await Promise.all(Array.from({ length: PARTS }, (_, index) => ask(new Date(from.getTime() + index * part), new Date(from.getTime() + (index + 1) * part), 1)));
    return { records: [...newest, ...spread.flat()], sampled: true };
  }));
  const records = new Map(found.flatMap((one) => one.records).filter(mine).map((record) => [record.eventID, record]));
  return { records: [...records.values()], sampled: found.some((one) => one.sampled) };
}

/** A call that failed proves nothing about who made it, and one that a service made for the identity nothing about where it was. */
export function sightingOf(record: TrailRecord): Sighting[] {
  if (record.errorCode !== null || record.identity.invokedBy) return [];
  return [{ time: record.eventTime, traits: { ...placeOf(record.sourceIPAddress), ...told({ agent: agentFamily(record.userAgent), region: record.awsRegion, service: record.eventSource.split('.')[0] }) } }];
}

/** A finding names the place only; data events are in no history, so their service has no past to compare with. */
export function traitsOfAlert(alert: Alert): Traits {
  const place = placeOf(alert.sourceIp);
  if (alert.source !== 'cloudtrail' || alert.facts['invokedBy']) return place;
  return { ...place, ...told({ agent: agentFamily(alert.userAgent ?? ''), region: alert.region, service: alert.facts['dataEvent'] === true ? null : alert.service?.split('.')[0] }) };
}
