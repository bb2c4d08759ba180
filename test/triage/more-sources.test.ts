import { billingAlarm } from '../../intake/billing-alarm';
import { budget } from '../../intake/budget';
import { costAnomaly } from '../../intake/cost-anomaly';
import { azureCost } from '../../intake/azure-cost';
import { accessAnalyzer } from '../../intake/access-analyzer';
import { awsHealth } from '../../intake/aws-health';
import { identityProtection } from '../../intake/identity-protection';
import type { Source } from '../../intake/source';
import { windowsGroup } from '../../intake/windows-group';
import { classify } from '../../playbook/triage/classify';
import { decide } from '../../playbook/triage/decide';
import { example, OPTIONS } from '../intake/examples';
import { noDocuments, NOW } from './events';

type Members = Record<string, unknown>;
const given = (file: string): Members => example(file) as Members;
const inside = (file: string, more: Members): Members => ({ ...given(file), detail: { ...(given(file)['detail'] as Members), ...more } });
const alertOf = (source: Source, payload: unknown) => {
  const [first] = source.parse(payload, OPTIONS);
  if (!first || !('alert' in first)) throw new Error(JSON.stringify(first));
  return first.alert;
};
const verdict = (source: Source, payload: unknown) => {
  const alert = alertOf(source, payload);
  return { is: classify(alert), decided: decide({ alerts: [alert], documents: noDocuments(), lookedUp: null, now: NOW }) };
};

const impact = (totalExpectedSpend: number, totalActualSpend: number) => ({ ...given('cost-anomaly-sns'), impact: { totalImpact: totalActualSpend - totalExpectedSpend, totalExpectedSpend, totalActualSpend } });
test.each<[string, Source, unknown, object]>([
  ['more than three times what was expected', costAnomaly, impact(100, 301), { status: 'alert', risk: 'high' }], ['three times', costAnomaly, impact(100, 300), { status: 'alert', risk: 'medium' }],
  ['marked as planned', costAnomaly, { ...given('cost-anomaly-sns'), feedback: 'PLANNED_ACTIVITY' }, { status: 'ignored' }], ['the alarm is over', billingAlarm, { ...given('billing-alarm-sns'), NewStateValue: 'OK' }, { status: 'ignored' }],
  ['an alarm on something else', billingAlarm, { ...given('billing-alarm-sns'), Trigger: { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization' } }, { status: 'ignored' }], ['a forecast', budget, { ...given('budget-sns'), Message: (given('budget-sns')['Message'] as string).replaceAll('ACTUAL', 'FORECASTED') }, { status: 'alert', risk: 'medium' }],
  ['resolved', azureCost, { ...given('azure-cost-common-schema'), data: { ...(given('azure-cost-common-schema')['data'] as Members), essentials: { monitoringService: 'CostAlerts', firedDateTime: '2026-03-02T09:23:00Z', monitorCondition: 'Resolved' } } }, { status: 'ignored' }],
  ['unused access', accessAnalyzer, { ...given('access-analyzer-eventbridge'), 'detail-type': 'Unused Access Finding for IAM entities' }, { status: 'ignored' }], ['archived', accessAnalyzer, inside('access-analyzer-eventbridge', { status: 'ARCHIVED' }), { status: 'ignored' }],
  ['a role for another account', accessAnalyzer, inside('access-analyzer-eventbridge', { resourceType: 'AWS::IAM::Role', resource: 'arn:aws:iam::210987654321:role/x', isPublic: false }), { status: 'alert', event: 'cross-account-role', risk: 'high' }],
  ['a key that lets in an outsider', accessAnalyzer, inside('access-analyzer-eventbridge', { resourceType: 'AWS::KMS::Key', resource: 'arn:aws:kms:eu-central-1:210987654321:key/1', isPublic: false }), { status: 'alert', event: 'other-high-risk', risk: 'medium' }],
  ['abuse that names an instance only', awsHealth, inside('aws-health-abuse-eventbridge', { eventTypeCode: 'AWS_ABUSE_DOS_REPORT', affectedEntities: [{ entityValue: 'i-0abc' }] }), { status: 'alert', risk: 'high' }], ['maintenance', awsHealth, inside('aws-health-abuse-eventbridge', { eventTypeCode: 'AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED', eventTypeCategory: 'scheduledChange' }), { status: 'ignored' }],
  ['dismissed', identityProtection, { value: [{ ...((given('identity-protection-risk-detection')['value'] as Members[])[0]), riskState: 'dismissed' }] }, { status: 'ignored' }],
])('%s', (_name, source, payload, expected) => expect(verdict(source, payload).is).toMatchObject(expected));

test('a bill names nobody: people look, nothing is contained', () => {
  for (const [source, file] of [[costAnomaly, 'cost-anomaly-sns'], [budget, 'budget-sns'], [billingAlarm, 'billing-alarm-sns'], [azureCost, 'azure-cost-common-schema']] as const) {
    expect(alertOf(source, given(file)).principal).toBeNull();
    expect(verdict(source, given(file)).decided.kind).toBe('verify');
  }
});
test('an abuse notice without a name is an incident on the account', () => {
  const alert = alertOf(awsHealth, inside('aws-health-abuse-eventbridge', { affectedEntities: [] }));
  expect(alert).toMatchObject({ principal: null, account: '210987654321' });
  expect(classify(alert).reasons.map(({ code }) => code)).toContain('no-principal');
});

describe('the domain’s admin groups', () => {
  const log = given('windows-group-winlogbeat');
  const event = (more: Members, code = '4728'): Members => ({ ...log, winlog: { ...(log['winlog'] as Members), event_id: code, event_data: { ...((log['winlog'] as Members)['event_data'] as Members), ...more } } });
  const domain = 'S-1-5-21-3623811015-3361044348-30300820';
  test.each<[string, Members, 'alert' | 'ignored']>([
    ['Domain Admins under a new name', { TargetUserName: 'Nothing here' }, 'alert'], ['Enterprise Admins', { TargetSid: `${domain}-519` }, 'alert'], ['Administrators in French', { TargetSid: 'S-1-5-32-544', TargetUserName: 'Administrateurs' }, 'alert'], ['by its name alone', { TargetSid: '', TargetUserName: 'Domain Admins' }, 'alert'],
    ['an ordinary group that is called so', { TargetSid: `${domain}-9512`, TargetUserName: 'Sales' }, 'ignored'], ['a local reader', { TargetSid: 'S-1-5-32-573', TargetUserName: 'Event Log Readers' }, 'ignored'],
  ])('%s', (_name, more, status) => expect(verdict(windowsGroup, event(more)).is.status).toBe(status));
  test('who did it is the incident’s, then the member; nobody known is loud and verified', () => {
    expect(verdict(windowsGroup, log).decided.kind).toBe('critical');
    const member = verdict(windowsGroup, event({ SubjectUserSid: 'S-1-5-18', SubjectUserName: 'x', MemberSid: `${domain}-1105` }));
    expect(member.is.reasons.map(({ code }) => code)).toContain('actor-unknown');
    const nobody = verdict(windowsGroup, event({ SubjectUserSid: 'S-1-5-18', SubjectUserName: 'x' }));
    expect(nobody.decided.kind).toBe('verify');
    expect(nobody.is.reasons.map(({ code }) => code)).toEqual(expect.arrayContaining(['no-principal', 'actor-unknown', 'member-unknown']));
  });
  test.each<[string, Members, string]>([['another event', { winlog: { event_id: '4720' }, event: {} }, 'EventID'], ['no member', event({ MemberSid: '-', MemberName: '-' }), 'MemberSid'], ['no group', event({ TargetSid: '', TargetUserName: '' }), 'TargetUserName'], ['no time', { ...log, '@timestamp': 'x' }, 'TimeCreated']])('refused: %s', (_name, payload, path) => expect(windowsGroup.parse(payload, OPTIONS)).toEqual([{ rejected: { path, problem: expect.any(String) } }]));
  test('without a tenant it says so', () => expect(windowsGroup.parse(log, {})).toEqual([{ rejected: { path: 'TargetDomainName', problem: expect.stringContaining('tenant') } }]));
});
