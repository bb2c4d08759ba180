import { createHash } from 'node:crypto';
import { canonicalJson } from '../../playbook/json';
import { fail } from '../boundary';
import type { CaseKey } from '../contract';
import { inParallel } from '../evidence/parallel';
import type { ObjectStore } from '../evidence';

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

/** The closed case that every one of these alerts was handled in before (the last one's, if they were in several); null when one is new. */
export async function handledIn(objects: ObjectStore, alertIds: readonly string[]): Promise<CaseKey | null> {
  if (alertIds.length === 0 || !alertIds.every((id) => ALERT.test(id))) return null;
  const cases = await inParallel(alertIds, 16, async (id) => caseOf(await objects.get(`alerts/${id}.json`)));
  return cases.every((caseKey) => caseKey !== null) ? cases[cases.length - 1]! : null;
}

/** Said when a case is closed: these alerts need nothing more. The first case that handled an alert stands. */
export async function rememberHandled(objects: ObjectStore, alertIds: readonly string[], caseKey: CaseKey): Promise<void> {
  const ids = [...new Set(alertIds)].filter((id) => ALERT.test(id));
  await inParallel(ids, 16, (id) => objects.putIfAbsent(`alerts/${id}.json`, Buffer.from(canonicalJson({ caseKey })), 'application/json'));
}

export function assertIncident(incident: string): string {
  if (typeof incident !== 'string' || !INCIDENT.test(incident)) throw fail('INVALID_INPUT', 'not an incident id (expected inc- and 20 hex digits)');
  return incident;
}

const field = (content: Uint8Array | null, name: string): string | null => {
  try {
    const value = (JSON.parse(Buffer.from(content ?? '').toString('utf8')) as Record<string, unknown> | null)?.[name];
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
};
const runOf = (content: Uint8Array | null): string | null => field(content, 'runId');
const caseOf = (content: Uint8Array | null): string | null => (content === null ? null : field(content, 'caseKey'));
