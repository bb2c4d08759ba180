import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';

const gunzipAsync = promisify(gunzip);

export interface JsonLimits {
  /** Bytes of text, after inflating. */
  bytes: number;
  depth: number;
  /** Object members and array items together. */
  nodes: number;
}

/** One CloudTrail record is at most 256 KB (1 MB in a lake); a log file may hold thousands. */
export const JSON_LIMITS: JsonLimits = { bytes: 16 * 1024 * 1024, depth: 64, nodes: 1_000_000 };

export type Decoded = { value: unknown } | { problem: string; tooLarge: boolean };

const problem = (text: string, tooLarge = false): Decoded => ({ problem: text, tooLarge });
const isGzip = (bytes: Uint8Array): boolean => bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Bytes as they arrived: inflated when they are gzip (never beyond the limit), strict UTF-8, then `parseJson`. Never throws. */
export async function decodeBody(bytes: Uint8Array, limits: JsonLimits = JSON_LIMITS): Promise<Decoded> {
  let plain: Uint8Array = bytes;
  if (isGzip(bytes)) {
    try {
      plain = await gunzipAsync(bytes, { maxOutputLength: limits.bytes });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      return code === 'ERR_BUFFER_TOO_LARGE' ? problem(`inflates to more than ${limits.bytes} bytes`, true) : problem('is not readable gzip');
    }
  }
  if (plain.length > limits.bytes) return problem(`is larger than ${limits.bytes} bytes`, true);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch {
    return problem('is not UTF-8');
  }
  return parseJson(text, limits);
}

/**
 * JSON within limits. Two members of one name are refused (two readers could see two different events); a member named `__proto__` is left out and lone surrogates
 * become U+FFFD, because a sender's customer can put both into a tag, and an alert must not get lost by that. Never throws.
 */
export function parseJson(text: string, limits: JsonLimits = JSON_LIMITS): Decoded {
  if (text.length > limits.bytes) return problem(`is larger than ${limits.bytes} bytes`, true);
  const scanned = scan(text, limits);
  if (typeof scanned === 'string') return problem(scanned);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return problem('is not JSON');
  }
  // Members seen in the text and members that came out differ by the duplicates.
  const found = { members: 0, proto: false };
  count(value, found);
  if (found.members !== scanned) return problem('has two members of one name');
  return { value: found.proto || text.includes('\\ud') || text.includes('\\uD') ? cleaned(value) : value };
}

/** One pass over the text, before anything is built from it: nesting and size; returns the number of members. Text that is no JSON is left to the parser. */
function scan(text: string, limits: JsonLimits): number | string {
  let depth = 0;
  let members = 0;
  let separators = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 34: // a string: jump to its end
        for (;;) {
          at = text.indexOf('"', at + 1);
          if (at < 0) return 'is not JSON';
          let back = at - 1;
          while (text.charCodeAt(back) === 92) back--;
          if ((at - back) % 2 === 1) break;
        }
        break;
      case 123: case 91:
        if (++depth > limits.depth) return `is nested deeper than ${limits.depth}`;
        break;
      case 125: case 93:
        depth--;
        break;
      case 58:
        members++;
        break;
      case 44:
        if (++separators > limits.nodes) return `has more than ${limits.nodes} members and items`;
        break;
    }
  }
  return members;
}

/** Members that came out, and whether one is called `__proto__` (by whatever escapes it was written). */
function count(value: unknown, found: { members: number; proto: boolean }): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') count(item, found);
    return;
  }
  const object = value as Record<string, unknown>;
  // What JSON.parse made has no inherited members; `for in` is twice as fast as Object.keys here.
  for (const key in object) {
    found.members++;
    if (key === '__proto__') found.proto = true;
    const member = object[key];
    if (typeof member === 'object' && member !== null) count(member, found);
  }
}

const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD');

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cleaned);
  return Object.fromEntries(
    Object.entries(value as Record<string, unknown>)
      .filter(([key]) => key !== '__proto__')
      .map(([key, member]) => [wellFormed(key), cleaned(member)]),
  );
}
