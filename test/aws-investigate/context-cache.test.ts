import { lookUp } from '../../activities/aws/look-up';
import { ContextCache, KINDS } from '../../activities/context-cache';
import { account, alertOf, awsError, fakeAccess, lookUpIn, principal, recordJson, type FakeCall } from './support';

const asked = { kind: 'rights', account, subject: 'dana' } as const;
const START = Date.parse('2026-11-20T12:00:00Z');
const clock = () => {
  const at = { now: START };
  return { at, cache: new ContextCache(() => at.now) };
};
const counting = <T>(value: () => T) => {
  const load = jest.fn(async () => value());
  return load;
};

test('one question at a time, however many ask; the answer while it is fresh', async () => {
  const { at, cache } = clock();
  const load = counting(() => true);
  await Promise.all(Array.from({ length: 500 }, () => cache.get(asked, load)));
  at.now += KINDS.rights.freshMs - 1;
  await cache.get({ ...asked, subject: 'DANA' }, load);
  expect(load).toHaveBeenCalledTimes(1);
  at.now += 1;
  await cache.get(asked, load);
  expect(load).toHaveBeenCalledTimes(2);
});

test('an error, a denial, and what cannot be said are not kept: those who waited get it, the next ask again', async () => {
  const { cache } = clock();
  const denied = jest.fn(async () => Promise.reject(awsError('AccessDenied', 403)));
  const together = await Promise.allSettled(Array.from({ length: 20 }, () => cache.get(asked, denied)));
  expect(together.every(({ status }) => status === 'rejected')).toBe(true);
  expect(denied).toHaveBeenCalledTimes(1);
  const unknown = counting(() => null);
  await cache.get(asked, unknown);
  await cache.get(asked, unknown);
  expect(unknown).toHaveBeenCalledTimes(2);
  expect(await cache.get(asked, counting(() => false))).toBe(false);
  expect(cache.size).toBe(1);
});

test.each<[string, string | null, number, boolean]>([
  ['a change of the identity after it was read', 'dana', START + 5_000, true],
  ['a change of anybody’s', null, START + 5_000, true],
  ['a change that was still settling when it was read', 'dana', START - 10_000, true],
  ['a change long before', 'dana', START - 60_000, false],
  ['a change of somebody else', 'ada', START + 5_000, false],
])('%s', async (_name, subject, changedAt, again) => {
  const { at, cache } = clock();
  const load = counting(() => true);
  await cache.get(asked, load);
  await cache.get({ ...asked, kind: 'key-owner', subject: 'AKIA1' }, counting(() => 'dana'));
  at.now += 10_000;
  cache.changed({ account, subject, at: new Date(changedAt).toISOString() });
  await cache.get(asked, load);
  expect(load).toHaveBeenCalledTimes(again ? 2 : 1);
  const owner = counting(() => 'dana');
  await cache.get({ ...asked, kind: 'key-owner', subject: 'AKIA1' }, owner);
  expect(owner).not.toHaveBeenCalled();
});

test('an answer on its way when the change came is not kept, and a change in the future is one of now', async () => {
  const { at, cache } = clock();
  let answer: (value: boolean) => void = () => undefined;
  const first = cache.get(asked, () => new Promise<boolean>((resolve) => void (answer = resolve)));
  cache.changed({ account, subject: 'dana', at: new Date(START).toISOString() });
  answer(false);
  expect(await first).toBe(false);
  at.now += 20_000;
  const load = counting(() => true);
  expect(await cache.get(asked, load)).toBe(true);
  at.now += 20_000;
  cache.changed({ account, subject: 'dana', at: '2099-01-01T00:00:00Z' });
  at.now += 16_000;
  await cache.get(asked, load);
  expect(load).toHaveBeenCalledTimes(2);
  cache.changed({ account, subject: 'dana', at: 'no time' });
  await cache.get(asked, load);
  expect(load).toHaveBeenCalledTimes(2);
});

test('memory is bounded: what was used longest ago goes', async () => {
  const { cache } = clock();
  for (let index = 0; index < KINDS.past.most * 3; index += 1) {
    await cache.get({ kind: 'past', account, subject: `u${index}` }, counting(() => index));
    await cache.get({ kind: 'past', account, subject: 'u0' }, counting(() => 0));
  }
  expect(cache.size).toBe(KINDS.past.most);
  const kept = counting(() => 0);
  await cache.get({ kind: 'past', account, subject: 'u0' }, kept);
  expect(kept).not.toHaveBeenCalled();
});

const role = { ...principal, kind: 'role' as const, id: `arn:aws:iam::${account}:role/app`, name: 'app' };
const opened = recordJson('AssumeRole', { at: '2026-11-20T11:59:00Z', requestParameters: { roleArn: role.id }, responseElements: { credentials: { accessKeyId: 'ASIASTORM' } } });
const answer = (call: FakeCall): unknown => {
  if (call.command === 'LookupEvents') return lookUpIn([opened], call.input, call.region);
  if (call.command.startsWith('ListAttached')) return { AttachedPolicies: [{ PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }] };
  if (/^List(User|Role|Group)Policies$/.test(call.command)) return { PolicyNames: [] };
  if (call.command === 'GetRole') return { Role: { CreateDate: new Date(START) } };
  return undefined;
};
const alerts = (count: number) =>
  Array.from({ length: count }, (_, index) => alertOf({
    id: `alr-${String(index).padStart(24, '0')}`, event: 'RunInstances', service: 'ec2.amazonaws.com', principal: role, target: { kind: 'role', id: 'app', account },
    session: { accessKeyId: 'ASIASTORM', name: 'run', issuedAt: '2026-11-20T11:59:00Z', mfa: 'no', roleArn: role.id },
  }));

test('a storm on one principal: a thousand alerts, each looked up by itself, cost what one costs', async () => {
  const alone = fakeAccess(answer);
  await lookUp({ access: alone }, { principal: role, alerts: alerts(1) });
  const access = fakeAccess(answer);
  const seen = await Promise.all(alerts(500).map((alert) => lookUp({ access }, { principal: role, alerts: [alert] })));
  for (const alert of alerts(500)) seen.push(await lookUp({ access }, { principal: role, alerts: [alert] }));
  expect(access.calls.length).toBe(alone.calls.length);
  expect(access.calls.length).toBeLessThanOrEqual(12);
  for (const one of seen) expect(one).toMatchObject({ principalIsAdmin: true, target: { exists: true, isAdmin: true }, origins: [{ principal: { name: 'dana' } }], failed: [] });
}, 60_000);

test('in the storm the role’s rights are changed: they are read again, and a denial is told to each and kept for nobody', async () => {
  const access = fakeAccess(answer);
  await lookUp({ access }, { principal: role, alerts: alerts(1) });
  const before = access.calls.length;
  const change = alertOf({ id: 'alr-change', event: 'DetachRolePolicy', time: new Date().toISOString(), session: null, target: null, facts: { readOnly: false, request: { roleName: 'app', policyArn: 'x' } } });
  await lookUp({ access }, { principal: role, alerts: [...alerts(1), change] });
  expect(access.calls.slice(before).map(({ command }) => command).sort()).toEqual(['GetRole', 'ListAttachedRolePolicies', 'ListRolePolicies']);

  let denied = true;
  const shy = fakeAccess((call) => (denied && call.command === 'ListRolePolicies' ? awsError('AccessDenied', 403) : answer(call)));
  for (let again = 0; again < 3; again += 1) expect((await lookUp({ access: shy }, { principal: role, alerts: alerts(1) })).principalIsAdmin).toBeNull();
  denied = false;
  expect((await lookUp({ access: shy }, { principal: role, alerts: alerts(1) })).principalIsAdmin).toBe(true);
}, 60_000);
