import { breakGlassReasons, type BreakGlassInput } from '../../playbook/break-glass';
import type { StepOutcome } from '../../playbook/model/plan';
import { account, alertOf, findingOf, principal } from '../aws-investigate/support';

const outcome = (over: Partial<StepOutcome>): StepOutcome => ({ step: 'aws.deny-user#0123456789ab', state: 'done', holds: true, error: null, seen: {}, at: '2026-11-20T12:00:00Z', ...over });
const reasons = (over: Partial<BreakGlassInput>) => breakGlassReasons({ principal, alerts: [alertOf()], lookedUp: { principalIsAdmin: false }, findings: [], outcomes: [outcome({})], ...over });
const touched = findingOf({ artifacts: [{ provider: 'aws', account, region: null, kind: 'trust', id: 'arn:aws:iam::1:role/tourniquet', name: 'tourniquet', attribution: 'attacker', how: 'changed', events: [], details: { touchesResponder: true } }] });

test.each<[string, Partial<BreakGlassInput>, RegExp | null]>([
  ['nothing', {}, null],
  ['nothing was looked up', { lookedUp: null }, null],
  ['root', { principal: { ...principal, kind: 'root' } }, /root itself/],
  ['an administrator', { lookedUp: { principalIsAdmin: true } }, /administrator/],
  ['an administrator whose every call failed', { lookedUp: { principalIsAdmin: true }, alerts: [alertOf({ outcome: 'failure' })] }, null],
  ['a refused step', { outcomes: [outcome({ state: 'failed', holds: false, error: 'ACCESS_DENIED' })] }, /refused: aws\.deny-user/],
  ['a throttled step', { outcomes: [outcome({ state: 'failed', holds: false, error: 'THROTTLED' })] }, null],
  ['logging that does not come back', { outcomes: [outcome({ step: 'aws.restore-logging#0123456789ab', holds: false })] }, /logging could not/],
  ['logging that came back at the second try', { outcomes: [outcome({ step: 'aws.restore-logging#0123456789ab', holds: false }), outcome({ step: 'aws.restore-logging#0123456789ab' })] }, null],
  ['our own role was touched', { findings: [touched] }, /own role: trust tourniquet/],
])('%s', (_name, over, expected) => {
  const found = reasons(over);
  if (expected) expect(found.join('\n')).toMatch(expected);
  else expect(found).toEqual([]);
});
