import { Worker } from '@temporalio/worker';
import { processBody, type Pipeline } from '../../intake/pipeline';
import { JSON_LIMITS } from '../../intake/json';
import { cloudtrail } from '../../intake/cloudtrail';
import { incidentIdOf } from '../../playbook/model/principal';
import { queues } from '../../playbook/queues';
import { createBackstopActivities, startBackstop } from '../../workers/backstop';
import type { Config } from '../../workers/config/schema';
import { createDelivery } from '../../workers/deliver';
import { account, fakeAccess, lookUpIn, principal, recordJson } from '../aws-investigate/support';
import { closeStage, openStage, status, testConverter, until, workflowBundle, type Stage } from '../workflows/harness';
import { unhurried } from '../workflows/unhurried';
import { World, type FakeStep } from '../workflows/world';
import type { JsonObject } from '../../playbook/json';

const deny: FakeStep = { action: 'x.deny-user', row: '2.1.1' };
const kept = () => Promise.resolve({ key: 'raw/1', sha256: '0'.repeat(64), bytes: 1 });

let stage: Stage;
beforeAll(async () => void (stage = await openStage()), 60_000);
afterAll(() => closeStage(stage));

test('an event that no sender brings opens its incident by the backstop; one that a sender brought too is joined once', async () => {
  const at = new Date(await stage.env.currentTimeMs()).toISOString();
  const made = (name: string): JsonObject => recordJson('CreateUser', { at, requestParameters: { userName: name }, responseElements: { user: { userName: name } } });
  const [both, hidden] = [made('seen-by-both'), recordJson('StopLogging', { at, eventSource: 'cloudtrail.amazonaws.com', requestParameters: { name: 'trail' } })];
  // LookupEvents by ReadOnly is what the backstop asks; the others find nothing here.
  const access = fakeAccess((call) => {
    if (call.command === 'DescribeTrails') return { trailList: [] };
    if (call.command === 'ListDetectors') return { DetectorIds: [] };
    const [{ AttributeKey }] = call.input.LookupAttributes as [{ AttributeKey: string }];
    return AttributeKey === 'ReadOnly' && call.region === 'us-east-1' ? { Events: [both, hidden].map((record) => ({ CloudTrailEvent: JSON.stringify(record) })) } : lookUpIn([], call.input, call.region);
  });
  const deliver = createDelivery(stage.client);
  const world = new World('aws');
  world.plans = { containment: [deny] };
  const base = { connection: stage.env.nativeConnection, dataConverter: testConverter, ...unhurried };
  const workers = await Promise.all([
    Worker.create({ ...base, taskQueue: queues.workflows, workflowBundle: await workflowBundle() }),
    Worker.create({ ...base, taskQueue: queues.case, activities: world.caseActivities() }),
    Worker.create({ ...base, taskQueue: queues.cloud('aws'), activities: { ...world.providerActivities(), ...createBackstopActivities({ access, keep: kept, deliver }) } as never }),
  ]);
  const running = workers.map((worker) => worker.run());
  try {
    const pipeline: Pipeline = { keep: kept, deliver, notice: () => Promise.resolve(), log: { info() {}, warn() {}, error() {} }, now: () => at, json: JSON_LIMITS, deliverMs: 20_000 };
    const sent = await processBody(pipeline, cloudtrail, { id: 'eventbridge', sources: ['*'] } as never, new TextEncoder().encode(JSON.stringify(both)));
    expect(sent).toMatchObject({ kind: 'handled', results: [{ status: 'accepted', incident: incidentIdOf(principal) }] });
    await startBackstop(stage.client, { aws: { globalRegion: 'us-east-1', accounts: [{ id: account, regions: ['us-east-1'] }], backstop: { every: 300_000 } } } as unknown as Config);
    const handle = stage.client.workflow.getHandle(incidentIdOf(principal));
    const now = await until(async () => { const seen = await status(handle as never).catch(() => null); return seen && seen.joined >= 2 && seen.times.contained ? seen : null; }, 'the hidden event joined', 60_000);
    expect(now.joined).toBe(2);
    expect(now.alerts).toBe(2);
    expect(world.calls.filter((call) => call === 'openIncident')).toHaveLength(1);
    await handle.terminate();
  } finally {
    await stage.client.workflow.getHandle('backstop').terminate().catch(() => undefined);
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
  }
}, 120_000);
