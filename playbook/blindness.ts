import { digestOf } from './digest';
import type { Alert, AlertTarget } from './model/alert';
import type { ProviderId } from './model/principal';
import type { Classification } from './model/verdict';
import { alerting } from './triage/classification';
import { brief, fires } from './triage/reading';
import { riskRowOf } from './risk-table';

/** The watchers of one account and region, as they are now. */
export interface Watchers {
  /** Trails whose home this region is, by ARN: does it log. */
  trails: Record<string, boolean>;
  /** GuardDuty detectors by id: is it on. */
  detectors: Record<string, boolean>;
  /** What could not be read, and why. */
  failed: { what: string; error: string }[];
}

export interface Blinded {
  kind: 'trail-not-logging' | 'trail-gone' | 'detector-off' | 'detector-gone' | 'source-silent' | 'backstop-failing' | 'subscription-removed';
  account: string;
  region: string | null;
  /** Trail ARN, detector id, source id, subscription, or what fails. */
  id: string;
  text: string;
}

/**
 * What watched before and does not any more. `before` null: the first look, when only a trail that exists and does not log tells anything.
 * What could not be read now is no sign that it is gone.
 */
export function blindedBetween(before: Watchers | null, now: Watchers, place: { account: string; region: string }): Blinded[] {
  const out: Blinded[] = [];
  const unread = (what: string): boolean => now.failed.some((one) => one.what === what);
  const add = (kind: Blinded['kind'], id: string, text: string): void => void out.push({ kind, id, text, ...place });
  for (const [id, on] of Object.entries(now.trails)) if (!on && before?.trails[id] !== false) add('trail-not-logging', id, `trail ${id} does not log`);
  for (const [id, on] of Object.entries(now.detectors)) if (!on && before?.detectors[id] === true) add('detector-off', id, `detector ${id} was switched off`);
  if (before && !unread('trails')) for (const [id, on] of Object.entries(before.trails)) if (on && !(id in now.trails)) add('trail-gone', id, `trail ${id} is gone`);
  if (before && !unread('detectors')) for (const [id, on] of Object.entries(before.detectors)) if (on && !(id in now.detectors)) add('detector-gone', id, `detector ${id} is gone`);
  return out;
}

/** What to remember for the next look: what could not be read stays as it was. */
export function remembered(before: Watchers | null, now: Watchers): Watchers {
  const kept = (what: 'trails' | 'detectors'): Record<string, boolean> => (before && now.failed.some((one) => one.what === what) ? before[what] : now[what]);
  return { trails: kept('trails'), detectors: kept('detectors'), failed: [] };
}

const EVENTS: Record<Blinded['kind'], string> = { 'trail-not-logging': 'TrailNotLogging', 'trail-gone': 'TrailGone', 'detector-off': 'DetectorOff', 'detector-gone': 'DetectorGone', 'source-silent': 'SourceSilent', 'backstop-failing': 'BackstopFailing', 'subscription-removed': 'SubscriptionRemoved' };

/** Tourniquet's own alert. Who blinded it is not known here: CloudTrail's own record of it is another alert, of its principal. `at`: ISO; the same `at` gives the same id. */
export function blindnessAlert({ kind, account, region, id, text }: Blinded, at: string, provider: ProviderId = 'aws'): Alert {
  const target: AlertTarget = { kind: kind.startsWith('trail') ? 'trail' : 'other', id: id.slice(0, 2048), account };
  return {
    id: `alr-${digestOf(['tourniquet', kind, account, region ?? '', id, at]).slice(0, 24)}`, source: 'tourniquet', provider, account, region, time: at, receivedAt: at, event: EVENTS[kind], service: 'tourniquet',
    outcome: 'success', errorCode: null, dryRun: false, principal: null, session: null, sourceIp: null, userAgent: null, channel: 'service', target, addresses: [], facts: { blindness: kind, text: brief(text, 300) }, raw: null,
  };
}

/** Row 1.1.9, seen from the watcher's side. A trail or detector that is off, and a subscription that is gone, are critical; silence is a reason to look. */
export function classifyBlindness(alert: Alert): Classification {
  const kind = alert.facts['blindness'];
  const text = typeof alert.facts['text'] === 'string' ? alert.facts['text'] : 'a watcher is blind';
  const risk = kind === 'source-silent' || kind === 'backstop-failing' ? 'high' : 'critical';
  return alerting(riskRowOf('logging-disabled'), fires(typeof kind === 'string' ? kind : 'blind', text, { risk }));
}
