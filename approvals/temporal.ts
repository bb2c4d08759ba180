import { WorkflowFailedError, WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ApprovalResult, Confirmation, Vote } from '../playbook/model/approval';
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

  /** How a question that is over ended, from the server alone: a query would have a worker replay the whole question for each late click. Null when it was cancelled, or never was. */
  async function resultOf(approvalId: string): Promise<ApprovalResult | null> {
    try {
      return await inTime(() => client.workflow.getHandle(approvalId).result() as Promise<ApprovalResult>);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError || error instanceof WorkflowFailedError) return null;
      throw error;
    }
  }

  /** The workflow is over: a vote that counted before (an answer that got lost on its way to the voter) is still a yes. */
  async function late(approvalId: string, vote: Vote | null): Promise<Decided> {
    const result = await resultOf(approvalId);
    const counted = vote !== null && result?.votes.some((one) => one.person === vote.person && one.decision === vote.decision);
    const state = counted || !result ? await stateOf(approvalId) : null;
    return counted && state ? { ok: true, state } : over(result?.outcome ?? state?.status ?? null);
  }

  async function update<I>(approvalId: string, name: string, input: I, updateId: string, vote: Vote | null): Promise<Decided> {
    try {
      return { ok: true, state: await inTime(() => client.workflow.getHandle(approvalId).executeUpdate<ApprovalView, [I]>(name, { args: [input], updateId })) };
    } catch (error) {
      const refusal = refusalIn(error);
      if (refusal) return refusal;
      if (error instanceof WorkflowNotFoundError) return late(approvalId, vote);
      throw error;
    }
  }

  return {
    stateOf,
    decide: (approvalId: string, vote: Vote) => update(approvalId, 'decide', vote, vote.voteId, vote),
    confirm: (approvalId: string, confirmation: Confirmation) => update(approvalId, 'confirm', confirmation, confirmation.nonce, null),
  };
}

function refusalIn(error: unknown): Decided | null {
  if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure)) return null;
  const { type, message } = error.cause;
  return type && REFUSALS.includes(type) ? { ok: false, code: type as Refusal['code'], message } : null;
}

const over = (status: ApprovalView['status'] | null): Decided => ({ ok: false, code: 'APPROVAL_CLOSED', message: status ? `This question is already ${status === 'open' ? 'over' : status}.` : 'There is no such question, or it was cleared away.' });
