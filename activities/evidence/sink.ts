import type { Json } from '../../playbook/json';
import type { EvidenceRef } from '../../playbook/model/alert';
import type { RecordEntry } from '../../playbook/model/evidence';

/** The part of the evidence store that other activities use. Errors: EVIDENCE_UNAVAILABLE. */
export interface EvidenceSink {
  /** Keeps bytes under their own hash; the same bytes twice are one object. `kind` is `alert`, `policy`, `listing`, … */
  keep(caseKey: string | null, kind: string, content: Uint8Array | Json, contentType?: string): Promise<EvidenceRef>;
  read(ref: Pick<EvidenceRef, 'key'>): Promise<Uint8Array>;
  /** Appends to the case's hash chain; entries whose key is already there are left out. */
  record(caseKey: string, entries: RecordEntry[]): Promise<void>;
}
