import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { awsPermissions } from '../../activities/aws';
import { createAwsAccess } from '../../activities/aws/clients';
import { defaultNames, type AwsConfig } from '../../activities/aws/config';
import { clientsFor } from '../../sandbox/aws/clients';
import { startAws } from '../../sandbox/aws/start';
import { buildWorld, type AwsWorld } from '../../sandbox/aws/world';
import { examineAccounts } from '../../workers/doctor/aws';

jest.setTimeout(120_000);

let aws: Awaited<ReturnType<typeof startAws>>;
let world: AwsWorld;
let config: AwsConfig;

beforeAll(async () => {
  aws = await startAws();
  world = await buildWorld(aws, { responderPolicy: awsPermissions({ protected: ['tourniquet-break-glass'] }), regions: ['us-east-1'] });
  const { account, name } = world.production;
  config = {
    accounts: [{ id: account, name, roleArn: world.responder.roleArns[account]!, externalId: world.responder.externalId, regions: ['us-east-1'], management: false }],
    endpoint: aws.endpoint, globalRegion: 'us-east-1', protected: [], names: defaultNames, billing: { monthlyBudgetUsd: 1, email: 'a@example.com' }, trailBucket: null,
  };
});
afterAll(() => aws.stop());

const texts = async (from: AwsConfig): Promise<string[]> => (await examineAccounts(createAwsAccess(from, world.responder.base))).flat().map(({ ok, text }) => `${ok ? 'ok' : 'bad'} ${text}`);

test('the generated policy, limited to its resources, is found to be enough', async () => {
  const [role, permissions] = await texts(config);
  expect(role).toMatch(/^ok arn:aws:sts::/);
  expect(permissions).toMatch(/^ok \d+ allowed$/);
});

test('what the role lacks is named, and how to give it', async () => {
  const home = clientsFor(aws.endpoint, aws.rootKeys(world.production.account));
  const lacking = awsPermissions();
  for (const statement of lacking.Statement) statement.Action = statement.Action.filter((action) => !['iam:PutUserPolicy', 'cloudtrail:StartLogging'].includes(action));
  await home.iam.send(new PutRolePolicyCommand({ RoleName: world.responder.roleName, PolicyName: 'TourniquetResponder', PolicyDocument: JSON.stringify(lacking) }));
  expect((await texts(config))[1]).toMatch(/^bad the responder role may not: cloudtrail:StartLogging, iam:PutUserPolicy \(attach/);
  home.close();
});

test('a role that cannot be assumed is one line, and nothing else is asked', async () => {
  const wrong = { ...config, accounts: [{ ...config.accounts[0]!, externalId: 'somebody-else' }] };
  expect(await texts(wrong)).toEqual([expect.stringMatching(/^bad .*not authorized to perform: sts:AssumeRole/)]);
});
