import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure, type UpdateDefinition } from '@temporalio/common';
import type { ClaimPort } from '../approvals/passkey';
import { claimUpdate, giveBackUpdate, openedUpdate, personalQuery, sealedQuery, type PersonalView } from '../workflows/break-glass-person/messages';

/** The workflow of one person's request, for the console's page. */
export function claimPort(client: Client): ClaimPort {
  const unlessGone = async <T>(work: Promise<T>): Promise<T | null> =>
    work.catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    });
  const update = async <I>(id: string, definition: UpdateDefinition<PersonalView, [I]>, input: I, updateId: string): Promise<{ refused: string | null }> => {
    try {
      await client.workflow.getHandle(id).executeUpdate(definition, { args: [input], updateId });
      return { refused: null };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { refused: 'This request is over.' };
      if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) return { refused: error.cause.message };
      throw error;
    }
  };
  return {
    stateOf: (id) => unlessGone(client.workflow.getHandle(id).query(personalQuery)),
    sealed: (id) => unlessGone(client.workflow.getHandle(id).query(sealedQuery)),
    claim: (id, claim) => update(id, claimUpdate, claim, claim.nonce),
    opened: (id, by) => update(id, openedUpdate, { by }, `opened-${by}`),
    giveBack: (id, by) => update(id, giveBackUpdate, { by, via: 'console' }, `give-back-${by}`),
  };
}
