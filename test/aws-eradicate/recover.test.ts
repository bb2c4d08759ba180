import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateTrailCommand, GetEventSelectorsCommand, GetTrailCommand, GetTrailStatusCommand, PutEventSelectorsCommand, StopLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { CreateBudgetCommand } from '@aws-sdk/client-budgets';
import { CreateDetectorCommand, ListDetectorsCommand } from '@aws-sdk/client-guardduty';
import {
  AttachUserPolicyCommand, CreateAccessKeyCommand, CreateLoginProfileCommand, CreateRoleCommand, CreateUserCommand, DeleteAccessKeyCommand, GetRolePolicyCommand, GetUserPolicyCommand,
  ListAttachedUserPoliciesCommand, ListEntitiesForPolicyCommand, PutRolePolicyCommand, PutUserPolicyCommand, UpdateAccessKeyCommand, AddUserToGroupCommand, AttachGroupPolicyCommand, CreateGroupCommand,
  AttachRolePolicyCommand, CreatePolicyVersionCommand, ListAttachedRolePoliciesCommand, PutGroupPolicyCommand,
} from '@aws-sdk/client-iam';
import { AttachPolicyCommand, CreateOrganizationCommand, CreateAccountCommand, CreatePolicyCommand, DescribeCreateAccountStatusCommand, EnablePolicyTypeCommand, ListPoliciesForTargetCommand, ListRootsCommand, UpdatePolicyCommand } from '@aws-sdk/client-organizations';
import { CreateBucketCommand, DeleteBucketPolicyCommand, ListBucketsCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { createDirectAccess } from '../../activities/aws/clients';
import { recoverActions } from '../../activities/aws/recover';
import type { JsonObject } from '../../playbook/json';
import { codeFrom, holdsContract, remember, unused } from './contract';
import { account, management, planned, proposal, startBench, type Bench } from './harness';

const region = 'us-east-1';
let bench: Bench;
let at = new Date();
const action = (id: string) => recoverActions.find((one) => one.id === id)!;
const iam = () => bench.as().iam;
const arn = (what: string) => `arn:aws:iam::${account}:${what}`;
const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';
const denyAll = JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'TourniquetDenyAll', Effect: 'Deny', Action: '*', Resource: '*' }] });
const trust = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: arn('root') }, Action: 'sts:AssumeRole' }] });
const ofAccount = (id: string, params: JsonObject = {}, of = account) => proposal(id, 'account', of, 'production', params, null, of);
const attachedTo = async (user: string) => (await iam().send(new ListAttachedUserPoliciesCommand({ UserName: user }))).AttachedPolicies?.map((one) => one.PolicyArn).sort();

beforeAll(async () => {
  bench = await startBench(() => at);
}, 90_000);
afterAll(async () => bench?.stop());

describe('4.1', () => {
  test('binds people to MFA, not services nor protected users, and says who has none', async () => {
    for (const name of ['ada', 'break-glass']) {
      await iam().send(new CreateUserCommand({ UserName: name }));
      await iam().send(new CreateLoginProfileCommand({ UserName: name, Password: 'Xk29-lkj-Plmz!9' }));
    }
    await iam().send(new AttachUserPolicyCommand({ UserName: 'ada', PolicyArn: admin }));
    await iam().send(new CreateUserCommand({ UserName: 'service' }));
    await iam().send(new CreateAccessKeyCommand({ UserName: 'service' }));
    const { step } = await holdsContract(bench, action('aws.enforce-mfa'), {
      proposal: ofAccount('aws.enforce-mfa'), neighbours: async () => [await attachedTo('service'), await attachedTo('break-glass')], undo: 'restores', keeps: false,
    });
    const text = step.change.join('\n');
    expect(text).toMatch(/attach TourniquetRequireMfa to: ada\n/);
    expect(text).toMatch(/no MFA yet.*: ada/);
    expect(text).toMatch(/administrators without a hardware key.*: ada/);
    expect(text).toMatch(/protected and left alone: break-glass/);
    await action('aws.enforce-mfa').apply(bench.ctx, step);
    const holders = await iam().send(new ListEntitiesForPolicyCommand({ PolicyArn: arn('policy/TourniquetRequireMfa') }));
    expect(holders.PolicyUsers?.map((user) => user.UserName)).toEqual(['ada']);
    expect(await action('aws.enforce-mfa').plan(bench.ctx, ofAccount('aws.enforce-mfa'))).toMatchObject({ needed: false, change: [] });
  });
});

describe('4.2', () => {
  test('puts what was used in the place of what was broad, and back', async () => {
    await iam().send(new CreateUserCommand({ UserName: 'dana' }));
    await iam().send(new AttachUserPolicyCommand({ UserName: 'dana', PolicyArn: admin }));
    await iam().send(new PutUserPolicyCommand({ UserName: 'dana', PolicyName: 'all', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }) }));
    await iam().send(new PutUserPolicyCommand({ UserName: 'dana', PolicyName: 'narrow', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }] }) }));
    const key = (await iam().send(new CreateAccessKeyCommand({ UserName: 'dana' }))).AccessKey!;
    const dana = createDirectAccess(bench.config, { accessKeyId: key.AccessKeyId!, secretAccessKey: key.SecretAccessKey! }).clients(account, region);
    await dana.s3.send(new ListBucketsCommand({}));
    await dana.ec2.send(new DescribeInstancesCommand({}));
    await dana.iam.send(new CreateUserCommand({ UserName: 'planted' }));
    at = new Date(Date.now() + 1000);
    const wish = proposal('aws.apply-least-privilege', 'user', arn('user/dana'), 'dana', { compromisedFrom: new Date(Date.now() - 60_000).toISOString() });
    const { step } = await holdsContract(bench, action('aws.apply-least-privilege'), { proposal: wish, undo: 'restores', keeps: true });
    expect(step.params.document).toMatchObject({ Statement: [{ Effect: 'Allow', Action: ['ec2:DescribeInstances', 's3:*'] }] });
    expect(step.change.join('\n')).toMatch(/not granted: iam:CreateUser/);
    expect(await attachedTo('dana')).toEqual([admin]);
    // Without the suspicion the use of IAM counts.
    const trusting = await planned(action('aws.apply-least-privilege'), bench.ctx, { ...wish, params: {} });
    expect(trusting.params.document).toMatchObject({ Statement: [{ Action: ['ec2:DescribeInstances', 'iam:CreateUser', 's3:*'] }] });
    await iam().send(new AttachUserPolicyCommand({ UserName: 'planted', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }));
    expect(await action('aws.apply-least-privilege').plan(bench.ctx, proposal('aws.apply-least-privilege', 'user', arn('user/planted'), 'planted'))).toMatchObject({ needed: false });
  });

  test('a role that used nothing is granted nothing', async () => {
    await iam().send(new CreateRoleCommand({ RoleName: 'idle', AssumeRolePolicyDocument: trust }));
    await iam().send(new AttachRolePolicyCommand({ RoleName: 'idle', PolicyArn: admin }));
    await iam().send(new PutRolePolicyCommand({ RoleName: 'idle', PolicyName: 'all', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'iam:*', Resource: '*' }] }) }));
    const { step } = await holdsContract(bench, action('aws.apply-least-privilege'), { proposal: proposal('aws.apply-least-privilege', 'role', arn('role/idle'), 'idle'), undo: 'restores', keeps: true });
    expect(step.params).toMatchObject({ document: null, attached: [admin], inline: ['all'] });
    expect((await iam().send(new ListAttachedRolePoliciesCommand({ RoleName: 'idle' }))).AttachedPolicies).toHaveLength(1);
  });

  test('broad rights through a group are a person’s to decide', async () => {
    await iam().send(new CreateUserCommand({ UserName: 'grouped' }));
    await iam().send(new CreateGroupCommand({ GroupName: 'admins' }));
    await iam().send(new AttachGroupPolicyCommand({ GroupName: 'admins', PolicyArn: admin }));
    await iam().send(new PutGroupPolicyCommand({ GroupName: 'admins', PolicyName: 'x', PolicyDocument: denyAll }));
    await iam().send(new AddUserToGroupCommand({ GroupName: 'admins', UserName: 'grouped' }));
    bench.used.clear();
    expect(await codeFrom(action('aws.apply-least-privilege').plan(bench.ctx, proposal('aws.apply-least-privilege', 'user', arn('user/grouped'), 'grouped')))).toBe('STILL_IN_USE');
    remember(action('aws.apply-least-privilege'), bench.used);
  });
});

describe('4.3', () => {
  test.each([['none', false], ['a disabled one', true]])('enables GuardDuty where there is %s', async (_which, there) => {
    const where = there ? 'eu-west-1' : region;
    if (there) await bench.as(where).guardduty.send(new CreateDetectorCommand({ Enable: false, FindingPublishingFrequency: 'SIX_HOURS' }));
    await holdsContract(bench, action('aws.enable-guardduty'), { proposal: proposal('aws.enable-guardduty', 'detector', `${account}/${where}`, where, {}, where), undo: 'restores', keeps: false });
    expect((await bench.as(where).guardduty.send(new ListDetectorsCommand({}))).DetectorIds).toHaveLength(there ? 1 : 0);
  });
});

describe('4.4', () => {
  const wish = (id: string, name: string, params: JsonObject = {}) => proposal('aws.protect-trail', 'trail', id, name, params, region);
  const cloudtrail = () => bench.as().cloudtrail;

  test('makes a trail see everything, and keeps the data events that it had', async () => {
    await bench.as().s3.send(new CreateBucketCommand({ Bucket: 'trail-logs' }));
    const made = await cloudtrail().send(new CreateTrailCommand({ Name: 'main', S3BucketName: 'trail-logs' }));
    const data = { ReadWriteType: 'WriteOnly' as const, IncludeManagementEvents: false, DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::orders/'] }] };
    await cloudtrail().send(new PutEventSelectorsCommand({ TrailName: 'main', EventSelectors: [data] }));
    await cloudtrail().send(new StopLoggingCommand({ Name: 'main' }));
    const { step } = await holdsContract(bench, action('aws.protect-trail'), { proposal: wish(made.TrailARN!, 'main'), undo: 'restores', keeps: false });
    expect((await cloudtrail().send(new GetEventSelectorsCommand({ TrailName: 'main' }))).EventSelectors).toMatchObject([{ IncludeManagementEvents: true, ReadWriteType: 'All' }, { DataResources: data.DataResources }]);
    // Undo gives the flags back and leaves the trail on.
    expect((await cloudtrail().send(new GetTrailStatusCommand({ Name: 'main' }))).IsLogging).toBe(true);
    expect((await cloudtrail().send(new GetTrailCommand({ Name: 'main' }))).Trail).toMatchObject({ IsMultiRegionTrail: false, LogFileValidationEnabled: false });
    expect(step.before).toHaveProperty('selectors');
  });

  test('makes one where there is none, when the bucket lets CloudTrail write', async () => {
    expect(await codeFrom(action('aws.protect-trail').plan(bench.ctx, wish('tourniquet-trail', 'tourniquet-trail')))).toBe('NOT_SUPPORTED');
    bench.config.trailBucket = 'trail-logs';
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' }, Action: ['s3:PutObject'], Resource: 'arn:aws:s3:::trail-logs/*' }] };
    await bench.as().s3.send(new DeleteBucketPolicyCommand({ Bucket: 'trail-logs' })).catch(() => undefined);
    expect(await codeFrom(action('aws.protect-trail').plan(bench.ctx, wish('tourniquet-trail', 'tourniquet-trail')))).toBe('INVALID_CONFIG');
    await bench.as().s3.send(new PutBucketPolicyCommand({ Bucket: 'trail-logs', Policy: JSON.stringify(policy) }));
    await holdsContract(bench, action('aws.protect-trail'), { proposal: wish('tourniquet-trail', 'tourniquet-trail'), undo: 'restores', keeps: false });
    bench.config.trailBucket = null;
  });

  test('an organization’s trail is looked at, not touched', async () => {
    const plan = (params: JsonObject) => action('aws.protect-trail').plan(bench.ctx, wish('arn:aws:cloudtrail:us-east-1:999999999999:trail/org', 'org', { own: false, ...params }));
    expect(await plan({ multiRegion: true, validation: true })).toMatchObject({ needed: false });
    expect(await codeFrom(plan({ multiRegion: true, validation: false }))).toBe('NOT_SUPPORTED');
  });
});

describe('4.5', () => {
  test('makes budget, notifications, monitor and subscription; completes what is half there', async () => {
    const wish = ofAccount('aws.set-billing-alarms', {}, management);
    await holdsContract(bench, action('aws.set-billing-alarms'), { proposal: wish, undo: 'restores', keeps: false });
    const { budgets } = bench.as(region, management);
    await budgets.send(new CreateBudgetCommand({
      AccountId: management, Budget: { BudgetName: 'tourniquet-monthly-cost', BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: '10', Unit: 'USD' } },
      NotificationsWithSubscribers: [
        { Notification: { NotificationType: 'ACTUAL', ComparisonOperator: 'GREATER_THAN', Threshold: 80, ThresholdType: 'PERCENTAGE' }, Subscribers: [{ SubscriptionType: 'EMAIL', Address: 'someone@example.org' }] },
      ],
    }));
    const { step } = await holdsContract(bench, action('aws.set-billing-alarms'), { proposal: wish, undo: 'restores', keeps: false });
    expect(step.change).toContain('set budget tourniquet-monthly-cost to 500 USD a month (now 10)');
    const { billing } = bench.config;
    bench.config.billing = { monthlyBudgetUsd: 0, email: '' };
    expect(await codeFrom(action('aws.set-billing-alarms').plan(bench.ctx, wish))).toBe('INVALID_CONFIG');
    bench.config.billing = billing;
  });
});

describe('4.6', () => {
  test('says why where no policy can bind, then binds the member account and no other', async () => {
    const { organizations } = bench.as(region, management);
    await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
    const plan = (of: string) => codeFrom(action('aws.scp-deny-root').plan(bench.ctx, ofAccount('aws.scp-deny-root', {}, of)));
    expect(await plan(management)).toBe('NOT_SUPPORTED');
    const status = await organizations.send(new CreateAccountCommand({ AccountName: 'member', Email: 'member@example.org' }));
    const member = (await organizations.send(new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: status.CreateAccountStatus!.Id }))).CreateAccountStatus!.AccountId!;
    bench.config.accounts.push({ ...bench.config.accounts[1]!, id: member, name: 'member' });
    const root = (await organizations.send(new ListRootsCommand({}))).Roots![0]!.Id!;
    const enabled = await organizations.send(new EnablePolicyTypeCommand({ RootId: root, PolicyType: 'SERVICE_CONTROL_POLICY' })).catch(() => null);
    if (enabled === null) expect(await plan(member)).toBe('no error');
    const policies = async () => (await organizations.send(new ListPoliciesForTargetCommand({ TargetId: management, Filter: 'SERVICE_CONTROL_POLICY' }))).Policies?.map((one) => one.Name);
    await holdsContract(bench, action('aws.scp-deny-root'), { proposal: ofAccount('aws.scp-deny-root', {}, member), neighbours: policies, undo: 'restores', keeps: false });
    const step = await planned(action('aws.scp-deny-root'), bench.ctx, ofAccount('aws.scp-deny-root', {}, member));
    await action('aws.scp-deny-root').apply(bench.ctx, step);
    const ours = (await organizations.send(new ListPoliciesForTargetCommand({ TargetId: member, Filter: 'SERVICE_CONTROL_POLICY' }))).Policies!.find((one) => one.Name === 'TourniquetDenyRoot')!;
    await organizations.send(new UpdatePolicyCommand({ PolicyId: ours.Id, Content: denyAll }));
    bench.used.clear();
    const anew = await planned(action('aws.scp-deny-root'), bench.ctx, ofAccount('aws.scp-deny-root', {}, member));
    await action('aws.scp-deny-root').apply(bench.ctx, anew);
    expect((await action('aws.scp-deny-root').verify(bench.ctx, anew)).holds).toBe(true);
    remember(action('aws.scp-deny-root'), bench.used);
    await action('aws.scp-deny-root').undo(bench.ctx, step);
    for (let index = 0; index < 5; index += 1) {
      const made = await organizations.send(new CreatePolicyCommand({ Name: `own-${index}`, Description: 'x', Type: 'SERVICE_CONTROL_POLICY', Content: denyAll })).catch(() => null);
      if (made) await organizations.send(new AttachPolicyCommand({ PolicyId: made.Policy!.PolicySummary!.Id, TargetId: member })).catch(() => undefined);
    }
    expect(await plan(member)).toBe('LIMIT_EXCEEDED');
  });
});

describe('lift-deny', () => {
  const hour = 3_600_000;
  const policyOf = async (user: string, name: string) => iam().send(new GetUserPolicyCommand({ UserName: user, PolicyName: name })).then(() => true, () => false);

  test('refuses while an old key is active; then exchanges the deny for one of older sessions; both go when those have ended', async () => {
    at = new Date();
    await iam().send(new CreateUserCommand({ UserName: 'rebuilt' }));
    await iam().send(new PutUserPolicyCommand({ UserName: 'rebuilt', PolicyName: 'TourniquetDenyAll', PolicyDocument: denyAll }));
    await iam().send(new AttachUserPolicyCommand({ UserName: 'rebuilt', PolicyArn: 'arn:aws:iam::aws:policy/AWSDenyAll' }));
    const old = (await iam().send(new CreateAccessKeyCommand({ UserName: 'rebuilt' }))).AccessKey!.AccessKeyId!;
    const wish = proposal('aws.lift-deny', 'user', arn('user/rebuilt'), 'rebuilt', { compromisedFrom: new Date(Date.now() - hour).toISOString(), oldKeys: [old] });
    expect(await codeFrom(action('aws.lift-deny').plan(bench.ctx, wish))).toBe('STILL_IN_USE');
    // A key from before the first alert counts as stolen, known or not.
    const before = { ...wish, params: { compromisedFrom: new Date(Date.now() + hour).toISOString(), oldKeys: [] } };
    expect(await codeFrom(action('aws.lift-deny').plan(bench.ctx, before))).toBe('STILL_IN_USE');
    await iam().send(new UpdateAccessKeyCommand({ UserName: 'rebuilt', AccessKeyId: old, Status: 'Inactive' }));
    await iam().send(new CreateAccessKeyCommand({ UserName: 'rebuilt' }));

    const step = await planned(action('aws.lift-deny'), bench.ctx, wish);
    await iam().send(new UpdateAccessKeyCommand({ UserName: 'rebuilt', AccessKeyId: old, Status: 'Active' }));
    expect(await codeFrom(action('aws.lift-deny').apply(bench.ctx, step))).toBe('STILL_IN_USE');
    await iam().send(new UpdateAccessKeyCommand({ UserName: 'rebuilt', AccessKeyId: old, Status: 'Inactive' }));

    await holdsContract(bench, action('aws.lift-deny'), { proposal: wish, undo: 'restores', keeps: true });
    expect([await policyOf('rebuilt', 'TourniquetDenyAll'), await attachedTo('rebuilt')]).toEqual([true, ['arn:aws:iam::aws:policy/AWSDenyAll']]);
    const again = await planned(action('aws.lift-deny'), bench.ctx, wish);
    await action('aws.lift-deny').apply(bench.ctx, again);
    expect([await policyOf('rebuilt', 'TourniquetDenyAll'), await policyOf('rebuilt', 'TourniquetRevokeOlderSessions'), await attachedTo('rebuilt')]).toEqual([false, true, []]);
    expect(await action('aws.lift-deny').plan(bench.ctx, wish)).toMatchObject({ needed: false });
    at = new Date(Date.now() + 37 * hour);
    await holdsContract(bench, action('aws.lift-deny'), { proposal: wish, undo: 'restores', keeps: true });
    await iam().send(new DeleteAccessKeyCommand({ UserName: 'rebuilt', AccessKeyId: old }));
  });

  test('a role’s revoked sessions stay revoked for twelve hours', async () => {
    at = new Date();
    const cutoff = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString().replace('.000Z', 'Z');
    const revoke = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*', Condition: { DateLessThan: { 'aws:TokenIssueTime': cutoff } } }] });
    await iam().send(new CreateRoleCommand({ RoleName: 'worker', AssumeRolePolicyDocument: trust }));
    await iam().send(new PutRolePolicyCommand({ RoleName: 'worker', PolicyName: 'TourniquetRevokeOlderSessions', PolicyDocument: revoke }));
    await iam().send(new PutRolePolicyCommand({ RoleName: 'worker', PolicyName: 'TourniquetDenyAll', PolicyDocument: denyAll }));
    await iam().send(new AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn: 'arn:aws:iam::aws:policy/AWSDenyAll' }));
    const wish = proposal('aws.lift-deny', 'role', arn('role/worker'), 'worker', { compromisedFrom: cutoff, oldKeys: [] });
    const { step } = await holdsContract(bench, action('aws.lift-deny'), { proposal: wish, undo: 'restores', keeps: true });
    expect(step.params).toMatchObject({ cutoff, keepRevoke: true });
    await action('aws.lift-deny').apply(bench.ctx, step);
    expect((await iam().send(new GetRolePolicyCommand({ RoleName: 'worker', PolicyName: 'TourniquetRevokeOlderSessions' }))).PolicyName).toBeTruthy();
    expect(await action('aws.lift-deny').plan(bench.ctx, wish)).toMatchObject({ needed: false });
    at = new Date(Date.now() + 13 * hour);
    const after = await planned(action('aws.lift-deny'), bench.ctx, wish);
    bench.used.clear();
    await action('aws.lift-deny').apply(bench.ctx, after);
    await action('aws.lift-deny').undo(bench.ctx, after);
    remember(action('aws.lift-deny'), bench.used);
    const gone = await codeFrom(iam().send(new GetRolePolicyCommand({ RoleName: 'worker', PolicyName: 'TourniquetDenyAll' })));
    expect(gone).toBe('NOT_FOUND');
  });

  test('a protected principal is refused', async () => {
    const wish = proposal('aws.lift-deny', 'user', arn('user/break-glass'), 'break-glass', { compromisedFrom: new Date().toISOString() });
    expect(await codeFrom(action('aws.lift-deny').plan(bench.ctx, wish))).toBe('PROTECTED_PRINCIPAL');
  });
});

test('a policy of Tourniquet’s own that was changed is set right, also when it has five versions already', async () => {
  const wish = ofAccount('aws.enforce-mfa');
  const first = await planned(action('aws.enforce-mfa'), bench.ctx, wish);
  if (first.needed) await action('aws.enforce-mfa').apply(bench.ctx, first);
  const PolicyArn = arn('policy/TourniquetRequireMfa');
  for (let version = 2; version <= 5; version += 1) {
    await iam().send(new CreatePolicyVersionCommand({ PolicyArn, SetAsDefault: true, PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: `s3:GetObject${version}`, Resource: '*' }] }) }));
  }
  bench.used.clear();
  const step = await planned(action('aws.enforce-mfa'), bench.ctx, wish);
  expect(step.change[0]).toContain('anew');
  expect((await action('aws.enforce-mfa').verify(bench.ctx, step)).holds).toBe(false);
  await action('aws.enforce-mfa').apply(bench.ctx, step);
  expect((await action('aws.enforce-mfa').verify(bench.ctx, step)).holds).toBe(true);
  remember(action('aws.enforce-mfa'), bench.used);
  // The same code makes the policy of 4.2.
  remember(action('aws.apply-least-privilege'), new Set(['iam:CreatePolicyVersion', 'iam:DeletePolicyVersion']));
});

test('every declared permission of the recovery actions is used', () => {
  expect(unused(recoverActions)).toEqual({});
});
