import { checkVote, checkWithdrawal } from './check';
import { checkConfirmation, lacksFactor } from './confirm';
import { signatureProblem } from './signed';
import type { ApprovalEffect, ApprovalEvent, ApprovalState, EscalationReason, Step } from './state';

/** How long a decision that was complete before the deadline may wait for the directory to confirm it. */
export const CONFIRM_GRACE_MS = 60_000;

/**
 * The rules of approvals (DESIGN.md "Approvals"): one event in, the next state and what must be done out. Pure; never throws.
 * A vote alone decides nothing: the directory is asked again after it, votes of people no longer allowed are dropped,
 * and only then does a deny, or else a quorum of different people, decide.
 */
export function approvalPolicy(state: ApprovalState, event: ApprovalEvent): Step {
  if (state.status !== 'open') return { state, effects: [] };
  switch (event.type) {
    case 'opened':
      return lookUp(state);
    case 'vote':
      return vote(state, event);
    case 'confirmed':
      return confirm(state, event);
    case 'approversLookedUp':
      return lookedUp(state, event);
    case 'withdrawn':
      return checkWithdrawal(state, event.by) ? { state, effects: [] } : close(state, 'withdrawn', event.now);
    case 'tick':
      return tick(state, event.now);
  }
}

function vote(state: ApprovalState, event: Extract<ApprovalEvent, { type: 'vote' }>): Step {
  const { vote: cast, now } = event;
  if (checkVote(state, cast, now) || state.seen.includes(cast.voteId)) return { state, effects: [] };
  const counted = { ...cast, at: new Date(now).toISOString() };
  return and(lookUp({ ...state, votes: [...state.votes, counted], seen: [...state.seen, cast.voteId] }), { type: 'show', reminder: false });
}

function confirm(state: ApprovalState, event: Extract<ApprovalEvent, { type: 'confirmed' }>): Step {
  const { confirmation, now } = event;
  if (checkConfirmation(state, confirmation, now)) return { state, effects: [] };
  return and(lookUp({ ...state, confirmations: [...state.confirmations, { ...confirmation, at: new Date(now).toISOString() }] }), { type: 'show', reminder: false });
}

function lookedUp(before: ApprovalState, event: Extract<ApprovalEvent, { type: 'approversLookedUp' }>): Step {
  if (event.generation <= before.looked || event.generation > before.wanted) return { state: before, effects: [] };
  const barred = new Set([before.request.requester, ...before.request.recused]);
  const approvers = [...new Set(event.approvers)].filter((person) => !barred.has(person));
  const keys = event.keys ?? {};
  // A key that was taken back since takes its vote with it.
  const votes = before.votes.filter((one) => approvers.includes(one.person) && signatureProblem(before.request.id, one, keys[one.person]) === null);
  const state = { ...before, approvers, keys, votes, looked: event.generation };
  const show: ApprovalEffect[] = before.approvers === null || votes.length !== before.votes.length || !same(approvers, before.approvers) ? [{ type: 'show', reminder: false }] : [];
  // A vote came while the directory was answering: a newer answer is on its way, and only that one may decide.
  if (state.looked < state.wanted) return { state, effects: show };
  if (votes.some((one) => one.decision === 'deny')) return close(state, 'denied', event.now);
  if (approvals(state) >= state.request.quorum) return close(state, 'approved', event.now);
  if (event.now >= state.deadlineAt) return expire(state, event.now);
  if (approvers.length >= state.request.quorum) return { state, effects: show };
  if (!state.backup) return and(lookUp({ ...state, backup: true }), ...show);
  return escalate({ state, effects: show }, 'too-few-approvers');
}

function tick(state: ApprovalState, now: number): Step {
  if (now >= state.deadlineAt) {
    return confirming(state) && now < state.deadlineAt + CONFIRM_GRACE_MS ? { state, effects: [] } : expire(state, now);
  }
  if (backupDue(state, now)) {
    const asked = and(lookUp({ ...state, backup: true, remindedAt: now }), { type: 'show', reminder: true });
    return state.request.tier === 'approve' ? asked : escalate(asked, 'nobody-answered');
  }
  if (reminderDue(state, now)) return and(lookUp({ ...state, remindedAt: now }), { type: 'show', reminder: true });
  return { state, effects: [] };
}

/** A deny that the directory could not confirm in time still stops everything: when in doubt, nothing is done. */
function expire(state: ApprovalState, now: number): Step {
  if (state.votes.some((one) => one.decision === 'deny')) return close(state, 'denied', now);
  const closed = close(state, 'expired', now);
  return state.request.onTimeout === 'stay-undone' ? escalate(closed, 'expired') : closed;
}

function close(state: ApprovalState, outcome: Exclude<ApprovalState['status'], 'open'>, now: number): Step {
  const confirmations = state.confirmations.filter((one) => state.votes.some((vote) => vote.person === one.person));
  const result = { id: state.request.id, digest: state.request.digest, outcome, votes: state.votes, decidedAt: new Date(now).toISOString(), ...(state.request.secondFactor && { confirmations }) };
  return { state: { ...state, status: outcome, decidedAt: now }, effects: [{ type: 'decided', result }, { type: 'show', reminder: false }] };
}

function lookUp(state: ApprovalState): Step {
  const wanted = state.wanted + 1;
  return { state: { ...state, wanted }, effects: [{ type: 'lookUpApprovers', generation: wanted, backup: state.backup }] };
}

/** Each reason once. */
function escalate(step: Step, reason: EscalationReason): Step {
  if (step.state.escalated.includes(reason)) return step;
  return and({ ...step, state: { ...step.state, escalated: [...step.state.escalated, reason] } }, { type: 'escalate', reason });
}

/** Different people whose yes counts: confirmed where the question asks for a second factor; one person is one seat however often they appear. */
export function approvals(state: ApprovalState): number {
  return new Set(state.votes.filter((one) => one.decision === 'approve' && !lacksFactor(state, one.person)).map((one) => one.person)).size;
}

/** A decision is complete and only waits for the directory to confirm its voters. */
export function confirming(state: ApprovalState): boolean {
  return state.looked < state.wanted && (state.votes.some((one) => one.decision === 'deny') || approvals(state) >= state.request.quorum);
}

function backupDue(state: ApprovalState, now: number): boolean {
  return !state.backup && now >= state.openedAt + state.request.backupAfterMs;
}

function reminderDue(state: ApprovalState, now: number): boolean {
  return state.request.remindEveryMs > 0 && now >= state.remindedAt + state.request.remindEveryMs;
}

const and = (step: Step, ...more: ApprovalEffect[]): Step => ({ state: step.state, effects: [...step.effects, ...more] });
const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((one) => b.includes(one));
