import { setTimeout as delay } from 'node:timers/promises';
import type { GrantOrder, Looked } from '../../../playbook/jit/model';
import { codeOf, fail, toFailure } from '../../boundary';
import { classifyAzure } from '../errors';

/** One active assignment of the role to the person, at exactly the scope. */
export interface Held {
  /** PIM's schedule behind it; in lower case. */
  schedule: string;
  /** The plain role assignment that it made. */
  origin: string | null;
  /** The person activated it: PIM's eligibility, not an assignment. */
  activated: boolean;
  /** ISO; null = for good. */
  until: string | null;
}

/** One request to PIM about this person, role and scope. */
export interface Asked {
  id: string;
  schedule: string | null;
  status: string;
  justification: string;
}

export type Wish = { action: 'assign' | 'update'; minutes: number } | { action: 'remove' };

/** PIM of one person, role and scope: the directory's, or that of Azure resources. */
export interface Pim {
  /** For messages. */
  what: string;
  held(): Promise<Held[]>;
  /** The role through a group, or at a wider scope. */
  wider(): Promise<boolean>;
  asked(): Promise<Asked[]>;
  ask(wish: Wish, justification: string, held: Held | null): Promise<Asked>;
  read(id: string): Promise<Asked>;
  cancel(id: string): Promise<void>;
  /** The plain delete: for what PIM does not end within five minutes of its beginning. */
  drop(origin: string): Promise<void>;
}

/** What we write into a request, so that what we made is told from what others made. */
const MARK = 'Tourniquet jit ';
/** PIM takes nothing shorter (ActiveDurationTooShort). */
const SHORTEST_MIN = 5;
/** By so much PIM's end may be later than ours: rounding up to five minutes, and clocks. Ours ends it on time. */
const LATE_MS = 90_000;
const EARLY_MS = 120_000;
const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000] as const;

const justificationOf = (order: GrantOrder): string => `${MARK}${order.grant}: ${order.reason}`.slice(0, 500);

/** Whole minutes, never more than is left, but for the last minute before PIM's own shortest. Null: too short for PIM. */
export function minutesUntil(until: string, now: number): number | null {
  const left = Math.floor((Date.parse(until) - now) / 60_000);
  return left >= SHORTEST_MIN ? left : left === SHORTEST_MIN - 1 ? SHORTEST_MIN : null;
}

const DONE = new Set(['provisioned', 'granted', 'schedulecreated', 'revoked']);
const WANTS_PEOPLE = new Set(['pendingapproval', 'pendingadmindecision', 'pendingapprovalprovisioning']);
const OVER = new Set(['failed', 'failedasresourceislocked', 'denied', 'admindenied', 'canceled', 'timedout', 'invalid']);

/** What a request's status means (Graph: request, `status`; ARM: RoleAssignmentScheduleRequest, `Status`). What is not known is looked at again. */
export function verdictOf(status: string): 'done' | 'pending' | 'wants-people' | 'over' {
  const known = status.toLowerCase();
  return DONE.has(known) ? 'done' : WANTS_PEOPLE.has(known) ? 'wants-people' : OVER.has(known) ? 'over' : 'pending';
}

/** Follows a request to its end. Throws GRANT_REFUSED when it failed or waits for people, NOT_IN_EFFECT when it goes on for longer than an activity should. */
async function followed(pim: Pim, first: Asked): Promise<void> {
  let request = first;
  for (const wait of [...WAITS_MS, null]) {
    const verdict = verdictOf(request.status);
    if (verdict === 'done') return;
    if (verdict === 'over') throw fail('GRANT_REFUSED', `${pim.what}: PIM ended the request as ${request.status}`);
    if (verdict === 'wants-people') {
      await pim.cancel(request.id);
      throw fail('GRANT_REFUSED', `${pim.what}: PIM asks its own approvers (${request.status}); the approval is Tourniquet’s, switch PIM’s off for administrators’ assignments`);
    }
    if (wait === null) break;
    await delay(wait);
    request = (await unless(['NOT_FOUND'], () => pim.read(request.id))) ?? request;
  }
  throw fail('NOT_IN_EFFECT', `${pim.what}: the request is still ${request.status}`);
}

/** Standing: given by others, for good or for a time, directly, by a group, or further up. Throws GRANT_REFUSED for a role that the person has activated. */
export async function isStanding(pim: Pim): Promise<boolean> {
  const [held, asked, wider] = await Promise.all([pim.held(), pim.asked(), pim.wider()]);
  const active = held.find((one) => one.activated);
  if (active) throw fail('GRANT_REFUSED', `${pim.what}: activated already, until ${active.until ?? 'further notice'}`);
  return wider || held.some((one) => ownerOf(one, asked) !== 'ours');
}

/** Gives it until then, or moves the end of what we gave. PIM holds the end: whoever dies, it ends. */
export async function giveUntil(pim: Pim, order: GrantOrder, until: string, now: () => number): Promise<Looked> {
  let own = await ownOf(pim);
  const minutes = minutesUntil(until, now());
  if (!own) {
    if (minutes === null) throw fail('GRANT_REFUSED', `${pim.what}: PIM gives nothing for less than ${SHORTEST_MIN} minutes`);
    const request = await unless(['EXISTS'], () => pim.ask({ action: 'assign', minutes }, justificationOf(order), null));
    if (request) await followed(pim, request);
    else if (!(own = await ownOf(pim))) throw fail('CONFLICT', `${pim.what}: PIM has an assignment that it does not show yet`);
  }
  if (own && !endsAt(own, until)) {
    // Too late to ask PIM for the earlier end: the later one, which is within two hours too, stays behind ours.
    if (minutes === null && Date.parse(own.until ?? '') > Date.parse(until)) return { present: true, sessionsDead: false, seen: { endsByItself: own.until } };
    if (minutes === null) throw fail('GRANT_REFUSED', `${pim.what}: PIM moves no end to less than ${SHORTEST_MIN} minutes from now`);
    await followed(pim, await pim.ask({ action: 'update', minutes }, justificationOf(order), own));
  }
  for (const wait of [...WAITS_MS, null]) {
    const seen = await ownOf(pim);
    if (seen && endsAt(seen, until)) return { present: true, sessionsDead: false, seen: { endsByItself: seen.until, schedule: seen.schedule } };
    if (wait !== null) await delay(wait);
  }
  throw fail('NOT_IN_EFFECT', `${pim.what}: not there yet with its end`);
}

/** Takes what we gave; `present` until it is gone. What others gave is left, and so is what the person activated. */
export async function takeAway(pim: Pim, order: GrantOrder): Promise<{ present: boolean; left: boolean }> {
  const [held, asked] = await Promise.all([pim.held(), pim.asked()]);
  for (const one of asked.filter((request) => isMarked(request) && verdictOf(request.status) === 'wants-people')) await unless(['NOT_FOUND', 'REJECTED_BY_CLOUD'], () => pim.cancel(one.id));
  // One that no replica shows yet may be ours, from a call whose answer was lost: PIM itself is asked.
  if (!held.some((one) => ownerOf(one, asked) === 'theirs')) await remove(pim, order, held[0] ?? null);
  for (const wait of [...WAITS_MS, null]) {
    const [still, requests] = await Promise.all([pim.held(), pim.asked()]);
    const present = still.some((one) => ownerOf(one, requests) !== 'theirs');
    if (!present || wait === null) return { present, left: still.length > 0 && !present };
    await delay(wait);
  }
  throw fail('UNEXPECTED', 'not reached');
}

/** PIM removes it; within five minutes of its beginning it refuses to, and the assignment behind it is deleted, once a replica shows which one that is. */
async function remove(pim: Pim, order: GrantOrder, held: Held | null): Promise<void> {
  let young = false;
  const request = await unless(['NOT_FOUND', 'TOO_YOUNG'], () => pim.ask({ action: 'remove' }, justificationOf(order), held), (reason) => void (young = reason === 'TOO_YOUNG'));
  if (request) return followed(pim, request);
  let left = held;
  for (const wait of young ? WAITS_MS : []) {
    if (left) break;
    await delay(wait);
    [left = null] = await pim.held();
  }
  if (left?.origin) await unless(['NOT_FOUND'], () => pim.drop(left.origin!));
  else if (young) throw fail('CONFLICT', `${pim.what}: PIM has an assignment that it neither ends nor shows yet`);
}

/** What we gave, or may have given. Throws GRANT_REFUSED when it is somebody else's. */
async function ownOf(pim: Pim): Promise<Held | null> {
  const [held, asked] = await Promise.all([pim.held(), pim.asked()]);
  if (held.some((one) => ownerOf(one, asked) === 'theirs')) throw fail('GRANT_REFUSED', `${pim.what}: somebody else gave it in the meantime; nothing of theirs is touched`);
  return held[0] ?? null;
}

const isMarked = (request: Asked): boolean => request.justification.startsWith(MARK);

/** We give nothing for good; what ends was made by a request, and while no replica shows that one it cannot be said whose it is. */
function ownerOf(held: Held, asked: readonly Asked[]): 'ours' | 'theirs' | 'unknown' {
  if (held.activated) return 'theirs';
  const requests = asked.filter((request) => request.schedule === held.schedule);
  if (requests.some(isMarked)) return 'ours';
  return requests.length > 0 || held.until === null ? 'theirs' : 'unknown';
}

function endsAt(held: Held, until: string): boolean {
  const end = Date.parse(held.until ?? '');
  return end <= Date.parse(until) + LATE_MS && end >= Date.parse(until) - EARLY_MS;
}

/** PIM's own words for what is no failure here (Graph and ARM use the same). */
const WORDS: Record<string, string> = { RoleAssignmentExists: 'EXISTS', ActiveDurationTooShort: 'TOO_YOUNG', SubjectNotFound: 'NOT_FOUND' };

/** The answer, or null when it failed for one of the reasons. */
async function unless<T>(reasons: readonly string[], work: () => Promise<T>, because: (reason: string) => void = () => undefined): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    const reason = WORDS[(error as { code?: string }).code ?? ''] ?? codeOf(toFailure(error, classifyAzure)) ?? '';
    if (!reasons.includes(reason)) throw error;
    because(reason);
    return null;
  }
}
