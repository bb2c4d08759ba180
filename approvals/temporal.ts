import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Confirmation, Vote } from '../playbook/model/approval';
import type { ApprovalView, Refusal } from './policy';
import type { ApprovalPort, ConfirmationPort, Decided } from './ports';

const REFUSALS: readonly string[] = ['APPROVAL_CLOSED', 'APPROVAL_DIGEST', 'VOTER_NOT_ALLOWED', 'SECOND_FACTOR_REFUSED', 'INVALID_INPUT'] satisfies Refusal['code'][];

/**
 * Votes as Updates of the approval workflow, with the vote's id as update id: a repeated click is one event.
 * `timeoutMs` bounds each call; a call that Temporal does not answer throws, and whether the vote arrived is found by sending it again.
 */
export function createApprovalPort(client: Client, timeoutMs = 2_400): ApprovalPort & ConfirmationPort {
  const inTime = <T>(work: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + timeoutMs, work);

  async function stateOf(approvalId: string): Promise<ApprovalView | null> {
    try {
      return await inTime(() => client.workflow.getHandle(approvalId).query<ApprovalView>('state'));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }

  async function update<I>(approvalId: string, name: string, input: I, updateId: string, over: (state: ApprovalView | null) => Decided): Promise<Decided> {
    try {
      return { ok: true, state: await inTime(() => client.workflow.getHandle(approvalId).executeUpdate<ApprovalView, [I]>(name, { args: [input], updateId })) };
    } catch (error) {
      const refusal = refusalIn(error);
      if (refusal) return refusal;
      if (error instanceof WorkflowNotFoundError) return over(await stateOf(approvalId));
      throw error;
    }
  }

  return {
    stateOf,
    decide: (approvalId: string, vote: Vote) => update(approvalId, 'decide', vote, vote.voteId, (state) => ended(state, vote)),
    confirm: (approvalId: string, confirmation: Confirmation) => update(approvalId, 'confirm', confirmation, confirmation.nonce, over),
  };
}

function refusalIn(error: unknown): Decided | null {
  if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure)) return null;
  const { type, message } = error.cause;
  return type && REFUSALS.includes(type) ? { ok: false, code: type as Refusal['code'], message } : null;
}

const over = (state: ApprovalView | null): Decided => ({ ok: false, code: 'APPROVAL_CLOSED', message: state ? `This question is already ${state.status === 'open' ? 'over' : state.status}.` : 'There is no such question, or it was cleared away.' });

/** The workflow is over: a vote that counted before (an answer that got lost on its way to the voter) is still a yes. */
function ended(state: ApprovalView | null, vote: Vote): Decided {
  if (state?.votes.some((one) => one.person === vote.person && one.decision === vote.decision)) return { ok: true, state };
  return over(state);
}
