import type { Metrics } from '../metrics';
import type { Handling, IntakeLog, Pipeline } from '../pipeline';
import { backOffSeconds, countHandling, pause, settled } from './settle';

/** A message that a queue lent out. */
export interface Lent {
  id: string;
  body: Uint8Array;
  /** How often it was lent before and now. */
  received: number;
  /** What gives it back or takes it away. */
  handle: string;
}

/** What is needed of a queue (SQS); every call rejects when the queue does not answer. */
export interface Queue {
  receive(signal: AbortSignal): Promise<Lent[]>;
  /** The message stays ours that much longer; 0 gives it back now. */
  keepFor(message: Lent, seconds: number): Promise<void>;
  remove(message: Lent): Promise<void>;
  /** Messages in the dead-letter queue; null when none is configured. */
  deadLetters(): Promise<number | null>;
}

export interface PullOptions {
  /** From the configuration: shown in logs and metrics. */
  id: string;
  transport: 'sqs' | 's3';
  queue: Queue;
  /** Each body that a message brings (one; several for a notice of several files). */
  handle(body: Uint8Array): Promise<Handling[]>;
  visibilitySeconds: number;
  log: IntakeLog;
  metrics: Metrics;
  notice: Pipeline['notice'];
  /** Milliseconds between two looks at the dead-letter queue. */
  lookEveryMs?: number;
}

export interface Pulling {
  stop(): Promise<void>;
  ended: Promise<void>;
}

/** Pulls until stopped. A message is removed only when Temporal has what it brings; otherwise it is given back, and after the queue’s own number of tries it is a dead letter: counted, and told. */
export function pull(options: PullOptions): Pulling {
  const stopping = new AbortController();
  const look = { at: 0, seen: 0 };
  const ended = (async () => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      try {
        await lookAtDeadLetters(options, look);
        const lent = await options.queue.receive(stopping.signal);
        await Promise.all(lent.map((message) => settleOne(options, message)));
        failures = 0;
      } catch (error) {
        if (stopping.signal.aborted) break;
        failures += 1;
        options.log.error({ queue: options.id, error: (error as Error).name, failures }, 'the queue does not answer');
        await pause(backOffSeconds(failures) * 1000, stopping.signal);
      }
    }
  })();
  return {
    ended,
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

/** One message, whole: lent for as long as it is being handled, then removed or given back. */
export async function settleOne({ id, transport, queue, handle, visibilitySeconds, log, metrics }: PullOptions, message: Lent): Promise<void> {
  const keeping = setInterval(() => void queue.keepFor(message, visibilitySeconds).catch(() => log.warn({ queue: id, message: message.id }, 'the message could not be kept longer: it may come twice')), (visibilitySeconds * 1000) / 3);
  let done = false;
  try {
    const handlings = await handle(message.body);
    for (const one of handlings) countHandling(metrics, transport, one);
    done = handlings.every(settled);
  } catch (error) {
    metrics.count(transport, 'failed');
    log.error({ queue: id, message: message.id, error: (error as Error).name }, 'a message could not be handled: it is given back');
  } finally {
    clearInterval(keeping);
  }
  // When removing fails the message comes again: the same alerts, which change nothing.
  await (done ? queue.remove(message) : queue.keepFor(message, backOffSeconds(message.received))).catch((error: unknown) => log.warn({ queue: id, message: message.id, error: (error as Error).name }, done ? 'a handled message could not be removed: it will come again' : 'a message could not be given back: it comes when its time is over'));
}

async function lookAtDeadLetters({ id, queue, metrics, notice, log, lookEveryMs = 60_000 }: PullOptions, look: { at: number; seen: number }): Promise<void> {
  if (Date.now() - look.at < lookEveryMs) return;
  look.at = Date.now();
  const waiting = await queue.deadLetters();
  if (waiting === null) return;
  metrics.deadLetters(id, waiting);
  if (waiting > look.seen) {
    log.error({ queue: id, waiting }, 'messages gave up and lie in the dead-letter queue');
    await notice({ key: `dead-letters/${id}/${waiting}/${new Date(look.at).toISOString().slice(0, 10)}`, level: 'warn', title: `${waiting} messages of the queue ${id} gave up: alerts that no incident has seen`, lines: ['They wait in the dead-letter queue. Find out why, then redrive them: a repeat changes nothing.'] }).catch(() => log.error({ queue: id }, 'the notice about dead letters could not be sent'));
  }
  look.seen = waiting;
}
