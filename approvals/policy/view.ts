import { clock } from '../../playbook/message/text';
import { unconfirmed } from './confirm';
import { approvals, confirming, CONFIRM_GRACE_MS } from './reduce';
import type { ApprovalRequest, ApprovalResult, Vote } from '../../playbook/model/approval';
import type { ApprovalState } from './state';

/** What a reader of the workflow may see: people by id only, no click ids, no addresses. */
export interface ApprovalView {
  id: string;
  incident: string | null;
  tier: ApprovalRequest['tier'];
  title: string;
  /** What yes and no mean here, when not “approve” and “deny”. */
  words?: ApprovalRequest['words'];
  changes: string[];
  because: string[];
  ifNobodyAnswers: string;
  digest: string;
  requester: string | null;
  status: 'open' | ApprovalResult['outcome'];
  quorum: number;
  approvals: number;
  /** A yes counts only once a passkey has confirmed it. */
  secondFactor: boolean;
  /** Whose yes still waits for their passkey. */
  unconfirmed: string[];
  votes: (Omit<Vote, 'voteId' | 'digest' | 'signature'> & { at: string })[];
  approvers: string[];
  backupAsked: boolean;
  /** ISO. */
  openedAt: string;
  deadline: string;
  decidedAt: string | null;
  /** One line: what it waits for, or how it ended. */
  waitingFor: string;
}

export function viewOf(state: ApprovalState): ApprovalView {
  const { request } = state;
  return {
    id: request.id, incident: request.incident, tier: request.tier, title: request.title, changes: request.changes, because: request.because,
    ifNobodyAnswers: request.ifNobodyAnswers, digest: request.digest, requester: request.requester, status: state.status, quorum: request.quorum,
    ...(request.words && { words: request.words }), approvals: approvals(state), secondFactor: request.secondFactor === true, unconfirmed: unconfirmed(state), votes: state.votes.map(({ person, decision, reason, until, via, at }) => ({ person, decision, reason, ...(until !== undefined && { until }), via, at })),
    approvers: state.approvers ?? [], backupAsked: state.backup, openedAt: iso(state.openedAt), deadline: iso(state.deadlineAt),
    decidedAt: state.decidedAt === null ? null : iso(state.decidedAt), waitingFor: waitingFor(state),
  };
}

/** "waiting for the second approver until 14:05 UTC": what a person reads in the Temporal UI. */
export function waitingFor(state: ApprovalState): string {
  const until = clock(iso(state.deadlineAt), iso(state.openedAt));
  if (state.status !== 'open') return `${state.status} at ${clock(iso(state.decidedAt ?? state.deadlineAt), iso(state.openedAt))}`;
  if (confirming(state)) return 'asking the directory whether the voters may still decide';
  if (state.approvers !== null && state.approvers.length < state.request.quorum) return `nobody can decide: ${state.approvers.length} of ${state.request.quorum} approvers; escalated, waiting until ${until}`;
  const factor = unconfirmed(state);
  if (factor.length > 0) return `waiting for the second factor of ${factor.join(', ')} until ${until}`;
  return `waiting for the ${ordinal(approvals(state) + 1)} approver until ${until}`;
}

/** When the rules next want a `tick`, in milliseconds of the workflow's clock; past the deadline it is the end of the grace. */
export function nextTickAt(state: ApprovalState, now: number): number {
  const { request } = state;
  if (now >= state.deadlineAt) return state.deadlineAt + CONFIRM_GRACE_MS;
  const times = [state.deadlineAt];
  if (!state.backup) times.push(state.openedAt + request.backupAfterMs);
  if (request.remindEveryMs > 0) times.push(state.remindedAt + request.remindEveryMs);
  return Math.min(...times);
}

const iso = (at: number): string => new Date(at).toISOString();
const ordinal = (n: number): string => ['first', 'second', 'third', 'fourth', 'fifth'][n - 1] ?? `${n}th`;
