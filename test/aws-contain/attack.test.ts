import { AuthorizeSecurityGroupIngressCommand, DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateWebACLCommand } from '@aws-sdk/client-wafv2';
import { GetBucketPolicyCommand } from '@aws-sdk/client-s3';
import { planProposals } from '../../activities/actions';
import { proposeContainment } from '../../activities/aws/contain/propose';
import { classifyAws } from '../../activities/aws/errors';
import { proposing } from '../../activities/aws/permissions';
import { proposeBreakGlass } from '../../activities/aws/root/propose-break-glass';
import { cloudtrail } from '../../intake/cloudtrail';
import { guardduty } from '../../intake/guardduty';
import { awsCatalogue } from '../../playbook/catalogue';
import type { Alert } from '../../playbook/model/alert';
import type { Plan, Step } from '../../playbook/model/plan';
import type { Principal } from '../../playbook/model/principal';
import { scenarios, stateOf, type Attack } from '../../sandbox/aws/attacker';
import { actionOf, actions, asCaller, awsError, makeBed, type Bed } from './bed';

jest.setTimeout(180_000);

let bed: Bed;
let attack: Attack;
let alerts: Alert[];
let principal: Principal;

const alertsOf = (payloads: unknown[]): Alert[] => payloads.flatMap((payload) => [cloudtrail, guardduty].filter((source) => source.recognises(payload)).flatMap((source) => source.parse(payload))).flatMap((parsed) => ('alert' in parsed ? [parsed.alert] : []));

async function plan(proposals: Awaited<ReturnType<typeof proposeContainment>>): Promise<Pick<Plan, 'steps' | 'refused'>> {
  return planProposals(actions, bed.context(), proposals.proposals, classifyAws);
}

beforeAll(async () => {
  bed = await makeBed();
  await bed.home.wafv2.send(new CreateWebACLCommand({ Name: 'site', Scope: 'REGIONAL', DefaultAction: { Allow: {} }, Rules: [], VisibilityConfig: { SampledRequestsEnabled: false, CloudWatchMetricsEnabled: false, MetricName: 'site' } }));
  attack = await scenarios['stolen-admin-key'](bed.aws, bed.world);
  await bed.home.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: bed.world.names.webGroup, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 8443, ToPort: 8443, IpRanges: [{ CidrIp: `${attack.sourceIp}/32` }] }] }));
  alerts = alertsOf([...attack.events, attack.finding]).filter((alert) => alert.principal?.id === attack.principal);
  principal = alerts[0]!.principal!;
});
afterAll(() => bed?.stop());

test('every credential of the attacker is alive before', async () => {
  expect(await Promise.all(attack.live.map((live) => stateOf(bed.aws.endpoint, live)))).toEqual(attack.live.map(() => 'alive'));
});

let steps: Step[];

test('from principal and alerts alone, everything is proposed, in the playbook’s order, and nothing is missed silently', async () => {
  const proposed = await asCaller('proposing', () => proposeContainment(bed.context(), { principal, alerts }, []));
  expect(proposed.left).toEqual([]);
  const order = Object.keys(awsCatalogue);
  const ranks = proposed.proposals.map((one) => order.indexOf(one.action));
  expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
  const { steps: planned, refused } = await plan(proposed);
  expect(refused).toEqual([]);
  steps = planned;
  const has = (action: string, name: string): unknown => expect(planned.find((step) => step.action === action && step.target.name === name) ?? `${action} ${name} is missing`).toMatchObject({ needed: true });
  has('aws.deny-user', bed.world.dana.name);
  has('aws.disable-access-keys', bed.world.dana.name);
  has('aws.remove-login-profile', bed.world.dana.name);
  for (const name of attack.planted.users) {
    has('aws.deny-user', name);
    has('aws.disable-access-keys', name);
  }
  for (const name of attack.planted.roles) {
    has('aws.revoke-role-sessions', name);
    has('aws.cut-role-trust', name);
  }
  for (const { role } of attack.planted.changedTrusts) has('aws.cut-role-trust', role);
  for (const { user } of attack.planted.accessKeys.filter((key) => key.user !== bed.world.dana.name && !attack.planted.users.includes(key.user))) {
    has('aws.disable-access-keys', user);
    has('aws.rotate-access-keys', user);
  }
  for (const bucket of attack.planted.exposedBuckets) has('aws.close-public-bucket', bucket);
  for (const { name } of attack.planted.stoppedTrails) has('aws.restore-logging', name);
  for (const { name } of attack.planted.functions) has('aws.isolate-function', name);
  for (const { id, region } of attack.planted.instances.filter((one) => one.region === bed.world.regions[0])) {
    has('aws.isolate-instance', id);
    expect(region).toBe('us-east-1');
  }
  has('aws.block-ip-security-group', bed.world.names.webGroup);
  expect(planned.map((step) => step.action)).toEqual(expect.arrayContaining(['aws.block-ip-network-acl', 'aws.block-ip-waf']));
  // Of honest people only what the attacker gave them is touched.
  expect(planned.filter((step) => step.target.name === bed.world.ada.name || step.target.name === bed.world.names.websiteBucket)).toEqual([]);
});

test('carried out, no credential of the attacker does anything, and everything holds by effect', async () => {
  for (const step of steps) await actionOf(step.action).apply(bed.context(), step);
  const holding = await Promise.all(steps.map(async (step) => ({ step: step.id, ...(await actionOf(step.action).verify(bed.context(), step)) })));
  expect(holding.filter(({ holds }) => !holds)).toEqual([]);
  const states = await Promise.all(attack.live.map(async (live) => [live.what, await stateOf(bed.aws.endpoint, live)]));
  expect(states.filter(([, state]) => state === 'alive')).toEqual([]);
});

test('the owner’s website is as public as before', async () => {
  expect((await bed.home.s3.send(new GetBucketPolicyCommand({ Bucket: bed.world.names.websiteBucket }))).Policy).toContain('WebsiteRead');
});

test('undone for the wrong person, nothing that may be known to somebody comes back', async () => {
  const undo = [...steps].reverse();
  const left: string[] = [];
  for (const step of undo) left.push(...(await actionOf(step.action).undo(bed.context(), step)).left);
  expect(left.join('\n')).toMatch(/access key .* stays Inactive/);
  const stolen = attack.live[0]!;
  expect(await stateOf(bed.aws.endpoint, stolen)).not.toBe('alive');
  const instance = attack.planted.instances[0]!;
  const seen = await bed.home.ec2.send(new DescribeInstancesCommand({ InstanceIds: [instance.id] }));
  expect(seen.Reservations![0]!.Instances![0]!.MetadataOptions?.HttpEndpoint).toBe('enabled');
});

test('a person of Identity Center: own assignment and permission set, and what only the console can do is said', async () => {
  const { userName, permissionSet, userId } = bed.world.identityCenter;
  const lena: Principal = { provider: 'aws', account: bed.account, kind: 'identity-center-user', id: `${bed.account}:sso:${userName}`, name: userName };
  const proposed = await asCaller('proposing', () => proposeContainment(bed.context(), { principal: lena, alerts: [] }, []));
  expect(proposed.proposals.map((one) => [one.action, one.target.name, one.params.userId])).toEqual([
    ['aws.remove-account-assignment', `${permissionSet} for ${userName}`, userId], ['aws.deny-permission-set', permissionSet, userId],
  ]);
  expect(proposed.left.join()).toMatch(/access-portal sessions/);
  expect((await plan(proposed)).refused).toEqual([]);
  const stranger = await proposeContainment(bed.context(), { principal: { ...lena, name: 'nobody.here' }, alerts: [] }, []);
  expect(stranger).toMatchObject({ proposals: [], left: [expect.stringContaining('not in the identity store')] });
});

test('break-glass shuts out again, and takes every administrator role that the principal could assume', async () => {
  const proposed = await asCaller('proposing', () => proposeBreakGlass(bed.context(), { principal, alerts }, []));
  const actionsOf = (name: string): string[] => proposed.proposals.filter((one) => one.target.name === name).map((one) => one.action);
  expect(actionsOf(bed.world.dana.name)).toEqual(['aws.deny-user', 'aws.disable-access-keys']);
  for (const name of [...attack.planted.roles, ...attack.planted.changedTrusts.map((one) => one.role)]) expect(actionsOf(name)).toEqual(['aws.revoke-role-sessions', 'aws.cut-role-trust']);
  expect(new Set(proposed.proposals.map((one) => one.action))).toEqual(new Set(['aws.deny-user', 'aws.disable-access-keys', 'aws.revoke-role-sessions', 'aws.cut-role-trust']));
  expect(proposed.proposals.map((one) => one.target.name)).not.toContain(bed.world.responder.roleName);
  expect((await plan(proposed)).refused).toEqual([]);
});

test('what cannot be read is said, and the deny is proposed all the same', async () => {
  for (const operation of ['ListWebACLs', 'DescribeTrails', 'DescribeInstances', 'GetBucketLocation']) bed.answers.set(operation, () => { throw awsError('AccessDeniedException', 403); });
  const proposed = await proposeContainment(bed.context(), { principal, alerts }, []);
  bed.answers.clear();
  expect(proposed.proposals[0]).toMatchObject({ action: 'aws.deny-user', target: { name: bed.world.dana.name } });
  expect(proposed.left.length).toBeGreaterThanOrEqual(4);
  expect(proposed.left.every((line) => line.startsWith('could not look at '))).toBe(true);
});

test('a service that does not answer holds nothing up for long', async () => {
  bed.answers.set('ListWebACLs', () => new Promise(() => undefined));
  const started = Date.now();
  const proposed = await proposeContainment(bed.context(), { principal, alerts }, []);
  bed.answers.clear();
  expect(Date.now() - started).toBeLessThan(9_000);
  expect(proposed.proposals[0]?.action).toBe('aws.deny-user');
  expect(proposed.left.join()).toMatch(/within 5 s/);
});

test('what proposing reads is what it declares', () => {
  const called = new Set(bed.calls.get('proposing'));
  expect([...called].sort()).toEqual([...new Set(proposing.permissions)].sort());
});
