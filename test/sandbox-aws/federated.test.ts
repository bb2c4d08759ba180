import { buildWorld, enterFederated, federate, isAssigned, startAws, stateOf, type Aws, type AwsWorld } from '../../sandbox/aws';

let aws: Aws;
let world: AwsWorld;
beforeAll(async () => {
  aws = await startAws({ say: () => undefined, lagMs: 500 });
  world = await buildWorld(aws, { responderPolicy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'ec2:Describe*', Resource: '*' }] } });
}, 120_000);
afterAll(() => aws?.stop());

test('whoever has the person’s sign-in goes on into AWS, and leaves a user there', async () => {
  const person = await federate(aws, world, 'eve.marsh');
  expect(await isAssigned(aws, world, person)).toBe(true);
  const attack = await enterFederated(aws, world, person);
  expect(await Promise.all(attack.live.map((one) => stateOf(aws.endpoint, one)))).toEqual(['alive', 'alive']);
  expect(attack.events.map((one) => one.detail.eventName)).toEqual(expect.arrayContaining(['CreateUser', 'CreateAccessKey', 'AuthorizeSecurityGroupIngress']));
  expect(JSON.stringify(attack.events[0]!.detail.userIdentity)).toMatch(/AWSReservedSSO_Platform_[0-9a-f]+\/eve\.marsh/);
}, 60_000);
