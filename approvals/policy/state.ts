import type { ApprovalRequest, ApprovalResult, Confirmation, Vote } from '../../playbook/model/approval';

/** A vote that was accepted, with the workflow's time. */
export type CountedVote = Vote & { at: string };

/** Everything the rules need. Times are milliseconds of the workflow's clock. */
export interface ApprovalState {
  request: ApprovalRequest;
  openedAt: number;
  deadlineAt: number;
  status: 'open' | ApprovalResult['outcome'];
  /** In order of arrival; votes of people who lost the right are dropped from it. */
  votes: CountedVote[];
  /** Second factors that were accepted, in order; each counts only beside its person's vote. */
  confirmations: (Confirmation & { at: string })[];
  /** Every voteId ever accepted: a click seen before changes nothing, even when its vote was dropped. */
  seen: string[];
  /** Who may decide, as of the last look-up; null before the first. */
  approvers: string[] | null;
  /** Their own public keys, as of the same look-up. */
  keys: Record<string, string[]>;
  /** The back-up approvers are asked too. */
  backup: boolean;
  /** Number of the look-up that would be fresh enough to decide on; `looked` is the last one answered. */
  wanted: number;
  looked: number;
  remindedAt: number;
  escalated: EscalationReason[];
  decidedAt: number | null;
}

export type EscalationReason = 'too-few-approvers' | 'nobody-answered' | 'expired';

export type ApprovalEvent =
  | { type: 'opened'; now: number }
  | { type: 'vote'; vote: Vote; now: number }
  | { type: 'confirmed'; confirmation: Confirmation; now: number }
  /** The directory's answer to look-up number `generation`. */
  | { type: 'approversLookedUp'; generation: number; approvers: string[]; keys?: Record<string, string[]>; now: number }
  | { type: 'withdrawn'; by: string; now: number }
  /** Time passed: reminders, back-up, the deadline. */
  | { type: 'tick'; now: number };

export type ApprovalEffect =
  | { type: 'lookUpApprovers'; generation: number; backup: boolean }
  | { type: 'show'; reminder: boolean }
  | { type: 'escalate'; reason: EscalationReason }
  | { type: 'decided'; result: ApprovalResult };

export interface Step {
  state: ApprovalState;
  effects: ApprovalEffect[];
}

/** A refusal, from the error table. */
export interface Refusal {
  code: 'APPROVAL_CLOSED' | 'APPROVAL_DIGEST' | 'VOTER_NOT_ALLOWED' | 'SECOND_FACTOR_REFUSED' | 'INVALID_INPUT';
  message: string;
}

/** A new question, asked at `now`; nobody may decide until the directory was asked. */
export function openApproval(request: ApprovalRequest, now: number): ApprovalState {
  return {
    request, openedAt: now, deadlineAt: now + request.deadlineMs, status: 'open', votes: [], confirmations: [], seen: [], approvers: null, keys: {},
    backup: false, wanted: 0, looked: 0, remindedAt: now, escalated: [], decidedAt: null,
  };
}
