export { checkRequest, checkVote, checkWithdrawal, REASON_MAX } from './check';
export { CHALLENGE_LIFE_MS, checkConfirmation, unconfirmed } from './confirm';
export { approvalPolicy, approvals, confirming, CONFIRM_GRACE_MS } from './reduce';
export { ofNow, requestProblem, SIGNATURE_LIFE_MS } from './signed';
export { openApproval } from './state';
export type { ApprovalEffect, ApprovalEvent, ApprovalState, CountedVote, EscalationReason, Refusal, Step } from './state';
export { nextTickAt, viewOf, waitingFor, type ApprovalView } from './view';
