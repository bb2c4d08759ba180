import type { Asked } from '../../approvals/grants';
import { JIT_COMMAND, JIT_VIEW } from '../../approvals/slack/jit';
import type { AccessRequest } from '../../playbook/jit/model';
import { sign } from '../../sandbox/slack/interact';
import { house, TEAM, type House } from '../slack/harness';

let home: House;
let requests: { person: string; request: AccessRequest }[];
let answer: () => Promise<Asked>;
const roles = [{ role: 'admin', account: 'production', maxMs: 90 * 60_000 }];

beforeAll(async () => {
  home = await house({
    jit: {
      grants: { request: async (person, request) => { requests.push({ person, request }); return answer(); } },
      rolesFor: (person) => (person.id === 'dee' ? [] : roles),
    },
  });
});
afterAll(() => home.stop());
beforeEach(() => {
  requests = [];
  answer = async () => ({ ok: true, grant: { grant: 'gr-1' } as never });
  home.slack.workspace.views.clear();
});

async function post(body: string, over: Record<string, string> = {}) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  return home.slack.post(body, { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': sign(home.slack.signingSecret, timestamp, body), ...over });
}
let clicks = 0;
const command = (user: string, team = TEAM, over: Record<string, string> = {}) =>
  post(new URLSearchParams({ command: JIT_COMMAND, text: '', user_id: user, user_name: user, team_id: team, channel_id: 'C0INCIDENTS', trigger_id: home.slack.workspace.newTrigger(user), api_app_id: 'A0TOURNIQUET', token: '', n: String((clicks += 1)) }).toString(), over);

const submit = (user: string, values: { what?: string; length?: string; reason?: string } = {}, id = 'V1') => {
  const picked = (value: string) => ({ type: 'static_select', selected_option: { value, text: { type: 'plain_text', text: value } } });
  const state = { what: { what: picked(values.what ?? 'admin|production') }, length: { length: picked(values.length ?? '90') }, reason: { reason: { type: 'plain_text_input', value: values.reason ?? 'deploy 4.2' } } };
  const payload = { type: 'view_submission', n: (clicks += 1), team: { id: TEAM, domain: 'sandbox' }, user: { id: user, username: user, name: user, team_id: TEAM }, api_app_id: 'A0TOURNIQUET', token: '', view: { id, callback_id: JIT_VIEW, type: 'modal', state: { values: state }, private_metadata: '' } };
  return post(`payload=${encodeURIComponent(JSON.stringify(payload))}`);
};

test('the command opens a form with the roles and lengths that this person may ask for', async () => {
  expect((await command('U0ADA')).status).toBe(200);
  const text = JSON.stringify(home.slack.workspace.views.get('U0ADA')!.view);
  expect(text).toContain('admin in production');
  expect(text).toContain('90 minutes');
  expect(text).not.toContain('120 minutes');
});

test('who may ask for nothing, a guest, a stranger and another workspace see no form', async () => {
  for (const [user, team] of [['U0DEE', TEAM], ['U0GUEST', TEAM], ['U0STRANGER', TEAM], ['U0ELSEWHERE', 'T0ELSEWHERE']]) {
    const { status, body } = await command(user!, team);
    expect(status).toBe(200);
    expect(body).toContain('ephemeral');
    expect(home.slack.workspace.views.has(user!)).toBe(false);
  }
});

test('a forged command is refused', async () => {
  expect((await command('U0ADA', TEAM, { 'x-slack-signature': `v0=${'0'.repeat(64)}` })).status).toBe(401);
  expect(home.slack.workspace.views.has('U0ADA')).toBe(false);
});

test('the form is a request of the Slack user’s person, the same one however often it is sent', async () => {
  expect((await submit('U0ADA')).status).toBe(200);
  expect((await submit('U0ADA')).status).toBe(200);
  expect(requests.map((one) => one.person)).toEqual(['ada', 'ada']);
  expect(requests[0]!.request).toEqual({ request: 'slack/U0ADA/V1', role: 'admin', account: 'production', forMs: 90 * 60_000, reason: 'deploy 4.2', via: 'slack' });
  expect(requests[1]!.request.request).toBe(requests[0]!.request.request);
});

test('what the workflow refuses stands in the form; a Temporal that is away is not acknowledged', async () => {
  answer = async () => ({ ok: false, message: 'for: 120 minutes at most, extensions included' });
  expect(JSON.parse((await submit('U0ADA', { length: '600' })).body)).toMatchObject({ response_action: 'errors', errors: { reason: expect.stringMatching(/120 minutes/) } });
  answer = () => Promise.reject(new Error('14 UNAVAILABLE'));
  expect((await submit('U0ADA')).status).toBe(503);
  answer = () => new Promise(() => undefined);
  expect((await submit('U0ADA')).status).toBe(503);
});

test('a stranger’s form asks for nothing', async () => {
  const { body } = await submit('U0STRANGER');
  expect(body).toMatch(/not linked/);
  expect(requests).toEqual([]);
});
