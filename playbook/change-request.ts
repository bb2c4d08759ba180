import type { Alert } from './model/alert';
import type { Finding } from './model/finding';
import type { ChangeRequest, Documents } from './triage/inputs';

/** How one change request speaks for one alert; `mismatches` empty = it covers it. */
export interface ChangeMatch {
  id: string;
  source: string;
  alert: string;
  mismatches: string[];
}

/**
 * Row 1.2.5: is there a change request or ticket for what happened. Found = at least one document is about these alerts, and the facts
 * say which alerts it covers and where it does not match; an unreadable source with no match is “could not look”, not absence.
 */
export function changeRequestFinding(documents: Documents, alerts: readonly Alert[]): Finding {
  const matches = alerts.flatMap((alert) => documents.changes.map((change) => compare(change, alert, documents.people)).filter((one) => one !== null));
  const covered = new Set(matches.filter((one) => one.mismatches.length === 0).map((one) => one.alert));
  const open = alerts.filter((alert) => !covered.has(alert.id));
  const unreadable = documents.unreadable.map((one) => `${one.source} (${one.error})`);
  const finding = { check: '1.2.5-change-request' as const, artifacts: [], evidence: [] };
  const facts = {
    covered: covered.size, alerts: alerts.length, unreadable, matches: matches.slice(0, 50).map((one) => ({ ...one })),
    notCovered: open.slice(0, 50).map((alert) => ({ alert: alert.id, event: alert.event, target: alert.target?.id ?? null })),
  };
  if (matches.length > 0) {
    const first = matches.find((one) => one.mismatches.length > 0);
    const summary = open.length === 0
      ? `a change request covers each of ${alerts.length} alerts: ${list(matches.map((one) => one.source))}`
      : `${open.length} of ${alerts.length} alerts are not covered${first ? `; ${first.source} does not match: ${first.mismatches.join(', ')}` : ''}`;
    return { ...finding, state: 'found', error: null, facts, summary: summary + (unreadable.length > 0 ? `; could not read ${unreadable.join(', ')}` : '') };
  }
  if (unreadable.length > 0) {
    return { ...finding, state: 'could-not-look', error: 'TICKETS_UNAVAILABLE', facts, summary: `no change request seen, and could not read ${unreadable.join(', ')}` };
  }
  return { ...finding, state: 'nothing', error: null, facts, summary: `no change request for any of ${alerts.length} alerts` };
}

const list = (values: string[]): string => [...new Set(values)].slice(0, 5).join(', ');
const lower = (value: string): string => value.toLowerCase();

/** Null when the request is about something else: neither the same target nor the same person doing the same thing. */
function compare(change: ChangeRequest, alert: Alert, people: Documents['people']): ChangeMatch | null {
  const who = new Set(change.who.map(lower));
  const actors = [alert.principal?.id, alert.principal?.name].filter((one) => one !== undefined).flatMap((id) => [id, people[id]]).filter((one) => one !== undefined);
  const sameWho = actors.some((actor) => who.has(lower(actor)));
  const sameWhat = change.what.some((what) => lower(what) === lower(alert.event));
  const target = alert.target?.id ?? null;
  const sameTarget = target !== null && change.targets.some((one) => lower(one) === lower(target) || lower(one) === lower(target.split(/[/:]/).pop() ?? ''));
  if (!sameTarget && !(sameWho && sameWhat)) return null;
  const at = Date.parse(alert.time);
  const mismatches = [
    ...(change.state === 'approved' ? [] : [`state is ${change.state}`]),
    ...(sameWho ? [] : ['who']),
    ...(sameWhat ? [] : ['what']),
    ...(sameTarget || (target === null && change.targets.length === 0) ? [] : ['target']),
    ...(at >= Date.parse(change.from) && at <= Date.parse(change.until) ? [] : ['time window']),
  ];
  return { id: change.id, source: change.source, alert: alert.id, mismatches };
}
