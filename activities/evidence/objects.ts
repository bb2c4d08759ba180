import { fail } from '../boundary';

/** What the evidence store needs of a place to keep objects: never overwrite, read, list. Errors: EVIDENCE_UNAVAILABLE. */
export interface ObjectStore {
  /** Where it is, for people: a folder or a bucket. */
  readonly where: string;
  /** True when this call stored it; false when an object already had that key (which is left as it was). */
  putIfAbsent(key: string, content: Uint8Array, contentType: string): Promise<boolean>;
  /** Null when there is none. */
  get(key: string): Promise<Uint8Array | null>;
  /** Keys under a prefix (which ends with `/`), in order; `shallow` gives only the next level, folders ending with `/`. */
  list(prefix: string, shallow?: boolean): Promise<string[]>;
}

const KEY = /^[a-z0-9][A-Za-z0-9._-]{0,127}(\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}){0,8}$/;

/** Keys are made of our own ids and hashes; anything else (a path that climbs, a hidden file) is refused before it reaches a disk. */
export function assertObjectKey(key: string): string {
  if (!KEY.test(key)) throw fail('INVALID_INPUT', 'not a key of the evidence store');
  return key;
}

export function assertPrefix(prefix: string): string {
  if (!prefix.endsWith('/')) throw fail('INVALID_INPUT', 'a prefix of the evidence store ends with /');
  assertObjectKey(prefix.slice(0, -1));
  return prefix;
}

const CASE_KEY = /^[a-z]{2,12}-[0-9a-f]{8,40}(\.[1-9][0-9]{0,5})?$/;

/** `inc-….1` and its kin; refuses all else, so that a case key can be part of a path. */
export function assertCaseKey(caseKey: string): string {
  if (typeof caseKey !== 'string' || !CASE_KEY.test(caseKey)) throw fail('INVALID_INPUT', 'not a case key (expected the incident’s id and episode, like inc-0123456789abcdef0123.1)');
  return caseKey;
}
