import { digestOf } from '../digest';
import type { Alert } from '../model/alert';
import { requestOf, textOf } from './reading';

/** One read of a secret is everyday; this many different ones within the window, by one identity, are a collection. */
const DISTINCT = 10;
const WINDOW_MS = 10 * 60_000;

/**
 * What only shows over many events: one identity that reads secret after secret (T1555.006). Each burst is one alert, the read that made it one, with `facts.secretsRead`.
 * The same events give the same id, in whatever order and however often they are read.
 */
export function burstsOf(alerts: readonly Alert[]): Alert[] {
  const readers = new Map<string, Alert[]>();
  for (const alert of alerts) {
    if (alert.event !== 'GetSecretValue' || alert.outcome !== 'success' || !alert.principal || !secretOf(alert)) continue;
    readers.set(alert.principal.id, [...(readers.get(alert.principal.id) ?? []), alert]);
  }
  return [...readers.values()].flatMap((reads) => firstBurst([...reads].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.id < b.id ? -1 : 1))));
}

const secretOf = (alert: Alert): string => textOf(requestOf(alert)['secretId']);

function firstBurst(reads: readonly Alert[]): Alert[] {
  for (let last = 0, first = 0; last < reads.length; last += 1) {
    while (Date.parse(reads[last]!.time) - Date.parse(reads[first]!.time) > WINDOW_MS) first += 1;
    const secrets = new Set(reads.slice(first, last + 1).map(secretOf));
    if (secrets.size < DISTINCT) continue;
    const alert = reads[last]!;
    return [{ ...alert, id: `alr-${digestOf(['burst', alert.principal!.id, alert.id]).slice(0, 24)}`, facts: { ...alert.facts, secretsRead: secrets.size } }];
  }
  return [];
}
