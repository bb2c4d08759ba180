import type { Confirmation, Vote } from '../playbook/model/approval';
import type { ApprovalView, Refusal } from './policy';

/** What came of a vote: recorded, or refused by the rules. Everything else (Temporal away, no answer in time) is thrown. */
export type Decided = { ok: true; state: ApprovalView } | { ok: false; code: Refusal['code']; message: string };

/** The way from an edge (Slack, console, CLI) to the approval workflow. */
export interface ApprovalPort {
  /** Resolves only when Temporal holds the vote. The same `voteId` again is the same vote. */
  decide(approvalId: string, vote: Vote): Promise<Decided>;
  /** The question as the workflow holds it; null when there is no such approval. */
  stateOf(approvalId: string): Promise<ApprovalView | null>;
}

/** The way from the passkey page to the approval workflow. */
export interface ConfirmationPort extends Pick<ApprovalPort, 'stateOf'> {
  /** The second factor of a vote, its signature verified by the caller. Resolves only when Temporal holds it; the same nonce again is the same confirmation. */
  confirm(approvalId: string, confirmation: Confirmation): Promise<Decided>;
}
