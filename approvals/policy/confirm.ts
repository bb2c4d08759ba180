import type { Confirmation } from '../../playbook/model/approval';
import { markOf } from '../../playbook/message/approval-marks';
import type { ApprovalState, Refusal } from './state';

/** How long the challenge of a second factor may be answered. */
export const CHALLENGE_LIFE_MS = 5 * 60_000;
/** The page's clock may be this far ahead of the workflow's. */
const CLOCK_SKEW_MS = 60_000;

/**
 * Whether this second factor counts, at `now`; null when it does. Read-only and synchronous: it is the Update's validator.
 * It stands beside its person's own yes, never instead of it. The signature is verified outside (it needs the register of passkeys).
 */
export function checkConfirmation(state: ApprovalState, confirmation: Confirmation, now: number): Refusal | null {
  const malformed = checkShape(confirmation);
  if (malformed) return malformed;
  const { request } = state;
  const refused = (message: string): Refusal => ({ code: 'SECOND_FACTOR_REFUSED', message });
  if (state.status !== 'open') return { code: 'APPROVAL_CLOSED', message: `This question is already ${state.status}.` };
  if (now >= state.deadlineAt) return { code: 'APPROVAL_CLOSED', message: 'The time to answer is over.' };
  if (confirmation.digest !== request.digest) return { code: 'APPROVAL_DIGEST', message: `The plan has changed (it is ${markOf(request.digest)} now): read it again.` };
  if (!request.secondFactor) return refused('This question asks for no second factor.');
  if (state.confirmations.some((one) => one.nonce === confirmation.nonce)) return refused('This confirmation was used before.');
  const expires = Date.parse(confirmation.expires);
  if (now >= expires) return refused('The confirmation came too late: open the page again.');
  if (expires > now + CHALLENGE_LIFE_MS + CLOCK_SKEW_MS) return refused('The confirmation is dated too far ahead.');
  const vote = state.votes.find((one) => one.person === confirmation.person);
  if (vote?.decision !== 'approve') return { code: 'VOTER_NOT_ALLOWED', message: 'Approve the question first; the passkey then confirms your own yes.' };
  if (!lacksFactor(state, confirmation.person)) return refused('Your yes is confirmed already.');
  return null;
}

/** True while this person's yes would not count for want of a second factor. */
export function lacksFactor(state: ApprovalState, person: string): boolean {
  return state.request.secondFactor === true && !state.confirmations.some((one) => one.person === person);
}

/** People who said yes and have not confirmed it. */
export function unconfirmed(state: ApprovalState): string[] {
  if (state.status !== 'open') return [];
  return state.votes.filter((one) => one.decision === 'approve' && lacksFactor(state, one.person)).map((one) => one.person);
}

function checkShape(confirmation: Confirmation): Refusal | null {
  const bad = (message: string): Refusal => ({ code: 'INVALID_INPUT', message });
  if (typeof confirmation !== 'object' || confirmation === null) return bad('confirmation: must be an object');
  if (typeof confirmation.person !== 'string' || confirmation.person === '') return bad('person: must name a person');
  if (typeof confirmation.digest !== 'string') return bad('digest: must be text');
  if (typeof confirmation.nonce !== 'string' || !/^[\w-]{16,64}$/.test(confirmation.nonce)) return bad('nonce: must be 16 to 64 characters of base64url');
  if (typeof confirmation.expires !== 'string' || Number.isNaN(Date.parse(confirmation.expires))) return bad('expires: must be an ISO time');
  if (typeof confirmation.assertion !== 'object' || confirmation.assertion === null) return bad('assertion: must be an object');
  return null;
}
