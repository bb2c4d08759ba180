import type { CaseContext } from '../contract';
import type { EvidenceSink } from '../evidence/sink';
import type { AwsAccess } from './clients';

/** What every AWS action and check works with. */
export interface AwsContext {
  access: AwsAccess;
  incident: string;
  caseKey: string;
  /** Keeps raw material (policies, listings, code, objects) before something is destroyed. */
  evidence: EvidenceSink;
  now(): Date;
}

export type AwsCase = CaseContext;
