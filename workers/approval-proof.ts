import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { ApprovalProof } from '../activities/actions';
import { fail } from '../activities/boundary';
import type { ApprovalResult } from '../playbook/model/approval';
import type { CheckFactors } from './second-factor';

/** Reads an approval's outcome from its own workflow: what a caller claims counts for nothing. */
export function approvalProof(client: Client): ApprovalProof & { resultOf(approval: string): Promise<ApprovalResult | null> } {
  return {
    async resultOf(approval) {
      const handle = client.workflow.getHandle(approval);
      const { type, status } = await handle.describe().catch((error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return { type: null, status: null };
        throw error;
      });
      if (type !== 'approval') return null;
      // Its last messages may still be under way when the answer is there.
      if (status.name === 'RUNNING') return handle.query<ApprovalResult | null>('result');
      return status.name === 'COMPLETED' ? ((await handle.result()) as ApprovalResult) : null;
    },
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

/** For the checkout: throws NOT_APPROVED unless this approval said yes to this digest, with the second factors that are asked for. */
export function confirmApproval(proof: ReturnType<typeof approvalProof>, factors: CheckFactors | null) {
  return async ({ approval, digest }: { approval: string; digest: string }): Promise<void> => {
    const found = await proof.resultOf(approval);
    if (!found || found.outcome !== 'approved' || found.digest !== digest) throw fail('NOT_APPROVED', `${approval} did not approve this plan${found ? ` (${found.outcome})` : ''}`);
    // An id inside the result would be what the signatures are checked against: it must be the one that was asked.
    await factors?.({ ...found, id: approval });
  };
}
