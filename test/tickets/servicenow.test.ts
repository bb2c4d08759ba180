import fc from 'fast-check';
import { codeOf } from '../../activities/boundary';
import { serviceNowTickets, type ServiceNowOptions, type TicketSystem } from '../../activities/tickets';
import { safeValue } from '../../activities/tickets/encoded-query';
import type { Person } from '../../playbook/model/people';
import { startTicketSimulator, type TicketSimulator } from '../../sandbox/tickets';
import { evaluate } from '../../sandbox/tickets/encoded-query';

const ada: Person = { id: 'ada', name: 'Ada', email: 'ada@example.com', slack: null, identities: ['arn:aws:iam::111111111111:user/ada'], roles: [], active: true };
const WINDOW = { from: '2026-03-01T09:00:00.000Z', until: '2026-03-01T12:00:00.000Z' };
const change = { state: 'approved' as const, who: ['arn:aws:iam::111111111111:user/ada'], what: ['CreateUser'], targets: ['build-bot'], ...WINDOW };
const query = { who: ['arn:aws:iam::111111111111:user/ada'], targets: ['build-bot'], from: '2026-02-25T00:00:00.000Z', until: '2026-03-08T00:00:00.000Z' };
const failure = (promise: Promise<unknown>) => promise.then(() => ({ code: 'no error', message: '' }), (error: Error) => ({ code: codeOf(error), message: error.message }));

let snow: TicketSimulator;
let tickets: TicketSystem;
const connect = (more: Partial<ServiceNowOptions> = {}) =>
  serviceNowTickets({ url: snow.url, auth: { kind: 'basic', user: snow.user, password: () => snow.password }, people: [ada], ...more });

beforeEach(async () => {
  snow = await startTicketSimulator();
  tickets = connect();
});
afterEach(() => snow.close());

describe('change requests', () => {
  it('come back with who, what, target, window, state and source', async () => {
    const id = snow.seedChange({ ...change, who: ['Ada@example.com'], what: ['CreateUser', 'AttachUserPolicy'], targets: ['build-bot', 'build-role'] });
    expect(await tickets.changesFor(query)).toEqual([
      { id, state: 'approved', who: ['Ada@example.com', 'ada'], what: ['CreateUser', 'AttachUserPolicy'], targets: ['build-bot', 'build-role'], ...WINDOW, source: `servicenow:${id}` },
    ]);
  });
  it('are those about this person or this target whose window is near', async () => {
    const byTarget = snow.seedChange({ ...change, who: ['somebody'] });
    const byWho = snow.seedChange({ ...change, targets: ['other'] });
    snow.seedChange({ ...change, who: ['somebody'], targets: ['other'] });
    snow.seedChange({ ...change, from: '2025-01-01T00:00:00Z', until: '2025-01-02T00:00:00Z' });
    expect((await tickets.changesFor(query)).map((one) => one.id).sort()).toEqual([byTarget, byWho].sort());
  });
  it.each(['approved', 'open', 'closed', 'rejected'] as const)('keep the state %s', async (state) => {
    snow.seedChange({ ...change, state });
    expect((await tickets.changesFor(query))[0]!.state).toBe(state);
  });
  it('are read page by page', async () => {
    await snow.close();
    snow = await startTicketSimulator({ pageLimit: 200 });
    for (let n = 0; n < 450; n++) snow.seedChange(change);
    expect(await connect().changesFor(query)).toHaveLength(450);
    expect(snow.requests()).toBe(3);
  });
  it('are asked for in parts when there are many names', async () => {
    snow.seedChange({ ...change, targets: ['thing-49'] });
    const found = await tickets.changesFor({ ...query, who: ['nobody'], targets: Array.from({ length: 50 }, (_, n) => `thing-${n}`) });
    expect(found).toHaveLength(1);
    expect(snow.requests()).toBe(3);
    expect(await failure(tickets.changesFor({ ...query, targets: Array.from({ length: 300 }, (_, n) => `t-${n}`) }))).toMatchObject({ code: 'TICKETS_UNAVAILABLE' });
  });
  it('use the fields that are configured', async () => {
    expect(() => connect({ fields: { who: 'u_who^ORactive=true' } })).toThrow(/tickets\.fields\.who/);
    expect(() => connect({ fields: { when: 'start_date' } })).toThrow(/tickets\.fields\.when/);
    await connect({ fields: { who: 'u_cloud_identities, assigned_to.email' } }).changesFor(query);
    expect(snow.queries.at(-1)).toContain('^ORassigned_to.emailLIKE');
  });
  it('take a bearer token as well', async () => {
    snow.seedChange(change);
    expect(await connect({ auth: { kind: 'bearer', token: () => snow.token } }).changesFor(query)).toHaveLength(1);
  });
  it('must be asked for over https', () => {
    expect(() => connect({ url: 'http://example.com' })).toThrow(expect.objectContaining({ type: 'INVALID_CONFIG' }) as Error);
  });
});

describe('hostile names', () => {
  it.each(['^ORactive=true', 'x^NQnumberISNOTEMPTY', 'bot^ORDERBYDESCnumber', '\n^ORstate=-1', 'javascript:gs.sleep(10)', 'JavaScript :gs.x', 'abc^javascript:gs.sleep(10000)'])('%j widens nothing and runs nothing', async (name) => {
    snow.seedChange({ ...change, who: ['somebody'], targets: ['something'] });
    expect(await tickets.changesFor({ ...query, who: [name], targets: [name] })).toEqual([]);
    expect(snow.scripts).toEqual([]);
    for (const sent of snow.queries) expect(sent.split('^').slice(2).every((part) => /^(OR)?u_cloud_(identities|targets)LIKE/.test(part))).toBe(true);
  });
  it('the simulator would have been injected without care', () => {
    const row = { u_cloud_targets: 'something', active: 'true' };
    expect(evaluate('u_cloud_targetsLIKEx^ORactive=true').match(row)).toBe(true);
    expect(evaluate('u_cloud_targetsLIKEjavascript:gs.x()').scripts).toHaveLength(1);
  });
  it('never keep a separator, whatever they are', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('^', '^OR', '^NQ', '\r\n', 'javascript:'), fc.string(), (before, trick, after) => {
      const value = safeValue(`${before}${trick}${after}`);
      // eslint-disable-next-line no-control-regex
      if (value !== null) expect(value).not.toMatch(/[\u0000-\u001f^]|javascript\s*:/i);
    }));
    expect(safeValue('arn:aws:iam::111111111111:user/ada')).toBe('arn:aws:iam::111111111111:user/ada');
  });
});

describe('a ticket system that does not answer as it should', () => {
  const secretFree = (message: string) => expect(message).not.toContain(snow.password);
  it.each([
    ['401', { status: 401 }, /refuses the credential/],
    ['500 for good', { status: 500 }, /fails \(500\)/],
    ['429 for long', { status: 429, retryAfter: 3600 }, /limits the rate/],
    ['a login page', { answer: 'login-page' as const }, /login page/],
    ['garbage', { answer: 'garbage' as const }, /cannot be read/],
    ['another shape', { answer: 'wrong-shape' as const }, /not a list of records/],
    ['a redirect', { answer: 'redirect' as const }, /answered 302/],
  ])('%s is TICKETS_UNAVAILABLE with the reason', async (_name, fault, reason) => {
    snow.seedChange(change);
    snow.fault(fault);
    const { code, message } = await failure(tickets.changesFor(query));
    expect(code).toBe('TICKETS_UNAVAILABLE');
    expect(message).toMatch(reason);
    secretFree(message);
  });
  it('a short 429 and a passing 500 are waited out', async () => {
    snow.seedChange(change);
    snow.fault({ status: 429, retryAfter: 0, times: 1 });
    expect(await tickets.changesFor(query)).toHaveLength(1);
    snow.fault({ status: 503, times: 2 });
    expect(await tickets.changesFor(query)).toHaveLength(1);
  });
  it('silence ends at the time limit', async () => {
    snow.fault({ delayMs: 60_000 });
    const { code, message } = await failure(connect({ timeoutMs: 100, totalMs: 300 }).changesFor(query));
    expect(code).toBe('TICKETS_UNAVAILABLE');
    expect(message).toMatch(/in time/);
  });
  it('nobody listening, a wrong password, an unreadable secret', async () => {
    expect((await failure(connect({ url: 'http://127.0.0.1:9' }).changesFor(query))).message).toMatch(/cannot be reached/);
    expect((await failure(connect({ auth: { kind: 'basic', user: snow.user, password: () => 'wrong' } }).changesFor(query))).message).toMatch(/401/);
    expect((await failure(connect({ auth: { kind: 'bearer', token: () => { throw new Error('SNOW_TOKEN is not set'); } } }).changesFor(query))).code).toBe('TICKETS_UNAVAILABLE');
  });
});

describe('tasks for people', () => {
  const task = { key: 'inc-1.1/hardware-mfa', title: 'Enable hardware MFA\nfor root', instructions: ['Take the key from the safe', 'Register it'] };
  it('are opened once, and found again', async () => {
    const { reference } = await connect({ taskDefaults: { assignment_group: 'cloud' } }).openTask(task);
    expect(reference).toMatch(/^servicenow:INC\d{7}$/);
    expect(await tickets.openTask(task)).toEqual({ reference });
    const rows = snow.rows('incident');
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ short_description: 'Enable hardware MFA for root', description: 'Take the key from the safe\nRegister it', correlation_display: 'Tourniquet', assignment_group: 'cloud' });
    await tickets.openTask({ ...task, key: 'another' });
    expect(snow.rows('incident')).toHaveLength(2);
  });
  it('go to the table that is configured', async () => {
    expect((await connect({ taskTable: 'sc_task' }).openTask(task)).reference).toMatch(/^servicenow:SCTASK/);
  });
  it('a create whose answer is lost is not repeated blindly, and is found by the next attempt', async () => {
    snow.fault({ method: 'POST', lost: true, times: 1 });
    expect((await failure(tickets.openTask(task))).code).toBe('TICKETS_UNAVAILABLE');
    expect(snow.rows('incident')).toHaveLength(1);
    const { reference } = await tickets.openTask(task);
    expect(snow.rows('incident')).toHaveLength(1);
    expect(reference).toBe(`servicenow:${snow.rows('incident')[0]!.number}`);
  });
});
