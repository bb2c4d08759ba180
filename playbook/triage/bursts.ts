import { digestOf } from '../digest';
import type { Alert } from '../model/alert';
import type { Classification } from '../model/verdict';
import { riskRowOf } from '../risk-table';
import { alerting } from './classification';
import { fact, fires, objectOf, requestOf, textOf } from './reading';

/** What is everyday once and an attack many times over. */
export type BurstKind = 'secrets-read' | 'objects-deleted';

/** One is everyday; this many different ones within the window, by one identity, are not. A program reads its few settings, and cleans up more than that. */
export const BURSTS: Record<BurstKind, { distinct: number; technique: string; text(count: number): string }> = {
  'secrets-read': { distinct: 10, technique: 'T1555.006', text: (count) => `one identity read ${count} different secrets within 10 minutes` },
  'objects-deleted': { distinct: 100, technique: 'T1485', text: (count) => `one identity deleted ${count} different objects within 10 minutes` },
};
export const WINDOW_MS = 10 * 60_000;
/** Of one identity so many times the number that makes a burst are remembered; the oldest go first. */
const REMEMBERED = 12;

/** One secret read, one object deleted: what a burst is made of. */
export interface Piece {
  /** Digest of what it was: names of objects do not travel. */
  item: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** Bounded, and the same whatever order the pieces came in, as long as no burst was told. */
export interface BurstState {
  pieces: Piece[];
  /** The burst that was told last; what continues it is the same burst. */
  told: { from: number; to: number } | null;
}

export interface Burst {
  from: number;
  to: number;
  count: number;
}

/** What the alert adds to a burst, and to which; null for all that is no part of one. A call that failed took nothing. */
export function pieceOf(alert: Alert): { kind: BurstKind; piece: Piece } | null {
  const found = alert.outcome === 'success' ? itemOf(alert) : null;
  const at = Date.parse(alert.time);
  return found && Number.isFinite(at) ? { kind: found.kind, piece: { item: digestOf([alert.account, found.item]).slice(0, 16), at } } : null;
}

function itemOf(alert: Alert): { kind: BurstKind; item: string } | null {
  const request = requestOf(alert);
  const of = (kind: BurstKind, item: string): { kind: BurstKind; item: string } | null => (item === '' ? null : { kind, item });
  if (alert.source === 'cloudtrail' && alert.event === 'GetSecretValue') return of('secrets-read', secretName(textOf(request['secretId'])));
  if (alert.source === 'cloudtrail' && alert.event === 'DeleteObject' && textOf(request['key']) !== '') return of('objects-deleted', `${textOf(request['bucketName'])}/${textOf(request['key'])}`);
  if (alert.source !== 'azure-activity') return null;
  if (/^secretget$/i.test(alert.event)) return of('secrets-read', fact(alert, 'object'));
  return /^deleteblob$/i.test(alert.event) ? of('objects-deleted', fact(alert, 'object')) : null;
}

/** Programs name a secret by its name or by its ARN, which ends in six characters of AWS’s. */
const secretName = (id: string): string => /:secret:(.+)-[A-Za-z0-9]{6}$/.exec(id)?.[1] ?? id;

export const noBurst: BurstState = { pieces: [], told: null };

/** Takes pieces in, in any order and however often; `burst` when they make one that was not told. Pure. */
export function addPieces(kind: BurstKind, state: BurstState, more: readonly Piece[]): { state: BurstState; burst: Burst | null } {
  const { distinct } = BURSTS[kind];
  let { told } = state;
  for (const { at } of [...more].sort((a, b) => a.at - b.at)) if (continues(told, at)) told = { from: told!.from, to: Math.max(told!.to, at) };
  const all = new Map<string, Piece>();
  // The same thing again counts once in a window; twice in ten minutes is remembered as once.
  for (const piece of [...state.pieces, ...more].sort((a, b) => a.at - b.at || (a.item < b.item ? -1 : 1))) {
    const key = `${piece.item}/${Math.floor(piece.at / WINDOW_MS)}`;
    if (!all.has(key) && !continues(told, piece.at)) all.set(key, piece);
  }
  const pieces = [...all.values()].slice(-distinct * REMEMBERED);
  const burst = firstBurst(pieces, distinct);
  if (!burst) return { state: { pieces, told }, burst };
  const now = { from: burst.from, to: burst.to };
  return { state: { pieces: pieces.filter(({ at }) => at > burst.to + WINDOW_MS), told: now }, burst };
}

const continues = (told: BurstState['told'], at: number): boolean => told !== null && at >= told.from - WINDOW_MS && at <= told.to + WINDOW_MS;

/** From the piece that begins it to the last that follows without a pause of a window. */
function firstBurst(pieces: readonly Piece[], distinct: number): Burst | null {
  for (let last = 0, first = 0; last < pieces.length; last += 1) {
    while (pieces[last]!.at - pieces[first]!.at > WINDOW_MS) first += 1;
    if (new Set(pieces.slice(first, last + 1).map(({ item }) => item)).size < distinct) continue;
    let end = last;
    while (end + 1 < pieces.length && pieces[end + 1]!.at - pieces[end]!.at <= WINDOW_MS) end += 1;
    return { from: pieces[first]!.at, to: pieces[end]!.at, count: new Set(pieces.slice(first, end + 1).map(({ item }) => item)).size };
  }
  return null;
}

/** The alert that tells of a burst: as one of its parts, with `facts.burst`. One id for each identity, kind and hour in which it began, however its parts came. */
export function burstAlert(kind: BurstKind, { from, to, count }: Burst, part: Alert): Alert {
  const id = `alr-${digestOf(['burst', kind, part.account, part.principal?.id ?? '', String(Math.floor(from / 3_600_000))]).slice(0, 24)}`;
  return { ...part, id, time: new Date(to).toISOString(), facts: { ...part.facts, burst: { kind, count, from: new Date(from).toISOString(), to: new Date(to).toISOString() } } };
}

/** Null: the alert tells of no burst. */
export function classifyBurst(alert: Alert): Classification | null {
  const { kind, count } = objectOf(alert.facts['burst']);
  if (typeof kind !== 'string' || typeof count !== 'number' || !Object.hasOwn(BURSTS, kind)) return null;
  const { technique, text } = BURSTS[kind as BurstKind];
  return alerting({ ...riskRowOf('other-high-risk'), techniques: [technique] }, fires(kind, text(count), { risk: 'high' }));
}

/** So many identities are remembered over several sets of alerts; who was seen longest ago goes first. */
const MOST_IDENTITIES = 2_000;

/** The bursts within one set of alerts (a log file, a window of history), one alert each; with a `memory`, also those that go over several sets, each told once. */
export function burstsOf(alerts: readonly Alert[], memory: Map<string, BurstState> = new Map()): Alert[] {
  const groups = new Map<string, { kind: BurstKind; parts: { alert: Alert; piece: Piece }[] }>();
  for (const alert of alerts) {
    const found = pieceOf(alert);
    if (!found) continue;
    const key = `${found.kind}/${alert.account}/${alert.principal?.id ?? ''}`;
    const group = groups.get(key) ?? { kind: found.kind, parts: [] };
    group.parts.push({ alert, piece: found.piece });
    groups.set(key, group);
  }
  return [...groups].flatMap(([key, { kind, parts }]) => {
    const { state, burst } = addPieces(kind, memory.get(key) ?? noBurst, parts.map(({ piece }) => piece));
    memory.delete(key);
    memory.set(key, state);
    if (memory.size > MOST_IDENTITIES) memory.delete(memory.keys().next().value!);
    const part = burst && (parts.find(({ piece }) => piece.at === burst.to) ?? parts.at(-1)!);
    return burst && part ? [burstAlert(kind, burst, part.alert)] : [];
  });
}
