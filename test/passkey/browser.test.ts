import { serve } from '@hono/node-server';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type BrowserContext, type CDPSession, type Page } from 'playwright-core';
import { createConsole } from '../../console';
import { passkeyPort } from '../../workers/passkeys';
import { OTHER_DIGEST } from '../approvals/fixtures';
import { optionsOf } from '../console/sample';
import { sealToPage } from '../../activities/vault/seal-to-page';
import { APPROVAL, Office, PARTY, REQUEST } from './desk';

/** The console's own pages in a real Chromium, with the browser's virtual authenticator. */
let browser: Browser;
let server: ReturnType<typeof serve>;
let office: Office;
let origin: string;
const sessions: BrowserContext[] = [];

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu'] });
}, 60_000);
afterAll(() => browser?.close());
jest.setTimeout(90_000);

beforeEach(async () => {
  let fetch: (request: Request) => Response | Promise<Response> = () => new Response();
  server = serve({ fetch: (request: Request) => fetch(request), hostname: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  office = new Office({ ...PARTY, origin, rpId: 'localhost' });
  const app = createConsole(optionsOf('', { secureCookies: false, passkeys: passkeyPort(office.desk, office.claims) }));
  fetch = (request) => app.fetch(request);
});
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((one) => one.close()));
  await new Promise((resolve) => server.close(resolve));
});

interface Seat { page: Page; cdp: CDPSession; authenticator: string; said(): Promise<string> }

/** A person at their own machine, with their own authenticator. */
async function seat(options: { verified?: boolean; synced?: boolean } = {}): Promise<Seat> {
  const context = await browser.newContext();
  sessions.push(context);
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: options.verified ?? true, automaticPresenceSimulation: true, defaultBackupEligibility: options.synced ?? false, defaultBackupState: options.synced ?? false },
  });
  const said = async (): Promise<string> => {
    const text = page.locator('#said').filter({ hasNotText: /^(Waiting.*)?$/ });
    await text.waitFor();
    return (await text.textContent())!;
  };
  return { page, cdp, authenticator: authenticatorId, said };
}

async function register(id: string, at: Seat): Promise<string> {
  const { token } = await office.desk.register.invite(id, 'admin', 3_600_000);
  await at.page.goto(`${origin}/register#${token}`);
  await at.page.click('button[data-passkey]');
  return at.said();
}

async function signIn({ page }: Seat, next = `/confirm/${APPROVAL}`): Promise<void> {
  await page.goto(`${origin}${next}`);
  await page.click('button[data-passkey="sign-in"]');
  await page.waitForURL(`${origin}${next}`);
}

async function confirm(at: Seat): Promise<string> {
  await at.page.click('button[data-passkey="confirm"]');
  return at.said();
}

test('mia registers by her link, signs in, reads what will be done, and confirms it', async () => {
  const mia = await seat();
  expect(await register('mia', mia)).toMatch(/^Registered for mia/);
  expect(mia.page.url()).toBe(`${origin}/register`);
  office.asked.click('mia');
  await signIn(mia);
  const text = (await mia.page.textContent('main'))!;
  for (const part of ['Delete user eve', 'CreateUser by the stolen key', 'Nothing is deleted', 'Waiting for the passkey of mia']) expect(text).toContain(part);
  expect(await confirm(mia)).toMatch(/^Confirmed by mia: approved/);
  expect(office.asked.state.status).toBe('approved');
  // The link is used up.
  const again = await seat();
  await again.page.goto(`${origin}/register#${'x'.repeat(43)}`);
  await again.page.click('button[data-passkey]');
  expect(await again.said()).toMatch(/used, expired or not known/);
});

test('another person’s key, though they are signed in and look at the same page, confirms nothing', async () => {
  const [mia, ben] = [await seat(), await seat()];
  await register('mia', mia);
  await register('ben', ben);
  office.asked.click('mia');
  await signIn(ben);
  // Chromium itself offers no key of ben's for mia's question.
  expect(await confirm(ben)).not.toMatch(/^Confirmed/);
  // And when the browser does not care whose key is asked for, the server does.
  await ben.page.route('**/confirm/*/options', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { options: { allowCredentials: unknown[] } };
    await route.fulfill({ json: { ...body, options: { ...body.options, allowCredentials: [] } } });
  });
  expect(await confirm(ben)).toMatch(/Approve the question first/);
  expect(office.asked.state.status).toBe('open');
});

test('an authenticator that does not verify the person registers nothing and confirms nothing', async () => {
  const nobody = await seat({ verified: false });
  expect(await register('mia', nobody)).not.toMatch(/^Registered/);
  const mia = await seat();
  await register('mia', mia);
  office.asked.click('mia');
  await signIn(mia);
  await mia.cdp.send('WebAuthn.setUserVerified', { authenticatorId: mia.authenticator, isUserVerified: false });
  expect(await confirm(mia)).not.toMatch(/^Confirmed/);
  // Asked for less than the server wants, the browser answers, and the server refuses.
  await mia.page.route('**/confirm/*/options', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { options: object };
    await route.fulfill({ json: { ...body, options: { ...body.options, userVerification: 'discouraged' } } });
  });
  expect(await confirm(mia)).toMatch(/did not verify the person/);
  expect(office.asked.state.status).toBe('open');
});

test('a passkey that its maker syncs is refused at registration', async () => {
  expect(await register('mia', await seat({ synced: true }))).toMatch(/synced to other devices/);
});

test('a recorded answer played again, an answer to another plan’s challenge, and one that is too old do not count', async () => {
  const mia = await seat();
  await register('mia', mia);
  office.asked.click('mia');
  await signIn(mia);
  const sent: { nonce: string; response: object }[] = [];
  const at = `**/confirm/${APPROVAL}`;
  // Held back on its way: the page has answered, the server has not heard of it yet.
  const holdBack = () => mia.page.route(at, async (route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    sent.push(route.request().postDataJSON() as never);
    await route.fulfill({ json: { said: 'held back' } });
  });
  await holdBack();
  const replay = async (body: object): Promise<string> => mia.page.evaluate(async ([path, text]) => {
    const answer = await fetch(path!, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text });
    return `${answer.status} ${await answer.text()}`;
  }, [`/confirm/${APPROVAL}`, JSON.stringify(body)]);

  // For another plan: the challenge that the browser signs is another one.
  await mia.page.route('**/confirm/*/options', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { options: object };
    const other = await office.desk.ask({ purpose: 'confirm', subject: APPROVAL, digest: OTHER_DIGEST }, []);
    await route.fulfill({ json: { ...body, options: { ...body.options, challenge: other.options.challenge } } });
  });
  await confirm(mia);
  await mia.page.unroute(at);
  expect(await replay(sent[0]!)).toMatch(/^403 .*another question/);
  await mia.page.unroute('**/confirm/*/options');

  // Too old: answered in time by the browser, arriving after five minutes.
  await holdBack();
  await mia.page.reload();
  await confirm(mia);
  await mia.page.unroute(at);
  office.now += 5 * 60_000;
  expect(await replay(sent[1]!)).toMatch(/^403 .*too old/);

  // Again: the answer that counted.
  await mia.page.reload();
  mia.page.on('request', (request) => { if (request.method() === 'POST' && request.url().endsWith(APPROVAL)) sent.push(request.postDataJSON() as never); });
  expect(await confirm(mia)).toMatch(/^Confirmed by mia/);
  expect(await replay(sent[2]!)).toMatch(/^403 .*answered already/);
  expect(office.asked.confirmed).toHaveLength(1);
});

test('the credential is shown once, on the page of the person who asked, and no server on the way could read it', async () => {
  const CANARY = 'CANARY/root-password/7d2e';
  office.claims.handOver = (claim) => sealToPage(REQUEST, claim.sealTo, JSON.stringify({ username: 'root@example.com', password: CANARY }));
  const [ada, ben] = [await seat(), await seat()];
  await register('ada', ada);
  await register('ben', ben);
  // Somebody else, signed in on the same page, even when the browser does not care whose key is asked for.
  await signIn(ben, `/claim/${REQUEST}`);
  await ben.page.route('**/claim/*/options', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { options: object };
    await route.fulfill({ json: { ...body, options: { ...body.options, allowCredentials: [] } } });
  });
  await ben.page.click('button[data-passkey="claim"]');
  expect(await ben.said()).toMatch(/Only the person who asked/);

  const wire: string[] = [];
  ada.page.on('response', (response) => void response.text().then((text) => wire.push(text), () => undefined));
  ada.page.on('request', (request) => void wire.push(request.postData() ?? ''));
  await signIn(ada, `/claim/${REQUEST}`);
  await ada.page.click('button[data-passkey="claim"]');
  await ada.page.locator('#said', { hasText: 'Shown once' }).waitFor();
  expect(await ada.page.textContent('#credential')).toContain(CANARY);
  expect(wire.length).toBeGreaterThan(5);
  expect(wire.join('\n')).not.toContain('CANARY');
  expect(office.claims.said).toEqual(['opened by ada']);
  expect(office.claims.claimed).toMatchObject({ person: 'ada', digest: 'c'.repeat(64) });

  // Given back: it leaves the page. Loaded again: nothing is there, and nobody can claim it a second time.
  await ada.page.click('button[data-passkey="give-back"]');
  await ada.page.locator('#said', { hasText: 'Given back' }).waitFor();
  expect(await ada.page.textContent('#credential')).toBe('');
  await ada.page.reload();
  expect(await ada.page.content()).not.toContain('CANARY');
  expect(await ada.page.locator('button[data-passkey="claim"]').count()).toBe(0);
  expect(office.claims.said).toEqual(['opened by ada', 'given back by ada']);
});

test('nobody reads the question without having signed in, and no other site’s page can post', async () => {
  const answer = await fetch(`${origin}/confirm/${APPROVAL}`, { redirect: 'manual' });
  expect(answer.headers.get('location')).toBe(`/login?next=${encodeURIComponent(`/confirm/${APPROVAL}`)}`);
  expect((await fetch(`${origin}/confirm/${APPROVAL}/options`, { method: 'POST', redirect: 'manual', headers: { 'content-type': 'application/json' }, body: '{}' })).status).toBe(303);
  expect((await fetch(`${origin}/register`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' })).status).toBeGreaterThanOrEqual(400);
  for (const path of ['/register', '/login']) {
    const page = await fetch(`${origin}${path}`);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(await page.text()).not.toMatch(/<script>|onclick=|style="/);
  }
});
