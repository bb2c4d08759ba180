import type { ApprovalRequest, Vote } from '../../playbook/model/approval';
import { markOf } from '../../playbook/message/approval-marks';
import { signatureProblem, stale } from './signed';
import type { ApprovalState, Refusal } from './state';

const VIA: readonly unknown[] = ['slack', 'cli', 'console'];

/** Longest reason kept with a vote, in characters. */
export const REASON_MAX = 2000;

/**
 * Whether this vote counts, at `now`; null when it does. Read-only and synchronous: it is the Update's validator.
 * A vote seen before is fine whatever happened since: the same click twice is one vote.
 */
export function checkVote(state: ApprovalState, vote: Vote, now: number): Refusal | null {
  const { request } = state;
  const malformed = checkShape(vote);
  if (malformed) return malformed;
  if (state.seen.includes(vote.voteId)) return null;
  if (state.status !== 'open') return { code: 'APPROVAL_CLOSED', message: `This question is already ${state.status}.` };
  if (now >= state.deadlineAt) return { code: 'APPROVAL_CLOSED', message: 'The time to answer is over.' };
  if (vote.digest !== request.digest) return { code: 'APPROVAL_DIGEST', message: `The plan has changed (it is ${markOf(request.digest)} now): read it again and use the new message.` };
  if (vote.person === request.requester) return { code: 'VOTER_NOT_ALLOWED', message: 'You asked for this yourself: another person must decide.' };
  if (request.recused.includes(vote.person)) return { code: 'VOTER_NOT_ALLOWED', message: 'This concerns an identity of your own: another person must decide.' };
  if (!state.approvers) return { code: 'VOTER_NOT_ALLOWED', message: 'The directory has not answered yet who may decide: try again in a moment.' };
  if (!state.approvers.includes(vote.person)) return { code: 'VOTER_NOT_ALLOWED', message: 'You are not among the people who may decide this.' };
  if (vote.until !== undefined && (vote.decision !== 'deny' || request.words?.date === undefined)) return { code: 'INVALID_INPUT', message: 'until: this answer takes no date.' };
  if (vote.until !== undefined && Date.parse(`${vote.until}T23:59:59.999Z`) <= now) return { code: 'INVALID_INPUT', message: 'until: must be a date that is still to come.' };
  const earlier = state.votes.find((one) => one.person === vote.person);
  if (earlier) return { code: 'VOTER_NOT_ALLOWED', message: `You have already voted (${earlier.decision}): each person has one vote.` };
  if (stale(vote, now)) return { code: 'VOTER_NOT_ALLOWED', message: 'The signature is not of now: sign again.' };
  const unsigned = signatureProblem(request.id, vote, state.keys[vote.person]);
  return unsigned === null ? null : { code: 'VOTER_NOT_ALLOWED', message: unsigned };
}

/** Whether this person may take the question back: its requester, while it is open. */
export function checkWithdrawal(state: ApprovalState, by: string): Refusal | null {
  if (state.status !== 'open') return { code: 'APPROVAL_CLOSED', message: `This question is already ${state.status}.` };
  if (state.request.requester === null || by !== state.request.requester) return { code: 'VOTER_NOT_ALLOWED', message: 'Only the person who asked can withdraw the question.' };
  return null;
}

/** Whether the question itself can be asked. A quorum of 0 would approve by itself; `dual` needs two people. */
export function checkRequest(request: ApprovalRequest): Refusal | null {
  const bad = (message: string): Refusal => ({ code: 'INVALID_INPUT', message });
  if (!Number.isInteger(request.quorum) || request.quorum < (request.tier === 'dual' ? 2 : 1)) return bad(`quorum: ${request.tier} needs ${request.tier === 'dual' ? 'two people' : 'one person'} at least`);
  if (!(request.deadlineMs > 0 && Number.isFinite(request.deadlineMs))) return bad('deadlineMs: must be a positive number of milliseconds');
  if (request.onTimeout === 'proceed' && request.tier !== 'approve') return bad(`onTimeout: ${request.tier} never proceeds without an answer`);
  if (!/^[0-9a-f]{64}$/.test(request.digest)) return bad('digest: must be a SHA-256 in hex');
  return null;
}

function checkShape(vote: Vote): Refusal | null {
  const bad = (message: string): Refusal => ({ code: 'INVALID_INPUT', message });
  if (typeof vote !== 'object' || vote === null) return bad('vote: must be an object');
  if (typeof vote.person !== 'string' || vote.person === '') return bad('person: must name a person');
  if (vote.decision !== 'approve' && vote.decision !== 'deny') return bad('decision: must be approve or deny');
  if (typeof vote.voteId !== 'string' || vote.voteId === '' || vote.voteId.length > 200) return bad('voteId: must be 1 to 200 characters');
  if (typeof vote.reason !== 'string' || vote.reason.length > REASON_MAX) return bad(`reason: must be text of at most ${REASON_MAX} characters`);
  if (typeof vote.digest !== 'string') return bad('digest: must be text');
  if (vote.until !== undefined && (typeof vote.until !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(vote.until) || !isDay(vote.until))) return bad('until: must be a date, YYYY-MM-DD');
  if (!VIA.includes(vote.via)) return bad('via: must be slack, cli or console');
  if (vote.signature !== undefined && (typeof vote.signature?.at !== 'string' || typeof vote.signature.sshsig !== 'string')) return bad('signature: must have a time and a blob');
  return null;
}

/** Date.parse takes 31 February for 3 March. */
const isDay = (text: string): boolean => { const at = Date.parse(text); return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text); };
