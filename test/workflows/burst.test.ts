import { processBody, type Pipeline } from '../../intake/pipeline';
import { cloudtrail } from '../../intake/cloudtrail';
import { incidentIdOf } from '../../playbook/model/principal';
import { classify } from '../../playbook/triage/classify';
import { burstId, createBursts } from '../../workers/bursts';
import { closeStage, onStage, openStage, until, type Stage } from './harness';
import { principalOf, World } from './world';

const dana = principalOf('aws');
const START = Date.parse('2026-11-20T12:20:00Z');

let stage: Stage;
beforeEach(async () => void (stage = await openStage()), 60_000);
afterEach(() => closeStage(stage));

const read = (index: number) => ({
  eventVersion: '1.11', eventName: 'GetSecretValue', eventSource: 'secretsmanager.amazonaws.com', eventTime: new Date(START + index * 5_000).toISOString(), eventID: `e-${index}`, readOnly: true, awsRegion: 'eu-west-1', recipientAccountId: dana.account,
  sourceIPAddress: '198.51.100.7', userAgent: 'x', requestParameters: { secretId: `s-${index}` }, responseElements: null, eventType: 'AwsApiCall', userIdentity: { type: 'IAMUser', arn: dana.id, userName: dana.name, accountId: dana.account, accessKeyId: 'AKIAEXAMPLE000000001' },
});

function intakeWith(part: Pipeline['part']): { pipeline: Pipeline; post(...records: object[]): Promise<string[]> } {
  const pipeline: Pipeline = {
    keep: async () => ({ key: 'raw', sha256: '', bytes: 1 }), deliver: async () => undefined, notice: async () => undefined, log: { info() {}, warn() {}, error() {} } as never, now: () => new Date(START).toISOString(),
    json: { bytes: 1e6, depth: 64, nodes: 1e5 }, deliverMs: 4_000, part,
  };
  return { pipeline, post: async (...records) => {
    const handling = await processBody(pipeline, cloudtrail, { id: 's', key: 'k'.repeat(32), sources: ['*'] } as never, Buffer.from(JSON.stringify({ Records: records })));
    return handling.kind === 'handled' ? handling.results.map(({ status }) => status) : [handling.kind];
  } };
}

/** A worker that is gone must not be waited for: nothing is cached by it. */
const anew = { maxCachedWorkflows: 0 };

test('secrets read one by one, over deliveries, twice delivered, with every worker and intake restarted between: one alert', async () => {
  const world = new World('aws');
  await onStage(stage, world, async () => {
    const first = intakeWith(createBursts(stage.client));
    expect(await first.post(...[3, 1, 2].map(read))).toEqual(['ignored', 'ignored', 'ignored']);
    for (const index of [0, 4, 5, 3]) await first.post(read(index));
    expect(world.raised).toEqual([]);
  }, anew);
  await onStage(stage, world, async () => {
    const second = intakeWith(createBursts(stage.client));
    for (const index of [5, 6, 7, 8]) await second.post(read(index));
    await stage.client.workflow.getHandle(burstId('secrets-read', dana)).describe();
    expect(world.raised).toEqual([]);
    await second.post(read(9));
    await until(() => world.raised.length > 0, 'the burst is raised');
  }, anew);
  await onStage(stage, world, async () => {
    const third = intakeWith(createBursts(stage.client));
    for (let index = 0; index < 14; index += 1) await third.post(read(index));
    await stage.client.workflow.getHandle(burstId('secrets-read', dana)).result();
  }, anew);
  expect(world.raised).toHaveLength(1);
  expect(classify(world.raised[0]!.alert)).toMatchObject({ status: 'alert', risk: 'high', reasons: [{ text: expect.stringContaining('10 different secrets') }] });
  expect(incidentIdOf(world.raised[0]!.principal)).toBe(incidentIdOf(dana));
}, 120_000);

test('the same few secrets all day cost one signal each in ten minutes, and a storm few', async () => {
  const signals: number[] = [];
  const client = { workflow: { signalWithStart: async (_type: unknown, { signalArgs: [{ pieces }] }: { signalArgs: [{ pieces: unknown[] }] }) => void signals.push(pieces.length) } } as never;
  const { post } = intakeWith(createBursts(client));
  for (let again = 0; again < 50; again += 1) await post(read(1), read(2));
  expect(signals.reduce((sum, one) => sum + one, 0)).toBe(2);
  await post(...Array.from({ length: 1_000 }, (_, index) => read(index)));
  expect(signals.length).toBeLessThanOrEqual(5);
});

test('what Temporal does not have is not acknowledged, and comes again', async () => {
  let away = true;
  const counted: string[] = [];
  const { post } = intakeWith(async (_principal, { id }) => {
    if (away) throw new Error('gone');
    counted.push(id);
  });
  expect(await post(read(1), { ...read(2), eventName: 'ListSecrets', requestParameters: null })).toEqual(['failed', 'ignored']);
  away = false;
  expect(await post(read(1))).toEqual(['ignored']);
  expect(counted).toHaveLength(1);
});
