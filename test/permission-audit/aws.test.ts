import {
  AddUserToGroupCommand, AttachRolePolicyCommand, AttachUserPolicyCommand, CreateAccessKeyCommand, CreateGroupCommand, CreatePolicyCommand, CreateRoleCommand, CreateServiceLinkedRoleCommand, CreateUserCommand, DeleteUserPolicyCommand, GetPolicyCommand,
  GetPolicyVersionCommand, ListAccessKeysCommand, ListAttachedRolePoliciesCommand, PutRolePolicyCommand, PutUserPolicyCommand, TagRoleCommand, type IAMClient,
} from '@aws-sdk/client-iam';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { auditActions, awsAudit } from '../../activities/aws/audit';
import { createDirectAccess } from '../../activities/aws/clients';
import type { Subject } from '../../playbook/permission-audit/model';
import { judge } from '../../playbook/permission-audit/rules';
import { codeFrom, holdsContract, unused } from '../aws-eradicate/contract';
import { account, planned, proposal, startBench, type Bench } from '../aws-eradicate/harness';

const DAY = 86_400_000;
const WINDOW = 90 * DAY;
const arn = (what: string) => `arn:aws:iam::${account}:${what}`;
const trust = (Principal: object) => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] });
const policy = (Action: string | string[]) => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });

let bench: Bench;
let iam: IAMClient;
const action = (id: string) => auditActions.find((one) => one.id === id)!;
const longAgo = () => new Date(Date.now() - 200 * DAY);
const subject = (kind: Subject['kind'], id: string, name: string, of?: string): Subject => ({ provider: 'aws', account, kind, id, name, ...(of && { of }) });
const window = () => ({ from: new Date(Date.now() - WINDOW), to: new Date() });
const judged = async (of: Subject) => judge(await awsAudit.look(bench.ctx, of, window()), { windowMs: WINDOW, unusedShare: 0.5 }, Date.now());
const wish = (id: string, kind: string, name: string) => proposal(id, kind, arn(`${kind}/${name}`), name, { windowMs: WINDOW });

async function role(name: string, old = true, path?: string): Promise<Subject> {
  const made = (await iam.send(new CreateRoleCommand({ RoleName: name, Path: path, AssumeRolePolicyDocument: trust({ AWS: arn('root') }) }))).Role!;
  if (old) bench.aws.age(account, made.Arn!, longAgo());
  return subject('role', made.Arn!, name);
}

/** A session of the role, by a user of ours. */
async function asRole(name: string) {
  const user = `caller-of-${name}`;
  await iam.send(new CreateUserCommand({ UserName: user }));
  await iam.send(new PutUserPolicyCommand({ UserName: user, PolicyName: 'p', PolicyDocument: policy('sts:AssumeRole') }));
  const key = (await iam.send(new CreateAccessKeyCommand({ UserName: user }))).AccessKey!;
  const mine = createDirectAccess(bench.config, { accessKeyId: key.AccessKeyId!, secretAccessKey: key.SecretAccessKey! }).clients(account);
  const { Credentials } = await mine.sts.send(new AssumeRoleCommand({ RoleArn: arn(`role/${name}`), RoleSessionName: 'work' }));
  return createDirectAccess(bench.config, { accessKeyId: Credentials!.AccessKeyId!, secretAccessKey: Credentials!.SecretAccessKey!, sessionToken: Credentials!.SessionToken! }).clients(account);
}

beforeAll(async () => {
  bench = await startBench();
  iam = bench.as().iam;
}, 90_000);
afterAll(async () => bench?.stop());

describe('looking', () => {
  test('never used and old: unused; young, protected, tagged as break-glass, service-linked: never', async () => {
    expect(await judged(await role('forgotten'))).toMatchObject({ outcome: 'unused', lastUse: null });
    expect(await judged(await role('new', false))).toMatchObject({ outcome: 'young' });
    expect(await judged(await role('break-glass'))).toMatchObject({ outcome: 'exempt', why: [expect.stringMatching(/protected list/)] });
    const tagged = await role('emergency');
    await iam.send(new TagRoleCommand({ RoleName: 'emergency', Tags: [{ Key: 'Break-Glass', Value: 'yes' }] }));
    expect(await judged(tagged)).toMatchObject({ outcome: 'exempt', why: [expect.stringMatching(/tagged break-glass/)] });
    const linked = (await iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'autoscaling.amazonaws.com' }))).Role!;
    bench.aws.age(account, linked.Arn!, longAgo());
    expect(await judged(subject('role', linked.Arn!, linked.RoleName!))).toMatchObject({ outcome: 'exempt', why: [expect.stringMatching(/service-linked/)] });
    expect(await judged(subject('role', arn('role/nobody'), 'nobody'))).toMatchObject({ outcome: 'gone' });
  }, 60_000);

  test('a call that was allowed is use; one that was denied is not, though IAM’s report counts it', async () => {
    const worker = await role('worker');
    await iam.send(new PutRolePolicyCommand({ RoleName: 'worker', PolicyName: 'p', PolicyDocument: policy('ec2:DescribeRegions') }));
    const session = await asRole('worker');
    await expect(session.ec2.send(new DescribeInstancesCommand({}))).rejects.toThrow();
    const denied = await awsAudit.look(bench.ctx, worker, window());
    expect(denied.claims.map((claim) => claim.what).sort()).toEqual(['', 'ec2:DescribeInstances']);
    expect(denied.log).toMatchObject([{ what: 'ec2:DescribeInstances', denied: true }]);
    expect(await judged(worker)).toMatchObject({ outcome: 'unused', why: expect.arrayContaining([expect.stringMatching(/2 denied attempts are not use/)]) });
    await iam.send(new PutRolePolicyCommand({ RoleName: 'worker', PolicyName: 'p', PolicyDocument: policy('ec2:*') }));
    await session.ec2.send(new DescribeInstancesCommand({}));
    expect(await judged(worker)).toMatchObject({ outcome: 'in-use' });
  }, 60_000);

  test('a cross-check that does not come proves nothing: the attempt counts', async () => {
    const seen = await role('seen');
    await iam.send(new PutRolePolicyCommand({ RoleName: 'seen', PolicyName: 'p', PolicyDocument: policy('ec2:DescribeRegions') }));
    await expect((await asRole('seen')).ec2.send(new DescribeInstancesCommand({}))).rejects.toThrow();
    const failing = { ...bench.ctx, access: { ...bench.ctx.access, regions: () => { throw new Error('no regions'); } } };
    expect(judge(await awsAudit.look(failing, seen, window()), { windowMs: WINDOW, unusedShare: 0.5 }, Date.now())).toMatchObject({ outcome: 'in-use' });
  }, 60_000);

  test('an access key: unused while another key of the user works', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'robot' }));
    await iam.send(new PutUserPolicyCommand({ UserName: 'robot', PolicyName: 'p', PolicyDocument: policy('ec2:*') }));
    const [idle, busy] = [(await iam.send(new CreateAccessKeyCommand({ UserName: 'robot' }))).AccessKey!, (await iam.send(new CreateAccessKeyCommand({ UserName: 'robot' }))).AccessKey!];
    for (const id of [arn('user/robot'), idle.AccessKeyId!, busy.AccessKeyId!]) bench.aws.age(account, id, longAgo());
    await createDirectAccess(bench.config, { accessKeyId: busy.AccessKeyId!, secretAccessKey: busy.SecretAccessKey! }).clients(account).ec2.send(new DescribeInstancesCommand({}));
    expect(await judged(subject('access-key', idle.AccessKeyId!, 'idle', 'robot'))).toMatchObject({ outcome: 'unused' });
    expect(await judged(subject('access-key', busy.AccessKeyId!, 'busy', 'robot'))).toMatchObject({ outcome: 'in-use' });
    expect(await judged(subject('user', arn('user/robot'), 'robot'))).toMatchObject({ outcome: 'in-use' });
  }, 60_000);

  test('every role, user and key of the account is listed, page by page; what is young or exempt by name is not', async () => {
    const names: string[] = [];
    for (let next: string | null = null, first = true; first || next !== null; first = false) {
      const page: Awaited<ReturnType<typeof awsAudit.list>> = await awsAudit.list(bench.ctx, { account, next, windowMs: WINDOW, now: new Date().toISOString() });
      names.push(...page.subjects.map((one) => `${one.kind} ${one.of ?? one.name}`));
      next = page.next;
    }
    expect(names).toEqual(expect.arrayContaining(['role forgotten', 'role worker', 'user robot', 'access-key robot']));
    expect(names.filter((one) => /new|break-glass|AWSServiceRole/.test(one))).toEqual([]);
  });
});

describe('acting', () => {
  test('quarantine of a role denies everything to it and comes off again; of a user too', async () => {
    await role('old-role');
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'old-role', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }));
    await iam.send(new PutRolePolicyCommand({ RoleName: 'old-role', PolicyName: 'own', PolicyDocument: policy('ec2:*') }));
    const session = await asRole('old-role');
    await session.ec2.send(new DescribeInstancesCommand({}));
    const quarantine = action('aws.quarantine-unused');
    const { step } = await holdsContract(bench, quarantine, { proposal: wish('aws.quarantine-unused', 'role', 'old-role'), undo: 'restores', keeps: true });
    await quarantine.apply(bench.ctx, step);
    await expect(session.ec2.send(new DescribeInstancesCommand({}))).rejects.toThrow(/explicit deny/);
    await quarantine.undo(bench.ctx, step);
    await session.ec2.send(new DescribeInstancesCommand({}));
    await iam.send(new CreateUserCommand({ UserName: 'old-user' }));
    bench.aws.age(account, arn('user/old-user'), longAgo());
    await holdsContract(bench, quarantine, { proposal: wish('aws.quarantine-unused', 'user', 'old-user'), undo: 'restores', keeps: true });
  }, 90_000);

  test('removal takes only what is in quarantine, and keeps its state first', async () => {
    for (const kind of ['role', 'user'] as const) {
      const name = `gone-${kind}`;
      if (kind === 'role') await role(name);
      else {
        await iam.send(new CreateUserCommand({ UserName: name }));
        await iam.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }));
        await iam.send(new CreateGroupCommand({ GroupName: 'team' }));
        await iam.send(new AddUserToGroupCommand({ UserName: name, GroupName: 'team' }));
        bench.aws.age(account, arn(`user/${name}`), longAgo());
      }
      const remove = action('aws.remove-unused');
      const early = await planned(remove, bench.ctx, wish('aws.remove-unused', kind, name));
      expect(await codeFrom(remove.apply(bench.ctx, early))).toBe('PLAN_CHANGED');
      await action('aws.quarantine-unused').apply(bench.ctx, await planned(action('aws.quarantine-unused'), bench.ctx, wish('aws.quarantine-unused', kind, name)));
      await holdsContract(bench, remove, { proposal: wish('aws.remove-unused', kind, name), undo: 'impossible', keeps: true });
    }
  }, 120_000);

  test('a key is deactivated, given back, and removed only while it is inactive', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'batch' }));
    const key = (await iam.send(new CreateAccessKeyCommand({ UserName: 'batch' }))).AccessKey!.AccessKeyId!;
    for (const id of [arn('user/batch'), key]) bench.aws.age(account, id, longAgo());
    const of = (id: string) => proposal(id, 'access-key', key, 'key of batch', { windowMs: WINDOW, user: 'batch' });
    const off = action('aws.deactivate-unused-key');
    const { step } = await holdsContract(bench, off, { proposal: of('aws.deactivate-unused-key'), undo: 'restores', keeps: true });
    const remove = action('aws.remove-unused-key');
    expect(await codeFrom(remove.apply(bench.ctx, await planned(remove, bench.ctx, of('aws.remove-unused-key'))))).toBe('PLAN_CHANGED');
    await off.apply(bench.ctx, step);
    await iam.send(new PutUserPolicyCommand({ UserName: 'batch', PolicyName: 'TourniquetDenyAll', PolicyDocument: policy('x:y').replace('Allow', 'Deny') }));
    expect(await codeFrom(off.undo(bench.ctx, step))).toBe('UNDO_IMPOSSIBLE');
    expect((await iam.send(new ListAccessKeysCommand({ UserName: 'batch' }))).AccessKeyMetadata![0]!.Status).toBe('Inactive');
    await iam.send(new DeleteUserPolicyCommand({ UserName: 'batch', PolicyName: 'TourniquetDenyAll' }));
    await holdsContract(bench, remove, { proposal: of('aws.remove-unused-key'), undo: 'impossible', keeps: true });
  }, 90_000);

  test.each(['aws.quarantine-unused', 'aws.remove-unused', 'aws.narrow-policy'])('%s refuses what is protected, young, tagged, contained or service-linked in apply, whatever the step says', async (id) => {
    const act = action(id);
    const step = (name: string) => ({ ...wish(id, 'role', name), id: 'x', row: 'audit.4', title: '', tier: 'approve' as const, reversible: true, queue: 'cloud' as const, human: false, before: {}, change: [], needed: true });
    const suffix = id.split('.')[1]!;
    await role(`young-${suffix}`, false);
    const contained = `contained-${suffix}`;
    await role(contained);
    await iam.send(new PutRolePolicyCommand({ RoleName: contained, PolicyName: 'TourniquetDenyAll', PolicyDocument: policy('*').replace('Allow', 'Deny') }));
    expect(await codeFrom(act.apply(bench.ctx, step('break-glass')))).toBe('PROTECTED_PRINCIPAL');
    expect(await codeFrom(act.apply(bench.ctx, step('emergency')))).toBe('PROTECTED_PRINCIPAL');
    expect(await codeFrom(act.apply(bench.ctx, step(contained)))).toBe('PROTECTED_PRINCIPAL');
    expect(await codeFrom(act.apply(bench.ctx, step('AWSServiceRoleForAutoScaling')))).toBe('PROTECTED_PRINCIPAL');
    expect(await codeFrom(act.apply(bench.ctx, step(`young-${suffix}`)))).toBe('STILL_IN_USE');
    expect(await codeFrom(act.plan(bench.ctx, wish(id, 'role', `young-${suffix}`)))).toBe('STILL_IN_USE');
    expect(await codeFrom(act.apply(bench.ctx, { ...step('forgotten'), params: {} }))).toBe('INVALID_INPUT');
  }, 60_000);

  test('a policy becomes as narrow as its use: its own gets a version, an inline one is rewritten, a shared one is replaced; and back', async () => {
    await role('wide');
    await role('neighbour');
    const own = (await iam.send(new CreatePolicyCommand({ PolicyName: 'wide-own', PolicyDocument: policy(['ec2:*', 'rds:*']) }))).Policy!.Arn!;
    const shared = (await iam.send(new CreatePolicyCommand({ PolicyName: 'wide-shared', PolicyDocument: policy(['ec2:*', 'cloudformation:*']) }))).Policy!.Arn!;
    for (const PolicyArn of [own, shared]) await iam.send(new AttachRolePolicyCommand({ RoleName: 'wide', PolicyArn }));
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'neighbour', PolicyArn: shared }));
    await iam.send(new PutRolePolicyCommand({ RoleName: 'wide', PolicyName: 'inline', PolicyDocument: policy('*') }));
    const session = await asRole('wide');
    await session.ec2.send(new DescribeInstancesCommand({}));
    expect(await judged(subject('role', arn('role/wide'), 'wide'))).toMatchObject({ outcome: 'over-permitted' });
    const neighbours = async () => (await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: 'neighbour' }))).AttachedPolicies;
    const narrow = action('aws.narrow-policy');
    const { step } = await holdsContract(bench, narrow, { proposal: wish('aws.narrow-policy', 'role', 'wide'), neighbours, undo: 'restores', keeps: true });
    const changes = step.params.changes as unknown as { how: string; policy: string; after: object }[];
    expect(changes.map((one) => [one.how, one.policy]).sort()).toEqual([['inline', 'inline'], ['replace', shared], ['version', own]].sort());
    expect(JSON.stringify(changes.find((one) => one.how === 'version')!.after)).toContain('"Action":["ec2:DescribeInstances"]');
    expect(step.change.join('\n')).toMatch(/\+ Allow .*DescribeInstances[\s\S]*- Allow /i);
    const current = async () => {
      const { DefaultVersionId } = (await iam.send(new GetPolicyCommand({ PolicyArn: own }))).Policy!;
      return decodeURIComponent((await iam.send(new GetPolicyVersionCommand({ PolicyArn: own, VersionId: DefaultVersionId }))).PolicyVersion!.Document!);
    };
    expect(await current()).toContain('rds:*');
    await narrow.apply(bench.ctx, step);
    expect(await current()).not.toContain('rds:*');
    await session.ec2.send(new DescribeInstancesCommand({}));
    await expect(session.iam.send(new ListAccessKeysCommand({ UserName: 'robot' }))).rejects.toThrow(/not authorized/);
    await narrow.undo(bench.ctx, step);
    expect(await current()).toContain('rds:*');
    await session.iam.send(new ListAccessKeysCommand({ UserName: 'robot' }));
  }, 120_000);

  test('a policy that changed after the plan is not touched', async () => {
    await role('moving');
    await iam.send(new PutRolePolicyCommand({ RoleName: 'moving', PolicyName: 'inline', PolicyDocument: policy(['ec2:*', 'rds:*']) }));
    await (await asRole('moving')).ec2.send(new DescribeInstancesCommand({}));
    const narrow = action('aws.narrow-policy');
    const step = await planned(narrow, bench.ctx, wish('aws.narrow-policy', 'role', 'moving'));
    await iam.send(new PutRolePolicyCommand({ RoleName: 'moving', PolicyName: 'inline', PolicyDocument: policy(['s3:*']) }));
    expect(await codeFrom(narrow.apply(bench.ctx, step))).toBe('PLAN_CHANGED');
  }, 60_000);
});

test('what the audit’s own actions declare is what they use', () => {
  // Only where there is no room for an inline policy.
  const roomless = ['iam:AttachRolePolicy', 'iam:AttachUserPolicy', 'iam:DetachRolePolicy', 'iam:DetachUserPolicy'];
  // A user is narrowed by the same calls as a role, under the user's names; five versions are one too many.
  const ofUsers = ['iam:GetUser', 'iam:GetUserPolicy', 'iam:ListAttachedUserPolicies', 'iam:ListUserPolicies', 'iam:PutUserPolicy', 'iam:DeleteUserPolicy', 'iam:AttachUserPolicy', 'iam:DetachUserPolicy', 'iam:ListAccessKeys', 'iam:GetAccessKeyLastUsed', 'iam:DeleteRolePolicy'];
  const rare: Record<string, string[]> = { 'aws.quarantine-unused': roomless, 'aws.deactivate-unused-key': ['iam:GetRole', 'iam:GetRolePolicy'], 'aws.narrow-policy': ofUsers };
  const left = Object.entries(unused(auditActions)).filter(([id]) => rare[id]).map(([id, list]) => [id, list.filter((one) => !rare[id]!.includes(one))]);
  expect(left.filter(([, list]) => list!.length > 0)).toEqual([]);
});
