import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNotifyActivities, memoryLedger, pagerDutyRota, shiftRota, withOnCall } from '../../activities/notify';
import type { Config } from '../../workers/config/schema';
import { onCallDirectory } from '../../workers/on-call';
import { request } from '../approvals/fixtures';
import { PEOPLE, person, SETS } from './harness';

const directory = { people: async () => PEOPLE, approvers: async () => ({ ...SETS, dual: { approvers: ['role:on-call'], backup: [] } }) };
const onDuty = async (from: { people(): Promise<{ id: string; roles: string[] }[]> }): Promise<string[]> => (await from.people()).filter((one) => one.roles.includes('on-call')).map((one) => one.id);

describe('PagerDuty', () => {
  const TOKEN = 'pd-read-only-key-0123456789';
  /** One answer a page. */
  let pages: { status?: number; body?: unknown; wait?: boolean }[];
  let asked: { url: URL; authorization: string | undefined }[];
  let server: Server;
  let url: string;
  const oncall = (id: string | null, level = 1) => ({ user: id ? { id, type: 'user_reference' } : null, escalation_level: level });
  const rota = () => pagerDutyRota({ token: TOKEN, url, schedules: ['PSCHED1', 'P&2'], escalationPolicies: ['PPOL1'], people: new Map([['PADA', 'ada'], ['PBEN', 'ben']]) })();

  beforeEach(async () => {
    asked = [];
    server = createServer((incoming, response) => {
      const at = new URL(incoming.url!, 'http://pagerduty');
      asked.push({ url: at, authorization: incoming.headers.authorization });
      const { status = 200, body = {}, wait } = pages[Number(at.searchParams.get('offset')) / 100] ?? { status: 404 };
      if (wait) return void incoming.socket.destroy();
      response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  test('every page is read; each person once; first level only; whom nobody knows is nobody', async () => {
    pages = [{ body: { oncalls: [oncall('PADA'), oncall('PADA'), oncall('PSTRANGER'), oncall(null)], more: true } }, { body: { oncalls: [oncall('PBEN', 2)], more: true } }, { body: { oncalls: [oncall('PBEN')], more: false } }];
    expect(await rota()).toEqual(['ada', 'ben']);
    expect(asked.map(({ url: one }) => one.searchParams.get('offset'))).toEqual(['0', '100', '200']);
    expect(asked[0]!.url.pathname).toBe('/oncalls');
    expect(asked[0]!.url.searchParams.getAll('schedule_ids[]')).toEqual(['PSCHED1', 'P&2']);
    expect(asked[0]!.url.searchParams.getAll('escalation_policy_ids[]')).toEqual(['PPOL1']);
    expect(asked[0]!.authorization).toBe(`Token token=${TOKEN}`);
  });
  test.each<[string, typeof pages, RegExp]>([
    ['a key that is refused', [{ status: 401 }], /answers 401/], ['rate limiting', [{ status: 429 }], /answers 429/], ['an outage', [{ status: 503 }], /answers 503/],
    ['an outage on the second page', [{ body: { oncalls: [], more: true } }, { status: 500 }], /answers 500/], ['a closed connection', [{ wait: true }], /does not answer/],
    ['something else', [{ body: '<html>' }], /something else/], ['a list without end', Array.from({ length: 60 }, () => ({ body: { oncalls: [], more: true } })), /more than 50 pages/],
  ])('%s is an error in words, without the key', async (_name, given, why) => {
    pages = given;
    const failure: unknown = await rota().catch((error: unknown) => error);
    expect(String(failure)).toMatch(why);
    expect(String(failure)).not.toContain(TOKEN);
  });
});

test('whoever is on duty may decide, and only as long as that', async () => {
  let now = Date.parse('2026-03-01T07:59:59Z');
  const shifts = [{ person: 'ada', from: '2026-03-01T00:00:00Z', until: '2026-03-01T08:00:00Z' }, { person: 'ben', from: '2026-03-01T08:00:00Z', until: '2026-03-01T16:00:00Z' }];
  const { lookUpApprovers } = createNotifyActivities({
    config: { slack: null, smtp: null, pagerDuty: null, webhooks: {}, groups: {}, notices: { info: [], warn: [], page: [] }, fallback: [], consoleUrl: null }, ledger: memoryLedger(), attempt: () => 1,
    directory: withOnCall(directory, shiftRota(async () => shifts, () => now), () => undefined, () => now),
  });
  const may = async (): Promise<string[]> => (await lookUpApprovers({ request: request(), backup: false })).map((one) => one.id);
  expect(await may()).toEqual(['ada']);
  now += 61_000;
  expect(await may()).toEqual(['ben']);
  now += 24 * 3_600_000;
  expect(await may()).toEqual([]);
});

test('a rota that is away stands as it was last seen for 15 minutes, then names nobody, and is heard of', async () => {
  let now = 0;
  let away = false;
  const heard: string[] = [];
  const rota = async (): Promise<string[]> => {
    if (away) throw new Error('PagerDuty answers 503');
    return ['ada'];
  };
  const from = withOnCall(directory, rota, (why) => heard.push(why), () => now);
  expect(await onDuty(from)).toEqual(['ada']);
  away = true;
  now = 14 * 60_000;
  expect(await onDuty(from)).toEqual(['ada']);
  now = 15 * 60_000;
  expect(await onDuty(from)).toEqual([]);
  expect(heard).toEqual(['PagerDuty answers 503', 'PagerDuty answers 503']);
  away = false;
  expect(await onDuty(from)).toEqual(['ada']);
});

test('a role of that name in the configuration is not duty', async () => {
  const claimed = { ...directory, people: async () => [person('cy', { roles: ['on-call', 'manager'] })] };
  expect(await onDuty(withOnCall(claimed, async () => [], () => undefined))).toEqual([]);
});

test('the rota of a file, read afresh; one that is no rota names nobody and says so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rota-'));
  const path = join(folder, 'rota.yaml');
  const heard: string[] = [];
  const from = onCallDirectory({ onCall: { kind: 'file', path }, people: [] } as unknown as Config, directory, (why) => heard.push(why));
  writeFileSync(path, 'people: ada');
  expect(await onDuty(from)).toEqual([]);
  expect(heard.join()).toMatch(/is no rota/);
  writeFileSync(path, '- {person: ben, from: "2000-01-01T00:00:00Z", until: "2100-01-01T00:00:00Z"}');
  expect(await onDuty(from)).toEqual(['ben']);
  rmSync(folder, { recursive: true });
});

test('without a rota the directory is as it was', () => expect(onCallDirectory({ onCall: null } as unknown as Config, directory, () => undefined)).toBe(directory));
