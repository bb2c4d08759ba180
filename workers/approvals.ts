import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import type { ApprovalPort, Decided } from '../approvals/ports';
import { approvalStateQuery, decideUpdate } from '../workflows/approval-messages';

type RefusalCode = Extract<Decided, { ok: false }>['code'];

/** The way from an edge to the approval's workflow. The update id is the vote id: the same click twice is one vote. */
export function approvalPort(client: Client): ApprovalPort {
  return {
    async decide(approvalId, vote) {
      try {
        const state = await client.workflow.getHandle(approvalId).executeUpdate(decideUpdate, { updateId: vote.voteId, args: [vote] });
        return { ok: true, state };
      } catch (error) {
        const closed = error instanceof WorkflowNotFoundError;
        const cause = error instanceof WorkflowUpdateFailedError ? (error.cause as { type?: string; message?: string } | undefined) : undefined;
        if (closed) return { ok: false, code: 'APPROVAL_CLOSED', message: 'This question is already closed.' };
        if (cause?.type) return { ok: false, code: cause.type as RefusalCode, message: cause.message ?? 'refused' };
        throw error;
      }
    },
    async stateOf(approvalId) {
      try {
        return await client.workflow.getHandle(approvalId).query(approvalStateQuery);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null;
        throw error;
      }
    },
  };
}
