import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy, type Client } from '@temporalio/client';
import type { Alert } from '../playbook/model/alert';
import type { Principal } from '../playbook/model/principal';
import { queues } from '../playbook/queues';
import type { incident } from '../workflows';
import { alertsSignal, type AlertsSignal } from '../workflows/messages';
import { inBatches } from './batches';

/** Few enough that a signal stays far below Temporal's 2 MB payload limit. */
const MOST_PER_SIGNAL = 200;

interface Arrived {
  principal: Principal;
  alert: Alert;
}

/**
 * Starts or joins the incident. While one signal to an incident is under way its further alerts gather and go with the next:
 * a storm on one principal costs few events and never meets the limit of 10,000 signals. Each promise resolves only when Temporal has its alert.
 */
export function createDelivery(client: Client): (id: string, principal: Principal, alert: Alert) => Promise<void> {
  const send = inBatches<Arrived>(MOST_PER_SIGNAL, (id, batch) => signal(client, id, batch));
  return (id, principal, alert) => send(id, { principal, alert });
}

async function signal(client: Client, id: string, batch: readonly Arrived[]): Promise<void> {
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
