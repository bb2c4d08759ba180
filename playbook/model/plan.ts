import type { JsonObject } from '../json';
import type { EvidenceRef } from './alert';
import type { ProviderId } from './principal';

export type Tier = 'automatic' | 'approve' | 'dual' | 'break-glass';
export type Phase = 'containment' | 'root' | 'break-glass' | 'eradication' | 'recovery';
/** An incident's phases, and the audit of permissions, which belongs to no incident. */
export type PlanPhase = Phase | 'permission-audit';

/** What one action acts on: exact, never a pattern. */
export interface Target {
  provider: ProviderId;
  account: string;
  /** Null for global services. */
  region: string | null;
  kind: string;
  /** ARN or vendor id. */
  id: string;
  name: string;
}

/** A wish, before the cloud was looked at: this action on this target, because of this. */
export interface Proposal {
  /** Catalogue id, e.g. `aws.deny-user`. */
  action: string;
  target: Target;
  params: JsonObject;
  because: string;
}

/** One planned action: exact target, state before, exact change. This is the dry run, and it is what gets approved. */
export interface Step {
  /** `<action>#<12 hex of target and params>`: the idempotency key together with the incident. */
  id: string;
  action: string;
  /** Playbook row, e.g. `2.1.1`. */
  row: string;
  title: string;
  target: Target;
  params: JsonObject;
  tier: Tier;
  reversible: boolean;
  /** `cloud` runs on the provider's own worker; `break-glass` only where the vault is. */
  queue: 'cloud' | 'break-glass';
  /** A person does it; `apply` opens the task, `verify` reads the cloud's own record that proves it. */
  human: boolean;
  /** State read before the change, all that `undo` needs; no secrets. */
  before: JsonObject;
  /** Lines a person reads: what exactly will change. Empty when there is nothing to do. */
  change: string[];
  /** False when the wanted state already holds: the step is recorded, not applied. */
  needed: boolean;
  because: string;
}

/** An action that could not be planned; loud, in the plan, never dropped. */
export interface Refusal {
  action: string;
  target: Target;
  /** Error-table code. */
  code: string;
  message: string;
}

export interface Plan {
  incident: string;
  phase: PlanPhase;
  steps: Step[];
  refused: Refusal[];
  /** Identities and workload resources that the needed steps touch; compared with the configured blast radius. */
  blastRadius: number;
  /** SHA-256 over incident, phase and steps: what is approved is what runs. */
  digest: string;
  /** The kept copy whose own SHA-256 is the digest; null when the evidence store was away (then only automatic steps run). */
  kept: EvidenceRef | null;
  /** What only a person can judge: things that are not attributable, one line each. */
  left: string[];
}

/** What `apply`, `verify` or `undo` of one step came to. */
export interface StepOutcome {
  step: string;
  state: 'done' | 'already' | 'failed' | 'skipped';
  /** Read back by effect after the change; never the API's own status. */
  holds: boolean;
  /** Error-table code when failed. */
  error: string | null;
  /** What was seen, for the record and the timeline; no secrets. */
  seen: JsonObject;
  at: string;
}
