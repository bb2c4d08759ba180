import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateUserCommand, ListUsersCommand, PutUserPolicyCommand, UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import { createAwsAccess } from '../../activities/aws/clients';
import { defaultNames, type AwsConfig } from '../../activities/aws/config';
import type { AwsCase, AwsContext } from '../../activities/aws/context';
import { eradicateActions } from '../../activities/aws/eradicate';
import { describeListed, proposeEradication } from '../../activities/aws/eradicate/propose';
import { classifyAws } from '../../activities/aws/errors';
import { awsChecks } from '../../activities/aws/investigate';
import { recoverActions } from '../../activities/aws/recover';
import { proposeRecovery } from '../../activities/aws/recover/propose';
import { watch, watchPermissions } from '../../activities/aws/watch';
import { planProposals } from '../../activities/actions';
import type { Action } from '../../activities/action';
import type { Alert } from '../../playbook/model/alert';
import type { Finding } from '../../playbook/model/finding';
import type { Step } from '../../playbook/model/plan';
import { waves } from '../../playbook/plan';
import { buildWorld, clientsFor, compare, scenarios, snapshot, startAws, type Attack, type Aws, type AwsWorld, type State } from '../../sandbox/aws';

jest.setTimeout(180_000);

let aws: Aws;
let world: AwsWorld;
let attack: Attack;
let before: State;
let ctx: AwsContext;
let aCase: AwsCase;
let findings: Finding[];
let at = () => new Date();
const complaints: string[] = [];

/** The audits of 2.2 are for root alone. */
const checks = awsChecks.filter((check) => !check.id.startsWith('2.2'));

/** The responder may do what the actions and checks declare, and nothing else: a permission too few shows here. */
const declared = [...new Set([...eradicateActions, ...recoverActions, ...awsChecks].flatMap((one) => [...one.permissions]).concat(watchPermissions))];

beforeAll(async () => {
  aws = await startAws({ say: (line) => complaints.push(line) });
  world = await buildWorld(aws, { responderPolicy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: declared, Resource: '*' }] } });
  before = await snapshot(aws, world);
  attack = await scenarios['stolen-admin-key'](aws, world);
  const member = (of: { account: string; name: string }, management: boolean) => ({
    id: of.account, name: of.name, roleArn: world.responder.roleArns[of.account]!, externalId: world.responder.externalId, regions: world.regions, management,
  });
  const config: AwsConfig = {
    accounts: [member(world.production, false), member(world.management, true)], endpoint: aws.endpoint, globalRegion: 'us-east-1', protected: [], names: defaultNames,
    billing: { monthlyBudgetUsd: 100, email: 'x@example.com' }, trailBucket: null,
  };
  const { accessKeyId, secretAccessKey } = world.responder.base;
  const evidence = { keep: async () => ({ key: 'k', sha256: 's', bytes: 1 }), read: async () => new Uint8Array(), record: async () => undefined };
  ctx = { access: createAwsAccess(config, { accessKeyId, secretAccessKey }), incident: 'inc-0123456789abcdef0123', caseKey: 'inc-0123456789abcdef0123.1', evidence, vault: null, now: () => at() };
  const alerts = attack.events.slice(0, 3).map((event, index): Alert => {
    const record = event.detail as unknown as { eventName: string; eventTime: string; userIdentity: { accessKeyId: string } };
    return {
      id: `alr-${index}`, source: 'cloudtrail', provider: 'aws', account: attack.account, region: 'us-east-1', time: record.eventTime, receivedAt: null, event: record.eventName, service: 'iam.amazonaws.com', outcome: 'success',
      errorCode: null, dryRun: false, principal: null, session: { accessKeyId: record.userIdentity.accessKeyId, name: null, issuedAt: null, mfa: 'no', roleArn: null }, sourceIp: attack.sourceIp, userAgent: attack.userAgent, channel: 'api',
      target: null, addresses: [attack.sourceIp], facts: {}, raw: null,
    };
  });
  const principal = { provider: 'aws' as const, account: attack.account, kind: 'user' as const, id: attack.principal, name: world.dana.name };
  aCase = { incident: ctx.incident, caseKey: ctx.caseKey, principal, alerts };
  findings = await Promise.all(checks.map((check) => check.run(ctx, aCase)));
});
afterAll(() => aws?.stop());

/** Applies as the workflow does: wave after wave, the steps of one side by side. */
async function run(actions: readonly Action<AwsContext>[], steps: readonly Step[]): Promise<void> {
  const of = (step: Step) => actions.find((one) => one.id === step.action)!;
  for (const wave of waves(steps.filter((step) => step.needed))) await Promise.all(wave.map((step) => of(step).apply(ctx, step)));
  const seen = await Promise.all(steps.map(async (step) => [step.action, step.target.name, (await of(step).verify(ctx, step)).holds]));
  expect(seen.filter(([, , holds]) => !holds)).toEqual([]);
}

test('what the attacker planted goes, and everything else is as it was', async () => {
  const { proposals, unattributed } = await proposeEradication(ctx, aCase, findings);
  const { steps, refused } = await planProposals(eradicateActions, ctx, proposals, classifyAws);
  expect(refused).toEqual([]);
  await run(eradicateActions, steps);
  const differences = compare(before, await snapshot(aws, world));
  const left = differences.map((one) => `${one.change} ${one.path}`);
  const trail = attack.planted.stoppedTrails[0]!;
  // Logging and detectors are containment's and recovery's; the snapshots are the evidence of the terminated instances.
  const others = left.filter((line) => !/ec2\/snapshot\//.test(line));
  const expected = [...attack.planted.stoppedTrails.map((one) => `changed production/${one.region}/cloudtrail/${trail.name}`), ...attack.planted.disabledDetectors.map((one) => `changed production/${one.region}/guardduty`)];
  if (process.env.SHOW) console.log(left.join('\n'), unattributed.map(describeListed).join('\n'), steps.map((one) => `${one.row} ${one.title} ${one.target.name}`).join('\n'));
  // What the block of a bucket was is in no record when it is S3's default: it is listed for a person (and containment has set it).
  const exposed = attack.planted.exposedBuckets[0]!;
  expect(unattributed.map((one) => [one.kind, one.name])).toEqual([['public-access-block', exposed]]);
  expect(differences.filter((one) => one.path.endsWith(exposed)).map((one) => Object.keys(one.before!).filter((key) => JSON.stringify(one.before![key]) !== JSON.stringify(one.after![key])))).toEqual([['block']]);
  expected.push(`changed production/s3/${exposed}`);
  expect(others.filter((line) => !expected.some((one) => line.startsWith(one)))).toEqual([]);
  // Looked at again, there is nothing left to do: changed things are seen changed still, and are as they were.
  const later = { ...ctx, now: () => new Date(Date.now() + 61_000) };
  const second = await proposeEradication(later, aCase, await Promise.all(checks.map((check) => check.run(later, aCase))));
  expect(second.proposals.filter((one) => /delete|terminate|revoke/.test(one.action)).map((one) => `${one.action} ${one.target.name}`)).toEqual([]);
  const anew = await planProposals(eradicateActions, later, second.proposals, classifyAws);
  expect([anew.refused, anew.steps.filter((step) => step.needed)]).toEqual([[], []]);
});

describe('4.7', () => {
  const minutes = (count: number) => count * 60_000;
  const danas = () => clientsFor(aws.endpoint, world.dana.keys, { sourceIp: attack.sourceIp, userAgent: 'x' });

  test('tells each move once, refused or not, and leaves the newest half to the next look', async () => {
    const start = new Date();
    const [attacker, owner] = [danas(), clientsFor(aws.endpoint, world.ada.keys, { sourceIp: '203.0.113.20', userAgent: 'x' })];
    await attacker.iam.send(new ListUsersCommand({}));
    const root = clientsFor(aws.endpoint, aws.rootKeys(world.production.account));
    await root.iam.send(new PutUserPolicyCommand({ UserName: world.dana.name, PolicyName: 'TourniquetDenyAll', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] }) }));
    await attacker.iam.send(new CreateUserCommand({ UserName: 'again' })).catch(() => undefined);
    await owner.ec2.send(new DescribeInstancesCommand({}));
    for (const one of [attacker, owner, root]) one.close();
    at = () => new Date(start.getTime() + minutes(1));
    const early = await watch(ctx, aCase, findings, start.toISOString());
    expect(Date.parse(early.until)).toBeLessThanOrEqual(start.getTime() + minutes(0.5));
    at = () => new Date(start.getTime() + minutes(40));
    const seen = await watch(ctx, aCase, findings, early.until);
    expect(seen.error).toBeNull();
    const all = [...early.moves, ...seen.moves].map((move) => [move.event, move.blocked]);
    // Both happen within a second, and CloudTrail's times have no finer order.
    expect(all.sort()).toEqual([['CreateUser', true], ['ListUsers', false]]);
    expect(Date.parse(seen.until)).toBe(Math.floor((start.getTime() + minutes(25)) / 1000) * 1000);
    at = () => new Date(start.getTime() + minutes(80));
    expect(await watch(ctx, aCase, findings, seen.until)).toMatchObject({ moves: [], error: null });
  });

  test('a key that died shows as refused; the owner’s new key from elsewhere is work, from the attacker’s address a move', async () => {
    const start = new Date(Math.ceil(Date.now() / 1000) * 1000);
    const root = clientsFor(aws.endpoint, aws.rootKeys(world.production.account));
    await root.iam.send(new UpdateAccessKeyCommand({ UserName: world.dana.name, AccessKeyId: world.dana.keys.accessKeyId, Status: 'Inactive' }));
    root.close();
    const dead = danas();
    await dead.iam.send(new ListUsersCommand({})).catch(() => undefined);
    dead.close();
    aws.recordConsoleLogin({ account: world.production.account, user: world.dana.name, mfa: true, ip: '203.0.113.20' });
    aws.recordConsoleLogin({ account: world.production.account, user: world.dana.name, mfa: false, ip: attack.sourceIp, success: false });
    aws.recordConsoleLogin({ account: world.production.account, user: world.dana.name, mfa: false, ip: attack.sourceIp });
    expect(aws.records(world.production.account).at(-1)?.record.eventName).toBe('ConsoleLogin');
    at = () => new Date(start.getTime() + minutes(60));
    const { moves } = await watch(ctx, aCase, findings, new Date(start.getTime() - 1000).toISOString());
    const logins = moves.filter((move) => move.event === 'ConsoleLogin');
    expect(logins.map((move) => move.blocked).sort()).toEqual([false, true]);
    expect(moves.filter((move) => move.text.includes('203.0.113.20'))).toEqual([]);
  });

  test('a region that cannot be read is said, and hides nothing of the others', async () => {
    const clients = ctx.access.clients;
    const broken = { ...ctx, access: { ...ctx.access, clients: (id: string, region?: string | null) => {
      if (region === world.regions[1]) throw Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } });
      return clients(id, region);
    } } };
    const since = new Date(Date.now() - minutes(5)).toISOString();
    at = () => new Date(Date.now() + minutes(60));
    const seen = await watch(broken, aCase, findings, since);
    expect(seen.error).toContain('ACCESS_DENIED');
    expect(seen.moves.length).toBeGreaterThan(0);
  });

  test('a clock behind `since` looks at nothing and never sets it back', async () => {
    at = () => new Date();
    const since = new Date(Date.now() + minutes(60)).toISOString();
    expect(await watch(ctx, aCase, findings, since)).toEqual({ until: since, moves: [], error: null });
  });
});

test('recovery is proposed for every account of the incident, in the playbook’s order, and holds', async () => {
  at = () => new Date();
  const proposals = await proposeRecovery(ctx, aCase, findings);
  expect(proposals.map((one) => `${one.action} ${one.target.region ?? one.target.account}`)).toEqual([
    `aws.enforce-mfa ${world.production.account}`, `aws.apply-least-privilege ${world.production.account}`, ...world.regions.map((region) => `aws.enable-guardduty ${region}`),
    `aws.protect-trail ${world.regions[0]}`, `aws.set-billing-alarms ${world.management.account}`, `aws.scp-deny-root ${world.production.account}`, `aws.lift-deny ${world.production.account}`,
  ]);
  expect(proposals.at(-1)!.params.oldKeys).toContain(world.dana.keys.accessKeyId);
  const planned = await planProposals(recoverActions, ctx, proposals, classifyAws);
  expect(planned.refused).toEqual([]);
  await run(recoverActions, planned.steps);
});

test('the sandbox had nothing to complain of', () => {
  expect(complaints.filter((line) => line.startsWith('sandbox AWS:'))).toEqual([]);
});
