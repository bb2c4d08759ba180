import type { JsonObject } from '../json';

/** One line of the record, before it is chained. */
export interface RecordEntry {
  /** Idempotency key: the same key twice is one entry. */
  key: string;
  /** ISO 8601 UTC. */
  at: string;
  kind:
    | 'alert' | 'triage' | 'finding' | 'plan' | 'action' | 'verify' | 'undo' | 'approval' | 'lease' | 'notify' | 'escalation' | 'watch' | 'note' | 'report' | 'closed' | 'error';
  /** One line a person reads. */
  text: string;
  data: JsonObject;
}

/** As stored: chained to the one before it. */
export interface ChainedEntry extends RecordEntry {
  seq: number;
  /** Hash of the previous entry; 64 zeros for the first. */
  prev: string;
  /** SHA-256 over the canonical JSON of everything above and `prev`. */
  hash: string;
}
