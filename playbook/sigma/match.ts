import { inCidr, parseBlock } from '../addresses';

/** Does one value of an event fit? */
export type Match = (value: unknown) => boolean;

const MODIFIERS = ['contains', 'startswith', 'endswith', 'all', 'exists', 'cidr', 'cased', 'expand'];

/** Sigma's wildcards: `*`, `?`, a backslash takes their meaning away. Linear in time for every pattern: no regular expression is built. */
export function wildcard(pattern: string): { text: string; any: 'one' | 'many' | null }[] {
  const parts: { text: string; any: 'one' | 'many' | null }[] = [];
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index]!;
    const next = pattern[index + 1];
    if (character === '\\' && (next === '*' || next === '?' || next === '\\')) {
      parts.push({ text: next, any: null });
      index += 1;
    } else if (character === '*') parts.push({ text: '', any: 'many' });
    else if (character === '?') parts.push({ text: '', any: 'one' });
    else parts.push({ text: character, any: null });
  }
  return parts;
}

function fits(parts: ReturnType<typeof wildcard>, text: string): boolean {
  let part = 0;
  let star = -1;
  let from = 0;
  for (let at = 0; at < text.length; ) {
    const one = parts[part];
    if (one && (one.any === 'one' || (one.any === null && one.text === text[at]))) {
      part += 1;
      at += 1;
    } else if (one?.any === 'many') {
      star = part++;
      from = at;
    } else if (star >= 0) {
      part = star + 1;
      at = ++from;
    } else return false;
  }
  while (parts[part]?.any === 'many') part += 1;
  return part === parts.length;
}

const scalar = (value: unknown): value is string | number | boolean => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function one(expected: unknown, modifiers: readonly string[], field: string): Match {
  if (modifiers.includes('exists')) {
    if (typeof expected !== 'boolean') throw new Error(`${field}: exists takes true or false`);
    return (value) => (value !== undefined) === expected;
  }
  if (expected === null) return (value) => value === null || value === undefined;
  if (!scalar(expected)) throw new Error(`${field}: a value must be text, a number, true, false or null`);
  const text = String(expected);
  if (modifiers.includes('cidr')) {
    if (!parseBlock(text)) throw new Error(`${field}: ${text} is no address block`);
    return (value) => typeof value === 'string' && inCidr(value, text);
  }
  const cased = modifiers.includes('cased');
  const fold = (value: string): string => (cased ? value : value.toLowerCase());
  const parts = wildcard(fold(text));
  const many = { text: '', any: 'many' as const };
  const whole = [...(modifiers.includes('contains') || modifiers.includes('endswith') ? [many] : []), ...parts, ...(modifiers.includes('contains') || modifiers.includes('startswith') ? [many] : [])];
  return (value) => scalar(value) && fits(whole, fold(String(value)));
}

/** Any fits, or with `all` every one. Throws for a modifier or a value that is not supported: a rule that is half understood would never fire. */
export function matchOf(field: string, modifiers: readonly string[], expected: unknown, lists: Readonly<Record<string, readonly string[]>>): { each: Match[]; all: boolean } {
  const unknown = modifiers.find((modifier) => !MODIFIERS.includes(modifier));
  if (unknown !== undefined) throw new Error(`${field}: modifier ${unknown} is not supported`);
  if (modifiers.includes('all') && !modifiers.includes('contains')) throw new Error(`${field}: all is supported with contains only`);
  const values: unknown[] = Array.isArray(expected) ? expected : [expected];
  if (values.length === 0) throw new Error(`${field}: no value`);
  const given = modifiers.includes('expand') ? values.flatMap((value) => expanded(field, value, lists)) : values;
  return { each: given.map((value) => one(value, modifiers, field)), all: modifiers.includes('all') };
}

function expanded(field: string, value: unknown, lists: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const name = typeof value === 'string' ? /^%([^%]+)%$/.exec(value)?.[1] : undefined;
  const list = name !== undefined && Object.hasOwn(lists, name) ? lists[name] : undefined;
  if (!list) throw new Error(`${field}: there is no list ${String(value)}`);
  return list;
}
