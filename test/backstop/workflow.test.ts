import { Worker } from '@temporalio/worker';
import type { BackstopActivities } from '../../activities/contract';
import type { Watchers } from '../../playbook/blindness';
import type { Alert } from '../../playbook/model/alert';
import { queues } from '../../playbook/queues';
import type { backstop } from '../../workflows';
import { backstopQuery, heardSignal, placesSignal } from '../../workflows/messages';
import { closeStage, openStage, testConverter, until, workflowBundle, type Stage } from '../workflows/harness';

let stage: Stage;
beforeEach(async () => void (stage = await openStage()), 60_000);
afterEach(() => closeStage(stage));

const MINUTE = 60_000;
const place = { account: '210987654321', region: 'eu-central-1' };
type Sweep = Parameters<BackstopActivities['sweep']>[0];

/** An account whose watchers and history the test changes while the workflow's clock runs. */
class Account {
  watchers: Watchers = { trails: { t: true }, detectors: { d: true }, failed: [] };
  broken = false;
  unread: string[] = [];
  readonly sweeps: Sweep[] = [];
  readonly raised: Alert[] = [];

  activities() {
    return {
      'backstop.watchers': () => Promise.resolve(this.watchers),
      'backstop.sweep': (input: Sweep) => {
        if (this.broken) return Promise.reject(new Error('down'));
        this.sweeps.push(input);
        return Promise.resolve({ read: 1, alerts: [`alr-${this.sweeps.length}`], unreadBefore: this.unread.shift() ?? null });
      },
      'backstop.raise': (alerts: Alert[]) => Promise.resolve(void this.raised.push(...alerts)),
    };
  }
}

async function onStage(account: Account, play: (handle: Awaited<ReturnType<typeof start>>) => Promise<void>): Promise<void> {
  const base = { connection: stage.env.nativeConnection, dataConverter: testConverter };
  const workers = await Promise.all([
    Worker.create({ ...base, taskQueue: queues.workflows, workflowBundle: await workflowBundle() }),
    Worker.create({ ...base, taskQueue: queues.cloud('aws'), activities: account.activities() }),
  ]);
  const running = workers.map((worker) => worker.run());
  const handle = await start();
  try {
    await play(handle);
  } finally {
    await handle.terminate().catch(() => undefined);
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
  }
}

const start = () => stage.client.workflow.start<typeof backstop>('backstop', { taskQueue: queues.workflows, workflowId: 'backstop', args: [{ places: [place], everyMs: 5 * MINUTE }] });

test('a trail that stops and a detector that goes are raised once each; the cursor moves with an overlap, and what was delivered is not delivered again', async () => {
  const account = new Account();
  await onStage(account, async () => {
    await until(() => account.sweeps.length === 1, 'the first look');
    account.watchers = { trails: { t: false }, detectors: {}, failed: [] };
    await stage.env.sleep(6 * MINUTE);
    await until(() => account.raised.length === 2, 'raised');
    await stage.env.sleep(30 * MINUTE);
    await until(() => account.sweeps.length >= 5, 'it goes on');
    expect(account.raised.map(({ event }) => event)).toEqual(['TrailNotLogging', 'DetectorGone']);
    const [first, second] = account.sweeps;
    expect(Date.parse(second!.from)).toBe(Date.parse(first!.to) - 15 * MINUTE);
    expect(second!.known).toEqual(['alr-1']);
  });
}, 90_000);

test('more than one call reads is read by the next, and the cursor moves only then', async () => {
  const account = new Account();
  await onStage(account, async (handle) => {
    await until(() => account.sweeps.length === 1, 'the first look');
    account.unread = [new Date((await stage.env.currentTimeMs()) + 1 * MINUTE).toISOString()];
    await stage.env.sleep(6 * MINUTE);
    await until(() => account.sweeps.length >= 3, 'twice');
    const [, second, third] = account.sweeps;
    expect([third!.from, third!.to < second!.to]).toEqual([second!.from, true]);
    expect((await handle.query(backstopQuery)).cursors['210987654321/eu-central-1']).toBe(second!.to);
  });
}, 90_000);

test('a history that cannot be read three times in a row is raised, and the cursor stays', async () => {
  const account = new Account();
  account.broken = true;
  await onStage(account, async (handle) => {
    await stage.env.sleep(60 * MINUTE);
    await until(() => account.raised.length > 0, 'raised');
    expect(account.raised.map(({ event }) => event)).toEqual(['BackstopFailing']);
    expect((await handle.query(backstopQuery)).cursors).toEqual({});
  });
}, 90_000);

test('a sender that falls silent beyond its rhythm is raised once, over continue-as-new; new places are taken over', async () => {
  const account = new Account();
  await onStage(account, async () => {
    const current = stage.client.workflow.getHandle<typeof backstop>('backstop');
    await until(() => account.sweeps.length === 1, 'the first look');
    const began = await stage.env.currentTimeMs();
    for (let index = 0; index < 15; index += 1) await current.signal(heardSignal, { source: 'guardduty', account: '210987654321', at: new Date(began + index * 5 * MINUTE).toISOString() });
    await current.signal(placesSignal, { places: [place, { ...place, region: 'us-east-1' }], everyMs: 5 * MINUTE });
    await stage.env.sleep(12 * 60 * MINUTE);
    await until(() => account.raised.length > 0, 'raised', 40_000);
    // More than the turns of one run.
    await until(() => account.sweeps.length > 220, 'it went on for long', 60_000);
    expect(account.raised.map(({ event, target }) => [event, target?.id])).toEqual([['SourceSilent', 'guardduty']]);
    expect(account.sweeps.some(({ region }) => region === 'us-east-1')).toBe(true);
  });
}, 120_000);
