import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNotifyActivities, folderLedger, memoryLedger, type NotifyConfig, type NotifyDeps } from '../../activities/notify';
import { retryAfterMs } from '../../activities/notify/message';
import { codeOf } from '../../activities/boundary';
import type { Escalation } from '../../activities/contract';
import type { RecordEntry } from '../../playbook/model/evidence';
import { request, vote } from '../approvals/fixtures';
import { house, PEOPLE, person, SETS, type House } from './harness';

let here: House;
let receiver: { server: Server; url: string; got: { path: string; headers: IncomingMessage['headers']; body: string }[]; answers: { status: number; headers?: Record<string, string> }[] };
let mail: { server: TcpServer; port: number; letters: string[]; refuse: boolean };

beforeEach(async () => {
  here = await house();
  receiver = await httpReceiver();
  mail = await mailServer();
});
afterEach(async () => {
  await here.stop();
  receiver.server.closeAllConnections();
  await new Promise((resolve) => receiver.server.close(resolve));
  await new Promise((resolve) => mail.server.close(resolve));
});

async function httpReceiver(): Promise<typeof receiver> {
  const got: typeof receiver.got = [];
  const answers: typeof receiver.answers = [];
  const server = createServer((req, res) => {
    let body = '';
    req.on('data', (part) => (body += part));
    req.on('end', () => {
      got.push({ path: req.url!, headers: req.headers, body });
      const { status, headers } = answers.shift() ?? { status: 202 };
      res.writeHead(status, headers).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, got, answers, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** The few words of SMTP that a client needs. */
async function mailServer(): Promise<typeof mail> {
  const state = { letters: [] as string[], refuse: false };
  const server = createTcpServer((socket) => {
    let data = '';
    let inData = false;
    socket.on('error', () => undefined);
    socket.write('220 test\r\n');
    socket.on('data', (chunk) => {
      data += chunk.toString();
      for (let end = data.indexOf('\r\n'); end >= 0; end = data.indexOf('\r\n')) {
        if (inData) {
          const stop = data.indexOf('\r\n.\r\n');
          if (stop < 0) return;
          state.letters.push(data.slice(0, stop));
          data = data.slice(stop + 5);
          inData = false;
          socket.write('250 kept\r\n');
          continue;
        }
        const line = data.slice(0, end);
        data = data.slice(end + 2);
        if (/^DATA/i.test(line)) { inData = true; socket.write('354 go on\r\n'); }
        else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
        else if (/^RCPT/i.test(line) && state.refuse) socket.write('550 no such mailbox\r\n');
        else socket.write('250 ok\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, { server, port: (server.address() as AddressInfo).port });
}

const SECRET = 'webhook-secret';
const config = (over: Partial<NotifyConfig> = {}): NotifyConfig => ({
  ...here.config, smtp: { host: '127.0.0.1', port: mail.port, secure: false, allowPlaintext: true, from: 'tourniquet@example.com' },
  pagerDuty: { eventsUrl: `${receiver.url}/pd`, services: { 'on-call': 'routing-key-1' } }, webhooks: { siem: { url: `${receiver.url}/hook`, secret: SECRET } },
  groups: { ciso: [{ channel: 'slack', to: 'C0LEADS' }, { channel: 'email', to: 'ciso@example.com' }, { channel: 'pagerduty', to: 'on-call' }, { channel: 'webhook', to: 'siem' }], 'cloud-team': [{ channel: 'slack', to: 'C0INCIDENTS' }, { channel: 'pagerduty', to: 'on-call' }] },
  fallback: [{ channel: 'email', to: 'soc@example.com' }], ...over,
});
const activities = (over: Partial<NotifyDeps> = {}, more: Partial<NotifyConfig> = {}) =>
  createNotifyActivities({ config: config(more), directory: { people: async () => here.people, approvers: async () => SETS }, ledger: memoryLedger(), attempt: () => 1, pause: async () => undefined, ...over });
const root: Escalation = { caseKey: 'inc-1.1', condition: '6.1', title: 'Root compromise\r\nBcc: evil@example.com', lines: ['Root logged in without MFA <!channel>'], to: ['ciso', 'cloud-team'], deadline: '2026-03-04T14:00:00Z' };
const inLeads = (): string[] => here.slack.messages().filter((one) => one.channel === 'C0LEADS').map((one) => one.readable);

describe('an escalation', () => {
  test('goes over every channel of its groups, each target once', async () => {
    const deliveries = await activities().escalate(root);
    expect(deliveries.map((one) => `${one.channel} ${one.to} ${one.delivered}`)).toEqual(['slack C0LEADS true', 'email ciso@example.com true', 'pagerduty on-call true', 'webhook siem true', 'slack C0INCIDENTS true']);
    expect(inLeads()[0]).toMatch(/Root compromise Bcc: evil@example.com[\s\S]*without MFA/);
    expect(receiver.got.filter((one) => one.path === '/pd')).toHaveLength(1);
  });
  test('PagerDuty: one alert per key, critical, with the deadline', async () => {
    await activities().escalate(root);
    const event = JSON.parse(receiver.got.find((one) => one.path === '/pd')!.body);
    expect(event).toMatchObject({ routing_key: 'routing-key-1', event_action: 'trigger', dedup_key: expect.stringMatching(/^[0-9a-f]{40}$/), payload: { severity: 'critical', source: 'tourniquet' } });
    expect(JSON.stringify(event)).toContain('2026-03-04T14:00:00Z');
    await activities().escalate(root);
    expect(JSON.parse(receiver.got.filter((one) => one.path === '/pd')[1]!.body).dedup_key).toBe(event.dedup_key);
  });
  test('webhook: signed over timestamp and body', async () => {
    await activities().escalate(root);
    const { headers, body } = receiver.got.find((one) => one.path === '/hook')!;
    const expected = createHmac('sha256', SECRET).update(`${headers['x-tourniquet-timestamp'] as string}.${body}`).digest('hex');
    expect(headers['x-tourniquet-signature']).toBe(`v1=${expected}`);
    expect(headers['idempotency-key']).toMatch(/^[0-9a-f]{40}$/);
  });
  test('mail: no header can be smuggled in, the Message-ID comes from the key', async () => {
    await activities().escalate(root);
    await activities().escalate(root);
    expect(mail.letters).toHaveLength(2);
    const [head] = mail.letters[0]!.split('\r\n\r\n');
    expect(head).not.toMatch(/^Bcc:/m);
    const id = /^Message-ID: (.*)$/m.exec(head!)![1];
    expect(mail.letters[1]).toContain(id);
  });
  test('a redirect is not followed', async () => {
    receiver.answers.push({ status: 307, headers: { location: `${receiver.url}/elsewhere` } });
    const deliveries = await activities({}, { groups: { ciso: [{ channel: 'webhook', to: 'siem' }, { channel: 'email', to: 'a@example.com' }] } }).escalate({ ...root, to: ['ciso'] });
    expect(deliveries[0]).toMatchObject({ delivered: false, error: 'webhook siem answers 307' });
    expect(receiver.got.map((one) => one.path)).toEqual(['/hook']);
  });
});

describe('once, and honest', () => {
  test('the same key again tells nobody again', async () => {
    const acts = activities();
    await acts.escalate(root);
    const before = [mail.letters.length, receiver.got.length, here.slack.messages().length];
    expect((await acts.escalate(root)).every((one) => one.delivered)).toBe(true);
    expect([mail.letters.length, receiver.got.length, here.slack.messages().length]).toEqual(before);
    await acts.escalate({ ...root, condition: '6.2' });
    expect(mail.letters).toHaveLength(2);
  });
  test('also after a restart, with the ledger in a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ledger-'));
    try {
      await activities({ ledger: folderLedger(folder) }).escalate(root);
      await activities({ ledger: folderLedger(folder) }).escalate(root);
      expect(mail.letters).toHaveLength(1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
  test('a Slack message whose answer was lost is found again by its metadata', async () => {
    await activities().escalate(root);
    await activities({ attempt: () => 2 }).escalate(root);
    expect(inLeads()).toHaveLength(1);
  });
  test('a channel that fails is named, the others deliver, and only it is tried again', async () => {
    mail.refuse = true;
    here.slack.faults.down = true;
    const acts = activities();
    const deliveries = await acts.escalate(root);
    expect(deliveries.filter((one) => !one.delivered).map((one) => [one.channel, one.error])).toEqual([['slack', 'Slack answers 503'], ['email', 'mail server refuses or does not answer (550)'], ['slack', 'Slack answers 503']]);
    mail.refuse = false;
    here.slack.faults.down = false;
    expect((await acts.escalate(root)).every((one) => one.delivered)).toBe(true);
    expect(receiver.got).toHaveLength(2);
  });
  test('only when nobody at all was reached does it fail: NOTIFY_FAILED, with the longest wait asked for', async () => {
    receiver.answers.push({ status: 429, headers: { 'retry-after': '30' } });
    const acts = activities({}, { groups: { ciso: [{ channel: 'webhook', to: 'siem' }, { channel: 'email', to: 'x' }] }, smtp: null });
    const failure = await acts.escalate({ ...root, to: ['ciso'] }).catch((error: unknown) => error);
    expect(codeOf(failure)).toBe('NOTIFY_FAILED');
    expect(failure).toMatchObject({ nonRetryable: false, nextRetryDelay: 30_000 });
    expect(String(failure)).toMatch(/webhook siem answers 429; email: email is not configured|webhook: webhook siem answers 429/);
  });
  test('Retry-After that is short is sat out, then it is delivered', async () => {
    const waited: number[] = [];
    here.slack.faults.rateLimited = 1;
    here.slack.faults.retryAfterS = 3;
    const deliveries = await activities({ pause: async (ms) => void waited.push(ms) }, { groups: { ciso: [{ channel: 'slack', to: 'C0LEADS' }] } }).escalate({ ...root, to: ['ciso'] });
    expect(deliveries[0]!.delivered).toBe(true);
    expect(waited).toEqual([3_000]);
  });
  test('a group without a contact falls back, and the message says so', async () => {
    const deliveries = await activities().escalate({ ...root, to: ['legal'] });
    expect(deliveries).toEqual([{ channel: 'email', to: 'soc@example.com', delivered: true, error: null }]);
    expect(mail.letters[0]).toMatch(/No contact is configured for: legal/);
  });
  test('nobody at all configured is a failure, not a silence', async () => {
    expect(codeOf(await activities({}, { fallback: [] }).escalate({ ...root, to: ['legal'] }).catch((error: unknown) => error))).toBe('NOTIFY_FAILED');
  });
  test('what was delivered is recorded in the case; a record that fails tells nobody twice', async () => {
    const entries: RecordEntry[] = [];
    await activities({ evidence: { record: async (_case, more) => void entries.push(...more) } }).escalate(root);
    expect(entries).toMatchObject([{ kind: 'notify', key: 'delivered/inc-1.1/escalation/6.1', text: expect.stringContaining('email ciso@example.com') }]);
    await expect(activities({ evidence: { record: () => Promise.reject(new Error('away')) } }).escalate(root)).resolves.toBeDefined();
  });
  test('no secret leaves in a result or a failure', async () => {
    here.slack.faults.down = true;
    receiver.answers.push({ status: 500 }, { status: 500 });
    const failure: unknown = await activities({}, { smtp: null }).escalate(root).catch((error: unknown) => error);
    for (const secret of [here.slack.botToken, 'routing-key-1', SECRET, receiver.url]) expect(`${String(failure)}${JSON.stringify(failure)}`).not.toContain(secret);
  });
  test('a notice goes to the groups of its level', async () => {
    await activities({}, { notices: { info: [], warn: ['cloud-team'], page: ['ciso'] } }).notify({ caseKey: null, key: 'unparseable/1', level: 'warn', title: 'An alert could not be read', lines: [] });
    expect(here.slack.messages().map((one) => one.channel)).toEqual(['C0INCIDENTS']);
  });
});

describe('showing an approval', () => {
  const question = request();
  const buttons = (): number => here.slack.messages().filter((one) => one.blocks.some((block) => block.type === 'actions')).length;

  test('is posted once and updated in place; reminders and the end go into its thread', async () => {
    const first = await here.show(question);
    expect(first).toMatchObject({ delivered: true, handle: { channel: 'C0APPROVALS', ts: expect.any(String) } });
    await here.show(question, { handle: first.handle, votes: [{ ...vote('ada'), at: new Date().toISOString() }] });
    await here.show(question, { handle: first.handle, reminder: true });
    await here.show(question, { handle: first.handle, state: 'approved' });
    const [message, ...replies] = here.slack.messages();
    expect(message).toMatchObject({ ts: first.handle.ts, readable: expect.stringMatching(/^✅ Approved/) });
    expect(replies.map((one) => one.threadTs)).toEqual([message!.ts, message!.ts]);
    expect(buttons()).toBe(0);
  });
  test('Slack down: delivered false, no throw; later it is there once', async () => {
    here.slack.faults.down = true;
    const away = await here.show(question);
    expect(away).toMatchObject({ delivered: false, handle: { uncertain: true } });
    here.slack.faults.down = false;
    expect(await here.show(question, { handle: away.handle })).toMatchObject({ delivered: true });
    expect(buttons()).toBe(1);
  });
  test('rate limited: the wait that Slack asked for is handed on', async () => {
    here.slack.faults.rateLimited = 1;
    here.slack.faults.retryAfterS = 17;
    expect(await here.show(question)).toMatchObject({ delivered: false, retryAfterMs: 17_000 });
  });
  test('Slack slower than we wait, and the message was posted all the same: found again, not doubled', async () => {
    here.slack.faults.slowMs = 1_300;
    const late = await here.show(question);
    expect(late.delivered).toBe(false);
    here.slack.faults.slowMs = 0;
    await here.show(question, { handle: late.handle });
    const posted = here.slack.messages().filter((one) => !one.threadTs);
    expect(posted).toHaveLength(1);
  });
  test('a process that has forgotten everything finds its message on the retry', async () => {
    await here.show(question);
    const fresh = createNotifyActivities({ config: here.config, directory: { people: async () => PEOPLE, approvers: async () => SETS }, ledger: memoryLedger(), attempt: () => 2 });
    await fresh.showApproval({ request: question, handle: null, state: 'open', votes: [], approvers: [], deadline: new Date().toISOString(), reminder: false });
    expect(buttons()).toBe(1);
  });
  test('an older picture never replaces the end', async () => {
    const first = await here.show(question);
    await Promise.all([here.show(question, { handle: first.handle, state: 'denied' }), here.show(question, { handle: first.handle })]);
    expect(here.slack.messages()[0]!.readable).toMatch(/^⛔ Denied/);
  });
  test('a message that somebody deleted is posted again', async () => {
    const first = await here.show(question);
    here.slack.workspace.messages.length = 0;
    expect(await here.show(question, { handle: first.handle })).toMatchObject({ delivered: true });
    expect(buttons()).toBe(1);
  });
  test('without Slack in the configuration it has nothing to show, and says so quietly', async () => {
    await expect(activities({}, { slack: null }).showApproval({ request: question, handle: null, state: 'open', votes: [], approvers: [], deadline: new Date().toISOString(), reminder: false })).resolves.toMatchObject({ delivered: true });
  });
});

describe('who may decide', () => {
  const ids = async (over: Parameters<typeof request>[0], backup = false): Promise<string[]> => (await activities({
    directory: { people: async () => here.people, approvers: async () => ({ ...SETS, dual: { approvers: ['ada', 'role:manager', 'nobody'], backup: ['dee'] } }) },
  }).lookUpApprovers({ request: request(over), backup })).map((one) => one.id);

  test('people by id and by role, once; never the requester or the recused', async () => expect(await ids({})).toEqual(['ada', 'ben', 'cy']));
  test('the back-up on top', async () => expect(await ids({}, true)).toEqual(['ada', 'ben', 'cy', 'dee']));
  test('somebody who left is out at the next look', async () => {
    here.people[0] = person('ada', { active: false });
    expect(await ids({})).toEqual(['ben', 'cy']);
  });
  test('an empty set is an answer, not an error', async () => expect(await ids({ recused: here.people.map((one) => one.id) })).toEqual([]));
});

test.each([['3', 3_000], ['', 0], ['soon', 0], ['-4', 0], [new Date(Date.UTC(2026, 0, 1, 0, 1)).toUTCString(), 60_000]])('Retry-After %j is %i ms', (header, ms) => expect(retryAfterMs(header, Date.UTC(2026, 0, 1))).toBe(ms));
