import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { ApprovalProof } from '../activities/actions';
import { fail } from '../activities/boundary';
import type { ApprovalResult } from '../playbook/model/approval';

/** Reads an approval's outcome from its own workflow: what a caller claims counts for nothing. */
export function approvalProof(client: Client): ApprovalProof {
  return {
    async outcomeOf(approval) {
      const handle = client.workflow.getHandle(approval);
      try {
        const { type, status } = await handle.describe();
        if (type !== 'approval') return null;
        if (status.name === 'RUNNING') return handle.query<{ status: ApprovalResult['outcome'] | 'open'; digest: string }>('state').then(({ status: outcome, digest }) => ({ outcome, digest }));
        if (status.name !== 'COMPLETED') return null;
        const { outcome, digest } = (await handle.result()) as ApprovalResult;
        return { outcome, digest };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null;
        throw error;
      }
    },
  };
}

/** For the checkout: throws NOT_APPROVED unless this approval said yes to this digest. */
export function confirmApproval(proof: ApprovalProof) {
  return async ({ approval, digest }: { approval: string; digest: string }): Promise<void> => {
    const found = await proof.outcomeOf(approval);
    if (!found || found.outcome !== 'approved' || found.digest !== digest) throw fail('NOT_APPROVED', `${approval} did not approve this plan${found ? ` (${found.outcome})` : ''}`);
  };
}
