import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy, type Client } from '@temporalio/client';
import type { Alert } from '../playbook/model/alert';
import { incidentIdOf, type Principal } from '../playbook/model/principal';
import { queues } from '../playbook/queues';
import { pieceOf, WINDOW_MS, type BurstKind, type Piece } from '../playbook/triage/bursts';
import type { burst } from '../workflows';
import { piecesSignal, type PiecesSignal } from '../workflows/messages';
import { inBatches } from './batches';

const MOST_PER_SIGNAL = 1_000;
/** A program that reads the same few secrets all day is told of once in ten minutes. */
const MOST_REMEMBERED = 20_000;

interface Part {
  principal: Principal;
  kind: BurstKind;
  piece: Piece;
  alert: Alert;
}

/** Opaque, like an incident’s: kind and a hash. */
export const burstId = (kind: BurstKind, principal: Principal): string => `bst-${kind}-${incidentIdOf(principal).slice(4)}`;

/** Hands the parts of possible bursts to the workflow that counts for their identity; resolves when Temporal has it, at once for what is no part of any. */
export function createBursts(client: Client): (principal: Principal, alert: Alert) => Promise<void> {
  const told = new Map<string, true>();
  const send = inBatches<Part>(MOST_PER_SIGNAL, async (id, batch) => {
    const { principal, kind, alert } = batch.at(-1)!;
    await client.workflow.signalWithStart<typeof burst, [PiecesSignal]>('burst', {
      taskQueue: queues.workflows, workflowId: id, workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE, workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      args: [{ kind }], signal: piecesSignal, signalArgs: [{ principal, pieces: batch.map(({ piece }) => piece), part: alert }], staticSummary: `Counts ${kind} by ${principal.name}`.slice(0, 200),
    });
  });
  return async (principal, alert) => {
    const found = pieceOf(alert);
    if (!found) return;
    const id = burstId(found.kind, principal);
    const key = `${id}/${found.piece.item}/${Math.floor(found.piece.at / WINDOW_MS)}`;
    if (told.has(key)) return;
    await send(id, { principal, ...found, alert });
    told.set(key, true);
    if (told.size > MOST_REMEMBERED) told.delete(told.keys().next().value!);
  };
}
