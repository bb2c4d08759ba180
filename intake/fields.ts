import * as crypto from 'node:crypto';
import { isIP } from 'node:net';
import type { Json, JsonObject } from '../playbook/json';
import type { Rejection } from './source';

export type Members = Record<string, unknown>;
export const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);
export const membersOf = (value: unknown): Members => (isMembers(value) ? value : {});
const NO_TEXT = '';
/** A member that may be absent or null: text, or empty. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : NO_TEXT);

/** Thrown inside an adapter only, and turned into a `Rejection` by `rejecting`. No `Error`: hostile input must not cost a stack trace each. */
export class FieldProblem {
  constructor(readonly path: string, readonly problem: string) {}
}

/** Runs a parser; a `FieldProblem` becomes the record's rejection. */
export function rejecting<T>(parse: () => T): { value: T } | { rejected: Rejection } {
  try {
    return { value: parse() };
  } catch (error) {
    if (error instanceof FieldProblem) return { rejected: { path: error.path, problem: error.problem } };
    throw error;
  }
}

const MAX_TEXT = 4096;

/** A member that must be text of at least one and at most `max` characters. Error: `FieldProblem` at `path.name`. */
export function required(members: Members, name: string, path: string, max = MAX_TEXT): string {
  const value = members[name];
  if (typeof value !== 'string' || value === '') throw new FieldProblem(join(path, name), value === undefined || value === null || value === '' ? 'is missing' : 'must be text');
  if (value.length > max) throw new FieldProblem(join(path, name), `is longer than ${max} characters`);
  return value;
}

/** A member that may be absent; when it is there it must be text. */
export function optional(members: Members, name: string, path: string, max = MAX_TEXT): string | null {
  const value = members[name];
  if (value === undefined || value === null || value === '') return null;
  return required(members, name, path, max);
}

/** A member that may be absent; when it is there it must be an object. */
export function object(members: Members, name: string, path: string): Members | null {
  const value = members[name];
  if (value === undefined || value === null) return null;
  if (!isMembers(value)) throw new FieldProblem(join(path, name), 'must be an object');
  return value;
}

export const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** A vendor's time as ISO 8601 UTC with milliseconds. Takes `2025-01-01T00:00:00Z`, `2025-01-01 00:00:00.000000000` (lakes; UTC) and fractions of any length. */
export function isoTime(value: string, path: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/.exec(value);
  if (!parts) throw new FieldProblem(path, 'is not a time');
  const [, date, clock, fraction, zone] = parts;
  const local = `${date}T${clock}.${(fraction ?? '').slice(0, 3).padEnd(3, '0')}`;
  const utc = zone === undefined || zone === 'Z';
  const time = Date.parse(utc ? `${local}Z` : `${local}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`);
  if (Number.isNaN(time)) throw new FieldProblem(path, 'is not a time');
  const iso = new Date(time).toISOString();
  // The 31st of February would be the 3rd of March.
  if (utc && iso !== `${local}Z`) throw new FieldProblem(path, 'is not a time');
  return iso;
}

/** An IP address, or null for what vendors put there otherwise (`AWS Internal`, a service’s name). A port behind it (Azure) is cut. */
export function ipOf(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 64) return null;
  if (isIP(value)) return value;
  const cut = /^\[([^\]]+)\]:\d+$/.exec(value)?.[1] ?? /^([\d.]+):\d+$/.exec(value)?.[1] ?? '';
  return isIP(cut) ? cut : null;
}

// `crypto.hash` (Node 20.12) makes no object per call.
const sha256: (text: string) => string = typeof crypto.hash === 'function' ? (text) => crypto.hash('sha256', text, 'hex') : (text) => crypto.createHash('sha256').update(text).digest('hex');

/** `alr-` and 24 hex digits over the vendor's own identification of the event; each part with its length, so that no two lists look alike. */
export function alertId(parts: readonly string[]): string {
  let text = '';
  for (const part of parts) text += `${part.length}:${part}`;
  return `alr-${sha256(text).slice(0, 24)}`;
}

/** Names whose values are secrets or may hold them: never into an alert, because alerts travel through Temporal. The raw record stays in the evidence store. */
const SECRET = /password|passwd|secret(?!id|sid|name|arn|version)|sessiontoken|authtoken|privatekey|accesstoken|refreshtoken|idtoken|credentials$|^userdata$|^environment(variables)?$|samlassertion|webidentitytoken|plaintext|sastoken|connectionstring|devicecode/i;
const secretNames = new Map<string, boolean>();

/** Remembered per name: the names are the vendors' and few, and the map is bounded for those that are not. */
function isSecret(name: string): boolean {
  let secret = secretNames.get(name);
  if (secret === undefined) {
    secret = SECRET.test(name);
    if (secretNames.size < 10_000) secretNames.set(name, secret);
  }
  return secret;
}

interface Budget {
  nodes: number;
  chars: number;
  cut: boolean;
}

/**
 * A bounded copy for `Alert.facts`: secrets replaced by `(removed)`, at most `nodes` values and `chars` characters of text, 12 levels. What does not fit becomes `(cut)`
 * and `cut` is true: a reader must not take the rest for the whole.
 */
export function boundedCopy(value: unknown, nodes = 1500, chars = 24_000): { copy: Json; cut: boolean } {
  const budget = { nodes, chars, cut: false };
  return { copy: copy(value, budget, 0), cut: budget.cut };
}

function copy(value: unknown, budget: Budget, depth: number): Json {
  if (budget.nodes-- <= 0 || depth > 12) {
    budget.cut = true;
    return '(cut)';
  }
  if (typeof value === 'string') {
    if (value.length > budget.chars) {
      budget.cut = true;
      return '(cut)';
    }
    budget.chars -= value.length;
    return value;
  }
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (Array.isArray(value)) {
    const out: Json[] = [];
    for (const item of value) {
      out.push(copy(item, budget, depth + 1));
      if (budget.nodes <= 0) break;
    }
    if (out.length < value.length) budget.cut = true;
    return out;
  }
  if (typeof value !== 'object') return null;
  const out: JsonObject = {};
  for (const key of Object.keys(value)) {
    if (key === '__proto__') continue;
    const member = (value as Members)[key];
    // A removed value still shows that it was written: `userData` is a changed start script.
    if (member !== null && member !== '' && typeof member !== 'boolean' && isSecret(key)) out[key] = '(removed)';
    else out[key] = copy(member, budget, depth + 1);
    if (budget.nodes <= 0) {
      budget.cut = true;
      break;
    }
  }
  return out;
}
