import type { Attributed } from '../../activities/aws/investigate/attribution';
import { merged, settled } from '../../activities/aws/investigate/artifact';
import { computeArtifacts } from '../../activities/aws/investigate/checks/compute';
import { functionArtifacts } from '../../activities/aws/investigate/checks/functions';
import { networkArtifacts } from '../../activities/aws/investigate/checks/network';
import { iamChanges } from '../../activities/aws/investigate/iam-changes';
import { loggingArtifacts, wantedTrail } from '../../activities/aws/investigate/logging-changes';
import { parseRecord, type TrailRecord } from '../../activities/aws/investigate/record';
import { partBefore, storageArtifacts } from '../../activities/aws/investigate/storage-changes';
import type { JsonObject } from '../../playbook/json';
import type { Artifact } from '../../playbook/model/finding';
import { account, recordJson } from './support';

const record = (name: string, source: string, requestParameters: JsonObject = {}, responseElements: JsonObject = {}, over: JsonObject = {}): TrailRecord =>
  parseRecord(recordJson(name, { eventSource: `${source}.amazonaws.com`, requestParameters, responseElements, ...over }), account)!;
const by = (one: TrailRecord, attribution: Attributed['attribution'] = 'attacker'): Attributed => ({ record: one, attribution, why: 'test' });
const around = { partition: 'aws', knownAccounts: [account] };
const all = (events: Attributed[]): Artifact[] => settled(merged([
  ...iamChanges(events, around), ...computeArtifacts(events), ...storageArtifacts(events, 'aws'), ...networkArtifacts(events), ...functionArtifacts(events, 'aws'), ...loggingArtifacts(events, 'aws'),
]));
const arn = (rest: string) => `arn:aws:iam::${account}:${rest}`;

test.each<[string, string, JsonObject, JsonObject, Partial<Artifact>]>([
  ['CreateUser', 'iam', { userName: 'm' }, { user: { arn: arn('user/p/m'), userName: 'm' } }, { kind: 'user', id: arn('user/p/m'), how: 'created' }],
  ['CreateAccessKey', 'iam', {}, { accessKey: { accessKeyId: 'AKIA1', userName: 'dana' } }, { kind: 'access-key', id: 'AKIA1', details: expect.objectContaining({ user: 'dana' }) }],
  ['UpdateAccessKey', 'iam', { userName: 'v', accessKeyId: 'AKIA2', status: 'Active' }, {}, { kind: 'access-key', how: 'changed' }],
  ['CreateLoginProfile', 'iam', { userName: 'v' }, {}, { kind: 'login-profile', name: 'v', how: 'created' }],
  ['DeactivateMFADevice', 'iam', { userName: 'v', serialNumber: arn('mfa/v') }, {}, { kind: 'mfa-device', how: 'deleted', details: expect.objectContaining({ user: 'v' }) }],
  ['AttachRolePolicy', 'iam', { roleName: 'r', policyArn: arn('policy/p') }, {}, { kind: 'policy-attachment', id: arn('policy/p'), how: 'created', details: expect.objectContaining({ entityKind: 'role', entity: 'r' }) }],
  ['DetachUserPolicy', 'iam', { userName: 'v', policyArn: arn('policy/p') }, {}, { kind: 'policy-attachment', how: 'deleted' }],
  ['PutGroupPolicy', 'iam', { groupName: 'g', policyName: 'p', policyDocument: '{"Statement":[]}' }, {}, { kind: 'inline-policy', id: `${arn('group/g')}/p`, details: expect.objectContaining({ document: { Statement: [] } }) }],
  ['CreatePolicyVersion', 'iam', { policyArn: arn('policy/p'), policyDocument: '{"Statement":[]}', setAsDefault: true }, { policyVersion: { versionId: 'v3' } }, { kind: 'policy', how: 'changed', details: expect.objectContaining({ addedVersions: ['v3'] }) }],
  ['CreateOpenIDConnectProvider', 'iam', { url: 'https://x' }, { openIDConnectProviderArn: arn('oidc-provider/x') }, { kind: 'other', id: arn('oidc-provider/x') }],
  ['DeleteUserPermissionsBoundary', 'iam', { userName: 'v' }, {}, { kind: 'other', how: 'deleted' }],
  ['CreateBucket', 's3', { bucketName: 'b' }, {}, { kind: 'bucket', id: 'arn:aws:s3:::b', how: 'created' }],
  ['PutBucketAcl', 's3', { bucketName: 'b', 'x-amz-acl': ['public-read'] }, {}, { kind: 'bucket-acl', details: expect.objectContaining({ madePublic: true }) }],
  ['DeleteAccountPublicAccessBlock', 's3', {}, {}, { kind: 'public-access-block', id: account }],
  ['PutBucketReplication', 's3', { bucketName: 'b' }, {}, { kind: 'bucket', how: 'changed', details: expect.objectContaining({ change: 'PutBucketReplication' }) }],
  ['CreateSecurityGroup', 'ec2', { groupName: 'g' }, { groupId: 'sg-1' }, { kind: 'security-group', id: 'sg-1', name: 'g' }],
  ['AuthorizeSecurityGroupIngress', 'ec2', { groupId: 'sg-1' }, { securityGroupRuleSet: { items: [{ securityGroupRuleId: 'sgr-1', groupId: 'sg-1', cidrIpv6: '::/0', ipProtocol: 'tcp', fromPort: 22, toPort: 22 }] } }, { kind: 'security-group-rule', id: 'sgr-1', details: expect.objectContaining({ open: true, source: '::/0', fromPort: 22 }) }],
  ['TerminateInstances', 'ec2', { instancesSet: { items: [{ instanceId: 'i-1' }] } }, {}, { kind: 'instance', how: 'deleted' }],
  ['CreateFunction20150331', 'lambda', { functionName: 'f', runtime: 'python3.12', role: arn('role/r') }, {}, { kind: 'function', id: `arn:aws:lambda:us-east-1:${account}:function:f`, how: 'created' }],
  ['UpdateFunctionCode20150331v2', 'lambda', { functionName: `arn:aws:lambda:us-east-1:${account}:function:f:live` }, {}, { kind: 'function', name: 'f', how: 'changed', details: expect.objectContaining({ change: 'code' }) }],
  ['AddPermission20150331v2', 'lambda', { functionName: 'f', statementId: 's', principal: '*' }, {}, { kind: 'function', how: 'changed', details: expect.objectContaining({ statementId: 's', change: 'permission' }) }],
  ['StopLogging', 'cloudtrail', { name: 'main' }, {}, { kind: 'trail', id: `arn:aws:cloudtrail:us-east-1:${account}:trail/main`, details: expect.objectContaining({ change: 'stopped' }) }],
  ['DeleteTrail', 'cloudtrail', { name: `arn:aws:cloudtrail:eu-west-1:${account}:trail/main` }, {}, { kind: 'trail', region: 'eu-west-1', how: 'deleted' }],
  ['UpdateDetector', 'guardduty', { detectorId: 'd', enable: false }, {}, { kind: 'detector', id: 'd' }],
  ['DeleteFlowLogs', 'ec2', {}, {}, { kind: 'other', how: 'deleted' }],
])('%s', (name, source, request, response, expected) => {
  const event = record(name, source, request, response);
  const artifacts = all([by(event)]);
  expect(artifacts).toHaveLength(1);
  expect(artifacts[0]).toMatchObject({ attribution: 'attacker', events: [event.eventID], account, ...expected });
  expect(all([by(record(name, source, request, response, { errorCode: 'AccessDenied' }))])).toEqual([]);
  // A record without its members makes no thing without a name.
  for (const one of all([by(record(name, source))])) expect([one.id, one.name]).not.toContain('');
});

test('switching a detector on, or a key off, is nothing', () => {
  expect(all([by(record('UpdateDetector', 'guardduty', { detectorId: 'd', enable: true })), by(record('UpdateAccessKey', 'iam', { userName: 'v', accessKeyId: 'AKIA2', status: 'Inactive' }))])).toEqual([]);
});

test('what the attacker did to his own things goes with them', () => {
  const user = record('CreateUser', 'iam', { userName: 'm' }, { user: { arn: arn('user/m') } });
  const gone = record('DeleteUser', 'iam', { userName: 'm' });
  const role = record('CreateRole', 'iam', { roleName: 'r', assumeRolePolicyDocument: '{"Statement":[]}' }, { role: { arn: arn('role/r') } });
  const trusted = record('UpdateAssumeRolePolicy', 'iam', { roleName: 'r', policyDocument: '{"Statement":[]}' });
  const fn = record('CreateFunction20150331', 'lambda', { functionName: 'f' });
  const opened = record('AddPermission20150331v2', 'lambda', { functionName: 'f', statementId: 's' });
  expect(all([user, gone, role, trusted, fn, opened].map((one) => by(one))).map((one) => `${one.kind} ${one.how}`)).toEqual(['user created', 'role created', 'function created']);
  // An owner's deletion of the same name is not swallowed.
  expect(all([by(user), by(gone, 'unattributed')]).map((one) => one.how)).toEqual(['created', 'deleted']);
});

test('attached to two, it is two; written twice, it is one, and the last writer’s', () => {
  const attach = (userName: string) => record('AttachUserPolicy', 'iam', { userName, policyArn: arn('policy/p') });
  expect(all([by(attach('a')), by(attach('b')), by(attach('a'))])).toHaveLength(2);
  const write = (at: string) => record('UpdateAssumeRolePolicy', 'iam', { roleName: 'r', policyDocument: '{"Statement":[]}' }, {}, { eventTime: at });
  const [trust] = all([by(write('2026-11-20T12:00:00Z')), by(write('2026-11-20T12:05:00Z'), 'unattributed')]);
  expect(trust).toMatchObject({ attribution: 'unattributed', details: { time: '2026-11-20T12:00:00.000Z' } });
  expect(trust!.events).toHaveLength(2);
});

describe('what it was before', () => {
  const block = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: false };
  const made = record('CreateBucket', 's3', { bucketName: 'b' });
  test.each<[string, Artifact['kind'], TrailRecord[], object]>([
    ['a policy written before', 'bucket-policy', [made, record('PutBucketPolicy', 's3', { bucketName: 'b', bucketPolicy: { Statement: [] } })], { previous: { Statement: [] }, previousKnown: true }],
    ['a policy removed before', 'bucket-policy', [record('PutBucketPolicy', 's3', { bucketName: 'b', bucketPolicy: { Statement: [] } }), record('DeleteBucketPolicy', 's3', { bucketName: 'b' })], { previous: null, previousKnown: true }],
    ['born without a policy', 'bucket-policy', [made], { previous: null, previousKnown: true }],
    ['older than the history', 'bucket-policy', [], { previous: null, previousKnown: false }],
    ['a block written before', 'public-access-block', [made, record('PutBucketPublicAccessBlock', 's3', { bucketName: 'b', PublicAccessBlockConfiguration: block })], { previous: block, previousKnown: true }],
    ['a block that came with the bucket', 'public-access-block', [made], { previous: null, previousKnown: false }],
    ['the default access list', 'bucket-acl', [made], { previous: null, previousKnown: true }],
    ['an access list written in full', 'bucket-acl', [made, record('PutBucketAcl', 's3', { bucketName: 'b', AccessControlPolicy: {} })], { previous: null, previousKnown: false }],
  ])('%s', (_name, kind, history, expected) => {
    expect(partBefore(kind, history)).toEqual(expected);
  });

  const trail = record('CreateTrail', 'cloudtrail', { name: 'main', s3BucketName: 'logs', isMultiRegionTrail: true });
  test.each<[string, string, JsonObject, TrailRecord[], object]>([
    ['what was changed, as it was', 'updated', { isMultiRegionTrail: false, s3BucketName: 'evil' }, [trail], { wanted: { multiRegion: true, bucket: 'logs' }, unknown: [] }],
    ['a flag without history is switched on, a bucket is not guessed', 'updated', { enableLogFileValidation: false, s3BucketName: 'evil' }, [], { wanted: { validation: true }, unknown: ['bucket'] }],
    ['all of a deleted trail', 'deleted', {}, [trail], { wanted: { multiRegion: true, globalEvents: true, validation: false, bucket: 'logs', prefix: '', kmsKey: '' }, unknown: [] }],
    ['selectors', 'selectors', {}, [trail], { wanted: { managementEvents: true }, unknown: ['data event selectors'] }],
    ['stopped', 'stopped', {}, [trail], { wanted: {}, unknown: [] }],
  ])('a trail: %s', (_name, change, request, history, expected) => {
    expect(wantedTrail(change, request, history)).toEqual(expected);
  });
});
