import { CreateTrailCommand, LookupEventsCommand, type LookupEventsCommandInput, StartLoggingCommand, StopLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand, DescribeImagesCommand, RunInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateAccessKeyCommand, CreateLoginProfileCommand, CreateRoleCommand, CreateUserCommand, DeleteUserCommand, GetAccountSummaryCommand, ListUsersCommand } from '@aws-sdk/client-iam';
import { AddPermissionCommand, CreateFunctionCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, DeletePublicAccessBlockCommand, GetObjectCommand, PutBucketPolicyCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { Envelope, TrailRecord } from '../../sandbox/aws';
import { zipOf } from '../../sandbox/aws/world/zip';
import { account, codeOf, deny, policy, start, type Fixture } from './fixture';

let f: Fixture;
beforeAll(async () => { f = await start(); }, 90_000);
afterAll(() => f.stop());

const last = (eventName: string, of = account): TrailRecord => f.aws.records(of).filter((one) => one.record.eventName === eventName).at(-1)!.record;

describe('records (CloudTrail User Guide, "CloudTrail record contents")', () => {
  test('an IAM call: who, from where, what; dates in words, no secret', async () => {
    const { keys, arn, name } = await f.user('admin');
    const mine = f.as(keys, { sourceIp: '185.220.101.34', userAgent: 'python-requests/2.32.3', region: 'eu-west-1' });
    await mine.iam.send(new CreateUserCommand({ UserName: 'made', Tags: [{ Key: 'a', Value: 'b' }] }));
    expect(last('CreateUser')).toMatchObject({
      eventVersion: '1.11', eventSource: 'iam.amazonaws.com', awsRegion: 'us-east-1', sourceIPAddress: '185.220.101.34', userAgent: 'python-requests/2.32.3', readOnly: false, managementEvent: true, eventType: 'AwsApiCall', eventCategory: 'Management', recipientAccountId: account,
      userIdentity: { type: 'IAMUser', arn, accountId: account, accessKeyId: keys.accessKeyId, userName: name, principalId: expect.stringMatching(/^AIDA[A-Z0-9]{17}$/) },
      requestParameters: { userName: 'made', tags: [{ key: 'a', value: 'b' }] },
      responseElements: { user: { userName: 'made', arn: `arn:aws:iam::${account}:user/made`, createDate: expect.stringMatching(/^[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M$/) } },
    });
    const { AccessKey } = await mine.iam.send(new CreateAccessKeyCommand({ UserName: 'made' }));
    await mine.iam.send(new CreateLoginProfileCommand({ UserName: 'made', Password: 'Sup3r-secret-password!' }));
    expect(last('CreateAccessKey').responseElements).toMatchObject({ accessKey: { accessKeyId: AccessKey!.AccessKeyId, status: 'Active', userName: 'made' } });
    const everything = JSON.stringify(f.aws.records());
    for (const secret of [AccessKey!.SecretAccessKey!, keys.secretAccessKey, 'Sup3r-secret-password!']) expect(everything).not.toContain(secret);
  });

  test('failed calls are recorded with CloudTrail’s own codes', async () => {
    await codeOf(f.root.iam.send(new DeleteUserCommand({ UserName: 'nobody' })));
    expect(last('DeleteUser')).toMatchObject({ errorCode: 'NoSuchEntityException', responseElements: null, requestParameters: { userName: 'nobody' } });
    const { keys } = await f.user(policy(deny('*')));
    await codeOf(f.as(keys).iam.send(new ListUsersCommand({})));
    expect(last('ListUsers')).toMatchObject({ errorCode: 'AccessDenied', readOnly: true, errorMessage: expect.stringContaining('explicit deny') });
    await codeOf(f.as(keys).ec2.send(new TerminateInstancesCommand({ InstanceIds: ['i-0123456789abcdef0'] })));
    expect(last('TerminateInstances')).toMatchObject({ errorCode: 'Client.UnauthorizedOperation', requestParameters: { instancesSet: { items: [{ instanceId: 'i-0123456789abcdef0' }] } } });
  });

  test('EC2 in its own form: items, sets, wire names', async () => {
    const { ec2 } = f.as(f.aws.rootKeys(account), { region: 'eu-west-1' });
    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'open', Description: 'open' }));
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] }));
    expect(last('AuthorizeSecurityGroupIngress')).toMatchObject({
      awsRegion: 'eu-west-1',
      requestParameters: { groupId: GroupId, ipPermissions: { items: [{ ipProtocol: 'tcp', fromPort: 22, toPort: 22, groups: {}, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] }, ipv6Ranges: {}, prefixListIds: {} }] } },
      responseElements: { _return: true, securityGroupRuleSet: { items: [{ securityGroupRuleId: expect.stringMatching(/^sgr-/), cidrIpv4: '0.0.0.0/0' }] } },
    });
    const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'], MaxResults: 5 }));
    const { Instances } = await ec2.send(new RunInstancesCommand({ ImageId: Images![0]!.ImageId, MinCount: 1, MaxCount: 1, InstanceType: 'p3.2xlarge', SecurityGroupIds: [GroupId!], UserData: 'c2VjcmV0' }));
    const record = last('RunInstances');
    expect(record.requestParameters).toMatchObject({ instancesSet: { items: [{ imageId: Images![0]!.ImageId, minCount: 1, maxCount: 1 }] }, groupSet: { items: [{ groupId: GroupId }] }, instanceType: 'p3.2xlarge' });
    expect(record.responseElements).toMatchObject({ instancesSet: { items: [{ instanceId: Instances![0]!.InstanceId, instanceType: 'p3.2xlarge' }] } });
    expect(JSON.stringify(record)).not.toContain('c2VjcmV0');
  }, 60_000);

  test('S3: the policy as an object, bucket-level names; reading objects is no management event', async () => {
    await f.root.s3.send(new CreateBucketCommand({ Bucket: 'records-of-s3' }));
    await f.root.s3.send(new DeletePublicAccessBlockCommand({ Bucket: 'records-of-s3' }));
    const Policy = policy({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::records-of-s3/*' });
    await f.root.s3.send(new PutBucketPolicyCommand({ Bucket: 'records-of-s3', Policy }));
    expect(last('DeleteBucketPublicAccessBlock').requestParameters).toMatchObject({ bucketName: 'records-of-s3', publicAccessBlock: '' });
    expect(last('PutBucketPolicy').requestParameters).toMatchObject({ bucketName: 'records-of-s3', policy: '', bucketPolicy: JSON.parse(Policy) });
    const before = f.aws.records().length;
    await f.root.s3.send(new PutObjectCommand({ Bucket: 'records-of-s3', Key: 'a b/ü.txt', Body: 'x' }));
    expect(await (await f.root.s3.send(new GetObjectCommand({ Bucket: 'records-of-s3', Key: 'a b/ü.txt' }))).Body!.transformToString()).toBe('x');
    expect(f.aws.records()).toHaveLength(before);
  });

  test('Lambda’s event names carry the API version (Lambda Developer Guide)', async () => {
    await f.root.iam.send(new CreateRoleCommand({ RoleName: 'fn', AssumeRolePolicyDocument: policy({ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }) }));
    await f.root.lambda.send(new CreateFunctionCommand({ FunctionName: 'fn', Runtime: 'nodejs20.x', Handler: 'index.handler', Role: `arn:aws:iam::${account}:role/fn`, Code: { ZipFile: zipOf('index.js', 'exports.handler = async () => 1;') } }));
    await f.root.lambda.send(new AddPermissionCommand({ FunctionName: 'fn', StatementId: 'p', Action: 'lambda:InvokeFunction', Principal: '*' }));
    expect(last('CreateFunction20150331')).toMatchObject({ requestParameters: { functionName: 'fn', runtime: 'nodejs20.x' }, responseElements: { functionName: 'fn' } });
    expect(last('AddPermission20150331v2').requestParameters).toMatchObject({ functionName: 'fn', principal: '*', action: 'lambda:InvokeFunction' });
  });

  test('a role session names its issuer; a cross-account AssumeRole is in both accounts', async () => {
    const other = '444455556666';
    const otherRoot = f.as(f.aws.rootKeys(other));
    await otherRoot.iam.send(new CreateRoleCommand({ RoleName: 'guest', AssumeRolePolicyDocument: policy({ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' }) }));
    const { keys } = await f.user('admin');
    const { Credentials } = await f.as(keys).sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${other}:role/guest`, RoleSessionName: 'visit' }));
    const mine = last('AssumeRole');
    const theirs = last('AssumeRole', other);
    expect(theirs).toMatchObject({ recipientAccountId: other, sharedEventID: mine.sharedEventID, userIdentity: { type: 'AWSAccount', accountId: account } });
    expect(mine.responseElements).toMatchObject({ assumedRoleUser: { arn: `arn:aws:sts::${other}:assumed-role/guest/visit` }, credentials: { accessKeyId: Credentials!.AccessKeyId } });
    expect(JSON.stringify(mine)).not.toContain(Credentials!.SecretAccessKey);
    const guest = f.as({ accessKeyId: Credentials!.AccessKeyId!, secretAccessKey: Credentials!.SecretAccessKey!, sessionToken: Credentials!.SessionToken! });
    await codeOf(guest.iam.send(new ListUsersCommand({})));
    expect(last('ListUsers', other).userIdentity).toMatchObject({ type: 'AssumedRole', arn: `arn:aws:sts::${other}:assumed-role/guest/visit`, sessionContext: { sessionIssuer: { type: 'Role', userName: 'guest', arn: `arn:aws:iam::${other}:role/guest` }, attributes: { mfaAuthenticated: 'false' } } });
  });
});

describe('LookupEvents (CloudTrail API reference)', () => {
  const lookUp = (input: LookupEventsCommandInput, region = 'us-east-1') => f.as(f.aws.rootKeys(account), { region, maxAttempts: 1 }).cloudtrail.send(new LookupEventsCommand(input));
  beforeEach(() => f.aws.setThrottle({}));

  test('newest first, in pages that lose and repeat nothing', async () => {
    for (let i = 0; i < 7; i += 1) await f.root.iam.send(new CreateUserCommand({ UserName: `page-${i}`, Path: '/pages/' }));
    const names: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await lookUp({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'CreateUser' }], MaxResults: 3, NextToken });
      expect(page.Events!.length).toBeLessThanOrEqual(3);
      names.push(...page.Events!.map((one) => (JSON.parse(one.CloudTrailEvent!) as { requestParameters: { userName: string } }).requestParameters.userName));
      NextToken = page.NextToken;
    } while (NextToken);
    expect(names.filter((one) => one.startsWith('page-'))).toEqual(['page-6', 'page-5', 'page-4', 'page-3', 'page-2', 'page-1', 'page-0']);
    expect(new Set(names).size).toBe(names.length);
  });

  test('by one attribute, by region, by time', async () => {
    const { keys, name } = await f.user('admin');
    await f.as(keys, { region: 'eu-central-1' }).ec2.send(new CreateSecurityGroupCommand({ GroupName: 'far', Description: 'far' }));
    const by = async (AttributeKey: 'Username' | 'AccessKeyId' | 'EventSource' | 'ResourceName', AttributeValue: string, region?: string) => (await lookUp({ LookupAttributes: [{ AttributeKey, AttributeValue }] }, region)).Events!.map((one) => one.EventName);
    expect(await by('Username', name, 'eu-central-1')).toEqual(['CreateSecurityGroup']);
    expect(await by('AccessKeyId', keys.accessKeyId)).toEqual([]);
    expect(await by('ResourceName', name)).toContain('CreateAccessKey');
    expect((await lookUp({ EndTime: new Date(Date.now() - 3_600_000) })).Events).toEqual([]);
    expect(await codeOf(lookUp({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'a' }, { AttributeKey: 'EventId', AttributeValue: 'b' }] }))).toBe('InvalidLookupAttributesException');
    expect(await codeOf(lookUp({ MaxResults: 51 }))).toBe('InvalidMaxResultsException');
    expect(await codeOf(lookUp({ StartTime: new Date(), EndTime: new Date(0) }))).toBe('InvalidTimeRangeException');
  }, 60_000);

  test('two a second per account and region', async () => {
    f.aws.setThrottle({ 'cloudtrail.LookupEvents': { perSecond: 2, burst: 2 } });
    const answers = await Promise.allSettled([1, 2, 3, 4].map(() => lookUp({})));
    expect(answers.filter((one) => one.status === 'rejected').map((one) => (one.reason as Error).name)).toEqual(['ThrottlingException', 'ThrottlingException']);
    await lookUp({}, 'eu-west-1');
  });

  test('events show after the delivery lag', async () => {
    f.aws.setDeliveryLag(60_000);
    await f.root.iam.send(new CreateUserCommand({ UserName: 'late' }));
    const seen = async (): Promise<number> => (await lookUp({ LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: 'late' }] })).Events!.length;
    expect(await seen()).toBe(0);
    f.aws.setDeliveryLag(0);
    expect(await seen()).toBe(1);
  });
});

describe('EventBridge (CloudTrail User Guide, "EventBridge integration")', () => {
  test('gets write events while a trail logs, StopLogging the last; the event history goes on', async () => {
    const got: Envelope[] = [];
    const stop = f.aws.eventStream((one) => got.push(one));
    const make = (name: string): Promise<unknown> => f.root.iam.send(new CreateUserCommand({ UserName: name }));
    await make('unseen');
    await f.root.s3.send(new CreateBucketCommand({ Bucket: 'trail-bucket-one' }));
    await f.root.s3.send(new PutBucketPolicyCommand({ Bucket: 'trail-bucket-one', Policy: policy({ Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' }, Action: ['s3:GetBucketAcl', 's3:PutObject'], Resource: ['arn:aws:s3:::trail-bucket-one', 'arn:aws:s3:::trail-bucket-one/*'] }) }));
    await f.root.cloudtrail.send(new CreateTrailCommand({ Name: 'trail-one', S3BucketName: 'trail-bucket-one', IsMultiRegionTrail: true }));
    await f.root.cloudtrail.send(new StartLoggingCommand({ Name: 'trail-one' }));
    await make('seen');
    await f.root.iam.send(new ListUsersCommand({}));
    await f.root.cloudtrail.send(new StopLoggingCommand({ Name: 'trail-one' }));
    await make('unseen-again');
    stop();
    expect(got.map((one) => one.detail.eventName)).toEqual(['CreateUser', 'StopLogging']);
    expect(got[0]).toMatchObject({ version: '0', 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.iam', account, region: 'us-east-1', detail: { requestParameters: { userName: 'seen' } } });
    expect(f.aws.records(account).map((one) => one.record.requestParameters?.userName)).toEqual(expect.arrayContaining(['unseen', 'unseen-again']));
  });
});

describe('what people do at the console', () => {
  test('a root sign-in, its password change and its MFA leave the cloud’s own record', async () => {
    f.aws.recordConsoleLogin({ account, user: null, mfa: false, ip: '185.220.101.34' });
    expect(last('ConsoleLogin')).toMatchObject({ eventSource: 'signin.amazonaws.com', eventType: 'AwsConsoleSignIn', awsRegion: 'us-east-1', userIdentity: { type: 'Root', arn: `arn:aws:iam::${account}:root` }, responseElements: { ConsoleLogin: 'Success' }, additionalEventData: { MFAUsed: 'No' } });
    f.aws.recordConsoleLogin({ account, user: null, mfa: false, ip: '185.220.101.34', success: false });
    expect(last('ConsoleLogin')).toMatchObject({ errorMessage: 'Failed authentication', responseElements: { ConsoleLogin: 'Failure' } });
    const mfa = async (): Promise<number | undefined> => (await f.root.iam.send(new GetAccountSummaryCommand({}))).SummaryMap!.AccountMFAEnabled;
    expect(await mfa()).toBe(0);
    f.aws.enableRootMfa(account);
    f.aws.recordPasswordUpdated(account);
    expect(await mfa()).toBe(1);
    expect(last('PasswordUpdated')).toMatchObject({ userIdentity: { type: 'Root' }, responseElements: { PasswordUpdated: 'Success' } });
  });
});
