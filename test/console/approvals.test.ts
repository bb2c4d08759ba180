import { createConsole, type ConsoleOptions } from '../../console';
import type { Vote } from '../../playbook/model/approval';
import { Desk } from '../slack/harness';
import { optionsOf, TOKEN } from './sample';

const at = (path: string) => `https://console.example${path}`;
const json = (body: object) => ({ method: 'POST', headers: { origin: 'https://console.example', 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** A console whose questions are held by the approval's own rules, and whose passkey port lets anybody in as `who`. */
async function bench(who = 'ada', over: Partial<ConsoleOptions> = {}, asked: Parameters<Desk['ask']>[0] = {}) {
  const desk = new Desk();
  const question = desk.ask({ title: 'Delete <b>eve</b>', changes: Array.from({ length: 120 }, (_, index) => `Delete thing ${index}`), ...asked });
  const passkeys = { signIn: async () => who, signInQuestion: async () => ({ nonce: 'n', options: {} }), question: async () => null } as unknown as ConsoleOptions['passkeys'];
  const app = createConsole(optionsOf('', { approvals: { question: desk.stateOf, decide: desk.decide }, passkeys, ...over }));
  const signed = await app.request(at('/sign-in'), json({ nonce: 'n', response: {} }));
  const cookie = signed.headers.get('set-cookie')!.split(';')[0]!;
  const page = async (): Promise<string> => (await app.request(at(`/approvals/${question.id}`), { headers: { cookie } })).text();
  const send = (values: Record<string, string>, headers: Record<string, string> = {}) => app.request(at(`/approvals/${question.id}`), {
    method: 'POST', headers: { origin: 'https://console.example', 'content-type': 'application/x-www-form-urlencoded', cookie, ...headers }, body: new URLSearchParams(values).toString(),
  });
  const formOf = async (over2: Record<string, string> = {}) => {
    const text = await page();
    const hidden = (name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '';
    return { digest: hidden('digest'), nonce: hidden('nonce'), reason: 'plan read', decision: 'approve', ...over2 };
  };
  return { desk, question, app, cookie, page, send, formOf };
}

test('the page shows the whole plan, the deadline and the way to the evidence, and makes no markup of it', async () => {
  const { page } = await bench();
  const text = await page();
  expect(text).toContain('Delete thing 119');
  expect(text).toContain('answer by');
  expect(text).toContain('If nobody answers');
  expect(text).toContain('/incidents/inc-1');
  expect(text).toContain('Delete &lt;b&gt;eve&lt;/b&gt;');
});

test('a person who signed in with their passkey decides, through the same rules as in Slack', async () => {
  const { desk, send, formOf, page } = await bench();
  const answer = await send(await formOf());
  expect([answer.status, /Your vote is recorded/.test(await answer.text())]).toEqual([200, true]);
  expect(desk.votes).toMatchObject([{ person: 'ada', decision: 'approve', via: 'console', reason: 'plan read' }]);
  expect(await page()).toMatch(/plan read/);
});

test('the same form sent twice, and fifty times at once, is one vote', async () => {
  const { desk, send, formOf } = await bench();
  const form = await formOf();
  const answers = await Promise.all(Array.from({ length: 50 }, () => send(form)));
  expect(answers.every((one) => one.status === 200)).toBe(true);
  expect(desk.votes).toHaveLength(1);
});

test('the shared token sees the question and decides nothing, as a cookie and as a bearer', async () => {
  const { app, desk, question, send, formOf } = await bench();
  const form = await formOf();
  const login = await app.request(at('/login'), { method: 'POST', headers: { origin: 'https://console.example', 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ token: TOKEN }).toString() });
  const shared = { cookie: login.headers.get('set-cookie')!.split(';')[0]! };
  expect(await (await app.request(at(`/approvals/${question.id}`), { headers: shared })).text()).toMatch(/decides nothing/);
  expect((await send(form, shared)).status).toBe(403);
  expect((await send(form, { authorization: `Bearer ${TOKEN}` })).status).toBe(403);
  expect(desk.votes).toEqual([]);
});

test.each<[string, string, Record<string, string>, RegExp]>([
  ['a stranger', 'mallory', {}, /not among the people/],
  ['the requester', 'rita', {}, /asked for this yourself/],
  ['somebody whose own identity is the matter', 'vic', {}, /identity of your own/],
  ['a form of an older plan', 'ada', { digest: 'b'.repeat(64) }, /plan has changed/],
  ['a form without a reason', 'ada', { reason: ' ' }, /reason of 3 to 500/],
  ['a book for a reason', 'ada', { reason: 'x'.repeat(501) }, /reason of 3 to 500/],
  ['a decision that is none', 'ada', { decision: 'maybe' }, /Not counted/],
  ['a form without its own number', 'ada', { nonce: '' }, /Not counted/],
])('%s does not count, and hears why', async (_name, who, over, why) => {
  const { desk, send, formOf } = await bench(who);
  const answer = await send(await formOf(over));
  expect(answer.status).toBe(403);
  expect(await answer.text()).toMatch(why);
  expect(desk.votes).toEqual([]);
});

test('after the end there is no form, and a form from before does not count', async () => {
  const { desk, question, send, formOf, page } = await bench();
  const form = await formOf();
  desk.send(question.id, { type: 'withdrawn', by: 'rita', now: Date.now() });
  expect(await page()).not.toMatch(/<form method="post" action="\/approvals/);
  expect(await (await send(form)).text()).toMatch(/already withdrawn/);
});

test('another site’s form is refused; unknown and malformed ids are not found', async () => {
  const { app, cookie, desk, send, formOf } = await bench();
  expect((await send(await formOf(), { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  for (const id of ['apr-ffffffffffffffffffff', 'apr-1', 'inc-0123456789abcdef0123']) expect((await app.request(at(`/approvals/${id}`), { headers: { cookie } })).status).toBe(404);
  expect(desk.votes).toEqual([]);
});

test('Temporal away: not recorded, and said so with 503', async () => {
  const { desk, send, formOf } = await bench();
  const form = await formOf();
  desk.away = true;
  expect((await send(form)).status).toBe(503);
  desk.away = false;
  expect((await send(form)).status).toBe(200);
  expect(desk.votes.map((one: Vote) => one.person)).toEqual(['ada']);
});

describe('a question whose no may say until when', () => {
  const words = { approve: 'No longer needed', deny: 'Still needed', date: 'Needed until' };

  test('has a field for the date, and the no carries it', async () => {
    const { desk, send, formOf, page } = await bench('ada', {}, { words });
    expect(await page()).toMatch(/Needed until[^<]*<br><input type="date" name="until">/);
    expect((await send(await formOf({ decision: 'deny', until: '2099-01-31', reason: 'the yearly closing' }))).status).toBe(200);
    expect(desk.votes).toMatchObject([{ person: 'ada', decision: 'deny', until: '2099-01-31' }]);
  });
  test('left empty, and beside a yes, there is no date', async () => {
    const [no, yes] = [await bench('ada', {}, { words }), await bench('ben', {}, { words })];
    await no.send(await no.formOf({ decision: 'deny', until: '' }));
    await yes.send(await yes.formOf({ until: '2099-01-31' }));
    for (const { desk } of [no, yes]) expect([desk.votes.length, desk.votes[0]!.until]).toEqual([1, undefined]);
  });
  test.each(['tomorrow', '2099-02-31', '2099-1-1', '<b>'])('%s is no date: not counted', async (until) => {
    const { desk, send, formOf } = await bench('ada', {}, { words });
    await send(await formOf({ decision: 'deny', until }));
    expect(desk.states.get([...desk.states.keys()][0]!)!.votes).toEqual([]);
  });
  test('any other question has no such field', async () => expect(await (await bench()).page()).not.toContain('name="until"'));
});
