import fc from 'fast-check';
import { Sha256Node } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { Authorizer, loadSimulator, type Caller } from '../../sandbox/aws/gateway/auth/decide';
import { Estate } from '../../sandbox/aws/gateway/auth/estate';
import { claimOf, signatureHolds } from '../../sandbox/aws/gateway/auth/signature';
import { targetsOf } from '../../sandbox/aws/gateway/auth/targets';
import { Fault } from '../../sandbox/aws/gateway/protocol/faults';
import { parse } from '../../sandbox/aws/gateway/protocol/parse';
import { parseQuery, type RawRequest } from '../../sandbox/aws/gateway/protocol/request';
import { readResponse, respond } from '../../sandbox/aws/gateway/protocol/respond';
import { serviceNames, serviceOf, type Service } from '../../sandbox/aws/gateway/protocol/services';
import type { Json } from '../../sandbox/aws/gateway/protocol/shapes';
import { Throttler } from '../../sandbox/aws/gateway/throttle';
import { isPublic } from '../../sandbox/aws/gateway/extra/s3';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const emptyRequest: RawRequest = { method: 'POST', path: '/', query: {}, headers: {}, body: Buffer.alloc(0) };

/** What the SDK's own client puts on the wire for a command. */
async function wireOf(service: Service, operation: string, input: Json): Promise<RawRequest> {
  const name = Object.keys(service.sdk).find((key) => /^[A-Z].*Client$/.test(key))!;
  let seen: RawRequest | null = null;
  const requestHandler = {
    handle: (request: { method: string; path: string; query: RawRequest['query']; headers: Record<string, string>; body: unknown }) => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key.toLowerCase(), value]));
      const query = Object.fromEntries(Object.entries(request.query).map(([key, value]) => [key, value ?? '']));
      seen = { method: request.method, path: request.path, query, headers, body: typeof request.body === 'string' ? Buffer.from(request.body) : Buffer.concat([(request.body as Uint8Array | undefined) ?? new Uint8Array()]) };
      return Promise.reject(new Error('seen'));
    },
    httpHandlerConfigs: () => ({}),
    updateHttpClientConfig: () => undefined,
  };
  const Client = service.sdk[name] as new (options: object) => { send(command: unknown): Promise<unknown> };
  const Command = service.sdk[`${operation}Command`] as new (input: Json) => unknown;
  await new Client({ region: 'eu-west-1', endpoint: 'http://127.0.0.1:1', forcePathStyle: true, maxAttempts: 1, credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' }, requestHandler }).send(new Command(input)).catch(() => undefined);
  if (!seen) throw new Error(`${operation} sent nothing`);
  return seen;
}

const cases: [string, string, Json][] = [
  ['iam', 'CreateUser', { UserName: 'a', Path: '/x/', Tags: [{ Key: 'k', Value: 'v' }, { Key: 'k2', Value: 'ü & <' }] }],
  ['iam', 'SimulatePrincipalPolicy', { PolicySourceArn: 'arn:aws:iam::1:user/a', ActionNames: ['s3:GetObject', 'iam:*'], ContextEntries: [{ ContextKeyName: 'aws:SourceIp', ContextKeyValues: ['1.2.3.4'], ContextKeyType: 'ip' }] }],
  ['iam', 'CreatePolicyVersion', { PolicyArn: 'arn:aws:iam::1:policy/p', PolicyDocument: '{"a":"b c+d"}', SetAsDefault: true }],
  ['sts', 'AssumeRole', { RoleArn: 'arn:aws:iam::111122223333:role/r', RoleSessionName: 's', DurationSeconds: 900, PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/x' }] }],
  ['ec2', 'AuthorizeSecurityGroupIngress', { GroupId: 'sg-1', IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }, { CidrIp: '10.0.0.0/8', Description: 'in' }], UserIdGroupPairs: [{ GroupId: 'sg-2' }] }] }],
  ['ec2', 'RunInstances', { ImageId: 'ami-1', MinCount: 1, MaxCount: 2, SecurityGroupIds: ['sg-1', 'sg-2'], ClientToken: 't', TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'n' }] }], DisableApiTermination: true, IamInstanceProfile: { Name: 'p' } }],
  ['ec2', 'ModifyInstanceAttribute', { InstanceId: 'i-1', Groups: ['sg-9'], DisableApiTermination: { Value: false } }],
  ['ec2', 'DescribeInstances', { InstanceIds: ['i-1'], Filters: [{ Name: 'instance-state-name', Values: ['running', 'pending'] }] }],
  ['s3', 'PutBucketPolicy', { Bucket: 'b-one', Policy: '{"Version":"2012-10-17"}' }],
  ['s3', 'GetObject', { Bucket: 'b-one', Key: 'a/b c/ü+&?.txt', VersionId: 'v1' }],
  ['s3', 'ListObjectsV2', { Bucket: 'b-one', Prefix: 'x/', MaxKeys: 5 }],
  ['s3', 'ListBuckets', {}], ['s3', 'HeadBucket', { Bucket: 'b-one' }], ['s3', 'DeleteBucket', { Bucket: 'b-one' }], ['s3', 'DeletePublicAccessBlock', { Bucket: 'b-one' }], ['s3', 'GetBucketPolicyStatus', { Bucket: 'b-one' }],
  ['s3', 'PutPublicAccessBlock', { Bucket: 'b-one', PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: false } }],
  ['s3', 'DeleteObjects', { Bucket: 'b-one', Delete: { Objects: [{ Key: 'a', VersionId: '1' }, { Key: 'b' }], Quiet: true } }],
  ['s3', 'PutBucketAcl', { Bucket: 'b-one', ACL: 'private' }],
  ['s3', 'CopyObject', { Bucket: 'b-one', Key: 'k', CopySource: 'b-two/k' }],
  ['s3', 'AbortMultipartUpload', { Bucket: 'b-one', Key: 'k', UploadId: 'u' }],
  ['lambda', 'AddPermission', { FunctionName: 'f', StatementId: 's', Action: 'lambda:InvokeFunction', Principal: '*' }],
  ['lambda', 'PutFunctionConcurrency', { FunctionName: 'f', ReservedConcurrentExecutions: 0 }],
  ['lambda', 'ListFunctions', { MaxItems: 5 }], ['lambda', 'GetFunctionUrlConfig', { FunctionName: 'f' }], ['lambda', 'RemovePermission', { FunctionName: 'f', StatementId: 's' }],
  ['guardduty', 'GetFindings', { DetectorId: 'd', FindingIds: ['f1', 'f2'] }], ['guardduty', 'UpdateDetector', { DetectorId: 'd', Enable: false }],
  ['cloudtrail', 'StopLogging', { Name: 't' }], ['organizations', 'AttachPolicy', { PolicyId: 'p-1', TargetId: 'r-1' }], ['wafv2', 'UpdateIPSet', { Name: 'n', Scope: 'REGIONAL', Id: 'i', Addresses: ['203.0.113.9/32'], LockToken: 'l' }],
  ['ce', 'GetCostAndUsage', { TimePeriod: { Start: '2026-10-01', End: '2026-10-02' }, Granularity: 'DAILY', Metrics: ['UnblendedCost'] }], ['sso', 'ProvisionPermissionSet', { InstanceArn: 'arn:aws:sso:::instance/ssoins-1', PermissionSetArn: 'arn:aws:sso:::permissionSet/ssoins-1/ps-1', TargetType: 'ALL_PROVISIONED_ACCOUNTS' }],
];

describe('a request is understood as the SDK meant it', () => {
  test.each(cases)('%s.%s', async (name, operation, input) => {
    const service = serviceOf(name)!;
    const parsed = parse(service, await wireOf(service, operation, input));
    expect(parsed?.operation.name).toBe(operation);
    expect(parsed!.input).toMatchObject(input);
  });

  test('any IAM text survives the form', async () => {
    const service = serviceOf('iam')!;
    await fc.assert(fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (text) => {
      const parsed = parse(service, await wireOf(service, 'PutUserPolicy', { UserName: 'u', PolicyName: 'p', PolicyDocument: text }));
      expect(parsed!.input.PolicyDocument).toBe(text);
    }), { numRuns: 30 });
  });
});

describe('an answer of the gateway is read as it was meant', () => {
  const answers: [string, string, Json][] = [
    ['iam', 'GetServiceLastAccessedDetails', { JobStatus: 'COMPLETED', JobCreationDate: new Date(1_790_000_000_000), JobCompletionDate: new Date(1_790_000_000_000), ServicesLastAccessed: [{ ServiceName: 'iam', ServiceNamespace: 'iam', TotalAuthenticatedEntities: 1, TrackedActionsLastAccessed: [{ ActionName: 'A' }, { ActionName: 'B<&>' }] }] }],
    ['iam', 'GetAccountSummary', { SummaryMap: { AccountMFAEnabled: 1, Users: 3 } }], ['iam', 'ListServiceSpecificCredentials', { ServiceSpecificCredentials: [] }],
    ['sts', 'AssumeRole', { Credentials: { AccessKeyId: 'A', SecretAccessKey: 'S', SessionToken: 'T', Expiration: new Date(1_790_000_000_000) } }],
    ['guardduty', 'ListFindings', { FindingIds: ['a'] }], ['budgets', 'DescribeBudget', { Budget: { BudgetName: 'b', TimeUnit: 'MONTHLY', BudgetType: 'COST' } }],
  ];
  test.each(answers)('%s.%s', (name, operation, output) => {
    const service = serviceOf(name)!;
    const shape = service.operations.get(operation)!;
    expect(readResponse(service, shape, respond(service, shape, output, 'request'))).toMatchObject(output);
  });
});

describe('signatures', () => {
  const secret = 'wJalrXUtnFEMI/K7MDENG';
  async function signed(service: string, path: string, query: RawRequest['query'], body: string): Promise<RawRequest> {
    const signer = new SignatureV4({ credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: secret }, region: 'eu-west-1', service, sha256: Sha256Node, uriEscapePath: service !== 's3' });
    const request = await signer.sign({ method: 'POST', protocol: 'http:', hostname: 'h', path, query, headers: { host: 'h', 'content-type': 'text/plain' }, body } as never, { signingDate: new Date() });
    return { method: 'POST', path, query, headers: (request as unknown as { headers: Record<string, string> }).headers, body: Buffer.from(body) };
  }
  test('hold for what was signed and for nothing else', async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom('iam', 's3', 'lambda'), fc.string(), fc.dictionary(fc.stringMatching(/^[a-z-]{1,8}$/), fc.string()), fc.string({ minLength: 1 }), async (service, segment, query, body) => {
      const raw = await signed(service, `/${encodeURIComponent(segment)}`, query, body);
      const claim = claimOf(raw)!;
      expect(await signatureHolds(raw, claim, secret)).toBe(true);
      expect(await signatureHolds(raw, claim, `${secret}x`)).toBe(false);
      expect(await signatureHolds({ ...raw, body: Buffer.from(`${body}!`) }, claim, secret)).toBe(false);
      expect(await signatureHolds({ ...raw, path: `${raw.path}/more` }, claim, secret)).toBe(false);
      expect(await signatureHolds({ ...raw, query: { ...query, extra: '1' } }, claim, secret)).toBe(false);
      expect(await signatureHolds({ ...raw, headers: { ...raw.headers, 'content-type': 'text/html' } }, claim, secret)).toBe(false);
    }), { numRuns: 40 });
  });
  test('a query string is read as it was written', () => {
    expect(parseQuery('policy&a=1&a=2&b=%20x%2B')).toEqual({ policy: '', a: ['1', '2'], b: ' x+' });
  });
});

describe('authorisation knows every call that the sandbox answers', () => {
  const caller = (kind: 'admin' | 'nobody'): Caller => ({ credential: null, identity: { kind: 'user', account: '111122223333', name: kind, id: `AIDA${kind}` }, account: '111122223333', sourceIp: '203.0.113.1', userAgent: 'test' });
  test.each(serviceNames.filter((name) => name !== 'ec2'))('%s: an administrator may, a user without policies may not', async (name) => {
    const estate = new Estate(() => Date.now(), 0);
    for (const kind of ['admin', 'nobody']) {
      const inline = new Map(kind === 'admin' ? [['all', { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }]] : []);
      estate.account('111122223333').users.set(kind, { name: kind, path: '/', arn: `arn:aws:iam::111122223333:user/${kind}`, id: `AIDA${kind}`, inline, attached: new Set(), boundary: null, createdAt: 0, groups: new Set() });
    }
    const authorizer = new Authorizer(estate, await loadSimulator(), () => Promise.resolve(null), () => Date.now());
    const service = serviceOf(name)!;
    const unknown: string[] = [];
    for (const operation of service.operations.values()) {
      const input: Json = {};
      if (operation.input.isStructSchema()) for (const [key, member] of operation.input.structIterator()) if (member.isStringSchema() && !key.endsWith('Arn') && !key.startsWith('Target')) input[key] = 'sample';
      if (operation.name === 'DeleteObjects') input.Delete = { Objects: [{ Key: 'k' }] };
      if (name === 'sts') Object.assign(input, operation.name === 'AssumeRoot' ? { TargetPrincipal: '444455556666' } : operation.name.startsWith('AssumeRole') ? { RoleArn: 'arn:aws:iam::111122223333:role/none' } : {});
      const call = { service, operation, region: 'eu-west-1', input, raw: emptyRequest };
      try {
        const [yes, no] = [await authorizer.decide(call, caller('admin')), await authorizer.decide(call, caller('nobody'))];
        if (operation.name === 'GetCallerIdentity') expect(no.allowed).toBe(true);
        // A role that is not there trusts nobody, an administrator neither.
        else expect([operation.name, yes.allowed, no.allowed]).toEqual([operation.name, !(name === 'sts' && operation.name === 'AssumeRole'), false]);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        unknown.push(operation.name);
      }
    }
    expect(unknown.length).toBeLessThan(service.operations.size / 3);
  });
});

describe('what a call needs besides (Service Authorization Reference, "Dependent actions")', () => {
  const needs: [string, string, Json, string[]][] = [
    ['s3', 'GetObject', { Bucket: 'b', Key: 'k' }, ['s3:GetObject arn:aws:s3:::b/k']],
    ['s3', 'GetObject', { Bucket: 'b', Key: 'k', VersionId: 'v' }, ['s3:GetObjectVersion arn:aws:s3:::b/k']],
    ['s3', 'DeleteObjects', { Bucket: 'b', Delete: { Objects: [{ Key: 'a' }, { Key: 'c/d', VersionId: 'v' }] } }, ['s3:DeleteObject arn:aws:s3:::b/a', 's3:DeleteObjectVersion arn:aws:s3:::b/c/d']],
    ['s3', 'CopyObject', { Bucket: 'b', Key: 'k', CopySource: '/other/x' }, ['s3:PutObject arn:aws:s3:::b/k', 's3:GetObject arn:aws:s3:::other/x']],
    ['iam', 'CreateUser', { UserName: 'u', Path: '/p/', Tags: [{ Key: 'a', Value: 'b' }] }, ['iam:CreateUser arn:aws:iam::111122223333:user/p/u', 'iam:TagUser arn:aws:iam::111122223333:user/p/u']],
    ['iam', 'CreateUser', { UserName: 'u' }, ['iam:CreateUser arn:aws:iam::111122223333:user/u']],
    ['lambda', 'CreateFunction', { FunctionName: 'f', Role: 'arn:aws:iam::111122223333:role/r' }, ['lambda:CreateFunction arn:aws:lambda:eu-west-1:111122223333:function:f', 'iam:PassRole arn:aws:iam::111122223333:role/r']],
    ['ec2', 'CreateSnapshot', { VolumeId: 'vol-1', TagSpecifications: [{ ResourceType: 'snapshot', Tags: [] }] }, ['ec2:CreateSnapshot arn:aws:ec2:eu-west-1::snapshot/sandbox', 'ec2:CreateSnapshot arn:aws:ec2:eu-west-1:111122223333:volume/vol-1', 'ec2:CreateTags arn:aws:ec2:eu-west-1::snapshot/sandbox']],
    ['ec2', 'TerminateInstances', { InstanceIds: ['i-1', 'i-2'] }, ['ec2:TerminateInstances arn:aws:ec2:eu-west-1:111122223333:instance/i-1', 'ec2:TerminateInstances arn:aws:ec2:eu-west-1:111122223333:instance/i-2']],
    ['ec2', 'AssociateIamInstanceProfile', { InstanceId: 'i-1', IamInstanceProfile: { Name: 'web' } }, ['ec2:AssociateIamInstanceProfile arn:aws:ec2:eu-west-1:111122223333:instance/i-1', 'iam:PassRole arn:aws:iam::111122223333:role/web-role']],
    ['s3', 'GetBucketPolicy', { Bucket: 'b' }, ['s3:GetBucketPolicy arn:aws:s3:::b']],
    ['iam', 'SimulatePrincipalPolicy', { PolicySourceArn: 'arn:aws:iam::111122223333:role/r' }, ['iam:SimulatePrincipalPolicy arn:aws:iam::111122223333:role/r']],
    ['iam', 'GenerateServiceLastAccessedDetails', { Arn: 'arn:aws:iam::111122223333:user/u' }, ['iam:GenerateServiceLastAccessedDetails arn:aws:iam::111122223333:user/u']],
    ['organizations', 'ListPoliciesForTarget', { TargetId: 'r-abcd' }, ['organizations:ListPoliciesForTarget arn:aws:organizations::111122223333:root/o-sandbox/r-abcd']],
    ['cloudtrail', 'StopLogging', { Name: 'arn:aws:cloudtrail:us-east-1:111122223333:trail/t' }, ['cloudtrail:StopLogging arn:aws:cloudtrail:us-east-1:111122223333:trail/t']],
  ];
  test.each(needs)('%s.%s %j', async (name, operation, input, expected) => {
    const estate = new Estate(() => 0, 0);
    estate.account('111122223333').profiles.set('web', 'web-role');
    const service = serviceOf(name)!;
    const targets = await targetsOf({ service, operation: service.operations.get(operation)!, region: 'eu-west-1', input, raw: emptyRequest }, { account: '111122223333', region: 'eu-west-1', estate, identity: null });
    expect(targets.map((one) => `${one.action} ${one.resource}`).sort()).toEqual([...expected].sort());
  });
});

describe('small rules', () => {
  test('a token bucket lets the burst through and then the rate, in any order of calls', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.array(fc.integer({ min: 0, max: 800 }), { maxLength: 60 }), (burst, perSecond, gaps) => {
      let now = 0;
      const throttler = new Throttler(() => now, { iam: { burst, perSecond } });
      let taken = 0;
      for (const gap of gaps) {
        now += gap;
        if (throttler.take('iam', 'ListUsers', '1', 'r')) taken += 1;
      }
      expect(taken).toBeLessThanOrEqual(burst + (now / 1000) * perSecond + 1e-6);
      expect(throttler.take('iam', 'ListUsers', 'other', 'r')).toBe(true);
    }));
  });

  test.each<[string, boolean, object]>([
    ['everybody', true, { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' }],
    ['everybody as AWS', true, { Effect: 'Allow', Principal: { AWS: ['*'] }, Action: 's3:GetObject', Resource: '*' }],
    ['one account', false, { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::1:root' }, Action: 's3:*', Resource: '*' }],
    ['everybody, denied', false, { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*' }],
    ['everybody of one organisation', false, { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }],
    ['everybody with a referer', true, { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: '*', Condition: { StringLike: { 'aws:Referer': 'x' } } }],
  ])('public policy: %s', (_name, expected, statement) => {
    expect(isPublic(JSON.stringify({ Version: '2012-10-17', Statement: [statement] }))).toBe(expected);
  });

  test('IAM changes keep their order and wait for the lag', () => {
    let now = 0;
    const estate = new Estate(() => now, 100);
    const seen: number[] = [];
    estate.later(() => seen.push(1));
    now = 50;
    estate.setLag(0);
    estate.later(() => seen.push(2));
    estate.settle();
    expect(seen).toEqual([]);
    now = 100;
    estate.settle();
    expect(seen).toEqual([1, 2]);
  });
});
