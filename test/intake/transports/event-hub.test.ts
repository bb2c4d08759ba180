import { processBody } from '../../../intake/pipeline';
import { SOURCES } from '../../../intake/sources';
import { anyOf } from '../../../intake/transports/any-of';
import { hubHandlers, type HubEvent } from '../../../intake/transports/event-hub';
import { bytesOf, example, intake, loud, until } from './harness';

/** One partition as Event Hubs keeps it: a log that is read from the checkpoint on, however often. */
function partition(bodies: unknown[]) {
  const events: HubEvent[] = bodies.map((body, index) => ({ body: body instanceof Uint8Array || typeof body === 'string' ? body : bytesOf(body), sequenceNumber: index }));
  let checkpoint = -1;
  let storeDown = false;
  return {
    checkpoint: () => checkpoint,
    storeDown: (down: boolean) => void (storeDown = down),
    from: () => events.filter(({ sequenceNumber }) => sequenceNumber > checkpoint),
    context: { partitionId: '0', updateCheckpoint: (event: HubEvent) => (storeDown ? Promise.reject(new Error('no store')) : Promise.resolve(void (checkpoint = event.sequenceNumber))) },
  };
}

function hub(made = intake()) {
  const stopping = new AbortController();
  const source = anyOf('event-hub', SOURCES);
  const handlers = hubHandlers({ id: 'tenant-logs', handle: (body) => processBody(made.receiving.pipeline, source, { id: 'tenant-logs', key: '', sources: [] }, body), log: made.receiving.pipeline.log, metrics: made.metrics, signal: stopping.signal, waitMs: () => 1 });
  return { ...made, handlers, stop: () => stopping.abort() };
}

test('what diagnostic settings send, mixed in one event, is read record by record; the checkpoint follows', async () => {
  const { handlers, alerts } = hub();
  const mixed = { records: [...(example('azure-activity-record') as { records: unknown[] }).records, example('entra-audit-directory'), example('entra-signin-risky'), example('identity-protection-risky-user')] };
  const log = partition([mixed]);
  await handlers.processEvents(log.from(), log.context);
  expect(alerts().map(({ source }) => source).sort()).toEqual(['azure-activity', 'entra-audit', 'entra-signin', 'identity-protection']);
  expect(log.checkpoint()).toBe(0);
});

test('what nobody understands is kept and told, and does not stop the partition', async () => {
  const { handlers, alerts, notices, kept, metrics } = hub();
  const log = partition(['{"a":', { records: [{ nonsense: true }, example('entra-signin-risky')] }, { value: 7 }, loud(1)]);
  await handlers.processEvents(log.from(), log.context);
  expect(log.checkpoint()).toBe(3);
  expect([alerts().length, kept.size]).toEqual([2, 4]);
  expect(notices.flatMap(({ lines }) => lines).join()).toContain('records[0]');
  expect(metrics.get('event-hub', 'rejected')).toBe(3);
});

describe('exactly once in effect', () => {
  test('Temporal away: the event waits in its order, no checkpoint passes it, and nothing is lost', async () => {
    const { handlers, alerts, broken } = hub();
    const log = partition([loud(1), loud(2), loud(3)]);
    broken.push('lost', 'unanswered', 'lost');
    await handlers.processEvents(log.from(), log.context);
    expect(alerts()).toHaveLength(3);
    expect(log.checkpoint()).toBe(2);
  });
  test('stopped while Temporal is away: the checkpoint is where it was, and the rest comes again', async () => {
    const first = hub();
    const log = partition([loud(1), loud(2), loud(3)]);
    first.broken.push(...Array.from({ length: 100_000 }, (_, index) => (index === 0 ? 'unanswered' : 'lost') as 'lost'));
    const running = first.handlers.processEvents(log.from(), log.context);
    await until(() => first.logged.some((line) => line.includes('its partition waits')));
    first.stop();
    await running;
    expect(log.checkpoint()).toBe(-1);
    first.broken.length = 0;
    const second = hub(first);
    await second.handlers.processEvents(log.from(), log.context);
    expect(first.alerts()).toHaveLength(3);
    expect(log.checkpoint()).toBe(2);
  });
  test('a crash between accept and checkpoint: all of it again, one alert each', async () => {
    const { handlers, alerts } = hub();
    const log = partition([loud(1), loud(2)]);
    log.storeDown(true);
    await expect(handlers.processEvents(log.from(), log.context)).rejects.toThrow('no store');
    log.storeDown(false);
    await handlers.processEvents([...log.from()].reverse(), log.context);
    await handlers.processEvents(log.from(), log.context);
    expect(alerts()).toHaveLength(2);
  });
});
