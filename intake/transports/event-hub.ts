import type { Metrics } from '../metrics';
import type { Handling, IntakeLog } from '../pipeline';
import { backOffSeconds, countHandling, pause, settled } from './settle';

/** As `@azure/event-hubs` gives them, with bodies left as bytes. */
export interface HubEvent {
  body: unknown;
  sequenceNumber: number;
}

export interface HubPartition<E extends HubEvent = HubEvent> {
  partitionId: string;
  updateCheckpoint(event: E): Promise<void>;
}

export interface HubOptions {
  id: string;
  handle(body: Uint8Array): Promise<Handling>;
  log: IntakeLog;
  metrics: Metrics;
  signal: AbortSignal;
  /** How long to wait before trying again, ms; the default grows from 1 s to 5 minutes. */
  waitMs?: (attempt: number) => number;
}

/**
 * The handlers of one hub’s partitions. The client library does not give a batch again that failed, so each event is tried here until Temporal has it; its partition waits meanwhile, in order.
 * The checkpoint follows only what is done: after a crash, what came after it comes again and changes nothing. Source: Event Hubs, balance partition load; checkpointing.
 */
export function hubHandlers<E extends HubEvent>({ id, handle, log, metrics, signal, waitMs = (attempt) => backOffSeconds(attempt) * 1000 }: HubOptions) {
  return {
    async processEvents(events: readonly E[], partition: HubPartition<E>): Promise<void> {
      let last: E | null = null;
      for (const event of events) {
        if (!(await untilSettled(event, partition.partitionId))) break;
        last = event;
      }
      if (last !== null) await partition.updateCheckpoint(last);
    },
    processError(error: Error, partition: { partitionId: string }): Promise<void> {
      log.error({ hub: id, partition: partition.partitionId, error: error.name }, 'the event hub does not answer: the client tries again');
      return Promise.resolve();
    },
  };

  /** False when it was told to stop before the event was done. */
  async function untilSettled(event: E, partition: string): Promise<boolean> {
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        const handling = await handle(bytesOf(event.body));
        countHandling(metrics, 'event-hub', handling);
        if (settled(handling)) return true;
      } catch (error) {
        metrics.count('event-hub', 'failed');
        log.error({ hub: id, partition, error: (error as Error).name }, 'an event could not be handled');
      }
      if (attempt === 3) log.error({ hub: id, partition, sequence: event.sequenceNumber }, 'an event still cannot be delivered: its partition waits');
      await pause(waitMs(attempt), signal);
    }
    return false;
  }
}

/** AMQP data sections are bytes; a producer may have sent text or a value. */
function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : (JSON.stringify(body) ?? ''), 'utf8');
}
