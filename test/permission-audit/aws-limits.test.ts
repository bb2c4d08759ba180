import {
  AttachRolePolicyCommand, CreatePolicyCommand, CreatePolicyVersionCommand, CreateRoleCommand, GetPolicyVersionCommand, ListAttachedRolePoliciesCommand, ListPolicyVersionsCommand, ListRolePoliciesCommand, PutRolePolicyCommand, type IAMClient,
} from '@aws-sdk/client-iam';
import { auditActions } from '../../activities/aws/audit';
import { account, planned, proposal, startBench, type Bench } from '../aws-eradicate/harness';

const DAY = 86_400_000;
const arn = (what: string) => `arn:aws:iam::${account}:${what}`;
const policy = (Action: string | string[]) => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
const action = (id: string) => auditActions.find((one) => one.id === id)!;

let bench: Bench;
let iam: IAMClient;
beforeAll(async () => {
  bench = await startBench();
  iam = bench.as().iam;
}, 90_000);
afterAll(async () => bench?.stop());

async function oldRole(name: string): Promise<void> {
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: arn('root') }, Action: 'sts:AssumeRole' }] }) }));
  bench.aws.age(account, arn(`role/${name}`), new Date(Date.now() - 200 * DAY));
}
const wish = (id: string, name: string) => proposal(id, 'role', arn(`role/${name}`), name, { windowMs: 90 * DAY });
const inline = async (RoleName: string) => (await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames;
const attached = async (RoleName: string) => (await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies!.map((one) => one.PolicyName);

test('no room for an inline policy: AWS’s own AWSDenyAll is attached, holds, and comes off again', async () => {
  await oldRole('full');
  await iam.send(new PutRolePolicyCommand({ RoleName: 'full', PolicyName: 'own', PolicyDocument: policy('ec2:*') }));
  const quarantine = action('aws.quarantine-unused');
  const step = await planned(quarantine, bench.ctx, wish('aws.quarantine-unused', 'full'));
  const { middlewareStack } = bench.ctx.access.clients(account).iam;
  middlewareStack.add((next, context) => async (args) => {
    // Inline policies of a role have 10,240 characters in all (IAM quotas).
    if (context.commandName === 'PutRolePolicyCommand') throw Object.assign(new Error('Maximum policy size of 10240 bytes exceeded for role full'), { name: 'LimitExceededException' });
    return next(args);
  }, { step: 'initialize', name: 'full' });
  try {
    expect(await quarantine.apply(bench.ctx, step)).toMatchObject({ policy: 'arn:aws:iam::aws:policy/AWSDenyAll', because: expect.stringMatching(/no room/) });
    expect((await quarantine.verify(bench.ctx, step)).holds).toBe(true);
    expect([await inline('full'), await attached('full')]).toEqual([['own'], ['AWSDenyAll']]);
    await quarantine.undo(bench.ctx, step);
    expect([await inline('full'), await attached('full')]).toEqual([['own'], []]);
    expect((await quarantine.verify(bench.ctx, step)).holds).toBe(false);
  } finally {
    middlewareStack.remove('full');
  }
}, 60_000);

test('a policy with five versions: the oldest that is not in force makes room, and undo puts the one that was back', async () => {
  await oldRole('versioned');
  const PolicyArn = (await iam.send(new CreatePolicyCommand({ PolicyName: 'versioned', PolicyDocument: policy('rds:*') }))).Policy!.Arn!;
  for (const Action of ['rds:*', 'sqs:*', 'ecs:*', 'ecr:*']) await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: policy(Action), SetAsDefault: Action === 'ecr:*' }));
  await iam.send(new AttachRolePolicyCommand({ RoleName: 'versioned', PolicyArn }));
  const versions = async () => (await iam.send(new ListPolicyVersionsCommand({ PolicyArn }))).Versions!;
  expect((await versions()).map((one) => one.VersionId).sort()).toEqual(['v1', 'v2', 'v3', 'v4', 'v5']);
  const narrow = action('aws.narrow-policy');
  const before = JSON.parse(policy('ecr:*')) as object;
  const after = JSON.parse(policy(['ecr:DescribeRepositories'])) as object;
  const { params: _params, ...quarantined } = await planned(action('aws.quarantine-unused'), bench.ctx, wish('aws.quarantine-unused', 'versioned'));
  const step = { ...quarantined, action: narrow.id, params: { windowMs: 90 * DAY, changes: [{ how: 'version', policy: PolicyArn, before, after, version: 'v5' }] } } as never;
  await narrow.apply(bench.ctx, step);
  const now = await versions();
  expect(now).toHaveLength(5);
  expect(now.map((one) => one.VersionId)).toEqual(expect.arrayContaining(['v5', 'v6']));
  const current = now.find((one) => one.IsDefaultVersion)!.VersionId!;
  expect(decodeURIComponent((await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: current }))).PolicyVersion!.Document!)).toContain('ecr:DescribeRepositories');
  await narrow.undo(bench.ctx, step);
  expect((await versions()).find((one) => one.IsDefaultVersion)!.VersionId).toBe('v5');
}, 60_000);
