import {
  AuthorizeSecurityGroupEgressCommand, AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand, DescribeImagesCommand, DescribeInstancesCommand, DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand, DescribeSnapshotsCommand, ModifyInstanceAttributeCommand, RunInstancesCommand, TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  AddPermissionCommand, CreateAliasCommand, CreateEventSourceMappingCommand, CreateFunctionCommand, CreateFunctionUrlConfigCommand, GetPolicyCommand, ListFunctionsCommand, PublishVersionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand, CreateMultipartUploadCommand, DeleteObjectCommand, DeletePublicAccessBlockCommand, GetObjectCommand, ListBucketsCommand, PutBucketAclCommand, PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand, PutBucketVersioningCommand, PutObjectCommand,
} from '@aws-sdk/client-s3';
import { CreateTrailCommand } from '@aws-sdk/client-cloudtrail';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { eradicateActions } from '../../activities/aws/eradicate';
import type { JsonObject } from '../../playbook/json';
import { codeFrom, holdsContract, remember, unused } from './contract';
import { account, planned, proposal, startBench, writes, type Bench } from './harness';
import { zip } from './samples';

const region = 'us-east-1';
let bench: Bench;
const action = (id: string) => eradicateActions.find((one) => one.id === id)!;
const ec2 = () => bench.as().ec2;
const s3 = () => bench.as().s3;
const lambda = () => bench.as().lambda;

let image: string;
let legitInstance: string;
let legitGroup: string;

async function run(groups: string[] = [], protection = false): Promise<string> {
  const made = await ec2().send(new RunInstancesCommand({ ImageId: image, MinCount: 1, MaxCount: 1, SecurityGroupIds: groups, UserData: Buffer.from('#!/bin/sh\ncurl evil').toString('base64') }));
  const id = made.Instances![0]!.InstanceId!;
  if (protection) await ec2().send(new ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiTermination: { Value: true } }));
  return id;
}
const group = async (name: string) => (await ec2().send(new CreateSecurityGroupCommand({ GroupName: name, Description: name }))).GroupId!;

async function legit() {
  const [instance, rules, buckets, object, functions] = await Promise.all([
    ec2().send(new DescribeInstancesCommand({ InstanceIds: [legitInstance] })), ec2().send(new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [legitGroup] }] })),
    s3().send(new ListBucketsCommand({})), s3().send(new GetObjectCommand({ Bucket: 'legit-data', Key: 'a' })), lambda().send(new ListFunctionsCommand({})),
  ]);
  return {
    state: instance.Reservations?.[0]?.Instances?.[0]?.State, rules: rules.SecurityGroupRules?.map((rule) => [rule.IpProtocol, rule.FromPort, rule.CidrIpv4]).sort(), buckets: buckets.Buckets?.filter((one) => one.Name?.startsWith('legit')),
    object: await object.Body?.transformToString(), functions: functions.Functions?.filter((one) => one.FunctionName?.startsWith('legit')).map((one) => [one.FunctionArn, one.CodeSha256]),
  };
}

beforeAll(async () => {
  bench = await startBench();
  image = (await ec2().send(new DescribeImagesCommand({ Owners: ['amazon'] }))).Images![0]!.ImageId!;
  legitGroup = await group('legit-web');
  legitInstance = await run([legitGroup]);
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }] });
  await bench.as().iam.send(new CreateRoleCommand({ RoleName: 'x', AssumeRolePolicyDocument }));
  await s3().send(new CreateBucketCommand({ Bucket: 'legit-data' }));
  await s3().send(new PutObjectCommand({ Bucket: 'legit-data', Key: 'a', Body: 'kept' }));
}, 90_000);
afterAll(async () => bench?.stop());
// The address that Lambda gives for the code is the only call that does not go through an SDK client.
let codeStatus = 200;
const realFetch = globalThis.fetch;
beforeAll(() => {
  globalThis.fetch = async (input, init) => (codeStatus !== 200 && String(input).includes('_lambda-code') ? new Response('no', { status: codeStatus }) : realFetch(input, init));
});
afterAll(() => {
  globalThis.fetch = realFetch;
});

describe('3.3', () => {
  test('snapshots every volume, then terminates, termination protection or not', async () => {
    const id = await run([], true);
    const { applied } = await holdsContract(bench, action('aws.terminate-instance'), { proposal: proposal('aws.terminate-instance', 'instance', id, id, {}, region), neighbours: legit, undo: 'impossible', keeps: true });
    const snapshots = await ec2().send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters: [{ Name: 'tag:tourniquet-instance', Values: [id] }] }));
    // One, though apply failed once after it was made and ran twice.
    expect(snapshots.Snapshots).toHaveLength(1);
    expect(applied).toMatchObject({ snapshots: [{ snapshot: snapshots.Snapshots![0]!.SnapshotId }] });
    expect(bench.evidence.kept.find(({ kind }) => kind === 'instance')?.content).toMatchObject({ userData: Buffer.from('#!/bin/sh\ncurl evil').toString('base64') });
  });

  test('an instance that is gone counts as done; one that was never there is NOT_FOUND', async () => {
    const id = await run();
    const step = await planned(action('aws.terminate-instance'), bench.ctx, proposal('aws.terminate-instance', 'instance', id, id, {}, region));
    expect(await codeFrom(action('aws.terminate-instance').apply(bench.ctx, { ...step, before: { ...step.before, launchedAt: '2020-01-01T00:00:00.000Z' } }))).toBe('PLAN_CHANGED');
    expect(await codeFrom(action('aws.terminate-instance').plan(bench.ctx, proposal('aws.terminate-instance', 'instance', 'i-0123456789abcdef0', 'x', {}, region)))).toBe('NOT_FOUND');
    await ec2().send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    expect(await action('aws.terminate-instance').apply(bench.ctx, step)).toMatchObject({ already: true });
    expect(await action('aws.terminate-instance').plan(bench.ctx, proposal('aws.terminate-instance', 'instance', id, id, {}, region))).toMatchObject({ needed: false });
  });
});

describe('3.5', () => {
  test.each([
    ['IPv4', { IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    ['IPv6', { Ipv6Ranges: [{ CidrIpv6: '::/0' }] }],
  ])('revokes the opened %s rule by its id and leaves the others', async (_family, open) => {
    await ec2().send(new AuthorizeSecurityGroupIngressCommand({ GroupId: legitGroup, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }] })).catch(() => undefined);
    const made = await ec2().send(new AuthorizeSecurityGroupIngressCommand({ GroupId: legitGroup, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, ...open }] }));
    const id = made.SecurityGroupRules![0]!.SecurityGroupRuleId!;
    const wish = proposal('aws.revoke-security-group-rule', 'security-group-rule', id, legitGroup, {}, region);
    const step = await planned(action('aws.revoke-security-group-rule'), bench.ctx, wish);
    expect(step.change[0]).toContain(_family === 'IPv4' ? '0.0.0.0/0' : '::/0');
    await action('aws.revoke-security-group-rule').apply(bench.ctx, step);
    expect(await action('aws.revoke-security-group-rule').verify(bench.ctx, step)).toMatchObject({ holds: true });
    await action('aws.revoke-security-group-rule').undo(bench.ctx, step);
    await action('aws.revoke-security-group-rule').undo(bench.ctx, step);
    const now = await ec2().send(new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [legitGroup] }] }));
    expect(now.SecurityGroupRules?.filter((rule) => rule.FromPort === 22 && (rule.CidrIpv4 ?? rule.CidrIpv6) === (_family === 'IPv4' ? '0.0.0.0/0' : '::/0'))).toHaveLength(1);
    const again = now.SecurityGroupRules!.find((rule) => rule.FromPort === 22 && (rule.CidrIpv4 ?? rule.CidrIpv6) === (_family === 'IPv4' ? '0.0.0.0/0' : '::/0'))!.SecurityGroupRuleId!;
    const last = await planned(action('aws.revoke-security-group-rule'), bench.ctx, proposal('aws.revoke-security-group-rule', 'security-group-rule', again, legitGroup, {}, region));
    await action('aws.revoke-security-group-rule').apply(bench.ctx, last);
  });

  test.each(['ingress', 'egress'])('holds its contract for %s', async (direction) => {
    const planted = await group(`planted-${direction}`);
    const open = { GroupId: planted, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 4444, ToPort: 4444, IpRanges: [{ CidrIp: '203.0.113.0/24', Description: 'x' }] }] };
    const made = direction === 'egress' ? await ec2().send(new AuthorizeSecurityGroupEgressCommand(open)) : await ec2().send(new AuthorizeSecurityGroupIngressCommand(open));
    const id = made.SecurityGroupRules![0]!.SecurityGroupRuleId!;
    const rule = action('aws.revoke-security-group-rule');
    const wish = proposal('aws.revoke-security-group-rule', 'security-group-rule', id, planted, {}, region);
    // The rule comes back under a new id, so verify of the old one stays true: undo is looked at by its effect above.
    const step = await planned(rule, bench.ctx, wish);
    bench.used.clear();
    bench.evidence.fail = true;
    expect(await codeFrom(rule.apply(bench.ctx, step))).toBe('EVIDENCE_UNAVAILABLE');
    bench.evidence.fail = false;
    expect((await rule.verify(bench.ctx, step)).holds).toBe(false);
    await rule.apply(bench.ctx, step);
    expect((await rule.verify(bench.ctx, step)).holds).toBe(true);
    expect(await rule.apply(bench.ctx, step)).toEqual({ already: true });
    await rule.undo(bench.ctx, step);
    expect([...bench.used].filter((one) => !rule.permissions.includes(one))).toEqual([]);
    remember(rule, bench.used);
  });

  test('deletes the attacker’s group once its instances are gone; one that others use is refused', async () => {
    const planted = await group('gpu-pool');
    await ec2().send(new AuthorizeSecurityGroupIngressCommand({ GroupId: planted, IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] }));
    await holdsContract(bench, action('aws.delete-security-group'), { proposal: proposal('aws.delete-security-group', 'security-group', planted, 'gpu-pool', {}, region), neighbours: legit, undo: 'impossible', keeps: true });
    const plan = (id: string, params: JsonObject) => codeFrom(action('aws.delete-security-group').plan(bench.ctx, proposal('aws.delete-security-group', 'security-group', id, id, params, region)));
    expect(await plan(legitGroup, {})).toBe('STILL_IN_USE');
    expect(await plan(legitGroup, { instances: [legitInstance] })).toBe('no error');
    const named = await group('named');
    await ec2().send(new AuthorizeSecurityGroupIngressCommand({ GroupId: legitGroup, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 1, ToPort: 1, UserIdGroupPairs: [{ GroupId: named }] }] }));
    expect(await plan(named, {})).toBe('STILL_IN_USE');
    expect(await plan(named, { groups: [legitGroup] })).toBe('no error');
    const standard = (await ec2().send(new DescribeSecurityGroupsCommand({ GroupNames: ['default'] }))).SecurityGroups![0]!.GroupId!;
    expect(await plan(standard, {})).toBe('NOT_SUPPORTED');
  });
});

describe('3.2 and 3.4', () => {
  test('puts policy, ACL and public access block of a bucket back, whatever the attacker set', async () => {
    const Bucket = 'orders';
    const block = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };
    const own = { Version: '2012-10-17', Statement: [{ Sid: 'Own', Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` }] };
    await s3().send(new CreateBucketCommand({ Bucket }));
    await s3().send(new DeletePublicAccessBlockCommand({ Bucket }));
    await s3().send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ ...own, Statement: [{ ...own.Statement[0], Principal: '*' }] }) }));
    await s3().send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] } }));
    await s3().send(new PutBucketAclCommand({ Bucket, ACL: 'public-read' }));
    const wish = (params: JsonObject) => proposal('aws.restore-bucket-policy', 'bucket', `arn:aws:s3:::${Bucket}`, Bucket, params, region);
    await holdsContract(bench, action('aws.restore-bucket-policy'), { proposal: wish({ policy: own, acl: null, publicAccessBlock: block }), neighbours: legit, undo: 'restores', keeps: true });
    await holdsContract(bench, action('aws.restore-bucket-policy'), { proposal: wish({ policy: null }), neighbours: legit, undo: 'restores', keeps: true });
    expect(await codeFrom(action('aws.restore-bucket-policy').plan(bench.ctx, wish({})))).toBe('INVALID_INPUT');
    expect(await codeFrom(action('aws.restore-bucket-policy').plan(bench.ctx, { ...wish({ policy: null }), target: { ...wish({}).target, name: 'no-such' } }))).toBe('NOT_FOUND');
  });

  async function plantBucket(Bucket: string): Promise<void> {
    await s3().send(new CreateBucketCommand({ Bucket }));
    await s3().send(new PutObjectCommand({ Bucket, Key: 'before-versions', Body: 'old' }));
    await s3().send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    for (let index = 0; index < 5; index += 1) await s3().send(new PutObjectCommand({ Bucket, Key: `loot/${index % 3}`, Body: `content ${index}` }));
    await s3().send(new DeleteObjectCommand({ Bucket, Key: 'loot/0' }));
    await s3().send(new CreateMultipartUploadCommand({ Bucket, Key: 'half' }));
  }

  test('keeps listing and contents, then deletes every version, marker and upload, and the bucket', async () => {
    await plantBucket('nw-archive');
    const { applied } = await holdsContract(bench, action('aws.delete-bucket'), { proposal: proposal('aws.delete-bucket', 'bucket', 'arn:aws:s3:::nw-archive', 'nw-archive', {}, region), neighbours: legit, undo: 'impossible', keeps: true });
    expect(applied).toMatchObject({ versions: 7, kept: { objectsKept: 6, objectsNotKept: 0 } });
    const objects = bench.evidence.kept.filter(({ kind }) => kind === 'object').map(({ content }) => Buffer.from(content as Uint8Array).toString());
    expect(objects.sort()).toEqual(['content 0', 'content 1', 'content 2', 'content 3', 'content 4', 'old']);
    expect(bench.evidence.kept.find(({ kind }) => kind === 'listing')?.content).toMatchObject({ markers: [{ Key: 'loot/0' }] });
  });

  test('keeps no more than the bound, and says what was not kept', async () => {
    await plantBucket('nw-more');
    const step = await planned(action('aws.delete-bucket'), bench.ctx, proposal('aws.delete-bucket', 'bucket', 'arn:aws:s3:::nw-more', 'nw-more', { keepObjects: 2 }, region));
    expect(await action('aws.delete-bucket').apply(bench.ctx, step)).toMatchObject({ kept: { objectsKept: 2, objectsNotKept: 4 } });
  });

  test('a bucket that somebody’s trail writes to stays', async () => {
    await s3().send(new CreateBucketCommand({ Bucket: 'nw-logs' }));
    const trail = await bench.as().cloudtrail.send(new CreateTrailCommand({ Name: 'to-nw-logs', S3BucketName: 'nw-logs' }));
    const plan = (trails: string[]) => codeFrom(action('aws.delete-bucket').plan(bench.ctx, proposal('aws.delete-bucket', 'bucket', 'arn:aws:s3:::nw-logs', 'nw-logs', { trails }, region)));
    expect(await plan([])).toBe('STILL_IN_USE');
    expect(await plan([trail.TrailARN!])).toBe('no error');
  });
});

/** Straight to the emulator: no SQS client is installed, and the gateway has no model for it. */
async function makeQueue(name: string): Promise<void> {
  const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/sqs/aws4_request, SignedHeaders=host, Signature=0`;
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded', 'x-moto-account-id': account };
  const answer = await realFetch(bench.aws.world.upstream.url, { method: 'POST', headers, body: `Action=CreateQueue&QueueName=${name}&Version=2012-11-05` });
  expect(answer.status).toBe(200);
}

describe('3.6', () => {
  const make = (FunctionName: string) => lambda().send(new CreateFunctionCommand({ FunctionName, Runtime: 'nodejs20.x', Handler: 'i.h', Role: `arn:aws:iam::${account}:role/x`, Code: { ZipFile: zip }, Environment: { Variables: { TOKEN: 'canary-4711' } } }));

  test('keeps the code and deletes the function with its address, versions and aliases', async () => {
    const made = await make('log-forwarder');
    await lambda().send(new PublishVersionCommand({ FunctionName: 'log-forwarder' }));
    await lambda().send(new CreateAliasCommand({ FunctionName: 'log-forwarder', Name: 'live', FunctionVersion: '1' }));
    await lambda().send(new CreateFunctionUrlConfigCommand({ FunctionName: 'log-forwarder', AuthType: 'NONE' }));
    await lambda().send(new AddPermissionCommand({ FunctionName: 'log-forwarder', StatementId: 'public', Action: 'lambda:InvokeFunction', Principal: '*' }));
    const { step } = await holdsContract(bench, action('aws.delete-function'), { proposal: proposal('aws.delete-function', 'function', made.FunctionArn!, 'log-forwarder', {}, region), neighbours: legit, undo: 'impossible', keeps: true });
    // What enters Temporal has the names of the environment, never its values.
    expect(JSON.stringify(step)).not.toContain('canary-4711');
    expect(step.before).toMatchObject({ environment: ['TOKEN'] });
    expect(Buffer.from(bench.evidence.kept.find(({ kind }) => kind === 'function-code')!.content as Uint8Array)).toEqual(zip);
    expect(bench.evidence.kept.find(({ kind }) => kind === 'function')?.content).toMatchObject({ policies: { unqualified: { Statement: [{ Sid: 'public' }] } } });
  });

  test('code that cannot be downloaded, or has changed, leaves the function where it is', async () => {
    const made = await make('other-forwarder');
    const wish = proposal('aws.delete-function', 'function', made.FunctionArn!, 'other-forwarder', {}, region);
    const step = await planned(action('aws.delete-function'), bench.ctx, wish);
    codeStatus = 403;
    const from = bench.log.length;
    expect(await codeFrom(action('aws.delete-function').apply(bench.ctx, step))).toBe('EVIDENCE_UNAVAILABLE');
    codeStatus = 200;
    await lambda().send(new UpdateFunctionCodeCommand({ FunctionName: 'other-forwarder', ZipFile: Buffer.concat([zip, Buffer.from(' ')]) }));
    expect(await codeFrom(action('aws.delete-function').apply(bench.ctx, step))).toBe('PLAN_CHANGED');
    expect(writes(bench.log.slice(from))).toEqual([]);
  });

  test('removes the permission that the attacker added and no other', async () => {
    const made = await make('legit-api');
    await lambda().send(new AddPermissionCommand({ FunctionName: 'legit-api', StatementId: 'gateway', Action: 'lambda:InvokeFunction', Principal: 'apigateway.amazonaws.com' }));
    await lambda().send(new AddPermissionCommand({ FunctionName: 'legit-api', StatementId: 'planted', Action: 'lambda:InvokeFunction', Principal: '666666666666' }));
    await holdsContract(bench, action('aws.remove-function-permission'), {
      proposal: proposal('aws.remove-function-permission', 'function', made.FunctionArn!, 'legit-api', { statementId: 'planted' }, region), neighbours: legit, undo: 'impossible', keeps: true,
    });
    const policy = JSON.parse((await lambda().send(new GetPolicyCommand({ FunctionName: 'legit-api' }))).Policy!) as { Statement: { Sid: string }[] };
    expect(policy.Statement.map((one) => one.Sid)).toEqual(['gateway']);
  });

  test('a trigger goes before its function', async () => {
    const made = await make('reader');
    await makeQueue('orders');
    await lambda().send(new CreateEventSourceMappingCommand({ FunctionName: 'reader', EventSourceArn: `arn:aws:sqs:${region}:${account}:orders` }));
    const step = await planned(action('aws.delete-function'), bench.ctx, proposal('aws.delete-function', 'function', made.FunctionArn!, 'reader', {}, region));
    bench.used.clear();
    const from = bench.log.length;
    await action('aws.delete-function').apply(bench.ctx, step);
    remember(action('aws.delete-function'), bench.used);
    expect(writes(bench.log.slice(from))).toEqual(['lambda.DeleteEventSourceMapping', 'lambda.DeleteFunction']);
  });
});

test('every declared permission of the resource actions is used', () => {
  const left = unused(eradicateActions.filter((one) => /bucket|instance|security-group|function/.test(one.id)));
  // moto starts no spot instances from RunInstances.
  expect(left).toEqual({ 'aws.terminate-instance': ['ec2:CancelSpotInstanceRequests'] });
});
