/** What an operator does and what Temporal does, for every failure that can leave an activity or a workflow. One table, no other error types. */
export interface ErrorEntry {
  retryable: boolean;
  /** `page` wakes somebody; `warn` is shown on the incident; `info` is recorded. */
  severity: 'page' | 'warn' | 'info';
  /** What the operator does, in one sentence. */
  operator: string;
}

const entry = (retryable: boolean, severity: ErrorEntry['severity'], operator: string): ErrorEntry => ({ retryable, severity, operator });

export const ERRORS = {
  // the cloud
  THROTTLED: entry(true, 'info', 'Nothing: it is tried again after the wait the service asked for.'),
  CLOUD_UNAVAILABLE: entry(true, 'warn', 'Look at the provider’s status page; it is tried again.'),
  ACCESS_DENIED: entry(false, 'page', 'Give the responder the named permission (`tourniquet permissions`), or let break-glass carry the step.'),
  ROLE_TOO_LOW: entry(false, 'page', 'The target is an administrator: give the responder’s application a directory role above it (Privileged Authentication Administrator), or let break-glass carry the step.'),
  CREDENTIALS_INVALID: entry(false, 'page', 'The responder’s own credential is refused: renew it, then retry the step.'),
  NOT_FOUND: entry(false, 'info', 'The target is gone; the step counts as not needed.'),
  CONFLICT: entry(true, 'info', 'Somebody changed it at the same time: it is read and tried again.'),
  LIMIT_EXCEEDED: entry(false, 'warn', 'A service limit is reached: free a slot by hand, then retry the step.'),
  REJECTED_BY_CLOUD: entry(false, 'page', 'The provider refuses the request as made: see the message, act by hand, and report a bug.'),
  NOT_SUPPORTED: entry(false, 'warn', 'The provider does not offer this here (plan, region, partition): it becomes a human task.'),
  NOT_IN_EFFECT: entry(true, 'warn', 'The call succeeded and the effect is not visible yet: it is looked at again.'),
  // our own guards
  PROTECTED_PRINCIPAL: entry(false, 'page', 'The target is on the protected list: nothing was done. Decide by hand.'),
  BLAST_RADIUS: entry(false, 'page', 'The plan is larger than configured: a person must approve it.'),
  PLAN_CHANGED: entry(false, 'page', 'What is to run is not what was approved: ask again.'),
  NOT_APPROVED: entry(false, 'page', 'No valid approval for this step: ask for one.'),
  NO_PRINCIPAL: entry(false, 'page', 'The alert names no usable principal: read the raw record and open the incident by hand.'),
  UNKNOWN_ACTION: entry(false, 'page', 'The step names an action this worker does not have: check worker versions.'),
  STILL_IN_USE: entry(false, 'warn', 'Something that is not the attacker’s depends on the target, or an old credential is still active: decide by hand.'),
  UNDO_IMPOSSIBLE: entry(false, 'warn', 'This step cannot be undone: see its before-state and act by hand.'),
  // break-glass
  LEASE_TAKEN: entry(false, 'page', 'The emergency credential is checked out by another incident: see who holds it.'),
  LEASE_LOST: entry(false, 'page', 'The lease is not ours any more: treat the credential as exposed and rotate it.'),
  VAULT_SEALED: entry(true, 'page', 'Unseal the vault: the checkout waits.'),
  VAULT_UNAVAILABLE: entry(true, 'page', 'The vault does not answer: the checkout waits.'),
  VAULT_REFUSED: entry(false, 'page', 'The vault refuses the break-glass worker: check its AppRole and policy.'),
  WRAPPING_COMPROMISED: entry(false, 'page', 'A wrapped credential was opened by somebody else: treat it as stolen.'),
  ROTATION_UNPROVEN: entry(true, 'page', 'The new credential does not log in yet: the old one is kept until it does.'),
  // people, tickets, evidence
  NOTIFY_FAILED: entry(true, 'warn', 'A message could not be delivered: it is tried again and by the next channel.'),
  TICKETS_UNAVAILABLE: entry(true, 'warn', 'The ticket system does not answer: the check ends as “could not look”.'),
  EVIDENCE_UNAVAILABLE: entry(true, 'page', 'The evidence store does not answer: destructive steps wait for it.'),
  EVIDENCE_TAMPERED: entry(false, 'page', 'The evidence chain is broken: see which entry, and secure the store.'),
  // input
  INVALID_INPUT: entry(false, 'warn', 'The input does not have the documented shape: see the field it names.'),
  INVALID_CONFIG: entry(false, 'page', 'Correct the named line of tourniquet.yaml.'),
  // approvals
  APPROVAL_CLOSED: entry(false, 'info', 'The question is already decided or expired.'),
  APPROVAL_DIGEST: entry(false, 'warn', 'The plan has changed since the message was sent: use the new message.'),
  VOTER_NOT_ALLOWED: entry(false, 'warn', 'This person may not decide this question.'),
  SECOND_FACTOR_REFUSED: entry(false, 'warn', 'The passkey does not confirm this question: open its page again, with the passkey of the person who approved.'),
  // just-in-time access
  GRANT_REFUSED: entry(false, 'info', 'The access is not given as asked: see the reason, and ask for less, or for something else.'),
  // the rest
  SECRET_IN_PAYLOAD: entry(false, 'page', 'A secret was about to enter history and was stopped: report a bug.'),
  UNEXPECTED: entry(true, 'page', 'Not foreseen: see the message, and report a bug.'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(ERRORS, value);
}
