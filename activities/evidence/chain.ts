import { digestOf } from '../../playbook/digest';
import { canonicalJson } from '../../playbook/json';
import type { ChainedEntry, RecordEntry } from '../../playbook/model/evidence';

/** What the first entry has in place of a previous hash. */
export const GENESIS = '0'.repeat(64);
/** The key of the entry that ends a case: nothing is appended after it. */
export const SEALED = 'sealed';

/** An entry in its place in the chain; `hash` covers everything else in it. */
export function chained(entry: RecordEntry, seq: number, prev: string): ChainedEntry {
  const { key, at, kind, text, data } = entry;
  const body = { key, at, kind, text, data, seq, prev };
  return { ...body, hash: digestOf(body) };
}

/** The bytes of an entry are its canonical JSON, so that any changed byte shows. */
export const entryText = (entry: ChainedEntry): string => canonicalJson(entry);

/** `record/00000001.json`: zero-padded, so that name order is chain order. */
export const entryName = (seq: number): string => `${String(seq).padStart(8, '0')}.json`;

/** Sequence number of an entry's object key; null when it is not one. */
export function seqOf(objectKey: string): number | null {
  const match = /\/record\/(\d{8})\.json$/.exec(objectKey);
  return match ? Number(match[1]) : null;
}

/** An entry as read; null when it is not the canonical JSON of one. */
export function parseEntry(text: string): ChainedEntry | null {
  try {
    const entry = JSON.parse(text) as Partial<ChainedEntry> | null;
    if (entry === null || typeof entry !== 'object' || canonicalJson(entry) !== text) return null;
    const strings = [entry.key, entry.at, entry.kind, entry.text, entry.prev, entry.hash].every((one) => typeof one === 'string');
    return strings && Number.isInteger(entry.seq) && entry.data !== null && typeof entry.data === 'object' ? (entry as ChainedEntry) : null;
  } catch {
    return null;
  }
}

/** Does the hash in the entry cover the entry. */
export function hashHolds({ hash, ...body }: ChainedEntry): boolean {
  return digestOf(body) === hash;
}

const RAW = /^raw\/sha256\/[0-9a-f]{2}\/([0-9a-f]{64})(\.[a-z0-9]{1,8})?$/;

/** The SHA-256 that a raw object's key promises; null for other keys. */
export const promisedHash = (key: string): string | null => RAW.exec(key)?.[1] ?? null;

/** Every raw object that a value points to, however deep. */
export function rawKeysIn(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (typeof value === 'string') {
    if (RAW.test(value)) found.add(value);
  } else if (value !== null && typeof value === 'object') {
    for (const member of Object.values(value)) rawKeysIn(member, found);
  }
  return found;
}
