import { CloudTrailClient, DescribeTrailsCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateRoleCommand, DeleteRoleCommand, DeleteRolePolicyCommand, DeleteUserPolicyCommand, GetUserCommand, ListAccessKeysCommand, ListUsersCommand, PutRolePolicyCommand, PutUserPermissionsBoundaryCommand, PutUserPolicyCommand, UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import type { Clients, Keys } from '../../sandbox/aws';
import { account, allow, codeOf, deny, policy, start, type Fixture } from './fixture';

let f: Fixture;
beforeAll(async () => { f = await start(); }, 90_000);
afterAll(() => f.stop());

const session = (credentials: { AccessKeyId?: string; SecretAccessKey?: string; SessionToken?: string } | undefined): Keys => ({ accessKeyId: credentials!.AccessKeyId!, secretAccessKey: credentials!.SecretAccessKey!, sessionToken: credentials!.SessionToken! });
const trust = (arn: string, Condition?: object): string => policy({ Effect: 'Allow', Principal: { AWS: arn }, Action: 'sts:AssumeRole', ...(Condition ? { Condition } : {}) });

const oneCallEach = (clients: Clients): [string, () => Promise<unknown>][] => [
  ['iam', () => clients.iam.send(new ListUsersCommand({}))],
  ['ec2', () => clients.ec2.send(new DescribeInstancesCommand({}))],
  ['s3', () => clients.s3.send(new ListBucketsCommand({}))],
  ['cloudtrail', () => clients.cloudtrail.send(new DescribeTrailsCommand({}))],
  ['lambda', () => clients.lambda.send(new ListFunctionsCommand({}))],
];

describe('who calls', () => {
  // IAM "Common errors", EC2 "Error codes", S3 "Error responses", CloudTrail and Lambda "Common errors".
  const expected: Record<string, [unknown: string, wrong: string, denied: string]> = {
    iam: ['InvalidClientTokenId', 'SignatureDoesNotMatch', 'AccessDenied'],
    ec2: ['AuthFailure', 'AuthFailure', 'UnauthorizedOperation'],
    s3: ['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'AccessDenied'],
    cloudtrail: ['UnrecognizedClientException', 'InvalidSignatureException', 'AccessDeniedException'],
    lambda: ['UnrecognizedClientException', 'InvalidSignatureException', 'AccessDeniedException'],
  };

  test('an unknown key, a wrong secret and a missing permission fail in each protocol’s own words', async () => {
    const nobody = await f.user(null);
    const answers: Record<string, string[]> = {};
    for (const keys of [{ accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'x' }, { ...nobody.keys, secretAccessKey: 'wrong' }, nobody.keys]) {
      for (const [service, call] of oneCallEach(f.as(keys))) (answers[service] ??= []).push(await codeOf(call()));
    }
    expect(answers).toEqual(expected);
  });

  test('an inactive key answers like an unknown one, and works again when it is active', async () => {
    const { keys, name } = await f.user('admin');
    const mine = f.as(keys);
    await mine.iam.send(new ListUsersCommand({}));
    await f.root.iam.send(new UpdateAccessKeyCommand({ UserName: name, AccessKeyId: keys.accessKeyId, Status: 'Inactive' }));
    expect(await codeOf(mine.sts.send(new GetCallerIdentityCommand({})))).toBe('InvalidClientTokenId');
    await f.root.iam.send(new UpdateAccessKeyCommand({ UserName: name, AccessKeyId: keys.accessKeyId, Status: 'Active' }));
    await mine.iam.send(new ListUsersCommand({}));
  });

  test('a session token belongs to its key: without it, or with another’s, the key is refused', async () => {
    const { keys } = await f.user('admin');
    const mine = session((await f.as(keys).sts.send(new GetSessionTokenCommand({}))).Credentials);
    const other = session((await f.as(keys).sts.send(new GetSessionTokenCommand({}))).Credentials);
    expect(await codeOf(f.as({ ...mine, sessionToken: undefined }).ec2.send(new DescribeInstancesCommand({})))).toBe('AuthFailure');
    expect(await codeOf(f.as({ ...mine, sessionToken: other.sessionToken }).ec2.send(new DescribeInstancesCommand({})))).toBe('AuthFailure');
    await f.as(mine).ec2.send(new DescribeInstancesCommand({}));
  });

  test('calls without a user name mean the caller’s own user', async () => {
    const { keys, name } = await f.user('admin');
    const mine = f.as(keys);
    expect((await mine.iam.send(new GetUserCommand({}))).User!.UserName).toBe(name);
    expect((await mine.iam.send(new ListAccessKeysCommand({}))).AccessKeyMetadata!.map((one) => one.AccessKeyId)).toEqual([keys.accessKeyId]);
  });

  test('a signature of long ago is refused', async () => {
    const client = new CloudTrailClient({ endpoint: f.aws.endpoint, region: 'us-east-1', credentials: f.aws.rootKeys(account), maxAttempts: 1, systemClockOffset: -20 * 60_000 });
    expect(await codeOf(client.send(new DescribeTrailsCommand({})))).toBe('InvalidSignatureException');
    client.destroy();
  });
});

describe('what they may', () => {
  test('GetCallerIdentity works under an explicit deny (STS API reference)', async () => {
    const { keys, arn } = await f.user(policy(deny('*')));
    expect((await f.as(keys).sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(arn);
  });

  test('Resource narrows to the thing named', async () => {
    const { keys, name } = await f.user(policy(allow('iam:GetUser', `arn:aws:iam::${account}:user/user-1`)));
    await f.as(keys).iam.send(new GetUserCommand({ UserName: 'user-1' }));
    expect(await codeOf(f.as(keys).iam.send(new GetUserCommand({ UserName: name })))).toBe('AccessDenied');
  });

  test('Condition is looked at: address and region', async () => {
    const { keys } = await f.user(policy(allow('ec2:DescribeInstances', '*', { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' }, IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } })));
    const at = (sourceIp: string, region: string): Promise<unknown> => f.as(keys, { sourceIp, region }).ec2.send(new DescribeInstancesCommand({}));
    await at('203.0.113.9', 'eu-west-1');
    expect(await codeOf(at('203.0.113.9', 'us-east-1'))).toBe('UnauthorizedOperation');
    expect(await codeOf(at('198.51.100.9', 'eu-west-1'))).toBe('UnauthorizedOperation');
  });

  test('a permissions boundary caps what policies give (IAM User Guide, "Permissions boundaries")', async () => {
    const { keys, name } = await f.user('admin');
    await f.root.iam.send(new PutUserPermissionsBoundaryCommand({ UserName: name, PermissionsBoundary: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' }));
    await f.as(keys).s3.send(new ListBucketsCommand({}));
    expect(await codeOf(f.as(keys).iam.send(new ListUsersCommand({})))).toBe('AccessDenied');
    expect((await f.root.iam.send(new GetUserCommand({ UserName: name }))).User!.PermissionsBoundary!.PermissionsBoundaryArn).toContain('AmazonS3ReadOnlyAccess');
  });

  test('a deny by aws:TokenIssueTime stops older sessions only, and no long-term key (IAM User Guide, "Revoke role sessions")', async () => {
    const { keys, arn } = await f.user('admin');
    await f.root.iam.send(new CreateRoleCommand({ RoleName: 'worker', AssumeRolePolicyDocument: trust(arn) }));
    await f.root.iam.send(new PutRolePolicyCommand({ RoleName: 'worker', PolicyName: 'work', PolicyDocument: policy(allow('iam:ListUsers')) }));
    const assume = async (): Promise<Clients> => f.as(session((await f.as(keys).sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/worker`, RoleSessionName: 'one' }))).Credentials));
    const old = await assume();
    const revoke = (before: string): Promise<unknown> => f.root.iam.send(new PutRolePolicyCommand({ RoleName: 'worker', PolicyName: 'AWSRevokeOlderSessions', PolicyDocument: policy(deny('*', '*', { DateLessThan: { 'aws:TokenIssueTime': before } })) }));
    await revoke('2020-01-01T00:00:00Z');
    await old.iam.send(new ListUsersCommand({}));
    await revoke(new Date(Date.now() + 30_000).toISOString());
    expect(await codeOf(old.iam.send(new ListUsersCommand({})))).toBe('AccessDenied');
    await f.root.iam.send(new PutUserPolicyCommand({ UserName: arn.split('/')[1], PolicyName: 'revoke', PolicyDocument: policy(deny('*', '*', { DateLessThan: { 'aws:TokenIssueTime': new Date(Date.now() + 30_000).toISOString() } })) }));
    await f.as(keys).iam.send(new ListUsersCommand({}));
    await f.root.iam.send(new DeleteRolePolicyCommand({ RoleName: 'worker', PolicyName: 'AWSRevokeOlderSessions' }));
    await old.iam.send(new ListUsersCommand({}));
  });

  test('a trust policy is the role’s door: who, with which external id; a stranger’s account needs both sides', async () => {
    const { keys } = await f.user('admin');
    await f.root.iam.send(new CreateRoleCommand({ RoleName: 'door', AssumeRolePolicyDocument: trust(`arn:aws:iam::${account}:root`, { StringEquals: { 'sts:ExternalId': 'right' } }) }));
    const enter = (ExternalId?: string): Promise<unknown> => f.as(keys).sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/door`, RoleSessionName: 'knock', ExternalId }));
    await enter('right');
    expect(await codeOf(enter('wrong'))).toBe('AccessDenied');
    expect(await codeOf(enter())).toBe('AccessDenied');
    expect(await codeOf(f.as(keys).sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/none`, RoleSessionName: 'knock' })))).toBe('AccessDenied');
    const nobody = await f.user(null);
    expect(await codeOf(f.as(nobody.keys).sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/door`, RoleSessionName: 'knock', ExternalId: 'right' })))).toBe('AccessDenied');
  });

  test('a role’s session dies with the role, and a namesake does not wake it', async () => {
    const { keys, arn } = await f.user('admin');
    const make = async (): Promise<void> => {
      await f.root.iam.send(new CreateRoleCommand({ RoleName: 'brief', AssumeRolePolicyDocument: trust(arn) }));
      await f.root.iam.send(new PutRolePolicyCommand({ RoleName: 'brief', PolicyName: 'work', PolicyDocument: policy(allow('iam:ListUsers')) }));
    };
    await make();
    const old = f.as(session((await f.as(keys).sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/brief`, RoleSessionName: 'one' }))).Credentials));
    await old.iam.send(new ListUsersCommand({}));
    await f.root.iam.send(new DeleteRolePolicyCommand({ RoleName: 'brief', PolicyName: 'work' }));
    await f.root.iam.send(new DeleteRoleCommand({ RoleName: 'brief' }));
    expect(await codeOf(old.iam.send(new ListUsersCommand({})))).toBe('AccessDenied');
    await make();
    expect(await codeOf(old.iam.send(new ListUsersCommand({})))).toBe('AccessDenied');
  });

  test('a GetSessionToken session outlives its inactive key, follows the user’s policies, and may not call IAM without MFA (STS API reference)', async () => {
    const { keys, name } = await f.user('admin');
    const kept = f.as(session((await f.as(keys).sts.send(new GetSessionTokenCommand({}))).Credentials));
    await f.root.iam.send(new UpdateAccessKeyCommand({ UserName: name, AccessKeyId: keys.accessKeyId, Status: 'Inactive' }));
    await kept.ec2.send(new DescribeInstancesCommand({}));
    expect(await codeOf(kept.iam.send(new ListUsersCommand({})))).toBe('InvalidClientTokenId');
    await f.root.iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'deny', PolicyDocument: policy(deny('*')) }));
    expect(await codeOf(kept.ec2.send(new DescribeInstancesCommand({})))).toBe('UnauthorizedOperation');
  });
});

describe('when', () => {
  afterEach(() => { f.aws.setLag(0); f.aws.setThrottle({}); });

  test('IAM changes take effect after the lag (IAM User Guide, "Changes that I make are not always immediately visible")', async () => {
    const { keys, name } = await f.user('admin');
    const mine = f.as(keys);
    f.aws.setLag(400);
    const changed = Date.now();
    await f.root.iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'deny', PolicyDocument: policy(deny('*')) }));
    await mine.iam.send(new ListUsersCommand({}));
    let refused = 0;
    while (!refused && Date.now() - changed < 5000) await mine.iam.send(new ListUsersCommand({})).catch(() => { refused = Date.now(); });
    expect(refused - changed).toBeGreaterThanOrEqual(400);
    await f.root.iam.send(new DeleteUserPolicyCommand({ UserName: name, PolicyName: 'deny' }));
    expect(await codeOf(mine.iam.send(new ListUsersCommand({})))).toBe('AccessDenied');
  });

  test('over the rate the protocol’s own throttling error comes, and passes', async () => {
    // Nothing comes back while the calls are under way, however slow the machine.
    f.aws.setThrottle({ iam: { perSecond: 0.001, burst: 2 }, ec2: { perSecond: 0.001, burst: 1 } });
    const once = f.as(f.aws.rootKeys(account), { maxAttempts: 1 });
    const calls = await Promise.allSettled([1, 2, 3, 4].map(() => once.iam.send(new ListUsersCommand({}))));
    expect(calls.filter((one) => one.status === 'rejected').map((one) => (one.reason as Error).name)).toEqual(['Throttling', 'Throttling']);
    const more = await Promise.allSettled([1, 2].map(() => once.ec2.send(new DescribeInstancesCommand({}))));
    expect(more.filter((one) => one.status === 'rejected').map((one) => (one.reason as Error).name)).toEqual(['RequestLimitExceeded']);
    f.aws.setThrottle({ iam: { perSecond: 20, burst: 2 } });
    await f.root.iam.send(new ListUsersCommand({}));
  });
});
