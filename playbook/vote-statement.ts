import { sha256Hex } from './digest';
import { canonicalJson } from './json';
import type { Vote } from './model/approval';

/** The SSHSIG namespace of votes: a signature that was made for anything else (git, files) is no vote. */
export const VOTE_NAMESPACE = 'tourniquet-approval';

/** The text that a person signs with their own key: which question, which plan, what they say and why, when. `at` is ISO. */
export function voteStatement(approval: string, vote: Pick<Vote, 'person' | 'decision' | 'digest' | 'reason' | 'until' | 'voteId'>, at: string): string {
  const { person, decision, digest, reason, until, voteId } = vote;
  return `${canonicalJson({ approval, at, decision, digest, person, reason, voteId, ...(until !== undefined && { until }) })}\n`;
}

/** The nonce of the sign-in that stands for a vote: its ID token holds for this statement and no other. */
export function voteNonce(approval: string, vote: Parameters<typeof voteStatement>[1], at: string): string {
  return sha256Hex(voteStatement(approval, vote, at));
}
