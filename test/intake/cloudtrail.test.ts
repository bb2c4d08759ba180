import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloudtrail } from '../../intake/cloudtrail';
import { guardduty } from '../../intake/guardduty';
import { incidentIdOf } from '../../playbook/model/principal';
import type { Alert } from '../../playbook/model/alert';
import { ACCOUNT, OTHER, parsed, record, roleIdentity, rootIdentity, userIdentity } from '../triage/events';

const fixture = (name: string): Record<string, unknown> => JSON.parse(readFileSync(join(__dirname, '../fixtures/events', name), 'utf8')) as Record<string, unknown>;
const envelope = fixture('cloudtrail-eventbridge.json');
const detail = envelope['detail'] as Record<string, unknown>;
const only = (results: ReturnType<typeof cloudtrail.parse>): Alert => {
  if (results.length !== 1 || !('alert' in results[0]!)) throw new Error(JSON.stringify(results));
  return results[0].alert;
};

test('an EventBridge envelope, the bare record and a log file give the same alert', () => {
  const alert = only(cloudtrail.parse(envelope));
  expect(alert).toMatchObject({
    id: expect.stringMatching(/^alr-[0-9a-f]{24}$/), source: 'cloudtrail', provider: 'aws', account: ACCOUNT, region: 'us-east-1', time: '2026-03-02T09:15:30.000Z', receivedAt: null, event: 'CreateAccessKey', service: 'iam.amazonaws.com',
    outcome: 'success', errorCode: null, dryRun: false, principal: { provider: 'aws', account: ACCOUNT, kind: 'user', id: `arn:aws:iam::${ACCOUNT}:user/mallory`, name: 'mallory' },
    session: { accessKeyId: 'AKIAQ3EGRYKZ7EXAMPLE', name: null, roleArn: null, mfa: 'unknown' }, sourceIp: '203.0.113.77', channel: 'api', target: { kind: 'user', id: 'backup-svc' }, addresses: ['203.0.113.77'], raw: null,
  });
  expect(only(cloudtrail.parse(detail))).toEqual(alert);
  expect(only(cloudtrail.parse({ Records: [detail] }))).toEqual(alert);
});

test('the id is the event’s: the same again, another for another event, account or time', () => {
  const id = only(cloudtrail.parse(detail)).id;
  expect(only(cloudtrail.parse(structuredClone(envelope))).id).toBe(id);
  for (const change of [{ eventID: 'b' }, { recipientAccountId: OTHER }, { eventTime: '2026-03-02T09:15:31Z' }, { eventName: 'DeleteAccessKey' }]) expect(only(cloudtrail.parse({ ...detail, ...change })).id).not.toBe(id);
});

describe('one bad record does not lose the others', () => {
  test('in a log file', () => {
    const results = cloudtrail.parse({ Records: [detail, { ...detail, eventName: 7 }, null, { ...detail, eventID: 'c' }] });
    expect(results.map((one) => ('alert' in one ? 'alert' : `${one.rejected.path} ${one.rejected.problem}`))).toEqual(['alert', 'Records[1].eventName must be text', 'Records[2] must be an object', 'alert']);
  });
  test('an empty file has none', () => expect(cloudtrail.parse({ Records: [] })).toEqual([]));
});

test.each<[string, unknown, string, string]>([
  ['no detail', { 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.iam' }, 'detail', 'is missing'],
  ['detail is text', { ...envelope, detail: 'x' }, 'detail', 'must be an object'],
  ['no name', { ...envelope, detail: { ...detail, eventName: undefined } }, 'detail.eventName', 'is missing'],
  ['name is a list', { ...envelope, detail: { ...detail, eventName: ['CreateUser'] } }, 'detail.eventName', 'must be text'],
  ['name without end', { ...envelope, detail: { ...detail, eventName: 'x'.repeat(257) } }, 'detail.eventName', 'is longer than 256 characters'],
  ['no service', { ...envelope, detail: { ...detail, eventSource: null } }, 'detail.eventSource', 'is missing'],
  ['no time', { ...envelope, detail: { ...detail, eventTime: '' } }, 'detail.eventTime', 'is missing'],
  ['time is not one', { ...envelope, detail: { ...detail, eventTime: 'yesterday' } }, 'detail.eventTime', 'is not a time'],
  ['time does not exist', { ...envelope, detail: { ...detail, eventTime: '2026-02-31T25:00:00Z' } }, 'detail.eventTime', 'is not a time'],
  ['no event id', { ...envelope, detail: { ...detail, eventID: undefined } }, 'detail.eventID', 'is missing'],
  ['account is not one', { ...envelope, detail: { ...detail, recipientAccountId: '12' } }, 'detail.recipientAccountId', 'must be 12 digits'],
  ['identity is text', { ...envelope, detail: { ...detail, userIdentity: 'root' } }, 'detail.userIdentity', 'must be an object'],
  ['identity’s ARN is a number', { ...envelope, detail: { ...detail, userIdentity: { ...userIdentity(), arn: 7 } } }, 'detail.userIdentity.arn', 'must be text'],
  ['session context is a list', { ...envelope, detail: { ...detail, userIdentity: { ...userIdentity(), sessionContext: [] } } }, 'detail.userIdentity.sessionContext', 'must be an object'],
  ['request is a list', { ...envelope, detail: { ...detail, requestParameters: ['a'] } }, 'detail.requestParameters', 'must be an object'],
  ['error code is an object', { ...envelope, detail: { ...detail, errorCode: {} } }, 'detail.errorCode', 'must be text'],
  ['Records is not a list', { Records: 'x' }, 'Records', 'must be a list'],
  ['a number', 7, '(record)', 'must be an object'],
])('refused: %s', (_name, payload, path, problem) => expect(cloudtrail.parse(payload)).toEqual([{ rejected: { path, problem } }]));

const identityOf = (userIdentity_: unknown, more = {}): Alert => parsed(record('iam', 'CreateUser', { userName: 'x' }, { userIdentity: userIdentity_, ...more }));

test.each<[string, unknown, object | null, object?]>([
  ['root', rootIdentity(), { kind: 'root', id: `arn:aws:iam::${ACCOUNT}:root`, name: 'root' }],
  ['a user under a path is the same as without', { ...userIdentity(), arn: `arn:aws:iam::${ACCOUNT}:user/people/mallory` }, { kind: 'user', id: `arn:aws:iam::${ACCOUNT}:user/mallory` }],
  ['a user without a name has the ARN’s', { ...userIdentity(), userName: undefined }, { kind: 'user', name: 'mallory' }],
  ['a user in China', { ...userIdentity(), arn: `arn:aws-cn:iam::${ACCOUNT}:user/mallory` }, { id: `arn:aws-cn:iam::${ACCOUNT}:user/mallory` }],
  ['a role session is its role', roleIdentity('deployer', 'ci-42'), { kind: 'role', id: `arn:aws:iam::${ACCOUNT}:role/deployer`, name: 'deployer' }, { name: 'ci-42', roleArn: `arn:aws:iam::${ACCOUNT}:role/deployer`, issuedAt: '2026-03-02T08:00:00.000Z', mfa: 'no' }],
  ['a role session with nothing but its ARN', { type: 'AssumedRole', arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/ci-42` }, { kind: 'role', id: `arn:aws:iam::${ACCOUNT}:role/deployer` }, { name: 'ci-42' }],
  ['a role session of another account', { ...roleIdentity(), accountId: OTHER, arn: `arn:aws:sts::${OTHER}:assumed-role/x/y`, sessionContext: undefined }, { account: OTHER, id: `arn:aws:iam::${OTHER}:role/x` }],
  ['Identity Center is the person', roleIdentity('AWSReservedSSO_Ops_0123456789abcdef', 'ada@example.com'), { kind: 'identity-center-user', id: `${ACCOUNT}:sso:ada@example.com`, name: 'ada@example.com' }],
  ['a federated user is the user whose key it is', { type: 'FederatedUser', principalId: `${ACCOUNT}:x`, arn: `arn:aws:sts::${ACCOUNT}:federated-user/x`, accountId: ACCOUNT, sessionContext: { sessionIssuer: { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/mallory`, userName: 'mallory' } } }, { kind: 'user', id: `arn:aws:iam::${ACCOUNT}:user/mallory` }, { name: 'x' }],
  ['a federated user of root is root', { type: 'FederatedUser', arn: `arn:aws:sts::${ACCOUNT}:federated-user/x`, accountId: ACCOUNT, sessionContext: { sessionIssuer: { type: 'Root', arn: `arn:aws:iam::${ACCOUNT}:root` } } }, { kind: 'root' }],
  ['SAML', { type: 'SAMLUser', principalId: 'k:ada', userName: 'ada', identityProvider: 'idp' }, { kind: 'federated-user', id: 'idp:ada' }],
  ['an Identity Center user by id', { type: 'IdentityCenterUser', accountId: ACCOUNT, onBehalfOf: { userId: '9067-u', identityStoreArn: 'x' } }, { kind: 'identity-center-user', id: `${ACCOUNT}:sso:9067-u` }],
  ['an AWS service', { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' }, { kind: 'service', id: 'ec2.amazonaws.com' }],
  ['another account’s identity', { type: 'AWSAccount', principalId: 'AROAXXXXXXXXEXAMPLE9:s', accountId: OTHER }, { kind: 'unknown', account: OTHER, id: `${OTHER}:AROAXXXXXXXXEXAMPLE9` }],
  ['no identity', undefined, null],
  ['an empty one', {}, null],
  ['a type of tomorrow', { type: 'Robot', userName: 'x' }, null],
  ['a role without a name', { type: 'AssumedRole' }, null],
])('who acted: %s', (_name, identity, principal, session = {}) => {
  const alert = identityOf(identity);
  if (principal === null) expect(alert.principal).toBeNull();
  else expect(alert.principal).toMatchObject(principal);
  if (identity !== undefined) expect(alert.session).toMatchObject(session);
});

test('CloudTrail and GuardDuty name one identity alike, so that both join one incident', () => {
  const finding = guardduty.parse(fixture('guardduty-eventbridge.json'))[0]!;
  if (!('alert' in finding)) throw new Error(JSON.stringify(finding));
  const event = only(cloudtrail.parse(envelope));
  expect(finding.alert.principal).toEqual(event.principal);
  expect(incidentIdOf(finding.alert.principal!)).toBe(incidentIdOf(event.principal!));
});

test.each([
  ['2026-03-02T09:15:30Z', '2026-03-02T09:15:30.000Z'], ['2026-03-02 09:15:30', '2026-03-02T09:15:30.000Z'], ['2026-03-02 09:15:30.123456789', '2026-03-02T09:15:30.123Z'], ['2026-03-02T11:15:30.5+02:00', '2026-03-02T09:15:30.500Z'],
  ['2026-03-02T11:15:30+0200', '2026-03-02T09:15:30.000Z'],
])('time %s is %s', (given, iso) => expect(parsed(record('iam', 'CreateUser', null, { eventTime: given })).time).toBe(iso));

test('outcome, dry run, channel', () => {
  expect(parsed(record('iam', 'CreateUser', null, { errorCode: 'AccessDenied' }))).toMatchObject({ outcome: 'failure', errorCode: 'AccessDenied' });
  expect(parsed(record('iam', 'CreateUser', null, { errorCode: '' }))).toMatchObject({ outcome: 'success', errorCode: null });
  expect(parsed(record('ec2', 'RunInstances', {}, { errorCode: 'Client.DryRunOperation' })).dryRun).toBe(true);
  expect(parsed(record('lambda', 'UpdateFunctionCode', { dryRun: true })).dryRun).toBe(true);
  expect(parsed(record('iam', 'CreateUser', null, { sessionCredentialFromConsole: 'true' })).channel).toBe('console');
  expect(parsed(record('iam', 'CreateUser', null, { eventType: 'AwsServiceEvent' })).channel).toBe('service');
});

test('a service’s name is no address; a port and an IPv6 address are read', () => {
  expect(parsed(record('iam', 'CreateUser', null, { sourceIPAddress: 'cloudformation.amazonaws.com' }))).toMatchObject({ sourceIp: null, addresses: [], facts: { sourceHost: 'cloudformation.amazonaws.com' } });
  expect(parsed(record('iam', 'CreateUser', null, { sourceIPAddress: '2001:db8::7' })).sourceIp).toBe('2001:db8::7');
});

test('no secret gets into an alert', () => {
  const secret = 'wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY';
  const alert = parsed(record('iam', 'CreateAccessKey', { userName: 'x', password: secret, nested: [{ masterUserPassword: secret, clientSecret: secret }], userData: secret, environment: { variables: { K: secret } } }, {
    responseElements: { credentials: { sessionToken: secret, accessKeyId: 'ASIAQ3EGRYKZ7EXAMPLE' }, accessKey: { secretAccessKey: secret, userName: 'x' } }, additionalEventData: { authToken: secret },
  }));
  expect(JSON.stringify(alert)).not.toContain(secret);
  expect(alert.facts['request']).toMatchObject({ userName: 'x', password: '(removed)', userData: '(removed)' });
});

test('an alert stays small, whatever is sent', () => {
  const huge = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, 'x'.repeat(100)]));
  const alert = parsed(record('ec2', 'AuthorizeSecurityGroupIngress', huge, { userAgent: 'u'.repeat(100_000), responseElements: huge }));
  expect(JSON.stringify(alert).length).toBeLessThan(200_000);
  expect(alert.facts['requestOmitted']).toBe(true);
});

test('fragments typed by hand are taken only when asked for', () => {
  const fragment = { eventName: 'SendCommand', eventSource: 'ssm.amazonaws.com' };
  expect(cloudtrail.parse(fragment)).toEqual([{ rejected: { path: 'eventTime', problem: 'is missing' } }]);
  expect(only(cloudtrail.parse(fragment, { fragmentsAt: '2026-03-02T10:00:00Z' }))).toMatchObject({ time: '2026-03-02T10:00:00.000Z', account: 'unknown', principal: null });
});
