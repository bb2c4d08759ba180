import type { JsonObject } from '../playbook/json';
import type { Proposal, Step, Tier } from '../playbook/model/plan';

/** An action's line in the catalogue (`playbook/catalogue`): what it is, before any code. */
export interface ActionInfo {
  /** `<provider>.<verb-object>`; also the stem of its activity types: `aws.deny-user.apply`. */
  id: string;
  /** Playbook row, e.g. `2.1.1`. */
  row: string;
  /** Imperative, as it reads in the Temporal UI: `Deny everything to the user`. */
  title: string;
  tier: Tier;
  reversible: boolean;
  queue: 'cloud' | 'break-glass';
  human: boolean;
}

/** What `plan` read and would do. */
export interface Draft {
  /** State before, all that undo needs; no secrets. */
  before: JsonObject;
  /** The exact change in lines a person reads; empty when not needed. */
  change: string[];
  needed: boolean;
  /** Raised (never lowered) when the target makes it graver: a role that workloads use. */
  tier?: Tier;
  /** Parameters fixed at planning time (a cut-off time, a rule number); replaces the proposal's. */
  params?: JsonObject;
}

/**
 * One typed response step. `Ctx` is the provider's access (clients per account and region).
 * Errors: throw `fail(code, …)` of activities/boundary, or let SDK errors through: the boundary classifies them once.
 */
export interface Action<Ctx> extends ActionInfo {
  /** Every cloud permission that plan, apply, verify and undo use, e.g. `iam:PutUserPolicy`; the shipped policies are generated from these. */
  permissions: readonly string[];
  /** Reads, changes nothing. A target that does not exist throws NOT_FOUND. */
  plan(ctx: Ctx, proposal: Proposal): Promise<Draft>;
  /** Idempotent: a second call with the same step changes nothing more. Returns what was done. */
  apply(ctx: Ctx, step: Step): Promise<JsonObject>;
  /** By effect: reads the cloud again, never trusts the call's status. */
  verify(ctx: Ctx, step: Step): Promise<{ holds: boolean; seen: JsonObject }>;
  /** Back to `step.before`, except that nothing that may be compromised is ever re-enabled; what is left out is said in `left`. */
  undo(ctx: Ctx, step: Step): Promise<{ seen: JsonObject; left: string[] }>;
}
