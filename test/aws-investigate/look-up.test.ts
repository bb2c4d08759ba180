import { lookUp } from '../../activities/aws/look-up';
import type { AlertTarget } from '../../playbook/model/alert';
import { account, alertOf, attackerIp, awsError, fakeAccess, lookUpIn, principal, recordJson, type FakeCall } from './support';

const admin = encodeURIComponent(JSON.stringify({ Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }));
const deny = encodeURIComponent(JSON.stringify({ Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] }));
const quiet = (call: FakeCall): unknown => {
  if (call.command.startsWith('ListAttached')) return { AttachedPolicies: [] };
  if (/^List(User|Role|Group)Policies$/.test(call.command)) return { PolicyNames: [] };
  if (call.command === 'ListGroupsForUser') return { Groups: [] };
  if (call.command === 'GetAccessKeyLastUsed') return { UserName: 'dana' };
  return undefined;
};
const ask = (answer: (call: FakeCall) => unknown, target: AlertTarget | null = null, over: object = {}) =>
  lookUp({ access: fakeAccess(answer) }, { principal: { ...principal, ...over }, alerts: [alertOf({ target })] });
const also = (answers: Record<string, unknown>) => (call: FakeCall) => (call.command in answers ? answers[call.command] : quiet(call));

test.each<[string, Record<string, unknown>, boolean]>([
  ['nothing', {}, false],
  ['AWS’s administrator policy', { ListAttachedUserPolicies: { AttachedPolicies: [{ PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }] } }, true],
  ['a policy of one’s own', { ListAttachedUserPolicies: { AttachedPolicies: [{ PolicyArn: `arn:aws:iam::${account}:policy/x` }] }, GetPolicy: { Policy: { DefaultVersionId: 'v2' } }, GetPolicyVersion: { PolicyVersion: { Document: admin } } }, true],
  ['an inline policy', { ListUserPolicies: { PolicyNames: ['x'] }, GetUserPolicy: { PolicyDocument: admin } }, true],
  ['by a group', { ListGroupsForUser: { Groups: [{ GroupName: 'g' }] }, ListGroupPolicies: { PolicyNames: ['x'] }, GetGroupPolicy: { PolicyDocument: admin } }, true],
  ['only a deny', { ListUserPolicies: { PolicyNames: ['x'] }, GetUserPolicy: { PolicyDocument: deny } }, false],
])('administrator: %s', async (_name, answers, expected) => {
  expect(await ask(also(answers))).toMatchObject({ principalIsAdmin: expected, failed: [] });
});

test('root is an administrator without a call; a role session is its role', async () => {
  expect((await ask(() => awsError('AccessDenied', 403), null, { kind: 'root', id: `arn:aws:iam::${account}:root` })).principalIsAdmin).toBe(true);
  const role = { kind: 'role', id: `arn:aws:iam::${account}:role/path/app` };
  expect((await ask(also({ ListRolePolicies: { PolicyNames: ['p'] }, GetRolePolicy: { PolicyDocument: admin } }), null, role)).principalIsAdmin).toBe(true);
});

const made = new Date('2026-11-20T11:00:00Z');
test.each<[AlertTarget['kind'], string, Record<string, unknown>, object]>([
  ['user', 'mallory', { GetUser: { User: { CreateDate: made } } }, { exists: true, createdAt: made.toISOString(), isAdmin: false }],
  ['user', 'gone', {}, { exists: false, createdAt: null, isAdmin: null }],
  ['role', `arn:aws:iam::${account}:role/x`, { GetRole: { Role: { CreateDate: made } }, ListAttachedRolePolicies: { AttachedPolicies: [{ PolicyArn: 'arn:aws:iam::aws:policy/IAMFullAccess' }] } }, { exists: true, isAdmin: true }],
  ['policy', 'arn:aws:iam::aws:policy/AdministratorAccess', { GetPolicy: { Policy: { CreateDate: made } } }, { exists: true, isAdmin: true }],
  ['bucket', 'orders', { HeadBucket: {}, GetBucketPolicyStatus: { PolicyStatus: { IsPublic: true } } }, { exists: true }],
  ['instance', 'i-1', { DescribeInstances: { Reservations: [{ Instances: [{ LaunchTime: made }] }] } }, { exists: true, createdAt: made.toISOString() }],
])('target %s %s', async (kind, id, answers, expected) => {
  expect((await ask(also(answers), { kind, id, account })).target).toMatchObject(expected);
});

test('each failure is named, and the rest is there', async () => {
  const seen = await ask((call) => (call.command === 'GetUser' ? awsError('AccessDenied', 403) : call.command === 'ListUserPolicies' ? awsError('Throttling') : quiet(call)), { kind: 'user', id: 'mallory', account });
  expect(seen.failed).toEqual(expect.arrayContaining([{ what: 'rights of dana', error: 'THROTTLED' }]));
  expect(seen.failed.find((one) => one.what === 'target user mallory')).toBeDefined();
  expect(seen).toMatchObject({ principalIsAdmin: null, target: null, countries: { [attackerIp]: 'DE' }, facts: { keyOwners: { AKIASTOLEN0000000001: 'dana' } } });
});

test('a service that does not answer is not waited for', async () => {
  const seen = await ask((call) => (call.command === 'GetAccessKeyLastUsed' ? new Promise(() => undefined) : quiet(call)));
  expect(seen.failed).toEqual([{ what: 'owner of AKIASTOLEN0000000001', error: 'CLOUD_UNAVAILABLE' }]);
});

test('reads only, and few', async () => {
  const access = fakeAccess(quiet);
  await lookUp({ access }, { principal, alerts: [alertOf()] });
  expect(access.calls.length).toBeLessThanOrEqual(8);
  expect(access.calls.filter((one) => !/^(Get|List|Head|Describe)/.test(one.command))).toEqual([]);
});

test('an event that names a key and nobody belongs to the key’s owner; a session to who opened it, when CloudTrail shows it', async () => {
  const nameless = alertOf({ principal: null, target: null });
  const unattributed = { provider: 'aws' as const, account, kind: 'unknown' as const, id: `unattributed:${account}`, name: 'unattributed activity' };
  const owned = await lookUp({ access: fakeAccess(quiet) }, { principal: unattributed, alerts: [nameless] });
  expect(owned.origins).toMatchObject([{ alerts: [nameless.id], principal: { kind: 'user', id: `arn:aws:iam::${account}:user/dana`, name: 'dana' } }]);

  const role = { provider: 'aws' as const, account, kind: 'role' as const, id: `arn:aws:iam::${account}:role/app`, name: 'app' };
  const opened = recordJson('AssumeRole', { at: '2026-11-20T11:30:00Z', requestParameters: { roleArn: role.id }, responseElements: { credentials: { accessKeyId: 'ASIA1' } } });
  const alert = alertOf({ principal: role, target: null, session: { accessKeyId: 'ASIA1', name: 'run', issuedAt: '2026-11-20T11:30:00Z', mfa: 'no', roleArn: role.id } });
  const followed = await lookUp({ access: fakeAccess((call) => (call.command === 'LookupEvents' ? lookUpIn([opened], call.input, call.region) : quiet(call))) }, { principal: role, alerts: [alert] });
  expect(followed.origins).toMatchObject([{ alerts: [alert.id], principal: { kind: 'user', name: 'dana' }, roles: [role.id] }]);
});
