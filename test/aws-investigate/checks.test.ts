import type { AwsCase, AwsContext } from '../../activities/aws/context';
import { awsChecks } from '../../activities/aws/investigate';
import { trail } from '../../activities/aws/investigate/trail';
import { fail } from '../../activities/boundary';
import type { JsonObject } from '../../playbook/json';
import type { Artifact, CheckId, Finding } from '../../playbook/model/finding';
import { account, alertOf, attackerIp, awsError, fakeAccess, lookUpIn, memorySink, officeIp, principal, recordJson, type FakeCall } from './support';

// The two look-ups a second are tested on their own; here nobody waits for them.
jest.mock('../../activities/aws/investigate/limiter', () => ({ lookupLimiter: { turn: async () => undefined } }));

const now = new Date('2026-11-20T13:00:00Z');
const other = '222222222222';
const aCase = (over: Partial<AwsCase> = {}): AwsCase => ({ incident: 'inc-1', caseKey: 'inc-1.1', principal, alerts: [alertOf({ target: null })], ...over });

const admin = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
const read = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }] };
const trust = (...arns: string[]) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: arns }, Action: 'sts:AssumeRole' }] });
const owner = { by: { user: 'ada', key: 'AKIAADA0000000000001' }, ip: officeIp };

/** The account's event history: what the owners did before, and the attack. */
const history: JsonObject[] = [
  recordJson('GetCallerIdentity', { ip: officeIp, at: '2026-11-01T09:00:00Z', readOnly: true }),
  recordJson('CreateRole', { ...owner, at: '2026-10-01T09:00:00Z', requestParameters: { roleName: 'sync', assumeRolePolicyDocument: JSON.stringify(trust(`arn:aws:iam::${account}:root`)) } }),
  recordJson('PutUserPolicy', { ...owner, at: '2026-10-01T09:01:00Z', requestParameters: { userName: 'victor', policyName: 'work', policyDocument: JSON.stringify(read) } }),
  recordJson('CreateBucket', { ...owner, at: '2026-10-01T09:02:00Z', eventSource: 's3.amazonaws.com', requestParameters: { bucketName: 'orders' } }),
  recordJson('PutBucketPublicAccessBlock', { ...owner, at: '2026-10-01T09:03:00Z', eventSource: 's3.amazonaws.com', requestParameters: { bucketName: 'orders', PublicAccessBlockConfiguration: { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true } } }),
  recordJson('CreateTrail', { ...owner, at: '2026-10-01T09:04:00Z', eventSource: 'cloudtrail.amazonaws.com', requestParameters: { name: 'main', s3BucketName: 'logs', isMultiRegionTrail: true, enableLogFileValidation: true } }),
  // The owner at work from the usual place, in the middle of the attack.
  recordJson('CreateBucket', { ip: officeIp, at: '2026-11-20T12:10:00Z', eventSource: 's3.amazonaws.com', requestParameters: { bucketName: 'dana-notes' } }),
  // The attack.
  recordJson('UpdateAssumeRolePolicy', { at: '2026-11-20T12:01:00Z', requestParameters: { roleName: 'sync', policyDocument: JSON.stringify(trust(`arn:aws:iam::${account}:root`, 'arn:aws:iam::999999999999:root')) } }),
  recordJson('PutUserPolicy', { at: '2026-11-20T12:02:00Z', requestParameters: { userName: 'victor', policyName: 'work', policyDocument: JSON.stringify(admin) } }),
  recordJson('AddUserToGroup', { at: '2026-11-20T12:02:30Z', requestParameters: { groupName: 'admins', userName: 'victor' } }),
  recordJson('DeleteBucketPublicAccessBlock', { at: '2026-11-20T12:03:00Z', eventSource: 's3.amazonaws.com', requestParameters: { bucketName: 'orders' } }),
  recordJson('PutBucketPolicy', { at: '2026-11-20T12:03:10Z', eventSource: 's3.amazonaws.com', requestParameters: { bucketName: 'orders', bucketPolicy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::orders/*' }] } } }),
  recordJson('UpdateTrail', { at: '2026-11-20T12:04:00Z', eventSource: 'cloudtrail.amazonaws.com', requestParameters: { name: 'main', isMultiRegionTrail: false, s3BucketName: 'evil' }, responseElements: { name: 'main', trailARN: `arn:aws:cloudtrail:us-east-1:${account}:trail/main` } }),
  recordJson('RunInstances', { at: '2026-11-20T12:05:00Z', eventSource: 'ec2.amazonaws.com', awsRegion: 'eu-west-1', requestParameters: { instanceType: 'p3.8xlarge' }, responseElements: { instancesSet: { items: [{ instanceId: 'i-0123456789abcdef0', imageId: 'ami-1' }] } } }),
  recordJson('AuthorizeSecurityGroupIngress', { at: '2026-11-20T12:06:00Z', eventSource: 'ec2.amazonaws.com', requestParameters: { groupId: 'sg-1', ipPermissions: { items: [{ ipProtocol: 'tcp', fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } }] } } }),
  recordJson('CreateKeyPair', { at: '2026-11-20T12:07:00Z', eventSource: 'ec2.amazonaws.com', requestParameters: { keyName: 'k' }, responseElements: { keyPairId: 'key-0a' } }),
  recordJson('AttachUserPolicy', { at: '2026-11-20T12:08:00Z', errorCode: 'AccessDenied', requestParameters: { userName: 'dana', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' } }),
  recordJson('UpdateAssumeRolePolicy', { at: '2026-11-20T12:09:00Z', requestParameters: { roleName: 'tourniquet-responder', policyDocument: JSON.stringify(trust('arn:aws:iam::999999999999:root')) } }),
];

const aws = (call: FakeCall): unknown => {
  const { command, input, region } = call;
  switch (command) {
    case 'LookupEvents': return lookUpIn(history, input, region);
    case 'GetRole': return { Role: { Arn: `arn:aws:iam::${account}:role/path/${String(input.RoleName)}` } };
    case 'GetUserPolicy': return { PolicyDocument: encodeURIComponent(JSON.stringify(admin)) };
    case 'ListGroupsForUser': return { Groups: [{ GroupName: 'admins' }] };
    case 'GetAccessKeyLastUsed': return { UserName: 'dana' };
    case 'ListMFADevices': return { MFADevices: [] };
    case 'HeadBucket': return {};
    case 'GetBucketPolicyStatus': return { PolicyStatus: { IsPublic: true } };
    case 'GetBucketAcl': return { Grants: [] };
    case 'GetPublicAccessBlock': return awsError('NoSuchPublicAccessBlockConfiguration', 404);
    case 'DescribeTrails': return { trailList: region === 'eu-west-1' ? [] : [{ Name: 'main', TrailARN: `arn:aws:cloudtrail:us-east-1:${account}:trail/main`, HomeRegion: 'us-east-1', S3BucketName: 'evil' }] };
    case 'GetTrailStatus': return { IsLogging: true };
    case 'GetEventSelectors': return { EventSelectors: [{ ReadWriteType: 'All', DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3'] }] }] };
    case 'ListDetectors': return { DetectorIds: [] };
    case 'DescribeInstances': return { Reservations: [{ Instances: [{ InstanceId: 'i-0123456789abcdef0', State: { Name: 'running' }, InstanceType: 'p3.8xlarge' }] }] };
    case 'DescribeSecurityGroups': return { SecurityGroups: [{}] };
    case 'DescribeSecurityGroupRules': return { SecurityGroupRules: [{ SecurityGroupRuleId: 'sgr-1', CidrIpv4: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IsEgress: false }] };
    case 'GetCostAndUsage': return { ResultsByTime: [] };
    case 'GetAnomalies': return { Anomalies: [] };
    default: return undefined;
  }
};

function context(answer: (call: FakeCall) => unknown = aws, evidence = memorySink()): AwsContext & { access: ReturnType<typeof fakeAccess> } {
  return { access: fakeAccess(answer), incident: 'inc-1', caseKey: 'inc-1.1', evidence, vault: null, now: () => now };
}
const run = (id: CheckId, ctx = context(), on = aCase()): Promise<Finding> => awsChecks.find((one) => one.id === id)!.run(ctx, on);
const attackers = (finding: Finding): Artifact[] => finding.artifacts.filter((one) => one.attribution === 'attacker');
const thing = (finding: Finding, kind: Artifact['kind']): Artifact => attackers(finding).find((one) => one.kind === kind)!;

describe('what the attacker did, from the account’s own records', () => {
  let ctx: ReturnType<typeof context>;
  beforeAll(() => (ctx = context()));

  test('identities: former documents, real ARNs, and the responder’s own role', async () => {
    const found = await run('1.3.6-identities', ctx);
    const [sync, own] = attackers(found).filter((one) => one.kind === 'trust');
    expect(sync).toMatchObject({ id: `arn:aws:iam::${account}:role/path/sync`, how: 'changed', details: { previousKnown: true, previousDocument: trust(`arn:aws:iam::${account}:root`), outside: ['arn:aws:iam::999999999999:root'] } });
    expect(own!.details).toMatchObject({ touchesResponder: true, previousKnown: false });
    expect(sync!.details.touchesResponder).toBeUndefined();
    expect(thing(found, 'inline-policy')).toMatchObject({ how: 'changed', details: { previousDocument: read, previousKnown: true, grantsAdmin: true, entity: 'victor', exists: true } });
    expect(thing(found, 'group')).toMatchObject({ how: 'changed', details: { user: 'victor', exists: true } });
    expect(found.artifacts.map((one) => one.kind)).not.toContain('policy-attachment');
  });

  test('permissions: the difference', async () => {
    const found = await run('1.2.6-permissions-granted', ctx);
    expect(found.facts.changes).toEqual(expect.arrayContaining([expect.objectContaining({ kind: 'inline-policy', to: 'victor', grantsAdmin: true, added: ['*'], removed: ['s3:getobject'], before: 'known' })]));
    expect(found.summary).toContain('of 1 the state before is older than the event history');
  });

  test('storage: opened, public now, what it was; the owner’s bucket is nobody’s spoil', async () => {
    const found = await run('1.3.2-storage', ctx);
    expect(thing(found, 'bucket-policy').details).toMatchObject({ madePublic: true, publicNow: true, previous: null, previousKnown: true });
    expect(thing(found, 'public-access-block').details).toMatchObject({ previousKnown: true, previous: { BlockPublicPolicy: true } });
    expect(found.artifacts.find((one) => one.name === 'dana-notes')).toMatchObject({ attribution: 'unattributed', how: 'created' });
    expect(found.summary).toContain('object reads are recorded by main to bucket evil');
  });

  test('logging: what to put back', async () => {
    expect(thing(await run('1.3.5-logging', ctx), 'trail')).toMatchObject({ how: 'changed', details: { change: 'updated', wanted: { multiRegion: true, bucket: 'logs' }, unknown: [], loggingNow: true } });
  });

  test('compute in another region, network rules by id, and what has no kind', async () => {
    expect(thing(await run('1.3.1-compute', ctx), 'instance')).toMatchObject({ region: 'eu-west-1', details: { state: 'running', exists: true } });
    expect(thing(await run('1.3.3-network', ctx), 'security-group-rule')).toMatchObject({ id: 'sgr-1', details: { ruleId: 'sgr-1', open: true, exists: true, direction: 'ingress' } });
    expect(thing(await run('1.2.7-resources-created', ctx), 'other')).toMatchObject({ id: 'key-0a', details: { event: 'CreateKeyPair' } });
  });

  test('no check finds what nobody did', async () => {
    expect(await run('1.3.4-functions', ctx)).toMatchObject({ state: 'nothing', artifacts: [], error: null });
    expect(await run('1.2.8-billing', ctx)).toMatchObject({ state: 'nothing', facts: { spike: false } });
  });

  test('side by side they share their look-ups', async () => {
    const fresh = context();
    await Promise.all(awsChecks.map((check) => check.run(fresh, aCase())));
    const asked = fresh.access.calls.filter((one) => one.command === 'LookupEvents').map((one) => JSON.stringify([one.region, one.input.LookupAttributes, one.input.StartTime, one.input.EndTime]));
    expect(new Set(asked).size).toBe(asked.length);
    expect(await trail(fresh, aCase())).toBe(await trail(fresh, aCase()));
    expect(await trail(fresh, aCase({ alerts: [alertOf({ id: 'alr-other', target: null })] }))).not.toBe(await trail(fresh, aCase()));
  });
});

describe('what cannot be looked at is said', () => {
  const refuse = (match: (call: FakeCall) => boolean, error: Error) => (call: FakeCall) => (match(call) ? error : aws(call));

  test('one region fails: found all the same, and said', async () => {
    const found = await run('1.3.3-network', context(refuse(({ command, region }) => command === 'LookupEvents' && region === 'eu-west-1', awsError('AccessDeniedException'))));
    expect(found).toMatchObject({ state: 'found', error: 'ACCESS_DENIED' });
    expect(found.summary).toContain(`could not look in ${account}/eu-west-1 (ACCESS_DENIED)`);
  });

  test('one region fails and nothing is found: not “nothing”', async () => {
    const found = await run('1.3.4-functions', context(refuse(({ command, region }) => command === 'LookupEvents' && region === 'eu-west-1', awsError('AccessDeniedException'))));
    expect(found).toMatchObject({ state: 'could-not-look', error: 'ACCESS_DENIED' });
  });

  test.each(awsChecks.map((check) => check.id))('%s: everything is refused', async (id) => {
    expect(await run(id, context(() => awsError('AccessDenied', 403)))).toMatchObject({ check: id, error: 'ACCESS_DENIED', artifacts: [] });
  });

  test('a state that cannot be read leaves the artifact, with exists null', async () => {
    const found = await run('1.3.1-compute', context(refuse(({ command }) => command === 'DescribeInstances', awsError('UnauthorizedOperation', 403))));
    expect(found).toMatchObject({ state: 'found', error: 'ACCESS_DENIED' });
    expect(thing(found, 'instance').details.exists).toBeNull();
  });

  test('a terminated instance is gone', async () => {
    const found = await run('1.3.1-compute', context(refuse(({ command }) => command === 'DescribeInstances', awsError('InvalidInstanceID.NotFound'))));
    expect(thing(found, 'instance').details.exists).toBe(false);
    expect(found.error).toBeNull();
  });

  test('an evidence store that is away does not hide the answer', async () => {
    const broken = { ...memorySink(), keep: async () => { throw fail('EVIDENCE_UNAVAILABLE', 'away'); } };
    const found = await run('1.3.1-compute', context(aws, broken));
    expect(found).toMatchObject({ state: 'found', evidence: [] });
    expect(found.summary).toContain('could not be kept (EVIDENCE_UNAVAILABLE)');
  });

  test('an account that is not configured', async () => {
    const found = await run('1.3.1-compute', context(), aCase({ principal: { ...principal, account: other, id: `arn:aws:iam::${other}:user/x` } }));
    expect(found).toMatchObject({ state: 'could-not-look', error: 'INVALID_CONFIG' });
  });

  test('too many events: what was left unread is said', async () => {
    const endless = (call: FakeCall) => (call.command === 'LookupEvents' ? { ...lookUpIn(history, call.input, call.region), NextToken: 'more' } : aws(call));
    const seen = await trail(context(endless), aCase());
    expect(seen.truncated.length).toBeGreaterThan(0);
    expect(seen.truncated[0]).toMatch(/only \d+ events back to/);
  });
});

describe('who', () => {
  test('a session is followed back to who started it, into the other account', async () => {
    const session = { by: { role: 'app', session: 's1', key: 'ASIASESSION000000001' }, at: '2026-11-20T12:00:00Z' };
    const answer = { credentials: { accessKeyId: 'ASIASESSION000000001' } };
    const assume = { eventSource: 'sts.amazonaws.com', at: '2026-11-20T11:59:00Z', requestParameters: { roleArn: `arn:aws:iam::${account}:role/app`, roleSessionName: 's1' }, responseElements: answer, sharedEventID: 'shared' };
    const here = [recordJson('CreateUser', { ...session, requestParameters: { userName: 'x' } }), recordJson('AssumeRole', { ...assume, userIdentity: { type: 'AWSAccount', accountId: other, principalId: 'AIDAX' } })];
    const there = [recordJson('AssumeRole', { ...assume, recipientAccountId: other, userIdentity: { type: 'IAMUser', accountId: other, arn: `arn:aws:iam::${other}:user/starter`, userName: 'starter', accessKeyId: 'AKIASTARTER000000001' } })];
    const access = fakeAccess(({ command, account: where, input, region }) => (command === 'LookupEvents' ? lookUpIn(where === other ? there : here, input, region) : undefined));
    access.config.accounts.push({ ...access.config.accounts[0]!, id: other });
    const role = { ...principal, kind: 'role' as const, id: `arn:aws:iam::${account}:role/app`, name: 'app' };
    const alert = alertOf({ principal: role, target: null, session: { accessKeyId: 'ASIASESSION000000001', name: 's1', issuedAt: '2026-11-20T11:59:00Z', mfa: 'no', roleArn: role.id } });
    const found = await run('1.2.1-who', { ...context(), access }, aCase({ principal: role, alerts: [alert] }));
    expect(found).toMatchObject({ state: 'found', error: null, facts: { startedBy: { arn: `arn:aws:iam::${other}:user/starter`, account: other, accessKeyId: 'AKIASTARTER000000001' } } });
  });

  test('a key that belongs to somebody else than the alert says', async () => {
    const found = await run('1.2.1-who', context((call) => (call.command === 'GetAccessKeyLastUsed' ? { UserName: 'victor' } : aws(call))));
    expect(found.summary).toContain('belongs to victor');
  });

  test('addresses: the attacker’s and the owner’s told apart', async () => {
    const found = await run('1.2.2-source-ip');
    expect(found.facts.addresses).toEqual([expect.objectContaining({ ip: attackerIp, hostile: true, country: 'DE' }), expect.objectContaining({ ip: officeIp, hostile: false, known: true })]);
  });

  test('MFA: none used, and none enrolled', async () => {
    expect(await run('1.2.4-mfa')).toMatchObject({ state: 'found', facts: { yes: 0, devices: [] } });
  });
});

describe('2.2, when root is the matter', () => {
  const account_ = (call: FakeCall): unknown => {
    if (call.command === 'GetAccountAuthorizationDetails') {
      const role = (name: string, date: string, ...arns: string[]) => ({ RoleName: name, Arn: `arn:aws:iam::${account}:role/${name}`, Path: '/', CreateDate: new Date(date), AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(trust(...arns))), RolePolicyList: [] });
      const user = (name: string, date: string, arn: string | null) => ({ UserName: name, Arn: `arn:aws:iam::${account}:user/${name}`, Path: '/', CreateDate: new Date(date), GroupList: ['admins'], AttachedManagedPolicies: arn ? [{ PolicyArn: arn }] : [] });
      // Two pages: what is on the second must not be lost.
      return call.input.Marker
        ? { IsTruncated: false, RoleDetailList: [role('sync', '2026-10-01T09:00:00Z', 'arn:aws:iam::999999999999:root'), role('fresh', '2026-11-20T12:30:00Z', 'arn:aws:iam::888888888888:root'), role('inner', '2026-11-20T12:30:00Z', `arn:aws:iam::${account}:root`)] }
        : { IsTruncated: true, Marker: 'm', UserDetailList: [user('ada', '2026-01-01T00:00:00Z', 'arn:aws:iam::aws:policy/AdministratorAccess'), user('stranger', '2026-11-20T12:20:00Z', null)], GroupDetailList: [{ GroupName: 'admins', GroupPolicyList: [] }] };
    }
    if (call.command === 'ListAccessKeys') return { AccessKeyMetadata: [{ AccessKeyId: 'AKIAOLD0000000000001', Status: 'Active', CreateDate: new Date('2026-01-01T00:00:00Z') }] };
    if (call.command === 'GetLoginProfile') return call.input.UserName === 'ada' ? { LoginProfile: {} } : undefined;
    if (call.command === 'GetAccountSummary') return { SummaryMap: { AccountMFAEnabled: 0, AccountAccessKeysPresent: 1 } };
    if (call.command === 'ListOpenIDConnectProviders') return { OpenIDConnectProviderList: [{ Arn: `arn:aws:iam::${account}:oidc-provider/token.example.com` }] };
    if (call.command === 'ListSAMLProviders') return { SAMLProviderList: [] };
    if (call.command === 'ListBuckets') return { Buckets: [{ Name: 'orders', BucketRegion: 'us-east-1' }, { Name: 'quiet' }] };
    if (call.command === 'GetBucketPolicy') return call.input.Bucket === 'orders' ? { Policy: JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: '*' }] }) } : awsError('NoSuchBucketPolicy', 404);
    if (call.command === 'ListFunctions') return { Functions: [{ FunctionName: 'f', FunctionArn: 'arn:aws:lambda:us-east-1:1:function:f' }] };
    return aws(call);
  };

  test('all users and roles: MFA, keys, administrators, newcomers', async () => {
    const found = await run('2.2.3-all-identities', context(account_));
    expect(found).toMatchObject({ state: 'found', error: null, facts: { users: 2, roles: 3, administrators: [`arn:aws:iam::${account}:user/ada`], consoleWithoutMfa: ['ada'], rootMfa: false, rootKeys: 1 } });
    expect(found.facts.oldKeys).toHaveLength(2);
    expect(found.artifacts.map((one) => [one.name, one.attribution])).toEqual([['stranger', 'unattributed'], ['fresh', 'unattributed'], ['inner', 'unattributed']]);
  });

  test('who is let in from outside', async () => {
    const found = await run('2.2.4-trusts', context(account_));
    expect((found.facts.trusts as { name: string; attackers: boolean; isNew: boolean }[]).map(({ name, attackers: theirs, isNew }) => [name, theirs, isNew])).toEqual([
      ['sync', true, false], ['fresh', false, true], ['token.example.com', false, false], ['orders', false, false],
    ]);
    expect(found.artifacts.map((one) => one.name)).toEqual(['fresh']);
    expect(found.summary).toContain('policies of KMS keys, queues, topics and secrets were not looked at');
  });
});
