import type { Reason } from '../model/verdict';
import { brief, reason } from './reading';

/** What is compared with an identity's own past; each is one word or name that people can check. */
export const TRAITS = ['country', 'network', 'agent', 'region', 'service'] as const;
export type Trait = (typeof TRAITS)[number];

/** Absent: the record does not tell it, or it cannot be compared. */
export type Traits = Partial<Record<Trait, string>>;

/** One thing that the identity did, and whose success proves that it was signed in. */
export interface Sighting {
  /** ISO 8601. */
  time: string;
  traits: Traits;
}

/** One alert has a trait that the identity never had before. */
export interface FirstTime {
  alert: string;
  trait: Trait;
  value: string;
}

/** What one identity's own past says about its alerts; the past itself is not in it. */
export interface Baseline {
  /** Whose past. */
  who: string;
  /** Ids of the alerts that were compared. */
  alerts: string[];
  /** What was read: successful events, on how many days, between which times (ISO). Nothing after `until` counts: it may be the attacker's. */
  events: number;
  days: number;
  from: string;
  until: string;
  /** True when the past was too much to read whole: evenly spread pages of it were. */
  sampled: boolean;
  firsts: FirstTime[];
  /** Why it says nothing; null when it does. */
  silent: string | null;
}

export const HISTORY_MS = 90 * 86_400_000;
/** An attacker may have begun this long before the first alert: from then on nothing counts as the identity's own past. */
export const LOOK_BACK_MS = 24 * 3_600_000;
/** With fewer events, or on fewer days, everything would be new. */
export const FEWEST_EVENTS = 20;
export const FEWEST_DAYS = 5;

const NAMES: Record<Trait, string> = { country: 'country', network: '', agent: 'program', region: 'region', service: 'service' };
const dayOf = (time: string): string => time.slice(0, 10);

/** The window of an identity's past: ends a day before the first alert, and at a whole hour, so that alerts close together share it. */
export function pastOf(firstAlert: string, lengthMs = HISTORY_MS): { from: Date; until: Date } {
  const end = Math.floor((Date.parse(firstAlert) - LOOK_BACK_MS) / 3_600_000) * 3_600_000;
  return { from: new Date(end - lengthMs), until: new Date(end) };
}

/**
 * Each alert's traits against the past. A trait is judged only when at least `FEWEST_EVENTS` events on `FEWEST_DAYS` days tell it. Sightings outside of the window are left out,
 * whatever the caller read. Pure; the order of either list changes nothing but the order of the answer.
 */
export function compare(who: string, window: { from: Date; until: Date; sampled: boolean }, past: readonly Sighting[], alerts: readonly (Sighting & { id: string })[]): Baseline {
  const counted = past.filter(({ time }) => Date.parse(time) >= window.from.getTime() && Date.parse(time) < window.until.getTime());
  const days = new Set(counted.map(({ time }) => dayOf(time))).size;
  const is: Baseline = {
    who, alerts: alerts.map(({ id }) => id), events: counted.length, days, from: window.from.toISOString(), until: window.until.toISOString(), sampled: window.sampled, firsts: [], silent: null,
  };
  const known = new Map(TRAITS.map((trait) => [trait, knownValues(trait, counted)]));
  if ([...known.values()].every((values) => values === null)) return { ...is, silent: `too short a history: ${counted.length} events on ${days} days` };
  for (const trait of TRAITS) {
    const values = known.get(trait);
    for (const { id, traits } of values ? alerts : []) {
      const value = traits[trait];
      if (value !== undefined && !values!.has(value.toLowerCase())) is.firsts.push({ alert: id, trait, value });
    }
  }
  return is;
}

/** Null: too little is known to say that anything is new. */
function knownValues(trait: Trait, past: readonly Sighting[]): ReadonlySet<string> | null {
  const telling = past.filter(({ traits }) => traits[trait] !== undefined);
  if (telling.length < FEWEST_EVENTS || new Set(telling.map(({ time }) => dayOf(time))).size < FEWEST_DAYS) return null;
  return new Set(telling.map(({ traits }) => traits[trait]!.toLowerCase()));
}

/** Reasons from the past for one alert: one per first time, or why it says nothing. */
export function baselineReasons(baselines: readonly Baseline[], alert: string): Reason[] {
  return baselines.filter((one) => one.alerts.includes(alert)).flatMap((one) => {
    const name = brief(one.who, 60);
    if (one.silent !== null) return [reason('no-baseline', `${name} cannot be compared with its own past: ${brief(one.silent, 200)}`, 'baseline')];
    const past = `${daysOf(one)} days (${one.sampled ? 'a sample of ' : ''}${one.events} events since ${dayOf(one.from)})`;
    return one.firsts.filter((first) => first.alert === alert).map(({ trait, value }) => reason(`first-${trait}`, `first time from ${NAMES[trait]}${NAMES[trait] ? ' ' : ''}${brief(value, 100)} for ${name} in ${past}`, 'baseline'));
  });
}

const daysOf = ({ from, until }: Baseline): number => Math.round((Date.parse(until) - Date.parse(from)) / 86_400_000);

/** From a place that is new for the identity, and something else is new as well: perhaps somebody else’s hand. One new thing alone is an everyday thing. */
export function isStranger(baselines: readonly Baseline[], alert: string): boolean {
  const firsts = new Set(baselines.flatMap((one) => one.firsts.filter((first) => first.alert === alert).map(({ trait }) => trait)));
  return firsts.size >= 2 && (firsts.has('country') || firsts.has('network'));
}
