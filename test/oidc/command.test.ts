import { serve, type ServerType } from '@hono/node-server';
import type { AddressInfo } from 'node:net';
import { idTokenVerifier, oidcVotes } from '../../approvals/oidc';
import { sendVote, signIn } from '../../cli/oidc';
import { createConsole } from '../../console';
import { voteNonce } from '../../playbook/vote-statement';
import { startOidc, type SandboxOidc } from '../../sandbox/oidc';
import { optionsOf } from '../console/sample';
import { Desk, PEOPLE } from '../slack/harness';

let provider: SandboxOidc;
let server: ServerType;
let url: string;
const desk = new Desk();
const logged: unknown[] = [];

beforeAll(async () => {
  provider = await startOidc();
  const people = PEOPLE.map((one) => ({ ...one, oidc: `sub-${one.id}` }));
  const options = optionsOf('', { oidc: { vote: oidcVotes({ verify: idTokenVerifier({ ...provider, claim: 'sub' }), people: async () => people, decide: desk.decide, now: Date.now }) }, secureCookies: false });
  logged.push(options.logged);
  server = await new Promise<ServerType>((resolve) => {
    const started: ServerType = serve({ fetch: createConsole(options).fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(started));
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await provider.stop();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  desk.votes = [];
  provider.person = 'sub-ada';
});

const prepared = () => {
  const { id, digest } = desk.ask();
  const vote = { person: 'ada', decision: 'approve' as const, digest, reason: 'plan read', voteId: 'cli-00000000' };
  const at = new Date().toISOString();
  return { id, vote, at, nonce: voteNonce(id, vote, at) };
};

/** The person's browser: opens what the command line prints, and follows where it is sent. */
const browser = (line: string): void => void fetch(/http\S+/.exec(line)![0]);

test('a person signs in with their browser, and the vote counts', async () => {
  const { id, vote, at, nonce } = prepared();
  const idToken = await signIn(provider, nonce, browser);
  await sendVote(url, id, { vote, at, idToken });
  expect(desk.votes).toMatchObject([{ person: 'ada', decision: 'approve' }]);
  expect(JSON.stringify(logged)).not.toContain(idToken);
});

test('who signs in as somebody else hears so, and the exit code is that of a refusal', async () => {
  const { id, vote, at, nonce } = prepared();
  provider.person = 'sub-ben';
  const idToken = await signIn(provider, nonce, browser);
  await expect(sendVote(url, id, { vote, at, idToken })).rejects.toMatchObject({ message: expect.stringMatching(/You signed in as ben/), code: 1 });
  expect(desk.votes).toEqual([]);
});

test('a code that was caught on its way back opens nothing: another state is not listened to', async () => {
  const { nonce } = prepared();
  const signed = signIn(provider, nonce, (line) => {
    const asked = new URL(/http\S+/.exec(line)![0]);
    const back = asked.searchParams.get('redirect_uri')!;
    void fetch(`${back}?code=stolen&state=guessed`).then(async (answer) => {
      expect(answer.status).toBe(404);
      browser(line);
    });
  });
  expect(await signed).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
});

test('nobody signs in: an end, and the port is free again', async () => {
  await expect(signIn(provider, 'n', () => undefined, 50)).rejects.toMatchObject({ message: expect.stringMatching(/in time/), code: 1 });
});

test('a provider that is away, and a console that is away, are said to be', async () => {
  provider.away = true;
  await expect(signIn(provider, 'n', browser)).rejects.toMatchObject({ message: expect.stringMatching(/identity provider/), code: 4 });
  provider.away = false;
  const { id, vote, at } = prepared();
  await expect(sendVote('http://127.0.0.1:9', id, { vote, at, idToken: 'x'.repeat(30) })).rejects.toMatchObject({ message: expect.stringMatching(/console does not answer/), code: 4 });
});

test.each<[string, (good: object) => unknown]>([
  ['nothing', () => null], ['a list', () => []], ['a field too many', (good) => ({ ...good, admin: true })], ['no token', (good) => ({ ...good, idToken: undefined })], ['a token of a megabyte', (good) => ({ ...good, idToken: 'x'.repeat(30_000) })],
  ['a time that is none', (good) => ({ ...good, at: 'now' })], ['a vote that says via', (good) => ({ ...good, vote: { ...(good as { vote: object }).vote, via: 'slack' } })], ['a prototype', () => JSON.parse('{"__proto__":{"vote":1}}') as unknown],
])('%s is no vote', async (_what, make) => {
  const { id, vote, at } = prepared();
  const answer = await fetch(`${url}/api/approvals/${id}/votes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(make({ vote, at, idToken: 'x'.repeat(30) })) });
  expect([answer.status, typeof ((await answer.json()) as { message: unknown }).message]).toEqual([400, 'string']);
  expect(desk.votes).toEqual([]);
});

test('a page of another site cannot send one for its visitor, and without a provider there is no such address', async () => {
  const { id } = prepared();
  const form = await fetch(`${url}/api/approvals/${id}/votes`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' });
  expect([403, 415]).toContain(form.status);
  const closed = await createConsole(optionsOf()).request(`/api/approvals/${id}/votes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  expect(closed.status).toBe(303);
});
