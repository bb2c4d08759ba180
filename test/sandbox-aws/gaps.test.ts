import { CreateBudgetCommand, DescribeBudgetCommand, DescribeNotificationsForBudgetCommand, DescribeSubscribersForNotificationCommand, UpdateBudgetCommand } from '@aws-sdk/client-budgets';
import { CreateTrailCommand, DeleteTrailCommand, GetEventSelectorsCommand, type GetEventSelectorsCommandOutput, PutEventSelectorsCommand, StopLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { CreateAnomalyMonitorCommand, CreateAnomalySubscriptionCommand, GetAnomaliesCommand, GetAnomalyMonitorsCommand, GetAnomalySubscriptionsCommand, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import { DescribeImagesCommand, ModifyInstanceAttributeCommand, RunInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { ArchiveFindingsCommand, CreateDetectorCommand, CreateSampleFindingsCommand, GetFindingsCommand, ListFindingsCommand, ListMembersCommand } from '@aws-sdk/client-guardduty';
import {
  CreateAccessKeyCommand, CreateLoginProfileCommand, CreateRoleCommand, DeleteAccessKeyCommand, DeleteLoginProfileCommand, DeleteUserPermissionsBoundaryCommand, EnableOrganizationsRootCredentialsManagementCommand, EnableOrganizationsRootSessionsCommand,
  GenerateServiceLastAccessedDetailsCommand, GetAccessKeyLastUsedCommand, GetAccountSummaryCommand, GetLoginProfileCommand, GetServiceLastAccessedDetailsCommand, ListAccessKeysCommand, ListOrganizationsFeaturesCommand, ListServiceSpecificCredentialsCommand, ListUsersCommand,
  PutRolePolicyCommand, SimulatePrincipalPolicyCommand, UpdateLoginProfileCommand,
} from '@aws-sdk/client-iam';
import { CreateFunctionCommand, GetFunctionCommand } from '@aws-sdk/client-lambda';
import { AttachPolicyCommand, CreateAccountCommand, CreateOrganizationCommand, CreatePolicyCommand, DetachPolicyCommand, EnableAWSServiceAccessCommand, EnablePolicyTypeCommand, ListRootsCommand } from '@aws-sdk/client-organizations';
import { CreateBucketCommand, DeleteBucketPolicyCommand, DeletePublicAccessBlockCommand, GetPublicAccessBlockCommand, PutBucketAclCommand, PutBucketPolicyCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, AssumeRootCommand } from '@aws-sdk/client-sts';
import { CreateCaseCommand, DescribeCasesCommand } from '@aws-sdk/client-support';
import type { Clients, Keys } from '../../sandbox/aws';
import { zipOf } from '../../sandbox/aws/world/zip';
import { account, allow, codeOf, deny, policy, start, type Fixture } from './fixture';

let f: Fixture;
let member: string;
/** The member account under its OrganizationAccountAccessRole. */
let inMember: Clients;
const keysOf = (c: { AccessKeyId?: string; SecretAccessKey?: string; SessionToken?: string } | undefined): Keys => ({ accessKeyId: c!.AccessKeyId!, secretAccessKey: c!.SecretAccessKey!, sessionToken: c!.SessionToken });

beforeAll(async () => {
  f = await start();
  const { organizations } = f.root;
  await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
  const { Roots } = await organizations.send(new ListRootsCommand({}));
  await organizations.send(new EnablePolicyTypeCommand({ RootId: Roots![0]!.Id, PolicyType: 'SERVICE_CONTROL_POLICY' }));
  member = (await organizations.send(new CreateAccountCommand({ AccountName: 'member', Email: 'member@example.com' }))).CreateAccountStatus!.AccountId!;
  const owner = await f.user('admin');
  const { Credentials } = await f.as(owner.keys).sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${member}:role/OrganizationAccountAccessRole`, RoleSessionName: 'owner' }));
  inMember = f.as(keysOf(Credentials));
}, 90_000);
afterAll(() => f.stop());

describe('organisation', () => {
  test('an SCP denies in the member account, root included, and never in the management account (Organizations User Guide, "SCP effects")', async () => {
    const { organizations } = f.root;
    const { Policy } = await organizations.send(new CreatePolicyCommand({ Name: 'no-listing', Description: 'x', Type: 'SERVICE_CONTROL_POLICY', Content: policy(deny('iam:ListUsers')) }));
    const { Roots } = await organizations.send(new ListRootsCommand({}));
    const memberRoot = f.as(f.aws.rootKeys(member));
    await inMember.iam.send(new ListUsersCommand({}));
    await organizations.send(new AttachPolicyCommand({ PolicyId: Policy!.PolicySummary!.Id, TargetId: Roots![0]!.Id }));
    expect(await codeOf(inMember.iam.send(new ListUsersCommand({})))).toBe('AccessDenied');
    expect(await codeOf(memberRoot.iam.send(new ListUsersCommand({})))).toBe('AccessDenied');
    await f.root.iam.send(new ListUsersCommand({}));
    await organizations.send(new DetachPolicyCommand({ PolicyId: Policy!.PolicySummary!.Id, TargetId: Roots![0]!.Id }));
    await memberRoot.iam.send(new ListUsersCommand({}));
  });

  test('root access is central only when switched on, for fifteen minutes and one task (IAM User Guide, "Centrally manage root access"; STS API reference, AssumeRoot)', async () => {
    const admin = f.as((await f.user('admin')).keys);
    const assume = (TargetPrincipal: string, task: string, DurationSeconds = 900): Promise<Keys> => admin.sts.send(new AssumeRootCommand({ TargetPrincipal, TaskPolicyArn: { arn: `arn:aws:iam::aws:policy/root-task/${task}` }, DurationSeconds })).then((answer) => keysOf(answer.Credentials));
    const remove = 'IAMDeleteRootUserCredentials';
    expect(await codeOf(assume(member, remove))).toBe('AccessDenied');
    expect(await codeOf(admin.iam.send(new EnableOrganizationsRootSessionsCommand({})))).toMatch(/ServiceAccessNotEnabled/);
    await admin.organizations.send(new EnableAWSServiceAccessCommand({ ServicePrincipal: 'iam.amazonaws.com' }));
    await admin.iam.send(new EnableOrganizationsRootCredentialsManagementCommand({}));
    await admin.iam.send(new EnableOrganizationsRootSessionsCommand({}));
    expect((await admin.iam.send(new ListOrganizationsFeaturesCommand({}))).EnabledFeatures!.sort()).toEqual(['RootCredentialsManagement', 'RootSessions']);
    expect(await codeOf(inMember.iam.send(new ListOrganizationsFeaturesCommand({})))).toMatch(/CallerIsNotManagementAccount/);

    expect(await codeOf(assume(member, remove, 901))).toBe('ValidationError');
    expect(await codeOf(assume(account, remove))).toBe('AccessDenied');
    expect(await codeOf(inMember.sts.send(new AssumeRootCommand({ TargetPrincipal: member, TaskPolicyArn: { arn: `arn:aws:iam::aws:policy/root-task/${remove}` } })))).toBe('AccessDenied');

    const session = f.aws.rootSession(member, false);
    const { AccessKey } = await f.as(session).iam.send(new CreateAccessKeyCommand({}));
    const rootKey = f.as({ accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! });
    await rootKey.iam.send(new ListUsersCommand({}));
    const summary = async (): Promise<Record<string, number>> => (await inMember.iam.send(new GetAccountSummaryCommand({}))).SummaryMap as Record<string, number>;
    expect(await summary()).toMatchObject({ AccountAccessKeysPresent: 1, AccountPasswordPresent: 1 });

    const task = f.as(await assume(member, remove));
    expect(await codeOf(task.iam.send(new ListUsersCommand({})))).toBe('AccessDenied');
    expect((await task.iam.send(new ListAccessKeysCommand({}))).AccessKeyMetadata!.map((one) => one.AccessKeyId)).toEqual([AccessKey!.AccessKeyId]);
    await task.iam.send(new DeleteAccessKeyCommand({ AccessKeyId: AccessKey!.AccessKeyId }));
    await task.iam.send(new DeleteLoginProfileCommand({}));
    expect(await codeOf(task.iam.send(new DeleteLoginProfileCommand({})))).toMatch(/^NoSuchEntity/);
    expect(await codeOf(rootKey.iam.send(new ListUsersCommand({})))).toBe('InvalidClientTokenId');
    expect(await summary()).toMatchObject({ AccountAccessKeysPresent: 0, AccountPasswordPresent: 0 });
    expect(f.aws.records(member).filter((one) => one.record.userIdentity.type === 'AssumedRoot').map((one) => one.record.eventName)).toEqual(['ListUsers', 'ListAccessKeys', 'DeleteAccessKey', 'DeleteLoginProfile', 'DeleteLoginProfile']);
  });

  test('a bucket whose policy shuts everybody out is opened by AssumeRoot only', async () => {
    await inMember.s3.send(new CreateBucketCommand({ Bucket: 'locked-out-bucket' }));
    await inMember.s3.send(new PutBucketPolicyCommand({ Bucket: 'locked-out-bucket', Policy: policy({ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: ['arn:aws:s3:::locked-out-bucket', 'arn:aws:s3:::locked-out-bucket/*'] }) }));
    expect(await codeOf(inMember.s3.send(new DeleteBucketPolicyCommand({ Bucket: 'locked-out-bucket' })))).toBe('AccessDenied');
    const admin = f.as((await f.user('admin')).keys);
    const { Credentials } = await admin.sts.send(new AssumeRootCommand({ TargetPrincipal: member, TaskPolicyArn: { arn: 'arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy' } }));
    await f.as(keysOf(Credentials)).s3.send(new DeleteBucketPolicyCommand({ Bucket: 'locked-out-bucket' }));
    await inMember.s3.send(new PutObjectCommand({ Bucket: 'locked-out-bucket', Key: 'x', Body: 'x' }));
  });
});

describe('IAM', () => {
  test('UpdateLoginProfile without a password keeps the profile', async () => {
    const { name } = await f.user(null);
    expect(await codeOf(f.root.iam.send(new UpdateLoginProfileCommand({ UserName: name, PasswordResetRequired: true })))).toMatch(/^NoSuchEntity/);
    await f.root.iam.send(new CreateLoginProfileCommand({ UserName: name, Password: 'Abcdefgh-12345!' }));
    await f.root.iam.send(new UpdateLoginProfileCommand({ UserName: name, PasswordResetRequired: true }));
    expect((await f.root.iam.send(new GetLoginProfileCommand({ UserName: name }))).LoginProfile!.PasswordResetRequired).toBe(true);
  });

  test('last used: of a key, and of services by action', async () => {
    const { keys, name, arn } = await f.user(policy(allow(['iam:ListUsers', 's3:ListAllMyBuckets', 'ec2:DescribeInstances'])));
    await f.as(keys).iam.send(new ListUsersCommand({}));
    expect((await f.root.iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: keys.accessKeyId })))).toMatchObject({ UserName: name, AccessKeyLastUsed: { ServiceName: 'iam' } });
    const { JobId } = await f.root.iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn: arn, Granularity: 'ACTION_LEVEL' }));
    const { JobStatus, ServicesLastAccessed } = await f.root.iam.send(new GetServiceLastAccessedDetailsCommand({ JobId }));
    expect(JobStatus).toBe('COMPLETED');
    expect(ServicesLastAccessed!.map((one) => [one.ServiceNamespace, one.TotalAuthenticatedEntities, one.TrackedActionsLastAccessed!.map((action) => action.ActionName)])).toEqual([['ec2', 0, []], ['iam', 1, ['ListUsers']], ['s3', 0, []]]);
    expect(await codeOf(f.root.iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn: `${arn}-none` })))).toMatch(/^NoSuchEntity/);
  });

  test('SimulatePrincipalPolicy decides as a call would', async () => {
    const { arn } = await f.user(policy(allow('s3:*'), deny('s3:DeleteBucket')));
    const { EvaluationResults } = await f.root.iam.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn: arn, ActionNames: ['s3:CreateBucket', 's3:DeleteBucket', 'iam:ListUsers'], ResourceArns: ['arn:aws:s3:::some-bucket'] }));
    expect(EvaluationResults!.map((one) => one.EvalDecision)).toEqual(['allowed', 'explicitDeny', 'implicitDeny']);
    expect((await f.root.iam.send(new ListServiceSpecificCredentialsCommand({ UserName: arn.split('/')[1] }))).ServiceSpecificCredentials).toEqual([]);
    expect(await codeOf(f.root.iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: arn.split('/')[1] })))).toMatch(/^NoSuchEntity/);
  });

  test('a session policy narrows a role’s session', async () => {
    const { keys, arn } = await f.user('admin');
    await f.root.iam.send(new CreateRoleCommand({ RoleName: 'narrow', AssumeRolePolicyDocument: policy({ Effect: 'Allow', Principal: { AWS: arn }, Action: 'sts:AssumeRole' }) }));
    await f.root.iam.send(new PutRolePolicyCommand({ RoleName: 'narrow', PolicyName: 'all', PolicyDocument: policy(allow('*')) }));
    const { Credentials } = await f.as(keys).sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/narrow`, RoleSessionName: 'n1', Policy: policy(allow('iam:GetAccountSummary')) }));
    const narrow = f.as(keysOf(Credentials));
    await narrow.iam.send(new GetAccountSummaryCommand({}));
    expect(await codeOf(narrow.iam.send(new ListUsersCommand({})))).toBe('AccessDenied');
  });
});

describe('S3', () => {
  test('a new bucket blocks public access and has ACLs off (S3 User Guide, "Default settings for new S3 buckets")', async () => {
    await f.root.s3.send(new CreateBucketCommand({ Bucket: 'closed-by-default' }));
    const open = (): Promise<unknown> => f.root.s3.send(new PutBucketPolicyCommand({ Bucket: 'closed-by-default', Policy: policy({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::closed-by-default/*' }) }));
    expect((await f.root.s3.send(new GetPublicAccessBlockCommand({ Bucket: 'closed-by-default' }))).PublicAccessBlockConfiguration).toMatchObject({ BlockPublicPolicy: true, RestrictPublicBuckets: true });
    expect(await codeOf(open())).toBe('AccessDenied');
    expect(await codeOf(f.root.s3.send(new PutBucketAclCommand({ Bucket: 'closed-by-default', ACL: 'public-read' })))).toBe('AccessControlListNotSupported');
    await f.root.s3.send(new PutObjectCommand({ Bucket: 'closed-by-default', Key: 'a.txt', Body: 'hello' }));
    const anonymous = (): Promise<Response> => fetch(`${f.aws.endpoint}/closed-by-default/a.txt`);
    expect((await anonymous()).status).toBe(403);
    await f.root.s3.send(new DeletePublicAccessBlockCommand({ Bucket: 'closed-by-default' }));
    await open();
    expect(await (await anonymous()).text()).toBe('hello');
    await f.root.s3.send(new DeleteBucketPolicyCommand({ Bucket: 'closed-by-default' }));
    expect((await anonymous()).status).toBe(403);
  });
});

describe('EC2', () => {
  test('termination protection is honoured (EC2 API reference, OperationNotPermitted)', async () => {
    const { ec2 } = f.root;
    const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'], MaxResults: 5 }));
    const { Instances } = await ec2.send(new RunInstancesCommand({ ImageId: Images![0]!.ImageId, MinCount: 1, MaxCount: 1, InstanceType: 't3.micro' }));
    const InstanceId = Instances![0]!.InstanceId!;
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, DisableApiTermination: { Value: true } }));
    expect(await codeOf(ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] })))).toBe('OperationNotPermitted');
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, DisableApiTermination: { Value: false } }));
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
  }, 60_000);
});

describe('CloudTrail (API reference)', () => {
  test('a trail goes by name and by ARN, in its home region only; its selectors are the last that were put', async () => {
    const { cloudtrail, s3 } = f.root;
    await s3.send(new CreateBucketCommand({ Bucket: 'gap-trail-bucket' }));
    await s3.send(new PutBucketPolicyCommand({ Bucket: 'gap-trail-bucket', Policy: policy({ Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' }, Action: ['s3:GetBucketAcl', 's3:PutObject'], Resource: ['arn:aws:s3:::gap-trail-bucket', 'arn:aws:s3:::gap-trail-bucket/*'] }) }));
    const { TrailARN } = await cloudtrail.send(new CreateTrailCommand({ Name: 'gap-trail', S3BucketName: 'gap-trail-bucket', IsMultiRegionTrail: true }));
    const selectors = (): Promise<GetEventSelectorsCommandOutput> => cloudtrail.send(new GetEventSelectorsCommand({ TrailName: TrailARN }));
    expect((await selectors()).EventSelectors).toMatchObject([{ ReadWriteType: 'All', IncludeManagementEvents: true }]);
    await cloudtrail.send(new PutEventSelectorsCommand({ TrailName: TrailARN, AdvancedEventSelectors: [{ Name: 'a', FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] }] }));
    expect(Object.keys(await selectors())).not.toContain('EventSelectors');
    await cloudtrail.send(new PutEventSelectorsCommand({ TrailName: TrailARN, EventSelectors: [{ ReadWriteType: 'WriteOnly', IncludeManagementEvents: true, DataResources: [] }] }));
    expect(await selectors()).toMatchObject({ EventSelectors: [{ ReadWriteType: 'WriteOnly' }] });
    expect(Object.keys(await selectors())).not.toContain('AdvancedEventSelectors');
    const elsewhere = f.as(f.aws.rootKeys(account), { region: 'eu-west-1' }).cloudtrail;
    for (const command of [new StopLoggingCommand({ Name: TrailARN }), new DeleteTrailCommand({ Name: TrailARN })]) expect(await codeOf(elsewhere.send(command as StopLoggingCommand))).toBe('InvalidHomeRegionException');
    await cloudtrail.send(new DeleteTrailCommand({ Name: TrailARN }));
    expect(await codeOf(cloudtrail.send(new GetEventSelectorsCommand({ TrailName: TrailARN })))).toBe('TrailNotFoundException');
    expect(await codeOf(cloudtrail.send(new DeleteTrailCommand({ Name: 'gap-trail' })))).toBe('TrailNotFoundException');
  });
});

describe('Lambda', () => {
  test('the code can be fetched from where GetFunction says (Lambda API reference, FunctionCodeLocation)', async () => {
    const code = zipOf('index.js', 'exports.handler = async () => 1;');
    await f.root.iam.send(new CreateRoleCommand({ RoleName: 'fn', AssumeRolePolicyDocument: policy({ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }) }));
    await f.root.lambda.send(new CreateFunctionCommand({ FunctionName: 'fn', Runtime: 'nodejs20.x', Handler: 'index.handler', Role: `arn:aws:iam::${account}:role/fn`, Code: { ZipFile: code } }));
    const { Code, Configuration } = await f.root.lambda.send(new GetFunctionCommand({ FunctionName: 'fn' }));
    expect(Configuration!.FunctionName).toBe('fn');
    const fetched = await fetch(Code!.Location!);
    expect(Buffer.from(await fetched.arrayBuffer()).equals(Buffer.from(code))).toBe(true);
    expect((await fetch(`${Code!.Location!}x`)).status).toBe(403);
  });
});

describe('GuardDuty', () => {
  test('findings are raised, listed, read and archived; the event carries the same finding', async () => {
    const { guardduty } = f.root;
    await expect(f.aws.raiseFinding(account, 'us-east-1', { Type: 'Recon:IAMUser/UserPermissions', Severity: 5 })).rejects.toThrow(/no GuardDuty detector/);
    const { DetectorId } = await guardduty.send(new CreateDetectorCommand({ Enable: true }));
    const event = await f.aws.raiseFinding(account, 'us-east-1', { Type: 'UnauthorizedAccess:IAMUser/TorIPCaller', Severity: 8, Title: 't', Resource: { ResourceType: 'AccessKey', AccessKeyDetails: { AccessKeyId: 'AKIAEXAMPLE' } } });
    expect(event).toMatchObject({ source: 'aws.guardduty', 'detail-type': 'GuardDuty Finding', detail: { schemaVersion: '2.0', severity: 8, type: 'UnauthorizedAccess:IAMUser/TorIPCaller', resource: { accessKeyDetails: { accessKeyId: 'AKIAEXAMPLE' } }, service: { detectorId: DetectorId } } });
    await guardduty.send(new CreateSampleFindingsCommand({ DetectorId, FindingTypes: ['Recon:IAMUser/UserPermissions'] }));
    const list = async (Criterion?: object): Promise<string[]> => (await guardduty.send(new ListFindingsCommand({ DetectorId, ...(Criterion ? { FindingCriteria: { Criterion: Criterion as never } } : {}) }))).FindingIds!;
    expect(await list()).toHaveLength(2);
    const severe = await list({ severity: { GreaterThanOrEqual: 7 } });
    expect(severe).toEqual([event.detail.id]);
    expect((await guardduty.send(new GetFindingsCommand({ DetectorId, FindingIds: severe }))).Findings![0]).toMatchObject({ Type: 'UnauthorizedAccess:IAMUser/TorIPCaller', Resource: { AccessKeyDetails: { AccessKeyId: 'AKIAEXAMPLE' } } });
    await guardduty.send(new ArchiveFindingsCommand({ DetectorId, FindingIds: severe }));
    expect(await list({ 'service.archived': { Equals: ['false'] } })).not.toContain(severe[0]);
    expect((await guardduty.send(new ListMembersCommand({ DetectorId }))).Members).toEqual([]);
    expect(await codeOf(guardduty.send(new ListFindingsCommand({ DetectorId: 'none' })))).toBe('BadRequestException');
  });
});

describe('billing and support', () => {
  test('a budget is made, changed and read with its notifications and subscribers', async () => {
    const { budgets } = f.root;
    const Budget = { BudgetName: 'monthly', BudgetType: 'COST' as const, TimeUnit: 'MONTHLY' as const, BudgetLimit: { Amount: '100', Unit: 'USD' } };
    const Notification = { NotificationType: 'ACTUAL' as const, ComparisonOperator: 'GREATER_THAN' as const, Threshold: 80, ThresholdType: 'PERCENTAGE' as const };
    expect(await codeOf(budgets.send(new UpdateBudgetCommand({ AccountId: account, NewBudget: Budget })))).toBe('NotFoundException');
    await budgets.send(new CreateBudgetCommand({ AccountId: account, Budget, NotificationsWithSubscribers: [{ Notification, Subscribers: [{ SubscriptionType: 'EMAIL', Address: 'finance@example.com' }] }] }));
    expect(await codeOf(budgets.send(new CreateBudgetCommand({ AccountId: account, Budget })))).toBe('DuplicateRecordException');
    await budgets.send(new UpdateBudgetCommand({ AccountId: account, NewBudget: { ...Budget, BudgetLimit: { Amount: '50', Unit: 'USD' } } }));
    expect((await budgets.send(new DescribeBudgetCommand({ AccountId: account, BudgetName: 'monthly' }))).Budget!.BudgetLimit!.Amount).toBe('50');
    expect((await budgets.send(new DescribeNotificationsForBudgetCommand({ AccountId: account, BudgetName: 'monthly' }))).Notifications).toHaveLength(1);
    expect((await budgets.send(new DescribeSubscribersForNotificationCommand({ AccountId: account, BudgetName: 'monthly', Notification }))).Subscribers![0]!.Address).toBe('finance@example.com');
  });

  test('costs by day and service, and their anomalies', async () => {
    const { costExplorer } = f.root;
    f.aws.addCosts(account, [{ date: '2026-10-01', service: 'Amazon Elastic Compute Cloud - Compute', usd: 10 }, { date: '2026-10-02', service: 'Amazon Elastic Compute Cloud - Compute', usd: 900 }, { date: '2026-10-02', service: 'Amazon Simple Storage Service', usd: 1.5 }]);
    const { ResultsByTime } = await costExplorer.send(new GetCostAndUsageCommand({ TimePeriod: { Start: '2026-10-01', End: '2026-10-03' }, Granularity: 'DAILY', Metrics: ['UnblendedCost'], GroupBy: [{ Type: 'DIMENSION', Key: 'SERVICE' }] }));
    expect(ResultsByTime!.map((one) => one.Groups!.map((group) => [group.Keys![0], group.Metrics!.UnblendedCost!.Amount]))).toEqual([[['Amazon Elastic Compute Cloud - Compute', '10.00']], [['Amazon Elastic Compute Cloud - Compute', '900.00'], ['Amazon Simple Storage Service', '1.50']]]);
    const AnomalyMonitor = { MonitorName: 'services', MonitorType: 'DIMENSIONAL' as const, MonitorDimension: 'SERVICE' as const };
    const { MonitorArn } = await costExplorer.send(new CreateAnomalyMonitorCommand({ AnomalyMonitor }));
    expect(await codeOf(costExplorer.send(new CreateAnomalyMonitorCommand({ AnomalyMonitor })))).toBe('LimitExceededException');
    await costExplorer.send(new CreateAnomalySubscriptionCommand({ AnomalySubscription: { SubscriptionName: 's', MonitorArnList: [MonitorArn!], Subscribers: [{ Type: 'EMAIL', Address: 'finance@example.com' }], Frequency: 'DAILY' } }));
    expect((await costExplorer.send(new GetAnomalyMonitorsCommand({}))).AnomalyMonitors).toHaveLength(1);
    expect((await costExplorer.send(new GetAnomalySubscriptionsCommand({ MonitorArn }))).AnomalySubscriptions).toHaveLength(1);
    f.aws.addAnomaly(account, { service: 'Amazon Elastic Compute Cloud - Compute', region: 'us-east-1', date: '2026-10-02', expectedUsd: 10, actualUsd: 900 });
    const anomalies = async (StartDate: string): Promise<number> => (await costExplorer.send(new GetAnomaliesCommand({ DateInterval: { StartDate } }))).Anomalies!.length;
    expect([await anomalies('2026-10-01'), await anomalies('2026-10-03')]).toEqual([1, 0]);
    f.aws.addCosts(member, [{ date: '2026-10-02', service: 'AWS Lambda', usd: 7 }]);
    const total = async (clients: Clients, Filter?: object): Promise<string> => (await clients.costExplorer.send(new GetCostAndUsageCommand({ TimePeriod: { Start: '2026-10-02', End: '2026-10-03' }, Granularity: 'DAILY', Metrics: ['UnblendedCost'], Filter }))).ResultsByTime![0]!.Total!.UnblendedCost!.Amount!;
    const of = (id: string): object => ({ Dimensions: { Key: 'LINKED_ACCOUNT', Values: [id] } });
    expect([await total(f.root), await total(f.root, of(member)), await total(inMember), await total(f.root, { Not: of(member) })]).toEqual(['908.50', '7.00', '7.00', '901.50']);
    expect(await codeOf(total(f.root, { Tags: { Key: 'x', Values: ['y'] } }))).toBe('ValidationException');
  });

  test('the Support API is there with a plan only', async () => {
    const ask = (): Promise<string> => f.root.support.send(new CreateCaseCommand({ subject: 'Suspicious activity', communicationBody: 'text', severityCode: 'urgent', serviceCode: 'account-management', categoryCode: 'security' })).then((answer) => answer.caseId!);
    expect(await codeOf(ask())).toBe('SubscriptionRequiredException');
    f.aws.setSupportPlan(account, true);
    const id = await ask();
    expect((await f.root.support.send(new DescribeCasesCommand({ caseIdList: [id] }))).cases![0]).toMatchObject({ subject: 'Suspicious activity', status: 'opened' });
  });
});
