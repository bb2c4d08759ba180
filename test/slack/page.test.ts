import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { until } from '../approvals/until';
import { house, type House } from './harness';

const CHROMIUM = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
// The page is looked at in a real browser where there is one; what it serves is tested without.
const inBrowser = CHROMIUM ? describe : describe.skip;

let here: House;
beforeEach(async () => {
  here = await house();
});
afterEach(() => here.stop());

test('the page loads nothing from elsewhere', async () => {
  const response = await fetch(here.slack.url);
  const html = await response.text();
  expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'/);
  expect(html.match(/(src|href)="[^"]*"/g)).toEqual(['href="data:,"']);
});
test('another site’s form cannot press buttons', async () => {
  for (const path of ['press', 'submit', 'close', 'faults']) expect((await fetch(`${here.slack.url}/page/${path}`, { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } })).status).toBe(415);
});
test('a fault that does not exist is refused', async () => {
  const set = (body: object): Promise<Response> => fetch(`${here.slack.url}/page/faults`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  expect((await set({ downn: true })).status).toBe(400);
  expect((await set({ down: 'yes' })).status).toBe(400);
  expect((await set({ down: true })).status).toBe(200);
  expect(here.slack.faults.down).toBe(true);
});
test('a whisper is seen by its reader only', async () => {
  const question = here.desk.ask();
  await here.show(question);
  await here.slack.press({ approvalId: question.id, as: 'U0STRANGER', button: 'approve' });
  const seen = async (user: string): Promise<string> => (await fetch(`${here.slack.url}/seen-by/${user}`)).text();
  expect(await seen('U0STRANGER')).toMatch(/not linked/);
  expect(await seen('U0ADA')).not.toMatch(/not linked/);
});
test('a wrong token is refused, as an unknown channel and an unknown method are', async () => {
  const call = async (method: string, args: Record<string, string>, token = here.slack.botToken): Promise<unknown> => (await fetch(`${here.slack.apiUrl}${method}`, { method: 'POST', body: new URLSearchParams(args), headers: { authorization: `Bearer ${token}` } })).json();
  expect(await call('auth.test', {}, 'xoxb-wrong')).toEqual({ ok: false, error: 'invalid_auth' });
  expect(await call('auth.test', {})).toMatchObject({ ok: true, team_id: here.slack.team });
  expect(await call('chat.postMessage', { channel: 'C0NOWHERE', text: 'x' })).toEqual({ ok: false, error: 'channel_not_found' });
  expect(await call('chat.postMessage', { channel: 'C0LEADS' })).toEqual({ ok: false, error: 'no_text' });
  expect(await call('chat.postMessage', { channel: 'C0LEADS', text: 'x', blocks: JSON.stringify([{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }]) })).toEqual({ ok: false, error: 'invalid_blocks' });
  expect(await call('views.open', { trigger_id: 'made-up', view: JSON.stringify({ type: 'modal', title: { type: 'plain_text', text: 'x' }, blocks: [] }) })).toEqual({ ok: false, error: 'invalid_trigger_id' });
  expect(await call('chat.delete', {})).toEqual({ ok: false, error: 'unknown_method' });
  expect(await call('chat.postMessage', { channel: 'U0ADA', text: 'hello' })).toMatchObject({ ok: true, channel: 'D0ADA' });
});

inBrowser('in a browser', () => {
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  }, 60_000);
  afterAll(() => browser?.close());
  beforeEach(async () => {
    complaints.length = 0;
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(8_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => (message.type() === 'error' ? complaints.push(message.text()) : undefined));
  });
  afterEach(() => page.close());

  test('a person approves: button, reason, done, and the message follows by itself', async () => {
    await page.goto(here.slack.url);
    const question = here.desk.ask();
    const shown = await here.show(question);
    await page.click('button:text-is("Approve")');
    await page.fill('.modal textarea', 'plan read');
    await page.click('.modal button:text-is("Approve")');
    await until(() => here.desk.votes.length === 1, 'the vote');
    expect(here.desk.votes[0]).toMatchObject({ person: 'ada', reason: 'plan read' });
    await here.show(question, { handle: shown.handle, state: 'approved' });
    await page.waitForSelector('.head:has-text("Approved")');
    expect(await page.locator('.acts').count()).toBe(0);
    expect(complaints).toEqual([]);
  }, 30_000);

  test('words of an attacker make no markup', async () => {
    await here.show(here.desk.ask({ title: '<img src=x onerror=alert(1)> <!channel>', changes: ['<script>document.title="owned"</script>'] }));
    await page.goto(here.slack.url);
    await page.waitForSelector('.head');
    expect(await page.locator('.card img, .card script, .shout').count()).toBe(0);
    expect(await page.title()).toBe('Sandbox Slack · Tourniquet');
    expect(await page.textContent('.head')).toContain('<img src=x onerror=alert(1)> <!channel>');
  }, 30_000);
});
