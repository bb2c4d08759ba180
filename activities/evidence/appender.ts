import { canonicalJson, type JsonObject } from '../../playbook/json';
import type { ChainedEntry, RecordEntry } from '../../playbook/model/evidence';
import { fail } from '../boundary';
import { chained, entryName, entryText, GENESIS, parseEntry, SEALED, seqOf } from './chain';
import { inParallel } from './parallel';
import type { ObjectStore } from './objects';

/** What this process has read of one case's chain. */
interface Known {
  seq: number;
  last: string;
  keys: Set<string>;
  sealed: boolean;
}

const ENTRY_LIMIT = 64 * 1024;
const TEXT_LIMIT = 2_000;
const CASES_REMEMBERED = 500;

/** Keeps bytes and returns where: used for entries that are too large for the chain. */
export type Keep = (content: Uint8Array, contentType: string) => Promise<JsonObject>;

/**
 * Appends to hash chains. An entry is stored under the next free number, and only when that number is still free; who loses the race
 * reads what is there and tries the next. So that everything before it has been read, the same key twice is one entry, whoever wrote it.
 */
export class ChainAppender {
  private readonly known = new Map<string, Known>();
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(private readonly objects: ObjectStore, private readonly keepLarge: (caseKey: string) => Keep) {}

  /** In order, each at most once. Errors: EVIDENCE_UNAVAILABLE; EVIDENCE_TAMPERED; INVALID_INPUT when the case is sealed and a new entry comes. */
  append(caseKey: string, entries: readonly RecordEntry[]): Promise<void> {
    // One at a time within this process: it would only race with itself.
    const before = this.queues.get(caseKey) ?? Promise.resolve();
    const run = before.catch(() => undefined).then(() => this.appendAll(caseKey, entries));
    const settled = run.catch(() => undefined).finally(() => {
      if (this.queues.get(caseKey) === settled) this.queues.delete(caseKey);
    });
    this.queues.set(caseKey, settled);
    return run;
  }

  private async appendAll(caseKey: string, entries: readonly RecordEntry[]): Promise<void> {
    let known: Known;
    try {
      known = await this.load(caseKey);
      for (const entry of entries) await this.appendOne(caseKey, known, entry);
    } catch (error) {
      this.known.delete(caseKey); // What was remembered may be wrong: read it anew next time.
      throw error;
    }
  }

  private async appendOne(caseKey: string, known: Known, entry: RecordEntry): Promise<void> {
    if (known.keys.has(entry.key)) return;
    const fitting = await this.fit(caseKey, entry);
    for (;;) {
      if (known.keys.has(entry.key)) return;
      if (known.sealed) throw fail('INVALID_INPUT', `${caseKey} is sealed: ${entry.kind} "${entry.key}" cannot be added`);
      const next = chained(fitting, known.seq + 1, known.last);
      const stored = await this.objects.putIfAbsent(`cases/${caseKey}/record/${entryName(next.seq)}`, Buffer.from(entryText(next)), 'application/json');
      if (stored) remember(known, next);
      else remember(known, await this.readEntry(caseKey, known.seq + 1, known.last));
    }
  }

  private async load(caseKey: string): Promise<Known> {
    const remembered = this.known.get(caseKey);
    if (remembered) {
      this.known.delete(caseKey);
      this.known.set(caseKey, remembered);
      return remembered;
    }
    const numbers = (await this.objects.list(`cases/${caseKey}/record/`)).map(seqOf).filter((seq) => seq !== null);
    const known: Known = { seq: 0, last: GENESIS, keys: new Set(), sealed: false };
    const read = await inParallel(numbers, 16, (seq) => this.readEntry(caseKey, seq, null));
    for (const [index, entry] of read.entries()) {
      if (entry.seq !== index + 1 || entry.prev !== known.last) throw fail('EVIDENCE_TAMPERED', `${caseKey}: the chain is broken at entry ${index + 1}`);
      remember(known, entry);
    }
    this.known.set(caseKey, known);
    if (this.known.size > CASES_REMEMBERED) this.known.delete(this.known.keys().next().value!);
    return known;
  }

  private async readEntry(caseKey: string, seq: number, prev: string | null): Promise<ChainedEntry> {
    const content = await this.objects.get(`cases/${caseKey}/record/${entryName(seq)}`);
    const entry = content && parseEntry(Buffer.from(content).toString('utf8'));
    if (!entry || entry.seq !== seq || (prev !== null && entry.prev !== prev)) throw fail('EVIDENCE_TAMPERED', `${caseKey}: entry ${seq} is not what was written`);
    return entry;
  }

  /** A large entry keeps its data as raw material and points to it, so that nothing is lost and the chain stays readable. */
  private async fit(caseKey: string, entry: RecordEntry): Promise<RecordEntry> {
    const text = entry.text.length > TEXT_LIMIT ? `${entry.text.slice(0, TEXT_LIMIT)}…` : entry.text;
    const whole = canonicalJson({ text: entry.text, data: entry.data });
    if (whole.length <= ENTRY_LIMIT && text === entry.text) return entry;
    return { ...entry, text, data: { kept: await this.keepLarge(caseKey)(Buffer.from(whole), 'application/json') } };
  }
}

function remember(known: Known, entry: ChainedEntry): void {
  known.seq = entry.seq;
  known.last = entry.hash;
  known.keys.add(entry.key);
  known.sealed = entry.key === SEALED;
}
