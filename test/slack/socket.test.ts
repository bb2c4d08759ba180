import { until } from '../approvals/until';
import { Desk, PEOPLE, SETS } from './harness';
import { createSlackApp, type SlackApp, type SlackAppOptions } from '../../approvals/slack';
import { createNotifyActivities, memoryLedger } from '../../activities/notify';
import { startSlack, type SandboxSlack } from '../../sandbox/slack';

let slack: SandboxSlack;
let app: SlackApp;
let desk: Desk;
let logged: string[];

const options = (over: Partial<SlackAppOptions> = {}): SlackAppOptions => {
  const write = (fields: object, text?: string): void => void logged.push(`${text ?? ''} ${JSON.stringify(fields)}`);
  return {
    signingSecret: '', botToken: slack.botToken, slackApiUrl: slack.apiUrl, directory: { people: async () => PEOPLE }, decide: desk.decide, stateOf: desk.stateOf,
    log: { info: write, warn: write, error: write } as SlackAppOptions['log'], port: 0, socketMode: { appToken: slack.sockets.appToken }, ...over,
  };
};

beforeEach(async () => {
  logged = [];
  desk = new Desk();
  slack = await startSlack({ people: PEOPLE });
  app = createSlackApp(options());
  expect(await app.start()).toEqual({ url: null });
  slack.connectSocket();
});
afterEach(async () => {
  await app.stop();
  await slack.stop();
});

async function ask(): Promise<string> {
  const question = desk.ask();
  const { showApproval } = createNotifyActivities({
    config: { slack: { botToken: slack.botToken, apiUrl: slack.apiUrl, team: slack.team, approvalsChannel: 'C0APPROVALS' }, smtp: null, pagerDuty: null, webhooks: {}, groups: {}, notices: { info: [], warn: [], page: [] }, fallback: [], consoleUrl: null },
    directory: { people: async () => PEOPLE, approvers: async () => SETS }, ledger: memoryLedger(), attempt: () => 1,
  });
  await showApproval({ request: question, handle: null, state: 'open', votes: [], approvers: desk.approvers, deadline: new Date(Date.now() + question.deadlineMs).toISOString(), reminder: false, link: null });
  return question.id;
}

test('without anything that listens: asked, reason given, recorded, acknowledged over the socket', async () => {
  const approvalId = await ask();
  expect(await slack.click({ approvalId, as: 'ada', decision: 'approve', reason: 'plan read' })).toEqual({ status: 200, accepted: true, said: null });
  expect(desk.votes).toMatchObject([{ person: 'ada', via: 'slack', reason: 'plan read' }]);
});

test('a refusal replaces the modal over the socket too', async () => {
  const approvalId = await ask();
  await slack.press({ approvalId, as: 'ada', button: 'approve' });
  desk.send(approvalId, { type: 'withdrawn', by: 'rita', now: Date.now() });
  const { body } = await slack.submit({ as: 'ada', reason: 'plan read' });
  expect(body).toMatch(/already withdrawn/);
  expect(desk.votes).toEqual([]);
});

test('Temporal away: the envelope is not acknowledged; the next click counts', async () => {
  const approvalId = await ask();
  desk.away = true;
  expect((await slack.press({ approvalId, as: 'ada', button: 'approve' })).status).toBeNull();
  desk.away = false;
  expect(await slack.click({ approvalId, as: 'ada', decision: 'deny', reason: 'not this' })).toMatchObject({ accepted: true });
});

test('an envelope that Slack delivers twice is one vote', async () => {
  const approvalId = await ask();
  await slack.press({ approvalId, as: 'ada', button: 'approve' });
  slack.faults.replay = true;
  await slack.submit({ as: 'ada', reason: 'plan read' });
  expect(desk.votes).toHaveLength(1);
});

test('a stranger and a guest decide nothing', async () => {
  const approvalId = await ask();
  for (const as of ['U0STRANGER', 'U0GUEST', 'U0ELSEWHERE']) expect(await slack.click({ approvalId, as, decision: 'approve', reason: 'let me' })).toMatchObject({ accepted: false });
  expect(desk.votes).toEqual([]);
});

test('Slack asks for a new connection: it is opened, and clicks go on', async () => {
  const approvalId = await ask();
  slack.sockets.refresh();
  await until(() => slack.sockets.connections === 0, 'the old connection to end');
  await until(() => slack.sockets.connections === 1, 'the new connection', 20_000);
  expect(await slack.click({ approvalId, as: 'ben', decision: 'approve', reason: 'plan read' })).toMatchObject({ accepted: true });
}, 40_000);

test('a token that Slack does not know does not start, and is not logged', async () => {
  const wrong = createSlackApp(options({ socketMode: { appToken: 'xapp-wrong-0123456789' } }));
  await expect(wrong.start()).rejects.toThrow(/invalid_auth/);
  expect(logged.join('\n')).not.toContain('xapp-wrong-0123456789');
});
