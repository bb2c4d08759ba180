import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guardduty } from '../../intake/guardduty';
import type { Alert } from '../../playbook/model/alert';
import { classify } from '../../playbook/triage/classify';
import { ACCOUNT } from '../triage/events';

const envelope = JSON.parse(readFileSync(join(__dirname, '../fixtures/events/guardduty-eventbridge.json'), 'utf8')) as { detail: Record<string, unknown> };
const { detail } = envelope;
const service = detail['service'] as Record<string, unknown>;
const finding = (more: Record<string, unknown>, serviceMore: Record<string, unknown> = {}): Record<string, unknown> => ({ ...detail, ...more, service: { ...service, ...serviceMore } });
const parse = (payload: unknown): Alert => {
  const [first] = guardduty.parse(payload);
  if (!first || !('alert' in first)) throw new Error(JSON.stringify(first));
  return first.alert;
};
const pascal = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(pascal) : typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key[0]!.toUpperCase() + key.slice(1), pascal(member)])) : value;

test('a finding in its envelope, bare, and as the API lists it', () => {
  const alert = parse(envelope);
  expect(alert).toMatchObject({
    source: 'guardduty', account: ACCOUNT, region: 'eu-central-1', event: 'UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom', time: '2026-03-02T09:15:30.000Z', sourceIp: '203.0.113.77', addresses: ['203.0.113.77'],
    principal: { kind: 'user', id: `arn:aws:iam::${ACCOUNT}:user/mallory`, name: 'mallory' }, session: { accessKeyId: 'AKIAQ3EGRYKZ7EXAMPLE' }, target: { kind: 'access-key' }, facts: { severity: 8, count: 3, archived: false, sample: false },
  });
  expect(parse(detail)).toEqual(alert);
  const listed = parse({ Findings: [pascal(detail)] });
  expect({ ...listed, facts: null }).toEqual({ ...alert, facts: null });
  expect(guardduty.recognises(pascal(detail))).toBe(true);
});

test('an update is a new alert, the same update is not', () => {
  const id = parse(detail).id;
  expect(parse(structuredClone(detail)).id).toBe(id);
  expect(parse(finding({ updatedAt: '2026-03-02T10:00:00.000Z' })).id).not.toBe(id);
  expect(parse(finding({}, { count: 4 })).id).not.toBe(id);
});

const key = (accessKeyDetails: object) => ({ resource: { resourceType: 'AccessKey', accessKeyDetails } });
test.each<[string, Record<string, unknown>, object | null]>([
  ['root', key({ userType: 'Root', userName: 'Root', principalId: ACCOUNT }), { kind: 'root', id: `arn:aws:iam::${ACCOUNT}:root` }],
  ['a role', key({ userType: 'AssumedRole', userName: 'app', principalId: 'AROAX:i-0abc' }), { kind: 'role', id: `arn:aws:iam::${ACCOUNT}:role/app` }],
  ['Identity Center', key({ userType: 'AssumedRole', userName: 'AWSReservedSSO_Ops_0123', principalId: 'AROAX:ada' }), { kind: 'identity-center-user', id: `${ACCOUNT}:sso:ada` }],
  ['another account', key({ userType: 'AWSAccount', principalId: 'AIDAX' }), { kind: 'unknown', id: `${ACCOUNT}:AIDAX` }],
  ['a bucket names its caller', { resource: { resourceType: 'S3Bucket', accessKeyDetails: { userType: 'IAMUser', userName: 'mallory' }, s3BucketDetails: [{ name: 'payroll' }] } }, { kind: 'user' }],
  ['an instance names nobody', { resource: { resourceType: 'Instance', instanceDetails: { instanceId: 'i-0abc', iamInstanceProfile: { arn: `arn:aws:iam::${ACCOUNT}:instance-profile/app` } } } }, null],
])('who acted: %s', (_name, more, principal) => {
  const alert = parse(finding(more));
  if (principal === null) expect(alert.principal).toBeNull();
  else expect(alert.principal).toMatchObject(principal);
});

test('what it acted on', () => {
  expect(parse(finding({ resource: { instanceDetails: { instanceId: 'i-0abc' } } })).target).toEqual({ kind: 'instance', id: 'i-0abc', account: ACCOUNT });
  expect(parse(finding({ resource: { s3BucketDetails: [{ name: 'payroll' }] } })).target).toMatchObject({ kind: 'bucket', id: 'payroll' });
});

test('an attack sequence names its actor, its addresses and its techniques', () => {
  const sequence = {
    uid: 's', actors: [{ id: 'a', user: { name: 'mallory', uid: 'AIDAQ3EGRYKZ7EXAMPLE1', type: 'IAMUser', account: { uid: ACCOUNT } } }], endpoints: [{ id: 'e', ip: '198.51.100.9' }],
    sequenceIndicators: [{ key: 'ATTACK_TECHNIQUE', values: ['T1562.008 - Impair Defenses', 'T1098.003', 'nonsense'] }],
  };
  const alert = parse(finding({ type: 'AttackSequence:IAM/CompromisedCredentials', severity: 9, resource: { resourceType: 'AttackSequence' } }, { action: undefined, detection: { sequence } }));
  expect(alert).toMatchObject({ principal: { id: `arn:aws:iam::${ACCOUNT}:user/mallory` }, addresses: ['198.51.100.9'] });
  expect(classify(alert)).toMatchObject({ status: 'alert', risk: 'critical', techniques: ['T1562.008', 'T1098.003'] });
});

test.each<[string, unknown, string, string]>([
  ['no type', finding({ type: undefined }), 'type', 'is missing'],
  ['type is a list', { ...envelope, detail: finding({ type: [] }) }, 'detail.type', 'must be text of at most 2048 characters'],
  ['no account', { ...envelope, detail: finding({ accountId: undefined }) }, 'detail.accountId', 'is missing'],
  ['account is not one', finding({ accountId: 'x' }), 'accountId', 'must be 12 digits'],
  ['no severity', { ...envelope, detail: finding({ severity: undefined }) }, 'detail.severity', 'is missing'],
  ['severity is text', finding({ severity: 'high' }), 'severity', 'must be a number from 0 to 10'],
  ['severity is beyond', finding({ severity: 11 }), 'severity', 'must be a number from 0 to 10'],
  ['no id', finding({ id: '' }), 'id', 'is missing'],
  ['no ARN', finding({ arn: null }), 'arn', 'is missing'],
  ['no time', finding({ updatedAt: undefined, createdAt: undefined }, { eventLastSeen: undefined }), 'updatedAt', 'is missing'],
  ['time is not one', { ...envelope, detail: finding({}, { eventLastSeen: 'now' }) }, 'detail.service.eventLastSeen', 'is not a time'],
  ['no detail', { 'detail-type': 'GuardDuty Finding' }, 'detail', 'is missing'],
  ['text', 'x', '(finding)', 'must be an object'],
])('refused: %s', (_name, payload, path, problem) => expect(guardduty.parse(payload)).toEqual([{ rejected: { path, problem } }]));

test.each<[string, Record<string, unknown>, Record<string, unknown>, string, string | null, string]>([
  ['high', { severity: 8 }, {}, 'alert', 'threat-finding', 'high'],
  ['medium', { severity: 5 }, {}, 'alert', 'threat-finding', 'medium'],
  ['low', { severity: 2 }, {}, 'ignored', 'threat-finding', 'low'],
  ['critical', { severity: 9.5 }, {}, 'alert', 'threat-finding', 'critical'],
  ['root credentials, though low', { severity: 2, type: 'Policy:IAMUser/RootCredentialUsage' }, {}, 'alert', 'root-login', 'critical'],
  ['logging off, though low', { severity: 2, type: 'Stealth:IAMUser/CloudTrailLoggingDisabled' }, {}, 'alert', 'logging-disabled', 'critical'],
  ['anonymous bucket', { severity: 8, type: 'Policy:S3/BucketAnonymousAccessGranted' }, {}, 'alert', 'storage-exposure', 'critical'],
  ['a type of tomorrow', { severity: 7, type: 'Novelty:Thing/Unheard.Of!New' }, {}, 'alert', 'threat-finding', 'high'],
  ['a sample', { severity: 8 }, { additionalInfo: { sample: true } }, 'ignored', 'threat-finding', 'info'],
  ['archived', { severity: 8 }, { archived: true }, 'ignored', 'threat-finding', 'info'],
])('classified: %s', (_name, more, serviceMore, status, event, risk) => expect(classify(parse(finding(more, serviceMore)))).toMatchObject({ status, event, risk }));

test.each([
  ['CryptoCurrency:EC2/BitcoinTool.B!DNS', 'T1496.001'], ['Exfiltration:S3/AnomalousBehavior', 'T1537'], ['Persistence:IAMUser/AnomalousBehavior', 'T1098'], ['Novelty:Thing/X', 'T1078.004'],
])('%s is %s', (type, technique) => expect(classify(parse(finding({ type, severity: 8 }))).techniques).toEqual([technique]));
