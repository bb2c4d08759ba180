import { securityHub } from '../../intake/securityhub';
import { detectSource } from '../../intake/sources';
import type { Alert } from '../../playbook/model/alert';
import { classify } from '../../playbook/triage/classify';
import { ACCOUNT } from '../triage/events';

const finding = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  SchemaVersion: '2018-10-08', Id: `arn:aws:securityhub:eu-central-1:${ACCOUNT}:finding/f-1`, ProductArn: `arn:aws:securityhub:eu-central-1:${ACCOUNT}:product/${ACCOUNT}/default`, ProductName: 'DecoyWatch', GeneratorId: 'decoy', AwsAccountId: ACCOUNT,
  Region: 'eu-central-1', Types: ['Unusual Behaviors/User'], CreatedAt: '2026-03-02T09:15:30.000Z', UpdatedAt: '2026-03-02T09:16:00.000Z', Severity: { Label: 'HIGH' }, Title: 'A decoy was read', RecordState: 'ACTIVE', Workflow: { Status: 'NEW' },
  Resources: [{ Type: 'Other', Id: 'arn:aws:ssm:eu-central-1:1:parameter/decoy' }, { Type: 'AwsIamAccessKey', Id: 'k', Details: { AwsIamAccessKey: { AccessKeyId: 'AKIAQ3EGRYKZ7EXAMPLE', PrincipalType: 'IAMUser', PrincipalName: 'mallory', AccountId: ACCOUNT, PrincipalId: 'AIDAQ' } } }],
  Action: { AwsApiCallAction: { RemoteIpDetails: { IpAddressV4: '203.0.113.77' } } }, ...more,
});
const parse = (payload: unknown): Alert => {
  const [first] = securityHub.parse(payload);
  if (!first || !('alert' in first)) throw new Error(JSON.stringify(first));
  return first.alert;
};

test('a finding, in its envelope or bare', () => {
  const alert = parse(finding());
  expect(alert).toMatchObject({ source: 'securityhub', account: ACCOUNT, event: 'A decoy was read', principal: { kind: 'user', id: `arn:aws:iam::${ACCOUNT}:user/mallory` }, sourceIp: '203.0.113.77', facts: { severity: 8 } });
  expect(parse({ 'detail-type': 'Security Hub Findings - Imported', source: 'aws.securityhub', detail: { findings: [finding()] } })).toEqual(alert);
  expect(detectSource(finding())?.id).toBe('securityhub');
});

test.each<[string, Record<string, unknown>, object]>([
  ['high', {}, { status: 'alert', risk: 'high', event: 'threat-finding' }],
  ['low', { Severity: { Label: 'LOW' } }, { status: 'ignored' }],
  ['by number alone', { Severity: { Normalized: 90 } }, { status: 'alert', risk: 'critical' }],
  ['archived', { RecordState: 'ARCHIVED' }, { status: 'ignored', reasons: [{ code: 'archived-finding' }] }],
  ['suppressed', { Workflow: { Status: 'SUPPRESSED' } }, { status: 'ignored' }],
  ['a failed control is a state', { Compliance: { Status: 'FAILED' }, Types: ['Software and Configuration Checks/Industry'] }, { status: 'ignored', reasons: [{ code: 'posture-finding' }] }],
  ['GuardDuty’s root finding by its own type', { GeneratorId: 'arn:aws:guardduty:x', Types: ['TTPs/Policy:IAMUser-RootCredentialUsage'], Severity: { Label: 'LOW' } }, { status: 'alert', event: 'root-login' }],
])('classified: %s', (_name, more, expected) => expect(classify(parse(finding(more)))).toMatchObject(expected));

test.each<[string, unknown, string]>([
  ['no account', finding({ AwsAccountId: undefined }), 'AwsAccountId'], ['no id', finding({ Id: 5 }), 'Id'], ['no severity', finding({ Severity: {} }), 'Severity'], ['time is not one', finding({ UpdatedAt: 'x' }), 'UpdatedAt'],
  ['no list', { detail: { findings: 'x' } }, 'detail.findings'], ['inside a list', { detail: { findings: [finding({ Id: null })] } }, 'detail.findings[0].Id'],
])('refused: %s', (_name, payload, path) => expect(securityHub.parse(payload)).toEqual([{ rejected: { path, problem: expect.any(String) } }]));
