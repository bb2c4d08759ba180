import { createHash } from 'node:crypto';
import { canonicalJson } from '../../playbook/json';
import { fail } from '../boundary';
import type { CaseKey } from '../contract';
import { inParallel } from '../evidence/parallel';
import { assertCaseKey, type ObjectStore } from '../evidence';

const INCIDENT = /^inc-[0-9a-f]{20}$/;
const ALERT = /^alr-[0-9a-f]{24}$/;

export interface Episode {
  caseKey: CaseKey;
  episode: number;
}

/** The episode of one run: the same run always the same, a new run the next number, two runs at once never the same. */
export async function episodeOf(objects: ObjectStore, incident: string, runId: string, at: string): Promise<Episode> {
  const folder = `episodes/${assertIncident(incident)}/`;
  for (;;) {
    const keys = await objects.list(folder);
    const runs = await inParallel(keys, 8, async (key) => runOf(await objects.get(key)));
    const known = runs.indexOf(runId);
    const episode = known >= 0 ? known + 1 : keys.length + 1;
    if (known >= 0) return { caseKey: `${incident}.${episode}`, episode };
    const name = `${folder}${String(episode).padStart(6, '0')}.json`;
    if (await objects.putIfAbsent(name, Buffer.from(canonicalJson({ runId, at })), 'application/json')) return { caseKey: `${incident}.${episode}`, episode };
  }
}

/** Without the store: a number that no counted episode reaches and that the same run gets again, so that containment need not wait. */
export function episodeWithoutStore(incident: string, runId: string): Episode {
  const episode = 100_000 + (createHash('sha256').update(runId).digest().readUInt32BE(0) % 900_000);
  return { caseKey: `${assertIncident(incident)}.${episode}`, episode };
}

/**
 * The closed case that every one of these alerts was handled in before (the last one's, if they were in several); null when one is new.
 * An alert's id is the same whenever it comes, and so is its principal's incident: only that incident's closed cases are read.
 */
export async function handledIn(objects: ObjectStore, incident: string, alertIds: readonly string[]): Promise<CaseKey | null> {
  if (alertIds.length === 0 || !alertIds.every((id) => ALERT.test(id))) return null;
  const keys = await objects.list(`handled/${assertIncident(incident)}/`);
  const closed = await inParallel(keys, 8, async (key) => handledBy(await objects.get(key)));
  const cases = alertIds.map((id) => closed.find((one) => one?.alerts.has(shortId(id)))?.caseKey ?? null);
  return cases.every((caseKey) => caseKey !== null) ? cases[cases.length - 1]! : null;
}

/** Said when a case is closed: these alerts need nothing more. `seen` are alert ids or their last 12 hex digits. */
export async function rememberHandled(objects: ObjectStore, incident: string, caseKey: CaseKey, seen: readonly string[]): Promise<void> {
  const alerts = [...new Set(seen.map(shortId))].filter((short) => /^[0-9a-f]{12}$/.test(short)).sort();
  const name = `handled/${assertIncident(incident)}/${assertCaseKey(caseKey).split('.')[1]!.padStart(6, '0')}.json`;
  await objects.putIfAbsent(name, Buffer.from(canonicalJson({ caseKey, alerts })), 'application/json');
}

const shortId = (id: string): string => id.slice(-12);

function handledBy(content: Uint8Array | null): { caseKey: CaseKey; alerts: Set<string> } | null {
  try {
    const { caseKey, alerts } = JSON.parse(Buffer.from(content ?? '').toString('utf8')) as { caseKey: unknown; alerts: unknown };
    return typeof caseKey === 'string' && Array.isArray(alerts) ? { caseKey: assertCaseKey(caseKey), alerts: new Set(alerts as string[]) } : null;
  } catch {
    return null; // Not written by us: it says nothing.
  }
}

export function assertIncident(incident: string): string {
  if (typeof incident !== 'string' || !INCIDENT.test(incident)) throw fail('INVALID_INPUT', 'not an incident id (expected inc- and 20 hex digits)');
  return incident;
}

function runOf(content: Uint8Array | null): string | null {
  try {
    const { runId } = JSON.parse(Buffer.from(content ?? '').toString('utf8')) as { runId: unknown };
    return typeof runId === 'string' ? runId : null;
  } catch {
    return null; // The number is taken all the same.
  }
}
