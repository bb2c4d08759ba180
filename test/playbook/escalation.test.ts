import { escalationsDue, type EscalationInput } from '../../playbook/escalation';
import type { Artifact } from '../../playbook/model/finding';
import type { Verdict } from '../../playbook/model/verdict';
import { account, alertOf, findingOf, principal } from '../aws-investigate/support';

const verdict = (over: Partial<Verdict> = {}): Verdict => ({ kind: 'critical', event: 'create-user', risk: 'high', type: 'new-identity', techniques: [], reasons: [], ...over });
const artifact = (over: Partial<Artifact>): Artifact => ({
  provider: 'aws', account, region: 'us-east-1', kind: 'instance', id: 'i-1', name: 'i-1', attribution: 'attacker', how: 'created', events: ['e'], details: {}, ...over,
});
const now = '2026-11-20T13:00:00.000Z';
const due = (over: Partial<EscalationInput>) => escalationsDue({ principal, verdict: verdict(), alerts: [alertOf()], findings: [], now, ...over });
const conditions = (over: Partial<EscalationInput>) => due(over).map((one) => one.condition);

test.each<[string, Partial<EscalationInput>, string[]]>([
  ['nothing special', {}, []],
  ['root', { principal: { ...principal, kind: 'root' } }, ['6.1']],
  ['logging stopped, by the alert', { verdict: verdict({ event: 'logging-disabled' }) }, ['6.2']],
  ['logging stopped, by the investigation', { findings: [findingOf({ check: '1.3.5-logging', artifacts: [artifact({ kind: 'trail', how: 'changed', details: { change: 'stopped' } })] })] }, ['6.2']],
  ['a trust to another account', { findings: [findingOf({ artifacts: [artifact({ kind: 'trust', how: 'changed', details: { outside: ['arn:aws:iam::999999999999:root'] } })] })] }, ['6.3']],
  ['a trust to nobody outside', { findings: [findingOf({ artifacts: [artifact({ kind: 'trust', how: 'changed', details: { outside: [] } })] })] }, []],
  ['a billing spike', { findings: [findingOf({ check: '1.2.8-billing', facts: { spike: true } })] }, ['6.4']],
  ['machines of the attacker', { findings: [findingOf({ check: '1.3.1-compute', artifacts: [artifact({})] })] }, ['6.4']],
  ['machines of somebody', { findings: [findingOf({ check: '1.3.1-compute', artifacts: [artifact({ attribution: 'unattributed' })] })] }, []],
  ['a finding of mining', { alerts: [alertOf({ event: 'CryptoCurrency:EC2/BitcoinTool.B!DNS' })] }, ['6.4']],
  ['a bucket opened', { findings: [findingOf({ check: '1.3.2-storage', artifacts: [artifact({ kind: 'bucket-policy', how: 'changed', details: { madePublic: true } })] })] }, ['6.5']],
  ['two accounts', { findings: [findingOf({ artifacts: [artifact({ account: '222222222222', kind: 'user' })] })] }, ['6.6']],
  ['two accounts of a campaign', { campaign: { accounts: [account, '333333333333'] } }, ['6.6']],
])('%s', (_name, over, expected) => {
  expect(conditions(over)).toEqual(expected);
});

test('a verdict that is not critical escalates nothing', () => {
  expect(conditions({ verdict: verdict({ kind: 'verify', event: 'logging-disabled' }), principal: { ...principal, kind: 'root' } })).toEqual([]);
});

test('PDPA: 72 hours from when the alert came in, else from now', () => {
  const exposed = alertOf({ event: 'PutBucketPolicy', service: 's3.amazonaws.com', facts: { public: true }, receivedAt: '2026-11-20T12:01:00.000Z' });
  expect(due({ alerts: [exposed] })[0]).toMatchObject({ condition: '6.5', to: ['legal', 'dpo'], deadline: '2026-11-23T12:01:00.000Z' });
  const found = findingOf({ check: '1.3.2-storage', artifacts: [artifact({ kind: 'bucket-acl', how: 'changed', details: { publicNow: true } })] });
  expect(due({ findings: [found] })[0]!.deadline).toBe('2026-11-23T13:00:00.000Z');
});

test('each to its people, and long lists are cut', () => {
  const many = findingOf({ check: '1.3.1-compute', artifacts: Array.from({ length: 30 }, (_, index) => artifact({ id: `i-${index}`, name: `i-${index}` })) });
  const [one] = due({ findings: [many] });
  expect(one!.to).toEqual(['cloud-team', 'finance']);
  expect(one!.lines).toHaveLength(21);
});
