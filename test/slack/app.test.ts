import { createHmac } from 'node:crypto';
import { personBySlack } from '../../playbook/approvers';
import { markOf, planBlockId } from '../../playbook/message/approval-marks';
import type { ApprovalRequest } from '../../playbook/model/approval';
import { sign } from '../../sandbox/slack';
import { createSlackApp } from '../../approvals/slack';
import { OTHER_DIGEST } from '../approvals/fixtures';
import { until } from '../approvals/until';
import { house, person, TEAM, type House } from './harness';

let here: House;
let question: ApprovalRequest;

beforeEach(async () => {
  here = await house({ budgetMs: 400 });
  question = here.desk.ask();
  await here.show(question);
});
afterEach(() => here.stop());

const approve = (as: string): Promise<{ status: number | null; accepted: boolean; said: string | null }> => here.slack.click({ approvalId: question.id, as, decision: 'approve', reason: 'plan read' });

/** A submission of the reason modal as Slack would send it, for requests that a test signs itself. */
function submission(user = 'U0ADA', over: Record<string, unknown> = {}, asked: Record<string, unknown> = {}): string {
  return `payload=${encodeURIComponent(JSON.stringify({
    type: 'view_submission', team: { id: TEAM, domain: 'sandbox' }, user: { id: user, username: user, name: user, team_id: TEAM }, api_app_id: 'A0', token: '', trigger_id: '1.A', enterprise: null, is_enterprise_install: false, response_urls: [],
    view: {
      id: 'V0ONE', team_id: TEAM, type: 'modal', callback_id: 'approval.reason', blocks: [], hash: '1', title: { type: 'plain_text', text: 'x' },
      private_metadata: JSON.stringify({ id: question.id, digest: question.digest, decision: 'approve', channel: 'C0APPROVALS', ...asked }), state: { values: { reason: { text: { type: 'plain_text_input', value: 'plan read' } } } },
    }, ...over,
  }))}`;
}
const now = (): number => Math.floor(Date.now() / 1000);
const signed = (body: string, at = now(), secret = here.slack.signingSecret): Record<string, string> => ({ 'x-slack-request-timestamp': String(at), 'x-slack-signature': sign(secret, String(at), body) });

describe('a click that counts', () => {
  test('is asked for its reason, recorded, and closes the modal', async () => {
    expect(await approve('ada')).toEqual({ status: 200, accepted: true, said: null });
    expect(here.desk.votes).toMatchObject([{ person: 'ada', decision: 'approve', reason: 'plan read', via: 'slack', digest: question.digest }]);
  });
  test('deny as well', async () => {
    await here.slack.click({ approvalId: question.id, as: 'ben', decision: 'deny', reason: 'this is our deployment' });
    expect(here.desk.votes).toMatchObject([{ person: 'ben', decision: 'deny', reason: 'this is our deployment' }]);
    expect(here.desk.states.get(question.id)!.status).toBe('denied');
  });
  test('is in Temporal before it is acknowledged', async () => {
    const order: string[] = [];
    const { decide } = here.desk;
    const app = createSlackApp({ ...base(), decide: async (id, vote) => { const answer = await decide(id, vote); await new Promise((resolve) => setTimeout(resolve, 50)); order.push('recorded'); return answer; } });
    here.slack.connectApp((await app.start()).url!);
    try {
      const body = submission();
      expect((await here.slack.post(body, signed(body))).status).toBe(200);
      order.push('acknowledged');
      expect(order).toEqual(['recorded', 'acknowledged']);
    } finally {
      await app.stop();
    }
  });
});

function base(): Parameters<typeof createSlackApp>[0] {
  return { signingSecret: here.slack.signingSecret, botToken: here.slack.botToken, slackApiUrl: here.slack.apiUrl, directory: { people: async () => here.people }, decide: here.desk.decide, stateOf: here.desk.stateOf, log: { info: () => undefined, warn: () => undefined, error: () => undefined }, port: 0, budgetMs: 400 };
}

describe('requests that are not what they claim', () => {
  const nothingHappened = (): void => expect(here.desk.votes).toEqual([]);

  test('the same request, rightly signed, is taken (so that the next ones can fail)', async () => {
    const body = submission();
    expect((await here.slack.post(body, signed(body))).status).toBe(200);
    expect(here.desk.votes).toHaveLength(1);
  });
  test.each<[string, (body: string) => Record<string, string>]>([
    ['unsigned', () => ({})],
    ['signed with another secret', (body) => signed(body, now(), 'f'.repeat(32))],
    ['ten minutes old', (body) => signed(body, now() - 600)],
    ['just over five minutes old', (body) => signed(body, now() - 302)],
    ['from the future', (body) => signed(body, now() + 120)],
    ['with a timestamp that is no number', (body) => ({ ...signed(body), 'x-slack-request-timestamp': 'now' })],
    ['with a timestamp of another request', (body) => ({ ...signed(body), 'x-slack-request-timestamp': String(now() - 1) })],
    ['with a signature of another version', (body) => ({ ...signed(body), 'x-slack-signature': signed(body)['x-slack-signature']!.replace('v0', 'v1') })],
    ['with a decorated signature', (body) => ({ ...signed(body), 'x-slack-signature': `${signed(body)['x-slack-signature']}=again` })],
    ['with a shortened signature', (body) => ({ ...signed(body), 'x-slack-signature': signed(body)['x-slack-signature']!.slice(0, -1) })],
    ['with an empty signature', (body) => ({ ...signed(body), 'x-slack-signature': 'v0=' })],
  ])('%s: 401, and nothing happens', async (_name, headers) => {
    const body = submission();
    expect((await here.slack.post(body, headers(body))).status).toBe(401);
    nothingHappened();
  });
  test('any flipped byte of the body or the signature: 401', async () => {
    const body = submission();
    const headers = signed(body);
    const flip = (text: string, at: number): string => text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
    for (let at = 0; at < body.length; at += 37) expect((await here.slack.post(flip(body, at), headers)).status).toBe(401);
    for (let at = 3; at < 67; at += 9) expect((await here.slack.post(body, { ...headers, 'x-slack-signature': flip(headers['x-slack-signature']!, at) })).status).toBe(401);
    nothingHappened();
  });
  test('a doubled header: 401', async () => {
    const body = submission();
    const headers = signed(body);
    const answer = await fetch(here.appUrl, { method: 'POST', body, headers: [['content-type', 'application/x-www-form-urlencoded'], ['x-slack-request-timestamp', headers['x-slack-request-timestamp']!], ['x-slack-signature', headers['x-slack-signature']!], ['x-slack-signature', headers['x-slack-signature']!]] });
    expect(answer.status).toBe(401);
    nothingHappened();
  });
  test('replayed byte for byte: the second is refused', async () => {
    const body = submission();
    const headers = signed(body);
    expect((await here.slack.post(body, headers)).status).toBe(200);
    expect((await here.slack.post(body, headers)).status).toBe(401);
    expect(here.desk.votes).toHaveLength(1);
  });
  test('signed in the right way over the wrong text (raw body matters): 401', async () => {
    const body = submission();
    const at = String(now());
    const over = createHmac('sha256', here.slack.signingSecret).update(`v0:${at}:${decodeURIComponent(body)}`).digest('hex');
    expect((await here.slack.post(body, { 'x-slack-request-timestamp': at, 'x-slack-signature': `v0=${over}` })).status).toBe(401);
  });
  test('far too large: 413', async () => {
    const body = `payload=${'x'.repeat(300_000)}`;
    expect((await here.slack.post(body, signed(body))).status).toBe(413);
  });
  test('authentic, and not an approval of ours: never acknowledged, never asked of Temporal', async () => {
    let asked = 0;
    here.desk.stateOf = async () => { asked += 1; return null; };
    for (const body of [submission('U0ADA', {}, { id: 'inc-1' }), submission('U0ADA', {}, { decision: 'shrug' }), submission('U0ADA', {}, { digest: 7 })]) expect((await here.slack.post(body, signed(body))).status).toBe(503);
    expect(asked).toBe(0);
    nothingHappened();
  });
  test('a signing secret that is no secret does not start', () => {
    expect(() => createSlackApp({ ...base(), signingSecret: '' })).toThrow(/signingSecret/);
  });
  test('the faults of the sandbox: forged, replayed, old', async () => {
    here.slack.faults.wrongSignature = true;
    expect(await approve('ada')).toMatchObject({ status: 401, accepted: false });
    here.slack.faults.wrongSignature = false;
    here.slack.faults.skewS = -600;
    expect(await approve('ada')).toMatchObject({ status: 401, accepted: false });
    here.slack.faults.skewS = 0;
    here.slack.faults.replay = true;
    expect(await approve('ada')).toMatchObject({ accepted: true });
    expect(here.desk.votes).toHaveLength(1);
  });
});

describe('who presses', () => {
  test.each([
    ['somebody the directory does not know', 'U0STRANGER', /not linked to exactly one active person/],
    ['a guest', 'U0GUEST', /Guests/],
    ['a member of another workspace', 'U0ELSEWHERE', /does not know you|another Slack workspace/],
    ['a person who is no approver', 'dee', /not among the people/],
    ['the requester', 'rita', /asked for this yourself/],
    ['a person whose own identity is the matter', 'vic', /not among the people/],
  ])('%s is told why not', async (_name, as, why) => {
    const answer = await approve(as);
    expect(answer).toMatchObject({ status: 200, accepted: false, said: expect.stringMatching(why) });
    expect(here.desk.votes).toEqual([]);
  });
  test('somebody who left since', async () => {
    here.people[here.people.findIndex((one) => one.id === 'ada')] = person('ada', { active: false });
    expect(await approve('ada')).toMatchObject({ accepted: false, said: expect.stringMatching(/exactly one active person/) });
  });
  test('a Slack account that two people claim decides nothing', async () => {
    here.people.push(person('twin', { slack: { team: TEAM, user: 'U0ADA' } }));
    expect(await approve('ada')).toMatchObject({ accepted: false, said: expect.stringMatching(/exactly one/) });
  });
  test('the same member id in another workspace is another person', async () => {
    const body = submission('U0ADA', { team: { id: 'T0EVIL', domain: 'evil' }, user: { id: 'U0ADA', username: 'ada', name: 'ada', team_id: 'T0EVIL' } });
    expect((await here.slack.post(body, signed(body))).body).toMatch(/another Slack workspace/);
    const shared = submission('U0ADA', { team: { id: 'T0EVIL', domain: 'evil' } });
    expect((await here.slack.post(shared, signed(shared))).body).toMatch(/another Slack workspace/);
    expect(here.desk.votes).toEqual([]);
  });
  test('a guest with a linked person still decides nothing', async () => {
    here.slack.workspace.user('ada')!.guest = true;
    expect(await approve('ada')).toMatchObject({ accepted: false, said: expect.stringMatching(/Guests/) });
  });
});

test.each<[string, string, string | null]>([[TEAM, 'U0ADA', 'ada'], ['T0EVIL', 'U0ADA', null], [TEAM, 'U0NOBODY', null]])('member %s/%s is %s', (team, user, id) => expect(personBySlack(here.people, team, user)?.id ?? null).toBe(id));

describe('the same click, and many', () => {
  test('the modal submitted twice is one vote', async () => {
    const first = submission();
    expect((await here.slack.post(first, signed(first))).status).toBe(200);
    const again = submission('U0ADA', { trigger_id: '2.B' });
    expect((await here.slack.post(again, signed(again))).status).toBe(200);
    expect(here.desk.votes).toHaveLength(1);
  });
  test('a second click of one person is told that the vote is there', async () => {
    await approve('ada');
    expect(await approve('ada')).toMatchObject({ accepted: false, said: expect.stringMatching(/already voted/) });
  });
  test('two modals of one person: the second does not count, and says so in the modal and beside it', async () => {
    const one = submission();
    await here.slack.post(one, signed(one));
    const view = JSON.parse(decodeURIComponent(one.slice(8))) as { view: object };
    const two = submission('U0ADA', { view: { ...view.view, id: 'V0TWO' } });
    const answer = await here.slack.post(two, signed(two));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ response_action: 'update', view: { title: { text: 'Not counted' } } });
    await until(() => here.slack.messages().some((one) => one.ephemeralFor === 'U0ADA' && /already voted/.test(one.readable)), 'the words beside the modal');
  });
  test('fifty people at once: two count, the rest hear that it is decided', async () => {
    const crowd = Array.from({ length: 50 }, (_, index) => person(`p${index}`));
    here.people.push(...crowd);
    here.slack.workspace.users.push(...crowd.map((one) => ({ id: one.slack!.user, team: TEAM, name: one.name, person: one.id, guest: false, deleted: false })));
    here.desk.approvers = crowd.map((one) => one.id);
    here.desk.send(question.id, { type: 'tick', now: Date.now() + question.remindEveryMs });
    const answers = await Promise.all(crowd.map((one) => approve(one.id)));
    expect(answers.filter((one) => one.accepted)).toHaveLength(2);
    expect(answers.filter((one) => !one.accepted && !/already approved|warning|trouble|could not be recorded/.test(one.said ?? '')).map((one) => one.said)).toEqual([]);
    expect(here.desk.votes).toHaveLength(2);
    expect(here.desk.states.get(question.id)!.status).toBe('approved');
  });
});

describe('a message that is not the question', () => {
  const message = () => here.slack.workspace.messages.find((one) => one.blocks.some((block) => block.type === 'actions'))!;

  test('after the end: told that it is over', async () => {
    here.desk.send(question.id, { type: 'tick', now: Date.now() + question.deadlineMs });
    expect(await approve('ada')).toMatchObject({ accepted: false, said: expect.stringMatching(/already expired/) });
    expect(here.slack.workspace.views.size).toBe(0);
  });
  test('a modal left open until after the end does not count', async () => {
    await here.slack.press({ approvalId: question.id, as: 'ada', button: 'approve' });
    here.desk.send(question.id, { type: 'tick', now: Date.now() + question.deadlineMs });
    expect(JSON.parse((await here.slack.submit({ as: 'ada', reason: 'late' })).body)).toMatchObject({ response_action: 'update' });
    expect(here.desk.votes).toEqual([]);
  });
  test('of an older plan: use the new message', async () => {
    const actions = message().blocks.find((block) => block.type === 'actions')!;
    actions.block_id = planBlockId(OTHER_DIGEST);
    expect(await approve('ada')).toMatchObject({ accepted: false, said: expect.stringMatching(/plan changed, use the new message/) });
  });
  test('a modal of an older plan: refused by the workflow', async () => {
    const body = submission('U0ADA', {}, { digest: OTHER_DIGEST });
    expect((await here.slack.post(body, signed(body))).body).toContain(markOf(question.digest));
    expect(here.desk.votes).toEqual([]);
  });
  test('with a changed text: what is asked in the modal is the workflow’s own plan', async () => {
    message().blocks[0] = { type: 'header', text: { type: 'plain_text', text: 'Approve free lunch' } };
    await here.slack.press({ approvalId: question.id, as: 'ada', button: 'approve' });
    const modal = JSON.stringify(here.slack.workspace.views.get('U0ADA')!.view);
    expect(modal).toContain('Delete user eve');
    expect(modal).not.toContain('lunch');
  });
  test('with another id in its button: asks about that other question or none, never about what it showed', async () => {
    const actions = message().blocks.find((block) => block.type === 'actions')!;
    if (actions.type === 'actions' && actions.elements[0]!.type === 'button') actions.elements[0].value = 'apr-ffffffffffffffffffff';
    expect(await here.slack.click({ approvalId: 'apr-ffffffffffffffffffff', as: 'ada', decision: 'approve', reason: 'x y z' })).toMatchObject({ accepted: false, said: expect.stringMatching(/no such question/) });
  });
  test('details are shown to that person only, whole, with the link', async () => {
    await here.slack.press({ approvalId: question.id, as: 'ben', button: 'details' });
    expect(here.slack.messages().at(-1)).toMatchObject({ ephemeralFor: 'U0BEN', readable: expect.stringMatching(/Delete role backdoor[\s\S]*tourniquet\.example\/approvals\/apr-/) });
    await here.slack.press({ approvalId: question.id, as: 'U0STRANGER', button: 'details' });
    expect(here.slack.messages().at(-1)!.readable).not.toMatch(/backdoor/);
  });
});

describe('when something is away', () => {
  test('Temporal away at the click: not acknowledged, words beside it, and the next click counts', async () => {
    here.desk.away = true;
    expect(await approve('ada')).toMatchObject({ status: 503, accepted: false });
    here.desk.away = false;
    expect(await approve('ada')).toMatchObject({ accepted: true });
    expect(here.slack.messages().some((one) => one.ephemeralFor === 'U0ADA' && /could not be recorded/.test(one.readable))).toBe(true);
  });
  test('Temporal away at the reason: the modal stays with what was typed, and the same submit counts later', async () => {
    await here.slack.press({ approvalId: question.id, as: 'ada', button: 'approve' });
    here.desk.away = true;
    expect((await here.slack.submit({ as: 'ada', reason: 'plan read' })).status).toBe(503);
    expect(here.slack.workspace.views.get('U0ADA')).toMatchObject({ trouble: expect.stringMatching(/Try again/) });
    here.desk.away = false;
    expect((await here.slack.submit({ as: 'ada', reason: 'plan read' })).status).toBe(200);
    expect(here.slack.workspace.views.has('U0ADA')).toBe(false);
    expect(here.desk.votes).toHaveLength(1);
  });
  test('Temporal slower than the budget: an error, and the late vote with its retry is one vote', async () => {
    await here.slack.press({ approvalId: question.id, as: 'ada', button: 'approve' });
    here.desk.slowMs = 600;
    expect((await here.slack.submit({ as: 'ada', reason: 'plan read' })).status).toBe(503);
    here.desk.slowMs = 0;
    expect((await here.slack.submit({ as: 'ada', reason: 'plan read' })).status).toBe(200);
    expect(here.desk.votes).toHaveLength(1);
  });
  test.each([
    ['down', (): void => void (here.slack.faults.down = true)],
    ['rate limiting', (): void => void (here.slack.faults.rateLimited = 20)],
    ['slower than the budget', (): void => void (here.slack.faults.slowMs = 700)],
  ])('Slack’s API %s: the click ends in an error that Slack shows, and nothing is counted', async (_name, break_) => {
    break_();
    expect(await approve('ada')).toMatchObject({ status: 503, accepted: false, said: expect.stringMatching(/warning/) });
    expect(here.desk.votes).toEqual([]);
    Object.assign(here.slack.faults, { down: false, rateLimited: 0, slowMs: 0 });
    expect(await approve('ada')).toMatchObject({ accepted: true });
  });
  test('Slack’s API goes down while the modal is open: the vote of a member seen a minute ago still lands', async () => {
    await here.slack.press({ approvalId: question.id, as: 'ada', button: 'approve' });
    here.slack.faults.down = true;
    expect((await here.slack.submit({ as: 'ada', reason: 'plan read' })).status).toBe(200);
    expect(here.desk.votes).toHaveLength(1);
  });
  test('started while Slack’s API is down: an error that Slack shows, and clicks count once it is back', async () => {
    here.slack.faults.down = true;
    const app = createSlackApp(base());
    here.slack.connectApp((await app.start()).url!);
    try {
      expect(await approve('ada')).toMatchObject({ status: 503, accepted: false });
      here.slack.faults.down = false;
      expect(await approve('ada')).toMatchObject({ status: 200, accepted: true });
    } finally {
      await app.stop();
    }
  });
  test('no secret and no reason is ever logged', async () => {
    await approve('ada');
    here.desk.away = true;
    await approve('ben');
    const log = here.logged.join('\n');
    expect(log).toMatch(/vote from Slack/);
    for (const word of [here.slack.signingSecret, here.slack.botToken, 'plan read', 'U0ADA']) expect(log).not.toContain(word);
  });
});
