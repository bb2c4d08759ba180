import type { AwsContext } from '../../activities/aws/context';
import { billing } from '../../activities/aws/investigate/checks/billing';
import { spikesIn, type DayCost } from '../../activities/spikes';
import { account, alertOf, awsError, fakeAccess, memorySink, principal, type FakeCall } from './support';

const today = '2026-11-20';
/** `costs`: per day, the last is today. */
const days = (costs: number[], service = 'Amazon EC2'): DayCost[] =>
  costs.map((total, index) => ({ day: new Date(Date.parse(today) - (costs.length - 1 - index) * 86_400_000).toISOString().slice(0, 10), total, services: { [service]: total } }));
const flat = (value: number, last: number[]): number[] => [...Array.from({ length: 17 - last.length }, () => value), ...last];

test.each<[string, number[], boolean]>([
  ['flat', flat(100, [100, 100, 100]), false],
  ['twice the usual', flat(100, [100, 100, 200]), true],
  ['just under twice', flat(100, [100, 100, 199]), false],
  ['twice, but a few dollars', flat(5, [5, 5, 20]), false],
  ['from nothing', flat(0, [0, 0, 20]), true],
  ['from nothing, a little', flat(0, [0, 0, 19]), false],
  ['yesterday', flat(100, [100, 900, 10]), true],
  ['a week ago, and back to normal', [...flat(100, [100, 100, 100]).map((value, index) => (index === 8 ? 900 : value))], false],
  ['no history', [], false],
])('%s', (_name, costs, expected) => {
  expect(spikesIn(days(costs), today).length > 0).toBe(expected);
});

test('one service that jumps while the total hardly moves', () => {
  const all = days(flat(1_000, [1_000, 1_000, 1_050])).map((day, index) => ({ ...day, services: { 'Amazon EC2': day.total - (index === 16 ? 50 : 0), 'Amazon SageMaker': index === 16 ? 50 : 0 } }));
  expect(spikesIn(all, today)).toEqual([{ service: 'Amazon SageMaker', day: today, cost: 50, usual: 0 }]);
});

const page = (amount: string, token?: string) => ({ ResultsByTime: [{ TimePeriod: { Start: today, End: '2026-11-21' }, Groups: [{ Keys: ['Amazon EC2'], Metrics: { UnblendedCost: { Amount: amount } } }] }], NextPageToken: token });
const look = (answer: (call: FakeCall) => unknown) => {
  const access = fakeAccess(answer);
  const ctx: AwsContext = { access, incident: 'i', caseKey: 'i.1', evidence: memorySink(), vault: null, now: () => new Date(`${today}T13:00:00Z`) };
  return { access, finding: billing.run(ctx, { incident: 'i', caseKey: 'i.1', principal, alerts: [alertOf()] }) };
};

test('all pages are summed, the rule is stated, and the period is 17 days to today', async () => {
  const { access, finding } = look(({ command, input }) => (command === 'GetAnomalies' ? { Anomalies: [] } : input.NextPageToken ? page('15') : page('10', 'more')));
  expect(await finding).toMatchObject({ state: 'found', facts: { spike: true, spikes: expect.arrayContaining([expect.objectContaining({ cost: 25, usual: 0 })]), rule: expect.stringContaining('twice the median') } });
  expect(access.calls.find((one) => one.command === 'GetCostAndUsage')!.input.TimePeriod).toEqual({ Start: '2026-11-04', End: '2026-11-21' });
});

test('an anomaly of this account counts, one of another does not', async () => {
  const anomaly = (id: string, linked: string) => ({ AnomalyId: id, AnomalyStartDate: '2026-11-19', Impact: { TotalImpact: 42 }, RootCauses: [{ Service: 'Amazon EC2', LinkedAccount: linked }] });
  const { finding } = look(({ command }) => (command === 'GetAnomalies' ? { Anomalies: [anomaly('a-1', account), anomaly('a-2', '222222222222')] } : page('0')));
  expect(await finding).toMatchObject({ state: 'found', facts: { anomalies: [{ id: 'a-1', impact: 42 }] } });
});

test('costs refused: could not look, never “no spike”', async () => {
  const { finding } = look(() => awsError('AccessDeniedException'));
  expect(await finding).toMatchObject({ state: 'could-not-look', error: 'ACCESS_DENIED', facts: { spike: false } });
});
