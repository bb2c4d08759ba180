import { baseline } from '../../activities/aws/baseline';
import type { JsonObject } from '../../playbook/json';
import { account, alertOf, attackerIp, awsError, fakeAccess, lookUpIn, principal, recordJson, type FakeCall } from './support';

const DAY = 86_400_000;
const FIRST = Date.parse('2026-11-20T12:00:00Z');
const home = '193.99.144.80';
const at = (daysBefore: number): string => new Date(FIRST - daysBefore * DAY).toISOString();
const cli = { ip: home, userAgent: 'aws-cli/2.17 Python/3.11', eventSource: 'iam.amazonaws.com' };
/** Dana’s everyday: 3 calls a day from home for 20 days. */
const everyday = Array.from({ length: 60 }, (_, index) => recordJson('GetUser', { ...cli, at: at(2 + index / 3) }));
const unhurried = { limiter: { turn: async () => undefined }, sleep: async () => undefined };
const history = (records: readonly JsonObject[]) => fakeAccess((call) => (call.command === 'LookupEvents' ? lookUpIn(records, call.input, call.region) : undefined));
const ask = (records: readonly JsonObject[], over: object = {}, who: object = {}) => baseline({ access: history(records) }, { principal: { ...principal, ...who }, alerts: [alertOf(over)] }, unhurried);
const firsts = async (asked: ReturnType<typeof ask>) => (await asked).firsts.map(({ trait, value }) => `${trait} ${value}`);

test('a stolen key used from elsewhere with another program', async () => {
  const is = await ask(everyday);
  expect(is).toMatchObject({ who: 'dana', events: 60, sampled: false, silent: null, until: '2026-11-19T12:00:00.000Z', alerts: ['alr-000000000000000000000001'] });
  expect(is.firsts).toEqual([
    { alert: 'alr-000000000000000000000001', trait: 'network', value: expect.stringMatching(/^ASN \d+ \(.+\)$/) },
    { alert: 'alr-000000000000000000000001', trait: 'agent', value: 'python-requests' },
  ]);
});

test.each<[string, object, string[]]>([
  ['the usual call', { sourceIp: home, userAgent: 'aws-cli/2.18' }, []],
  ['another region and service, from home', { sourceIp: home, userAgent: 'aws-cli/2.18', region: 'ap-southeast-1', service: 'ec2.amazonaws.com' }, ['region ap-southeast-1', 'service ec2']],
  ['a data event: no history has its service', { sourceIp: home, userAgent: 'aws-cli/2.18', service: 's3.amazonaws.com', facts: { dataEvent: true } }, []],
  ['a finding tells the place only', { source: 'guardduty', sourceIp: '8.8.8.8', service: 'GuardDuty', userAgent: null }, ['country US', expect.stringMatching(/^network ASN 15169/)]],
  ['a service acting for the identity has no place', { sourceIp: null, userAgent: 'cloudformation.amazonaws.com', facts: { invokedBy: 'cloudformation.amazonaws.com' } }, []],
])('%s', async (_name, over, expected) => {
  expect(await firsts(ask(everyday, over))).toEqual(expected);
});

test('poison does not work: neither what came since the compromise nor what failed counts', async () => {
  const since = Array.from({ length: 50 }, (_, index) => recordJson('GetUser', { at: new Date(FIRST - index * 60_000).toISOString() }));
  const failed = Array.from({ length: 50 }, (_, index) => recordJson('GetUser', { at: at(2 + index / 3), errorCode: 'AccessDenied' }));
  expect(await firsts(ask([...everyday, ...since, ...failed]))).toHaveLength(2);
});

test('another user’s session of the same name is not the role’s past', async () => {
  const role = { kind: 'role' as const, id: `arn:aws:iam::${account}:role/app`, name: 'app' };
  const session = { accessKeyId: 'ASIA1', name: 'run', issuedAt: null, mfa: 'no' as const, roleArn: role.id };
  const of = (name: string) => Array.from({ length: 40 }, (_, index) => recordJson('GetUser', { ...cli, at: at(2 + index / 2), by: { role: name, session: 'run' } }));
  expect(await ask(of('other'), { session }, role)).toMatchObject({ events: 0, silent: 'too short a history: 0 events on 0 days' });
  expect(await ask(of('app'), { session }, role)).toMatchObject({ events: 40, silent: null });
});

test('a past too long to read whole: the newest pages, and one of each eighth before; twelve calls a region, however much there is', async () => {
  const busy = Array.from({ length: 6_000 }, (_, index) => recordJson('GetUser', { ...cli, at: at(1.1 + (index * 80) / 6_000) }));
  const access = fakeAccess((call) => (call.command === 'LookupEvents' ? paged(busy, call) : undefined));
  const is = await baseline({ access }, { principal, alerts: [alertOf()] }, unhurried);
  expect(access.calls).toHaveLength(13);
  expect(is).toMatchObject({ sampled: true, silent: null });
  expect(is.events).toBeGreaterThan(590);
  expect(is.days).toBeGreaterThanOrEqual(9);
  expect(Date.parse(is.from)).toBeLessThan(Date.parse(at(89)));
});

test.each<[string, (call: FakeCall) => unknown, RegExp]>([
  ['not allowed to read one region: nothing is said to be new', (call) => (call.region === 'eu-west-1' ? awsError('AccessDeniedException', 403) : lookUpIn(everyday, call.input, call.region)), /could not be read in 111111111111\/eu-west-1 \(ACCESS_DENIED\)/],
  ['throttled to the end', () => awsError('ThrottlingException', 400), /THROTTLED/],
])('%s', async (_name, answer, expected) => {
  const is = await baseline({ access: fakeAccess(answer) }, { principal, alerts: [alertOf()] }, unhurried);
  expect(is.firsts).toEqual([]);
  expect(is.silent).toMatch(expected);
});

test('who cannot be asked about says so', async () => {
  expect(await ask(everyday, {}, { kind: 'unknown' })).toMatchObject({ silent: 'CloudTrail’s history cannot be asked for it', firsts: [] });
  expect(await ask(everyday, {}, { account: '999999999999', id: 'arn:aws:iam::999999999999:user/dana' })).toMatchObject({ silent: expect.stringContaining('INVALID_CONFIG'), firsts: [] });
});

test('the address of the attacker is in another network than home', () => expect(attackerIp).not.toBe(home));

/** Pages of 50, newest first, as LookupEvents gives them. */
function paged(records: readonly JsonObject[], { input, region }: FakeCall): object {
  const { Events } = lookUpIn(records, input, region) as { Events: object[] };
  const sorted = [...Events].sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1));
  const start = Number(input.NextToken ?? 0);
  return { Events: sorted.slice(start, start + 50), ...(start + 50 < sorted.length ? { NextToken: String(start + 50) } : {}) };
}
const timeOf = (event: object): string => (JSON.parse((event as { CloudTrailEvent: string }).CloudTrailEvent) as { eventTime: string }).eventTime;
