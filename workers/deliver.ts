import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy, type Client } from '@temporalio/client';
import type { Alert } from '../playbook/model/alert';
import type { Principal } from '../playbook/model/principal';
import { queues } from '../playbook/queues';
import type { incident } from '../workflows';
import { alertsSignal, type AlertsSignal } from '../workflows/messages';

/** Few enough that a signal stays far below Temporal's 2 MB payload limit. */
const MOST_PER_SIGNAL = 200;

interface Waiting {
  principal: Principal;
  alert: Alert;
  done(): void;
  failed(error: unknown): void;
}

/**
 * Starts or joins the incident. While one signal to an incident is under way its further alerts gather and go with the next:
 * a storm on one principal costs few events and never meets the limit of 10,000 signals. Each promise resolves only when Temporal has its alert.
 */
export function createDelivery(client: Client): (id: string, principal: Principal, alert: Alert) => Promise<void> {
  const queued = new Map<string, Waiting[]>();
  const busy = new Set<string>();

  const send = async (id: string): Promise<void> => {
    busy.add(id);
    for (let batch = take(queued, id); batch.length > 0; batch = take(queued, id)) {
      try {
        await signal(client, id, batch);
        for (const one of batch) one.done();
      } catch (error) {
        for (const one of batch) one.failed(error);
      }
    }
    busy.delete(id);
  };

  return (id, principal, alert) =>
    new Promise<void>((done, failed) => {
      const waiting = queued.get(id) ?? [];
      waiting.push({ principal, alert, done, failed });
      queued.set(id, waiting);
      if (!busy.has(id)) void send(id);
    });
}

function take(queued: Map<string, Waiting[]>, id: string): Waiting[] {
  const batch = queued.get(id)?.splice(0, MOST_PER_SIGNAL) ?? [];
  if (queued.get(id)?.length === 0) queued.delete(id);
  return batch;
}

async function signal(client: Client, id: string, batch: readonly Waiting[]): Promise<void> {
  const { principal } = batch[0]!;
  await client.workflow.signalWithStart<typeof incident, [AlertsSignal]>('incident', {
    taskQueue: queues.workflows,
    workflowId: id,
    // A closed incident's principal may be attacked again: that is a new episode of the same id.
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    args: [{ incident: id, principal }],
    signal: alertsSignal,
    signalArgs: [{ principal, alerts: batch.map((one) => one.alert) }],
    staticSummary: `${principal.kind} ${principal.name} (${principal.provider} ${principal.account})`.slice(0, 200),
  });
}
