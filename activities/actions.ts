import type { ApplicationFailure } from '@temporalio/common';
import { sha256Hex } from '../playbook/digest';
import { canonicalJson, type JsonObject } from '../playbook/json';
import type { Plan, Proposal, Refusal, Step, StepOutcome } from '../playbook/model/plan';
import { stepId, stricter } from '../playbook/plan';
import type { Action } from './action';
import { codeOf, fail, toFailure, type Classifier } from './boundary';
import type { ActionInput } from './contract';
import type { EvidenceSink } from './evidence/sink';

/** Asks Temporal itself how an approval ended: the approval's own history is the proof, not the caller's word. */
export interface ApprovalProof {
  /** Null when there is no such approval. */
  outcomeOf(approval: string): Promise<{ outcome: 'approved' | 'denied' | 'expired' | 'withdrawn' | 'open'; digest: string } | null>;
}

export interface ActionDeps<Ctx> {
  actions: readonly Action<Ctx>[];
  evidence: EvidenceSink;
  approvals: ApprovalProof;
  classify: Classifier;
  now(): Date;
  /** Opens the provider's access for one call: under the responder role, or under the leased credential. */
  withContext<T>(input: Pick<ActionInput, 'incident' | 'caseKey' | 'lease'>, use: (context: Ctx) => Promise<T>): Promise<T>;
}

/** `<action>.apply|verify|undo` for every action, guarded: what runs is what was approved, and everything is recorded. */
export function createActionActivities<Ctx>(deps: ActionDeps<Ctx>): Record<string, (input: ActionInput) => Promise<StepOutcome>> {
  const activities: Record<string, (input: ActionInput) => Promise<StepOutcome>> = {};
  for (const action of deps.actions) {
    activities[`${action.id}.apply`] = async (input) => {
      await assertApproved(deps, action, input);
      const done = await deps.withContext(input, (context) => action.apply(context, input.step));
      const verified = await deps.withContext(input, (context) => action.verify(context, input.step));
      return record(deps, input, 'action', outcome(deps, input.step, 'done', verified.holds, { ...done, read: verified.seen }));
    };
    activities[`${action.id}.verify`] = async (input) => {
      const verified = await deps.withContext(input, (context) => action.verify(context, input.step));
      return outcome(deps, input.step, 'done', verified.holds, verified.seen);
    };
    activities[`${action.id}.undo`] = async (input) => {
      const undone = await deps.withContext(input, (context) => action.undo(context, input.step));
      return record(deps, input, 'undo', outcome(deps, input.step, 'done', true, { ...undone.seen, left: undone.left }));
    };
  }
  return Object.fromEntries(Object.entries(activities).map(([name, run]) => [name, classified(deps.classify, run)]));
}

/** Wraps an activity so that whatever it throws is one entry of the error table. */
export function classified<I, O>(classify: Classifier, run: (input: I) => Promise<O>): (input: I) => Promise<O> {
  return async (input) => {
    try {
      return await run(input);
    } catch (error) {
      throw toFailure(error, classify);
    }
  };
}

/** Plans every proposal in parallel; one that cannot be planned becomes a refusal in the plan, never a gap. */
export async function planProposals<Ctx>(
  actions: readonly Action<Ctx>[], context: Ctx, proposals: readonly Proposal[], classify: Classifier,
): Promise<{ steps: Step[]; refused: Refusal[] }> {
  const planned = await Promise.all(proposals.map((proposal) => planOne(actions, context, proposal, classify)));
  const seen = new Set<string>();
  const steps = planned.filter((one): one is Step => 'id' in one && !seen.has(one.id) && seen.add(one.id) !== undefined);
  return { steps, refused: planned.filter((one): one is Refusal => !('id' in one)) };
}

async function planOne<Ctx>(actions: readonly Action<Ctx>[], context: Ctx, proposal: Proposal, classify: Classifier): Promise<Step | Refusal> {
  const refusal = (failure: ApplicationFailure): Refusal => ({
    action: proposal.action, target: proposal.target, code: failure.type ?? 'UNEXPECTED', message: failure.message,
  });
  const action = actions.find((one) => one.id === proposal.action);
  if (!action) return refusal(fail('UNKNOWN_ACTION', `no action ${proposal.action} here`));
  try {
    const draft = await action.plan(context, proposal);
    const params = draft.params ?? proposal.params;
    return {
      id: stepId(action.id, proposal.target, params), action: action.id, row: action.row, title: action.title, target: proposal.target, params,
      tier: draft.tier ? stricter(action.tier, draft.tier) : action.tier, reversible: action.reversible, queue: action.queue, human: action.human,
      before: draft.before, change: draft.change, needed: draft.needed, because: proposal.because,
    };
  } catch (error) {
    return refusal(toFailure(error, classify));
  }
}

/** Verifies steps side by side; a step that cannot be read counts as not holding, with its code. */
export async function verifySteps<Ctx>(deps: Pick<ActionDeps<Ctx>, 'actions' | 'classify' | 'now'>, context: Ctx, steps: readonly Step[]): Promise<StepOutcome[]> {
  return Promise.all(
    steps.map(async (step) => {
      try {
        const action = deps.actions.find((one) => one.id === step.action);
        if (!action) throw fail('UNKNOWN_ACTION', `no action ${step.action} here`);
        const verified = await action.verify(context, step);
        return outcome(deps, step, 'done', verified.holds, verified.seen);
      } catch (error) {
        return { ...outcome(deps, step, 'failed', false, {}), error: codeOf(toFailure(error, deps.classify)) };
      }
    }),
  );
}

async function assertApproved<Ctx>(deps: ActionDeps<Ctx>, action: Action<Ctx>, { step, digest, plan, approval, lease }: ActionInput): Promise<void> {
  // The code's own tier counts, whatever the step says; under a lease everything needs the manager's yes.
  const tier = lease ? 'break-glass' : stricter(action.tier, step.tier);
  if (tier === 'automatic') return;
  if (!approval || !plan) throw fail('NOT_APPROVED', `${step.id} needs an approval (${tier})`);
  const text = Buffer.from(await deps.evidence.read(plan)).toString('utf8');
  if (sha256Hex(text) !== digest) throw fail('PLAN_CHANGED', `the kept plan is not the approved one (${digest.slice(0, 12)})`);
  const kept = JSON.parse(text) as Pick<Plan, 'phase' | 'steps'>;
  const planned = kept.steps.find((one) => one.id === step.id);
  if (!planned || canonicalJson(planned) !== canonicalJson(step)) throw fail('PLAN_CHANGED', `${step.id} is not in the approved plan as it stands`);
  const found = await deps.approvals.outcomeOf(approval);
  if (!found || found.digest !== digest) throw fail('NOT_APPROVED', `${approval} is not an approval of this plan`);
  const mayProceed = found.outcome === 'expired' && tier === 'approve' && step.reversible && kept.phase === 'containment';
  if (found.outcome !== 'approved' && !mayProceed) throw fail('NOT_APPROVED', `${approval} ended ${found.outcome}`);
}

function outcome(deps: { now(): Date }, step: Step, state: StepOutcome['state'], holds: boolean, seen: JsonObject): StepOutcome {
  return { step: step.id, state, holds, error: null, seen, at: deps.now().toISOString() };
}

/** The record must not stop a containment: when the store is away the outcome says so and the workflow records it later. */
async function record<Ctx>(deps: ActionDeps<Ctx>, input: ActionInput, kind: 'action' | 'undo', result: StepOutcome): Promise<StepOutcome> {
  const { step, caseKey, lease } = input;
  const under = lease ? ` (under lease ${lease.leaseId})` : '';
  const text = `${step.row} ${kind === 'undo' ? 'Undone: ' : ''}${step.title}: ${step.target.name}${under}${result.holds ? '' : ' — not in effect yet'}`;
  try {
    const data = { step: step.id, target: { ...step.target }, before: step.before, change: step.change, seen: result.seen, approval: input.approval, digest: input.digest };
    await deps.evidence.record(caseKey, [{ key: `${kind}/${step.id}/${lease?.leaseId ?? ''}/${result.at}`, at: result.at, kind, text, data }]);
    return { ...result, seen: { ...result.seen, recorded: true } };
  } catch {
    return { ...result, seen: { ...result.seen, recorded: false } };
  }
}
