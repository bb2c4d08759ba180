import { createHash } from 'node:crypto';
import type { ChainedEntry } from '../../playbook/model/evidence';
import { entryName, GENESIS, hashHolds, parseEntry, promisedHash, rawKeysIn, SEALED, seqOf } from './chain';
import type { ObjectStore } from './objects';
import { inParallel } from './parallel';
import { checkSeal, parseSeal, type SignatureState } from './seal';

export interface Problem {
  /** Object key. */
  where: string;
  what: 'changed' | 'missing' | 'reordered' | 'foreign' | 'after-seal' | 'not-in-seal' | 'seal-invalid' | 'signature-invalid' | 'signature-untrusted' | 'not-the-expected-seal';
  /** One sentence a person reads. */
  text: string;
}

export interface Verification {
  caseKey: string;
  ok: boolean;
  entries: number;
  rawObjects: number;
  sealed: boolean;
  sealHash: string | null;
  signature: SignatureState;
  /** The first broken entry or object, in the order of the record; null when all is well. */
  first: Problem | null;
  problems: Problem[];
}

/** Reads every entry, every raw object and the seal, and recomputes every hash. Errors: EVIDENCE_UNAVAILABLE only; tampering is the answer, not an error. */
export async function verifyCase(objects: ObjectStore, caseKey: string, trusted: ReadonlySet<string>, expected: string | null): Promise<Verification> {
  const root = `cases/${caseKey}/`;
  const problems: Problem[] = [];
  const { entries, highest } = await verifyChain(objects, root, problems);
  const rawFromKept = await keptKeys(objects, root, problems);
  const sealContent = await objects.get(`${root}seal.json`);
  const referenced = rawKeysIn(entries.map((entry) => entry?.data));
  const seal = sealContent && parseSeal(Buffer.from(sealContent).toString('utf8'));
  const checked = seal ? checkSeal(seal, trusted) : null;
  const at = `${root}seal.json`;
  if (sealContent && (!seal || !checked?.holds || seal.caseKey !== caseKey)) problems.push({ where: at, what: 'seal-invalid', text: 'The seal was changed after it was written.' });
  if (checked?.signature === 'invalid') problems.push({ where: at, what: 'signature-invalid', text: 'The seal’s signature does not hold.' });
  if (seal && trusted.size > 0 && checked?.signature !== 'trusted' && checked?.signature !== 'invalid') {
    problems.push({ where: at, what: 'signature-untrusted', text: 'The seal is not signed by a configured key.' });
  }
  if (seal) compareWithSeal(seal, highest, entries[entries.length - 1] ?? null, root, problems);
  if (!sealContent && entries[entries.length - 1]?.key === SEALED) problems.push({ where: at, what: 'missing', text: 'The record was ended with a seal, and the seal is gone.' });
  if (expected !== null && seal?.hash !== expected) problems.push({ where: at, what: 'not-the-expected-seal', text: `The seal is not the one that was expected (${expected.slice(0, 12)}…).` });
  const sealedKeys = new Set((seal?.raw ?? []).map((one) => one.key));
  const all = new Set([...referenced, ...rawFromKept, ...sealedKeys]);
  if (seal) for (const key of [...referenced, ...rawFromKept]) if (!sealedKeys.has(key)) problems.push({ where: key, what: 'not-in-seal', text: 'Raw material that the seal does not know.' });
  await inParallel([...all].sort(), 8, (key) => verifyRaw(objects, key, problems));
  return {
    caseKey, ok: problems.length === 0, entries: entries.length, rawObjects: all.size, sealed: seal !== null && checked?.holds === true, sealHash: seal?.hash ?? null,
    signature: checked?.signature ?? 'unsigned', first: problems[0] ?? null, problems,
  };
}

/** The entries that are there, in order, null for one that cannot be read; and the highest number. */
async function verifyChain(objects: ObjectStore, root: string, problems: Problem[]): Promise<{ entries: (ChainedEntry | null)[]; highest: number }> {
  const keys = await objects.list(`${root}record/`);
  const numbers = keys.map(seqOf).filter((seq) => seq !== null);
  const read = await inParallel(numbers, 16, async (seq) => ({ seq, content: await objects.get(`${root}record/${entryName(seq)}`) }));
  const entries: (ChainedEntry | null)[] = [];
  let prev: string | null = GENESIS;
  let next = 1;
  for (const { seq, content } of read) {
    const where = `${root}record/${entryName(seq)}`;
    if (seq !== next) {
      problems.push({ where: `${root}record/${entryName(next)}`, what: 'missing', text: seq - next === 1 ? `Entry ${next} is missing.` : `Entries ${next} to ${seq - 1} are missing.` });
      prev = null;
    }
    const entry = content && parseEntry(Buffer.from(content).toString('utf8'));
    const broken = !entry || !hashHolds(entry);
    if (broken) problems.push({ where, what: 'changed', text: `Entry ${seq} was changed after it was written.` });
    else if (entry.seq !== seq) problems.push({ where, what: 'reordered', text: `Entry ${entry.seq} stands in the place of entry ${seq}.` });
    else if (prev !== null && entry.prev !== prev) problems.push({ where, what: 'changed', text: `Entry ${seq} does not follow from the one before it: one of the two was written anew.` });
    prev = broken ? null : entry.hash;
    entries.push(broken ? null : entry);
    next = seq + 1;
  }
  for (const key of keys) if (seqOf(key) === null) problems.push({ where: key, what: 'foreign', text: 'An object in the record that Tourniquet did not write.' });
  return { entries, highest: next - 1 };
}

function compareWithSeal(seal: { entries: number; last: string }, highest: number, last: ChainedEntry | null, root: string, problems: Problem[]): void {
  if (highest < seal.entries) {
    problems.push({ where: `${root}record/${entryName(highest + 1)}`, what: 'missing', text: `The record ends at entry ${highest}, and ${seal.entries} were sealed.` });
  } else if (highest > seal.entries) {
    problems.push({ where: `${root}record/${entryName(seal.entries + 1)}`, what: 'after-seal', text: `Entry ${seal.entries + 1} was added after the seal.` });
  } else if (last !== null && last.hash !== seal.last) {
    problems.push({ where: `${root}record/${entryName(seal.entries)}`, what: 'changed', text: 'The last entry is not the one that was sealed.' });
  }
}

async function keptKeys(objects: ObjectStore, root: string, problems: Problem[]): Promise<string[]> {
  const names = await objects.list(`${root}kept/`);
  const keys = await inParallel(names, 16, async (name) => {
    try {
      const kept = JSON.parse(Buffer.from((await objects.get(name)) ?? '').toString('utf8')) as { key?: unknown };
      if (typeof kept.key === 'string' && promisedHash(kept.key) !== null) return kept.key;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    problems.push({ where: name, what: 'changed', text: 'The note of what was kept was changed.' });
    return null;
  });
  return keys.filter((key) => key !== null);
}

async function verifyRaw(objects: ObjectStore, key: string, problems: Problem[]): Promise<void> {
  const content = await objects.get(key);
  if (content === null) problems.push({ where: key, what: 'missing', text: 'Raw material is missing.' });
  else if (createHash('sha256').update(content).digest('hex') !== promisedHash(key)) problems.push({ where: key, what: 'changed', text: 'Raw material was changed after it was kept.' });
}
