import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { ApprovalView } from '../approvals/policy';
import type { ApprovalRequest, ApprovalResult, Confirmation, Vote } from '../playbook/model/approval';

export type ApprovalInput = ApprovalRequest & {
  caseKey: string;
  /** Workflow to signal with the result (`approvalDecided`); null when the caller waits for the child itself. */
  answerTo?: string | null;
  /** Contact groups told when nobody can decide or nobody did; by tier when left out. */
  escalateTo?: string[];
  /** Base address of the console, for the link in the message. */
  consoleUrl?: string | null;
};

/** Refused (before it enters history) with APPROVAL_CLOSED, APPROVAL_DIGEST, VOTER_NOT_ALLOWED or INVALID_INPUT. Use the vote's `voteId` as the update id. */
export const decideUpdate = defineUpdate<ApprovalView, [Vote]>('decide');
/** The passkey's confirmation of one's own yes; refused with SECOND_FACTOR_REFUSED too. Use its nonce as the update id. */
export const confirmUpdate = defineUpdate<ApprovalView, [Confirmation]>('confirm');
/** By the requester; refused with APPROVAL_CLOSED or VOTER_NOT_ALLOWED. */
export const withdrawUpdate = defineUpdate<ApprovalView, [{ by: string }]>('withdraw');
/** The answer with its second factors, as soon as there is one. */
export const approvalResultQuery = defineQuery<ApprovalResult | null>('result');
export const approvalStateQuery = defineQuery<ApprovalView>('state');
