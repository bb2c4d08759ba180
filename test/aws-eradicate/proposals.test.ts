import fc from 'fast-check';
import { deletionOrder, proposalsFor } from '../../activities/aws/eradicate/proposals';
import { eradicateActions } from '../../activities/aws/eradicate';
import { awsCatalogue } from '../../playbook/catalogue';
import type { JsonObject } from '../../playbook/json';
import type { Artifact } from '../../playbook/model/finding';

const account = '200000000002';
const arn = (what: string) => `arn:aws:iam::${account}:${what}`;
const artifact = (kind: Artifact['kind'], id: string, how: Artifact['how'], details: JsonObject = {}, more: Partial<Artifact> = {}): Artifact => ({
  provider: 'aws', account, region: ['instance', 'security-group', 'security-group-rule', 'function', 'bucket'].includes(kind) ? 'us-east-1' : null, kind, id, name: id.split('/').pop()!, attribution: 'attacker', how,
  events: ['e'], details: { why: 'seen', ...details }, ...more,
});
const bucket = (name: string, kind: Artifact['kind'], details: JsonObject = {}) => artifact(kind, `arn:aws:s3:::${name}`, 'changed', { bucket: name, ...details }, { name, region: 'us-east-1' });
const document = { Version: '2012-10-17', Statement: [] };

/** One line each: the artifact, and what becomes of it. */
const table: [string, Artifact, { action: string; params?: JsonObject; target?: object } | 'listed' | 'nothing'][] = [
  ['a made user', artifact('user', arn('user/mallory'), 'created'), { action: 'aws.delete-user' }],
  ['a made role', artifact('role', arn('role/backdoor'), 'created'), { action: 'aws.delete-role', params: { functions: [], instances: [], instanceProfiles: [] } }],
  ['a made group', artifact('group', arn('group/ops'), 'created'), { action: 'aws.delete-group', params: { users: [] } }],
  ['a deleted user', artifact('user', arn('user/ada'), 'deleted'), 'listed'],
  ['a changed role', artifact('role', arn('role/app'), 'changed'), 'listed'],
  ['an added member', artifact('group', arn('group/admins'), 'changed', { group: 'admins', user: 'ada' }), { action: 'aws.remove-group-member', params: { user: 'ada' } }],
  ['a removed member', artifact('group', arn('group/admins'), 'deleted', { group: 'admins', user: 'ada' }), 'listed'],
  ['a made key', artifact('access-key', 'AKIAPLANTED', 'created', { user: 'ada' }), { action: 'aws.delete-access-key', params: { user: 'ada' } }],
  ['a key switched on again', artifact('access-key', 'AKIAOLD', 'changed', { user: 'ada' }), 'listed'],
  ['a key of root', artifact('access-key', 'AKIAROOT', 'created', { user: null }), 'listed'],
  ['a made password', artifact('login-profile', arn('user/ada'), 'created', { user: 'ada' }), { action: 'aws.remove-login-profile', target: { kind: 'user', name: 'ada', id: arn('user/ada') } }],
  ['a made MFA device', artifact('mfa-device', arn('mfa/x'), 'created', { user: 'ada' }), { action: 'aws.remove-rogue-mfa', params: { devices: [arn('mfa/x')] }, target: { kind: 'user', name: 'ada', id: arn('user/ada') } }],
  ['a removed MFA device', artifact('mfa-device', arn('mfa/x'), 'deleted', { user: 'ada' }), 'listed'],
  ['an attachment', artifact('policy-attachment', 'arn:aws:iam::aws:policy/AdministratorAccess', 'created', { entityKind: 'user', entity: 'ada', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
    { action: 'aws.detach-policy', params: { policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }, target: { kind: 'user', name: 'ada', id: arn('user/ada') } }],
  ['a detachment', artifact('policy-attachment', 'arn:aws:iam::aws:policy/X', 'deleted', { entityKind: 'user', entity: 'ada' }), 'listed'],
  ['a written inline policy', artifact('inline-policy', `${arn('role/app')}/x`, 'created', { entityKind: 'role', entity: 'app', policyName: 'x' }), { action: 'aws.delete-inline-policy', params: { policyName: 'x' }, target: { kind: 'role', id: arn('role/app') } }],
  ['an overwritten inline policy', artifact('inline-policy', `${arn('role/app')}/x`, 'changed', { entityKind: 'role', entity: 'app', policyName: 'x', previousDocument: document }),
    { action: 'aws.delete-inline-policy', params: { policyName: 'x', previous: document }, target: { kind: 'role', id: arn('role/app') } }],
  ['an overwritten inline policy without its past', artifact('inline-policy', `${arn('role/app')}/x`, 'changed', { entityKind: 'role', entity: 'app', policyName: 'x' }), 'listed'],
  ['a made policy', artifact('policy', arn('policy/evil'), 'created'), { action: 'aws.delete-policy', params: { holders: [] } }],
  ['a changed policy', artifact('policy', arn('policy/shared'), 'changed', { previousVersion: 'v3', addedVersions: ['v4'] }), { action: 'aws.restore-policy-version', params: { previous: 'v3', versions: ['v4'] } }],
  ['a changed policy without its past', artifact('policy', arn('policy/shared'), 'changed', {}), 'listed'],
  ['a changed trust', artifact('trust', arn('role/app'), 'changed', { previousDocument: document }), { action: 'aws.restore-trust', params: { previous: document }, target: { kind: 'role', name: 'app' } }],
  ['a changed trust without its past', artifact('trust', arn('role/app'), 'changed', { previousDocument: null }), 'listed'],
  ['a started instance', artifact('instance', 'i-1', 'created'), { action: 'aws.terminate-instance' }],
  ['a stopped instance', artifact('instance', 'i-1', 'changed'), 'listed'],
  ['a made bucket', artifact('bucket', 'arn:aws:s3:::loot', 'created', { bucket: 'loot' }, { name: 'loot' }), { action: 'aws.delete-bucket', params: { trails: [] } }],
  ['a bucket that was read', artifact('bucket', 'arn:aws:s3:::orders', 'read'), 'nothing'],
  ['an opened bucket policy', bucket('orders', 'bucket-policy', { previous: document, previousKnown: true }), { action: 'aws.restore-bucket-policy', params: { policy: document }, target: { kind: 'bucket', name: 'orders' } }],
  ['a bucket policy where none was', bucket('orders', 'bucket-policy', { previous: null, previousKnown: true }), { action: 'aws.restore-bucket-policy', params: { policy: null } }],
  ['an ACL without its past', bucket('orders', 'bucket-acl', { previous: null, previousKnown: false }), 'listed'],
  ['the account’s own public access block', artifact('public-access-block', account, 'changed', { previousKnown: true }), 'listed'],
  ['a made security group', artifact('security-group', 'sg-1', 'created', { groupId: 'sg-1' }), { action: 'aws.delete-security-group', params: { instances: [], groups: [] } }],
  ['an opened rule', artifact('security-group-rule', 'sgr-1', 'created', { groupId: 'sg-9', ruleId: 'sgr-1' }), { action: 'aws.revoke-security-group-rule' }],
  ['an opened rule without id', artifact('security-group-rule', 'sg-9/abc', 'created', { groupId: 'sg-9' }), 'listed'],
  ['a made function', artifact('function', 'arn:aws:lambda:us-east-1:200000000002:function:x', 'created', {}, { name: 'x' }), { action: 'aws.delete-function' }],
  ['an added function permission', artifact('function', 'arn:f', 'changed', { change: 'permission', statementId: 'public' }), { action: 'aws.remove-function-permission', params: { statementId: 'public' } }],
  ['changed function code', artifact('function', 'arn:f', 'changed', { change: 'code' }), 'listed'],
  ['a stopped trail', artifact('trail', 'arn:t', 'changed', { change: 'stopped' }), 'nothing'],
  ['a made trail', artifact('trail', 'arn:t', 'created'), 'listed'],
  ['a disabled detector', artifact('detector', 'd', 'changed'), 'nothing'],
  ['anything else', artifact('other', 'x', 'created', { event: 'CreateSAMLProvider' }), 'listed'],
  ['what is gone already', artifact('user', arn('user/gone'), 'created', { exists: false }), 'nothing'],
  ['what is another cloud’s', artifact('user', 'x', 'created', {}, { provider: 'azure' }), 'nothing'],
];

test.each(table)('%s', (_name, one, wanted) => {
  const { proposals, unattributed } = proposalsFor([one]);
  if (wanted === 'nothing') expect([proposals, unattributed]).toEqual([[], []]);
  else if (wanted === 'listed') {
    expect(proposals).toEqual([]);
    expect(unattributed).toEqual([{ ...one, details: { ...one.details, listedBecause: expect.any(String) as string } }]);
  } else {
    expect(unattributed).toEqual([]);
    expect(proposals).toHaveLength(1);
    expect(proposals[0]).toMatchObject({ action: wanted.action, params: wanted.params ?? {}, ...(wanted.target ? { target: wanted.target } : { target: { id: one.id } }) });
    expect(proposals[0]!.because).toContain('seen');
  }
});

test.each(table.filter(([, one]) => one.how !== 'read'))('%s, unattributed, is listed and never proposed', (_name, one) => {
  const { proposals, unattributed } = proposalsFor([{ ...one, attribution: 'unattributed' }]);
  expect(proposals).toEqual([]);
  expect(unattributed).toHaveLength(1);
});

const everything = table.map(([, one]) => one).filter((one) => one.details.exists !== false);

test('comes in an order that works, whatever the order of the findings', () => {
  const names = (proposals: { action: string }[]) => proposals.map((one) => one.action);
  const sorted = names(proposalsFor(everything).proposals);
  const ranks = sorted.map((action) => deletionOrder.indexOf(action as (typeof deletionOrder)[number]));
  expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
  const before = (first: string, then: string) => expect(sorted.lastIndexOf(first)).toBeLessThan(sorted.indexOf(then));
  before('aws.delete-function', 'aws.delete-role');
  before('aws.terminate-instance', 'aws.delete-security-group');
  before('aws.revoke-security-group-rule', 'aws.delete-security-group');
  before('aws.remove-group-member', 'aws.delete-group');
  before('aws.detach-policy', 'aws.delete-policy');
  before('aws.delete-user', 'aws.delete-policy');
  before('aws.delete-role', 'aws.delete-policy');
  before('aws.restore-bucket-policy', 'aws.delete-bucket');
  fc.assert(fc.property(fc.shuffledSubarray(everything, { minLength: everything.length }), (shuffled) => expect(names(proposalsFor(shuffled).proposals)).toEqual(sorted)), { numRuns: 30 });
});

test('the same thing twice is one proposal, and its parameters are joined', () => {
  const policy = bucket('orders', 'bucket-policy', { previous: document, previousKnown: true });
  const block = bucket('orders', 'public-access-block', { previous: { BlockPublicAcls: true }, previousKnown: true });
  expect(proposalsFor([policy, block, policy]).proposals).toMatchObject([{ action: 'aws.restore-bucket-policy', params: { policy: document, publicAccessBlock: { BlockPublicAcls: true } } }]);
  const device = (id: string) => artifact('mfa-device', arn(`mfa/${id}`), 'created', { user: 'ada' });
  expect(proposalsFor([device('a'), device('b')]).proposals).toMatchObject([{ params: { devices: [arn('mfa/a'), arn('mfa/b')] } }]);
});

test('parts of what is deleted as a whole go with it', () => {
  const made = [
    artifact('user', arn('user/mallory'), 'created'), artifact('access-key', 'AKIA1', 'created', { user: 'mallory' }), artifact('login-profile', arn('user/mallory'), 'created', { user: 'mallory' }),
    artifact('policy-attachment', arn('policy/evil'), 'created', { entityKind: 'user', entity: 'mallory', policyArn: arn('policy/evil') }), artifact('group', arn('group/admins'), 'changed', { user: 'mallory' }),
    artifact('policy', arn('policy/evil'), 'created'), artifact('policy-attachment', arn('policy/evil'), 'created', { entityKind: 'role', entity: 'app', policyArn: arn('policy/evil') }),
    artifact('security-group', 'sg-1', 'created', { groupId: 'sg-1' }), artifact('security-group-rule', 'sgr-1', 'created', { groupId: 'sg-1', ruleId: 'sgr-1' }), artifact('instance', 'i-1', 'created'),
    artifact('bucket', 'arn:aws:s3:::loot', 'created', {}, { name: 'loot' }), bucket('loot', 'bucket-policy', { previous: null, previousKnown: true }),
  ];
  const { proposals, unattributed } = proposalsFor(made);
  expect(unattributed).toEqual([]);
  expect(proposals.map((one) => [one.action, one.target.id, one.params])).toEqual([
    ['aws.terminate-instance', 'i-1', {}],
    ['aws.delete-security-group', 'sg-1', { instances: ['i-1'], groups: [] }],
    ['aws.delete-bucket', 'arn:aws:s3:::loot', { trails: [] }],
    ['aws.detach-policy', arn('role/app'), { policyArn: arn('policy/evil') }],
    ['aws.delete-user', arn('user/mallory'), {}],
    ['aws.delete-policy', arn('policy/evil'), { holders: ['role/app', 'user/mallory'] }],
  ]);
});

test('a namesake in another account is another thing', () => {
  const { proposals } = proposalsFor([artifact('user', arn('user/ada'), 'created'), artifact('access-key', 'AKIA1', 'created', { user: 'ada' }, { account: '300000000003' })]);
  expect(proposals.map((one) => one.action)).toEqual(['aws.delete-access-key', 'aws.delete-user']);
});

test('every action of section 3 is in the order, and has code', () => {
  const section = Object.entries(awsCatalogue).filter(([, entry]) => entry.row.startsWith('3.')).map(([id]) => id).sort();
  expect(eradicateActions.map((one) => one.id).sort()).toEqual(section);
  expect(section.filter((id) => !(deletionOrder as readonly string[]).includes(id))).toEqual([]);
});
