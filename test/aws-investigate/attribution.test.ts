import fc from 'fast-check';
import { attribute, type Seeds } from '../../activities/aws/investigate/attribution';
import { parseRecord, type TrailRecord } from '../../activities/aws/investigate/record';
import type { JsonObject } from '../../playbook/json';
import { account, attackerIp, officeIp, principal, recordJson } from './support';

const seeds = (over: Partial<Seeds> = {}): Seeds => ({ principals: [principal], keys: ['AKIASTOLEN0000000001'], sessions: [], addresses: [attackerIp], firstAlert: '2026-11-20T12:00:00Z', lookBackMs: 24 * 3_600_000, ...over });
const record = (name: string, over: Parameters<typeof recordJson>[1] = {}): TrailRecord => parseRecord(recordJson(name, over), account)!;
const verdictOf = (records: TrailRecord[], of: TrailRecord, with_: Partial<Seeds> = {}): string =>
  attribute(records, seeds(with_)).events.find((one) => one.record.eventID === of.eventID)?.attribution ?? 'nobody';

const usual = record('GetCallerIdentity', { ip: officeIp, at: '2026-11-01T09:00:00Z' });

describe('the stolen credential, which its owner still uses', () => {
  test.each<[string, { ip: string; at: string; history?: boolean }, string]>([
    ['the attacker’s address', { ip: attackerIp, at: '2026-11-20T12:05:00Z' }, 'attacker'],
    ['the owner’s usual address, during the attack', { ip: officeIp, at: '2026-11-20T12:05:00Z' }, 'unattributed'],
    ['a new address after the first alert', { ip: '203.0.113.99', at: '2026-11-20T12:05:00Z' }, 'attacker'],
    ['a new address before the first alert, with a history', { ip: '203.0.113.99', at: '2026-11-20T03:00:00Z' }, 'attacker'],
    ['a new address before the first alert, without a history', { ip: '203.0.113.99', at: '2026-11-20T03:00:00Z', history: false }, 'unattributed'],
    ['the attacker’s address within the look-back', { ip: attackerIp, at: '2026-11-20T03:00:00Z', history: false }, 'attacker'],
    ['before the window', { ip: '203.0.113.99', at: '2026-11-18T03:00:00Z' }, 'nobody'],
    ['through a service', { ip: 'cloudformation.amazonaws.com', at: '2026-11-20T12:05:00Z' }, 'unattributed'],
  ])('%s', (_name, { ip, at, history = true }, expected) => {
    const event = record('CreateBucket', { ip, at });
    expect(verdictOf([...(history ? [usual] : []), event], event)).toBe(expected);
  });

  test('an address that the owner had used before is his, even when the alert names it', () => {
    const before = record('GetCallerIdentity', { ip: attackerIp, at: '2026-11-01T09:00:00Z' });
    const event = record('CreateUser', { at: '2026-11-20T12:05:00Z' });
    expect(verdictOf([before, event], event)).toBe('unattributed');
  });
});

describe('a person of Identity Center, known from an alert in another cloud only', () => {
  const person = { kind: 'identity-center-user' as const, id: '999999999999:sso:dana@example.com', account: '999999999999' };
  test.each<[string, { role: string; session: string }, string]>([
    ['the person’s session of a permission set', { role: 'AWSReservedSSO_Admin_0123456789abcdef', session: 'Dana@example.com' }, 'attacker'],
    ['somebody else’s session of it', { role: 'AWSReservedSSO_Admin_0123456789abcdef', session: 'ada@example.com' }, 'nobody'],
    ['a plain role’s session that its caller named after the person', { role: 'app', session: 'dana@example.com' }, 'nobody'],
  ])('%s', (_name, by, expected) => {
    const event = record('CreateUser', { by: { ...by, key: 'ASIACENTER0000000001' }, ip: attackerIp, at: '2026-11-20T12:05:00Z' });
    expect(verdictOf([event], event, { principals: [person], keys: [] })).toBe(expected);
  });
});

describe('what the attacker made acts for the attacker', () => {
  const user = record('CreateUser', { requestParameters: { userName: 'mallory' }, responseElements: { user: { userName: 'mallory', arn: `arn:aws:iam::${account}:user/ops/mallory` } } });
  const key = record('CreateAccessKey', { requestParameters: { userName: 'victor' }, responseElements: { accessKey: { accessKeyId: 'AKIAPLANTED000000001', userName: 'victor' } } });
  const role = record('CreateRole', { requestParameters: { roleName: 'Support' }, responseElements: { role: { roleName: 'Support', arn: `arn:aws:iam::${account}:role/Support` } } });
  const session = record('AssumeRole', { eventSource: 'sts.amazonaws.com', requestParameters: { roleArn: `arn:aws:iam::${account}:role/app`, roleSessionName: 'x' }, responseElements: { credentials: { accessKeyId: 'ASIASESSION000000001' } } });
  const machine = record('RunInstances', { eventSource: 'ec2.amazonaws.com', requestParameters: { iamInstanceProfile: { name: 'app' } }, responseElements: { instancesSet: { items: [{ instanceId: 'i-0123456789abcdef0' }] } } });
  const fn = record('CreateFunction20150331', { eventSource: 'lambda.amazonaws.com', responseElements: { functionName: 'exfil', role: `arn:aws:iam::${account}:role/app` } });
  const later = { at: '2026-11-20T12:30:00Z', ip: '192.0.2.44' };
  test.each<[string, TrailRecord, Parameters<typeof recordJson>[1], string]>([
    ['a user', user, { by: { user: 'ops/mallory', key: 'AKIAOTHER00000000001' } }, 'attacker'],
    ['a namesake of the user, before it was made', user, { by: { user: 'ops/mallory', key: 'AKIAOTHER00000000001' }, at: '2026-11-20T11:00:00Z' }, 'nobody'],
    ['a key on somebody else’s user', key, { by: { user: 'victor', key: 'AKIAPLANTED000000001' } }, 'attacker'],
    ['the owner’s own key of that user', key, { by: { user: 'victor', key: 'AKIAVICTOR0000000001' } }, 'nobody'],
    ['any session of a role', role, { by: { role: 'Support', session: 'any', key: 'ASIAANY0000000000001' } }, 'attacker'],
    ['a session that was opened', session, { by: { role: 'app', session: 'x', key: 'ASIASESSION000000001' } }, 'attacker'],
    ['another session of the same role and name', session, { by: { role: 'app', session: 'x', key: 'ASIAOWNER00000000001' } }, 'nobody'],
    ['the machine’s role', machine, { by: { role: 'app', session: 'i-0123456789abcdef0', key: 'ASIAMACHINE000000001' } }, 'attacker'],
    ['another machine’s', machine, { by: { role: 'app', session: 'i-0fffffffffffffff0', key: 'ASIAMACHINE000000002' } }, 'nobody'],
    ['the function’s role', fn, { by: { role: 'app', session: 'exfil', key: 'ASIAFUNCTION00000001' } }, 'attacker'],
  ])('%s', (_name, made, by, expected) => {
    const event = record('CreateBucket', { ...later, ...by });
    expect(verdictOf([usual, made, event], event)).toBe(expected);
  });

  test('a stranger’s account that opens a session of the attacker’s role', () => {
    const opened = record('AssumeRole', { ...later, eventSource: 'sts.amazonaws.com', requestParameters: { roleArn: `arn:aws:iam::${account}:role/Support`, roleSessionName: 's' }, userIdentity: { type: 'AWSAccount', accountId: '999999999999' }, responseElements: { credentials: { accessKeyId: 'ASIAOUT0000000000001' } } });
    const event = record('RunInstances', { ...later, by: { role: 'Support', session: 's', key: 'ASIAOUT0000000000001' } });
    expect(verdictOf([role, opened, event], event)).toBe('attacker');
    expect(verdictOf([role, opened, event], opened)).toBe('attacker');
  });

  test('a failed call makes nothing', () => {
    const refused = record('CreateAccessKey', { errorCode: 'AccessDenied', requestParameters: { userName: 'victor' }, responseElements: { accessKey: { accessKeyId: 'AKIAPLANTED000000001' } } });
    const event = record('CreateBucket', { ...later, by: { user: 'victor', key: 'AKIAPLANTED000000001' } });
    expect(verdictOf([usual, refused, event], event)).toBe('nobody');
  });

  test('of a role only the alerts’ session is suspect', () => {
    const mine = record('CreateUser', { by: { role: 'app', session: 'i-1', key: 'ASIAONE00000000000001' } });
    const other = record('CreateUser', { by: { role: 'app', session: 'i-2', key: 'ASIATWO00000000000001' } });
    const with_: Partial<Seeds> = { principals: [{ kind: 'role', id: `arn:aws:iam::${account}:role/app`, account }], keys: [], sessions: [{ roleArn: `arn:aws:iam::${account}:role/app`, name: 'i-1' }] };
    expect([verdictOf([mine, other], mine, with_), verdictOf([mine, other], other, with_)]).toEqual(['attacker', 'nobody']);
  });
});

/** A made-up account: the attacker's chain of credentials and innocent people, all with calls at random times and places. */
interface Step {
  who: number;
  makes: 'key' | 'user' | 'session' | 'nothing';
}
const steps = fc.array(fc.record({ who: fc.nat(), makes: fc.constantFrom<Step['makes']>('key', 'user', 'session', 'nothing') }), { minLength: 1, maxLength: 25 });

function world(attack: Step[], innocent: Step[]): { records: TrailRecord[]; guilty: Set<string> } {
  const records: TrailRecord[] = [];
  const guilty = new Set<string>();
  let minute = 0;
  const play = (start: { user?: string; key?: string }, all: Step[], name: string, ips: string[], isGuilty: boolean): void => {
    const holds: { user?: string; key?: string; role?: string; session?: string }[] = [start];
    for (const [index, { who, makes }] of all.entries()) {
      minute += 1;
      const at = new Date(Date.parse('2026-11-20T12:01:00Z') + minute * 1000).toISOString();
      const by = holds[who % holds.length]!;
      const fresh = `${name}${index}`;
      const key = `AKIA${name.toUpperCase()}${String(index).padStart(8, '0')}`;
      const made: Record<Step['makes'], [string, JsonObject, JsonObject]> = {
        key: ['CreateAccessKey', { userName: 'shared-target' }, { accessKey: { accessKeyId: key, userName: 'shared-target' } }],
        user: ['CreateUser', { userName: fresh }, { user: { userName: fresh, arn: `arn:aws:iam::${account}:user/${fresh}` } }],
        session: ['AssumeRole', { roleArn: `arn:aws:iam::${account}:role/common`, roleSessionName: 'common' }, { credentials: { accessKeyId: key.replace('AKIA', 'ASIA') } }],
        nothing: ['CreateBucket', { bucketName: fresh }, {}],
      };
      const [eventName, requestParameters, responseElements] = made[makes];
      const one = record(eventName, { by, at, ip: ips[(who + index) % ips.length]!, requestParameters, responseElements });
      records.push(one);
      if (isGuilty) guilty.add(one.eventID);
      if (makes === 'key') holds.push({ user: 'shared-target', key });
      if (makes === 'user') holds.push({ user: fresh, key: `AKIAOF${fresh.toUpperCase()}` });
      if (makes === 'session') holds.push({ role: 'common', session: 'common', key: key.replace('AKIA', 'ASIA') });
    }
  };
  play({ user: 'dana', key: 'AKIASTOLEN0000000001' }, attack, 'evil', [attackerIp, '192.0.2.66'], true);
  // The innocent share addresses, roles, session names and even the target user with the attacker, but no credential.
  play({ user: 'ada', key: 'AKIAADA0000000000001' }, innocent, 'good', [officeIp, attackerIp], false);
  return { records: [usual, ...records], guilty };
}

test('exactly the attacker’s events, never somebody else’s, in whatever order the records come', () => {
  fc.assert(
    fc.property(steps, steps, fc.array(fc.nat(), { minLength: 60, maxLength: 60 }), (attack, innocent, shuffle) => {
      const { records, guilty } = world(attack, innocent);
      const of = (all: TrailRecord[]): string[] => attribute(all, seeds()).events.filter((one) => one.attribution === 'attacker').map((one) => one.record.eventID).sort();
      expect(of(records)).toEqual([...guilty].sort());
      const shuffled = records.map((one, index) => [shuffle[index] ?? 0, one] as const).sort((a, b) => a[0] - b[0]).map(([, one]) => one);
      expect(attribute(shuffled, seeds())).toEqual(attribute(records, seeds()));
      // The same record twice is one.
      expect(of([...records, ...records])).toEqual(of(records));
    }),
    { numRuns: 60 },
  );
});

test('records that are none are passed over, and odd ones do not throw', () => {
  for (const odd of ['', '{', 'null', '[]', '{"eventName":"x"}', { eventName: 'x', eventID: '1', eventTime: 'soon' }]) expect(parseRecord(odd, account)).toBeNull();
  const bare = parseRecord({ eventName: 'X', eventID: '1', eventTime: '2026-11-20T12:00:00Z', userIdentity: null, requestParameters: 'text', responseElements: [] }, account)!;
  expect(attribute([bare], seeds()).events).toEqual([]);
});
