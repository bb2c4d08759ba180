import { StopLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { CreateUserCommand } from '@aws-sdk/client-iam';
import { createAwsAccess } from '../../activities/aws/clients';
import { backstopPermissions, lookAtWatchers, readWindow } from '../../activities/aws/backstop';
import { defaultNames } from '../../activities/aws/config';
import type { BackstopActivities } from '../../activities/contract';
import { blindedBetween } from '../../playbook/blindness';
import type { Alert } from '../../playbook/model/alert';
import { buildWorld, clientsFor, startAws, type Aws, type AwsWorld } from '../../sandbox/aws';
import { createBackstopActivities } from '../../workers/backstop';

jest.setTimeout(180_000);

let aws: Aws;
let world: AwsWorld;
let access: ReturnType<typeof createAwsAccess>;
const delivered = new Map<string, Alert[]>();
let sweep: BackstopActivities['sweep'];

beforeAll(async () => {
  aws = await startAws({ say: () => undefined });
  // The responder may do what the backstop declares and nothing else.
  world = await buildWorld(aws, { responderPolicy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: [...backstopPermissions], Resource: '*' }] } });
  const { production, responder } = world;
  access = createAwsAccess({
    accounts: [{ id: production.account, name: 'production', roleArn: responder.roleArns[production.account]!, externalId: responder.externalId, regions: world.regions, management: false }],
    endpoint: aws.endpoint, globalRegion: 'us-east-1', protected: [], names: defaultNames, billing: { monthlyBudgetUsd: 100, email: 'x@example.com' }, trailBucket: null,
  }, { accessKeyId: responder.base.accessKeyId, secretAccessKey: responder.base.secretAccessKey });
  const ports = {
    access, keep: () => Promise.resolve({ key: 'raw/1', sha256: '0'.repeat(64), bytes: 1 }),
    deliver: (incident: string, _principal: unknown, alert: Alert) => Promise.resolve(void delivered.set(incident, [...(delivered.get(incident) ?? []), alert])),
  };
  sweep = createBackstopActivities(ports)['backstop.sweep'] as BackstopActivities['sweep'];
});
afterAll(() => aws?.stop());

test('what an attacker does after stopping the trail is still found, once, and the trail and its stopping too', async () => {
  const { production } = world;
  const from = new Date(Date.now() - 2_000).toISOString();
  const before: Record<string, Awaited<ReturnType<typeof lookAtWatchers>>> = {};
  const regions = [...new Set(['us-east-1', ...world.regions])];
  for (const region of regions) before[region] = await lookAtWatchers(access, { account: production.account, region });
  const [home, arn] = regions.flatMap((region) => Object.entries(before[region]!.trails).filter(([, on]) => on).map(([trail]) => [region, trail] as const))[0]!;
  const owner = clientsFor(aws.endpoint, aws.rootKeys(production.account), { sourceIp: '203.0.113.20' });
  const other = clientsFor(aws.endpoint, aws.rootKeys(production.account), { sourceIp: '203.0.113.20', region: home });
  await other.cloudtrail.send(new StopLoggingCommand({ Name: arn }));
  await owner.iam.send(new CreateUserCommand({ UserName: 'behind-your-back' }));

  const now = await lookAtWatchers(access, { account: production.account, region: home });
  expect(blindedBetween(before[home]!, now, { account: production.account, region: home })).toMatchObject([{ kind: 'trail-not-logging', id: arn }]);

  const window = { account: production.account, from, to: new Date(Date.now() + 5_000).toISOString() };
  const first = (await Promise.all(regions.map((region) => sweep({ ...window, region, known: [] })))).flatMap(({ alerts }) => alerts);
  const names = [...delivered.values()].flat().map(({ event }) => event);
  expect(names).toEqual(expect.arrayContaining(['StopLogging', 'CreateUser']));
  const count = names.length;
  for (const region of regions) await sweep({ ...window, region, known: first });
  expect([...delivered.values()].flat()).toHaveLength(count);
});

test('pages are followed, and what is left unread is said', async () => {
  const iam = clientsFor(aws.endpoint, aws.rootKeys(world.production.account), { sourceIp: '203.0.113.20' }).iam;
  const from = new Date(Date.now() - 1_000).toISOString();
  for (let index = 0; index < 60; index += 1) await iam.send(new CreateUserCommand({ UserName: `many-${index}` }));
  const window = { account: world.production.account, region: 'us-east-1', from, to: new Date(Date.now() + 5_000).toISOString() };
  const whole = await readWindow(access, window);
  expect(whole.unreadBefore).toBeNull();
  expect(whole.records.length).toBeGreaterThanOrEqual(60);
  const part = await readWindow(access, window, { pages: 1 });
  expect([part.records.length, typeof part.unreadBefore]).toEqual([50, 'string']);
});
