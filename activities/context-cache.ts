import type { ChangedIdentity } from '../playbook/triage/changed';

/** How long an answer is good for, and how many are kept; the table is in docs/triage.md. */
export const KINDS = {
  /** Is the identity an administrator. */
  rights: { freshMs: 60_000, most: 5_000 },
  /** Does the target exist, since when, is it an administrator, is it public. */
  target: { freshMs: 30_000, most: 5_000 },
  /** Whose key it is: a key never changes hands. */
  'key-owner': { freshMs: 24 * 3_600_000, most: 5_000 },
  /** Who opened a session: it was opened once. */
  'session-opener': { freshMs: 24 * 3_600_000, most: 2_000 },
  /** An identity’s past before a fixed time: large, and needed while its alerts come. */
  past: { freshMs: 3_600_000, most: 40 },
} as const;
export type Kind = keyof typeof KINDS;

/** IAM and Entra answer with the old state for some seconds after a change (IAM user guide, “eventual consistency”). */
const SETTLE_MS = 15_000;

interface Entry {
  account: string;
  subject: string;
  startedAt: number;
  value: Promise<unknown>;
  settled: boolean;
}

/** What was looked up, for all incidents of this process: each question once at a time, each answer for as long as its kind is good for. Errors and “cannot be said” are never kept. */
export class ContextCache {
  private readonly kinds = new Map<Kind, Map<string, Entry>>();

  constructor(private readonly now: () => number = Date.now) {}

  /** `subject` is what a change names: a name or object id. `more` tells apart questions about one subject. `keep` false: an answer that may be another in a moment. Throws what `load` throws. */
  get<T>({ kind, account, subject, more = '' }: { kind: Kind; account: string; subject: string; more?: string }, load: () => Promise<T>, keep: (value: T) => boolean = (value) => value !== null): Promise<T> {
    const entries = this.kinds.get(kind) ?? new Map<string, Entry>();
    this.kinds.set(kind, entries);
    const key = JSON.stringify([account, subject.toLowerCase(), more]);
    const known = entries.get(key);
    if (known && (!known.settled || this.now() - known.startedAt < KINDS[kind].freshMs)) {
      // Newest use last: the first is the one to go.
      entries.delete(key);
      entries.set(key, known);
      return known.value as Promise<T>;
    }
    const entry: Entry = { account, subject: subject.toLowerCase(), startedAt: this.now(), value: load(), settled: false };
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size > KINDS[kind].most) entries.delete(entries.keys().next().value!);
    const drop = (): void => void (entries.get(key) === entry && entries.delete(key));
    entry.value.then((value) => {
      entry.settled = true;
      if (!keep(value as T)) drop();
    }, drop);
    return entry.value as Promise<T>;
  }

  /** An alert tells of a change: what was read before it, or while it was settling, is no longer believed. A time in the future is now. */
  changed({ account, subject, at }: ChangedIdentity): void {
    const until = Math.min(Date.parse(at), this.now()) + SETTLE_MS;
    for (const kind of ['rights', 'target'] as const) {
      for (const [key, entry] of this.kinds.get(kind) ?? []) {
        if (entry.account === account && (subject === null || entry.subject === subject) && entry.startedAt < until) this.kinds.get(kind)!.delete(key);
      }
    }
  }

  get size(): number {
    return [...this.kinds.values()].reduce((sum, entries) => sum + entries.size, 0);
  }
}

const caches = new WeakMap<object, ContextCache>();

/** The cache that goes with a worker’s access to its cloud. */
export function cacheOf(access: object): ContextCache {
  const known = caches.get(access);
  if (known) return known;
  const made = new ContextCache();
  caches.set(access, made);
  return made;
}
