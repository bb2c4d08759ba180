import { createGrantPort, type Asked, type GrantPort } from '../../approvals/grants';
import type { ApprovalView } from '../../approvals/policy';
import type { Vote } from '../../playbook/model/approval';
import { grantsIdOf, MAX_GRANT_MS } from '../../playbook/jit/rules';
import { openStage, recordHistory, startWorkers, until, voteOn, type Stage } from '../workflows/harness';
import { signAs } from '../keys';
import { JitWorld, MINUTE } from './world';

let stage: Stage;
let world: JitWorld;
let port: GrantPort;
let stop: () => Promise<void>;

beforeEach(async () => {
  stage = await openStage();
  world = new JitWorld();
  port = createGrantPort(stage.client);
  stop = await startWorkers(stage, world);
}, 120_000);
afterEach(() => stop());

let asked = 0;
const clock = (): Promise<number> => stage.env.currentTimeMs();
async function ask(over: Partial<Parameters<GrantPort['request']>[1]> = {}, person = 'dana', by = person) {
  const asking = { request: `r${(asked += 1)}`, role: 'admin', account: 'production', forMs: 90 * MINUTE, reason: 'deploy 4.2', ...over };
  const { request, role, account, forMs, reason } = asking;
  return port.request(person, { via: 'cli', signature: signAs({ act: 'jit-request', person, request, role, account, forMs, reason }, await clock(), by), ...asking });
}
const extend = async (grant: string, by: string, forMs: number, updateId: string, key = by) => port.extend('dana', { grant, by, forMs, reason: 'longer', signature: signAs({ act: 'jit-extend', person: by, grant, forMs, reason: 'longer' }, await clock(), key) }, updateId);
const giveBack = async (grant: string, by: string, key = by) => port.giveBack('dana', { grant, by, signature: signAs({ act: 'jit-return', person: by, grant }, await clock(), key) });
const ok = (answer: Asked) => {
  if (!answer.ok) throw new Error(answer.message);
  return answer.grant;
};
const view = async (id: string) => (await port.grantsOf('dana'))?.grants.find((grant) => grant.grant === id);
const state = (id: string, wanted: string) => until(async () => (await view(id))?.state === wanted, `${id} is ${wanted}`);
const handle = () => stage.client.workflow.getHandle(grantsIdOf('dana'));

const vote = (approval: string, decision: Vote['decision'] = 'approve', person = 'ben') => voteOn(stage, approval, { person, decision });

async function given(over: Parameters<typeof ask>[0] = {}): Promise<string> {
  const { grant } = ok(await ask(over));
  const approval = await until(async () => (await view(grant))?.approval, 'it is asked');
  await vote(approval);
  await state(grant, 'active');
  return grant;
}

const KEY = '111122223333/dana';

test('two hours for real: given after a yes, ended by the clock, proven, and the workflow is over', async () => {
  const grant = await given({ forMs: MAX_GRANT_MS });
  const { grantedAt, until: end } = (await view(grant))!;
  expect(Date.parse(end!) - Date.parse(grantedAt!)).toBe(MAX_GRANT_MS);
  expect(world.open.get(KEY)).toBe(end);
  await stage.env.sleep(MAX_GRANT_MS - MINUTE);
  expect((await view(grant))!.state).toBe('active');
  await handle().result();
  expect(world.open.has(KEY)).toBe(false);
  const over = (await handle().query<{ grants: { endedAt: string; ended: string }[] }>('grants')).grants[0]!;
  expect(over.ended).toBe('expired');
  expect(Date.parse(over.endedAt) - Date.parse(grantedAt!)).toBeLessThan(MAX_GRANT_MS + MINUTE);
  expect(world.entries.map((entry) => entry.text).join('\n')).toMatch(/Given: dana[\s\S]*Ended \(expired\)/);
  await recordHistory(stage, 'jit-two-hours-aws', grantsIdOf('dana'));
}, 60_000);

test('more than two hours is refused by the workflow, and so is what the roles do not allow', async () => {
  expect(await ask({ forMs: MAX_GRANT_MS + 1 })).toEqual({ ok: false, message: '120 minutes at most, extensions included'.replace(/^/, 'for: ') });
  world.maxMs = 30 * MINUTE;
  const tooLong = ok(await ask());
  await state(tooLong.grant, 'refused');
  expect((await view(tooLong.grant))!.note).toMatch(/30 minutes at most/);
  const { grant } = ok(await ask({ role: 'owner' }));
  await until(async () => (await handle().query<{ grants: { grant: string; state: string }[] }>('grants')).grants.find((one) => one.grant === grant)?.state === 'refused', 'refused');
  expect(world.calls).toEqual([]);
}, 60_000);

test('no self-approval, and a no gives nothing', async () => {
  world.approvers = ['ada', 'ben', 'dana'];
  const { grant } = ok(await ask());
  const approval = await until(async () => (await view(grant))?.approval, 'it is asked');
  await until(async () => (await stage.client.workflow.getHandle(approval).query<ApprovalView>('state').catch(() => null))?.approvers.length, 'approvers');
  await expect(vote(approval, 'approve', 'dana')).rejects.toThrow();
  await vote(approval, 'deny');
  await handle().result();
  expect(world.calls).toEqual([]);
}, 60_000);

test('the same request twice is one grant', async () => {
  const first = ok(await ask({ request: 'same' }));
  const second = ok(await ask({ request: 'same' }));
  expect(second.grant).toBe(first.grant);
  expect((await port.grantsOf('dana'))!.grants).toHaveLength(1);
}, 60_000);

test('an extension is a new question, is capped at two hours in all, and the end moves only with its yes', async () => {
  const grant = await given({ forMs: 60 * MINUTE });
  const before = (await view(grant))!;
  expect(await extend(grant, 'dana', MAX_GRANT_MS + 1, 'x1')).toMatchObject({ ok: false });
  expect(await extend(grant, 'ben', 100 * MINUTE, 'x2')).toMatchObject({ ok: false });
  ok(await extend(grant, 'dana', 100 * MINUTE, 'x3'));
  expect((await view(grant))!.until).toBe(before.until);
  await vote(await until(async () => (await view(grant))?.extension?.approval, 'the extension is asked'));
  await until(async () => (await view(grant))!.until !== before.until && (await view(grant))!.extension === null, 'extended');
  const after = (await view(grant))!;
  expect(Date.parse(after.until!) - Date.parse(after.grantedAt!)).toBe(100 * MINUTE);
  expect(world.open.get(KEY)).toBe(after.until);
  await stage.env.sleep(70 * MINUTE);
  expect(world.open.has(KEY)).toBe(true);
  await handle().result();
  expect(world.open.has(KEY)).toBe(false);
}, 60_000);

test('returned early by its person; somebody else cannot', async () => {
  const grant = await given();
  expect(await giveBack(grant, 'eve')).toMatchObject({ ok: false });
  ok(await giveBack(grant, 'dana'));
  await handle().result();
  expect(world.open.has(KEY)).toBe(false);
  expect(await giveBack(grant, 'dana')).toMatchObject({ ok: false });
}, 60_000);

test('taken back before anybody answered: nobody can say yes any more', async () => {
  const { grant } = ok(await ask());
  const approval = await until(async () => (await view(grant))?.approval, 'it is asked');
  await until(async () => (await stage.client.workflow.getHandle(approval).query<ApprovalView>('state').catch(() => null))?.approvers.length, 'approvers');
  ok(await giveBack(grant, 'dana'));
  await handle().result();
  await until(async () => (await stage.client.workflow.getHandle(approval).describe()).status.name !== 'RUNNING', 'the question is closed');
  expect(world.calls).toEqual([]);
}, 60_000);

test('of two overlapping grants the first to end does not take the second’s, and the provider’s end follows the longer', async () => {
  const long = await given({ forMs: 110 * MINUTE });
  const short = await given({ forMs: 30 * MINUTE });
  expect(world.open.get(KEY)).toBe((await view(long))!.until);
  await stage.env.sleep(40 * MINUTE);
  await state(short, 'ended');
  expect(world.open.has(KEY)).toBe(true);
  expect(world.calls.filter((call) => call.what === 'end')).toHaveLength(0);
  await handle().result();
  expect(world.open.has(KEY)).toBe(false);
  expect(world.calls.filter((call) => call.what === 'end')).toHaveLength(1);
}, 60_000);

test('the longer of two returned early: the provider’s end moves to that of the one that is left', async () => {
  const long = await given({ forMs: 110 * MINUTE });
  const short = await given({ forMs: 30 * MINUTE });
  ok(await giveBack(long, 'dana'));
  await state(long, 'ended');
  expect(world.open.get(KEY)).toBe((await view(short))!.until);
  await handle().result();
  expect(world.open.has(KEY)).toBe(false);
}, 60_000);

test('access that was there before is neither added nor taken away', async () => {
  world.standing.add(KEY);
  await given({ forMs: 10 * MINUTE });
  await handle().result();
  expect(world.open.has(KEY)).toBe(false);
  const over = (await handle().query<{ grants: { note: string }[] }>('grants')).grants[0]!;
  expect(over.note).toMatch(/there before/);
}, 60_000);

test('an end that is not proven pages, and is tried until it is', async () => {
  world.badEnds = ['throws', 'present', 'sessions'];
  const grant = await given({ forMs: 10 * MINUTE });
  await handle().result();
  expect(world.open.has(KEY)).toBe(false);
  const pages = world.notices.filter((notice) => notice.level === 'page');
  expect(pages.map((page) => page.lines[0])).toEqual([expect.stringMatching(/ACCESS_DENIED/), 'the access is still there', 'its sessions are still alive']);
  expect(new Set(pages.map((page) => page.key)).size).toBe(3);
  expect(grant).toMatch(/^gr-/);
}, 60_000);

test('a grant that fails half way is taken away again', async () => {
  world.failGive = 'REJECTED_BY_CLOUD';
  const { grant } = ok(await ask());
  await vote(await until(async () => (await view(grant))?.approval, 'it is asked'));
  await handle().result();
  expect(world.calls.map((call) => call.what)).toEqual(['give', 'end']);
  const over = (await handle().query<{ grants: { ended: string; note: string }[] }>('grants')).grants[0]!;
  expect(over).toMatchObject({ ended: 'failed', note: expect.stringMatching(/REJECTED_BY_CLOUD/) });
}, 60_000);

test('an incident on the person ends what is open, blocks what is asked, and lets go when it is closed', async () => {
  await given();
  world.incidentsOpen.add('inc-1');
  await port.block('dana', 'inc-1');
  await until(() => !world.open.has(KEY), 'the access is taken');
  const { grant } = ok(await ask());
  await state(grant, 'refused');
  expect((await view(grant))!.note).toMatch(/incident is open/);
  expect(world.calls.filter((call) => call.what === 'give')).toHaveLength(1);
  world.incidentsOpen.clear();
  await handle().result();
  expect((await port.grantsOf('dana'))!.incidents).toEqual([]);
}, 60_000);

test('a block on a person without grants holds the next request', async () => {
  world.incidentsOpen.add('inc-2');
  await port.block('dana', 'inc-2');
  const { grant } = ok(await ask());
  await state(grant, 'refused');
  world.incidentsOpen.clear();
  const again = await given({ forMs: 10 * MINUTE });
  expect(again).not.toBe(grant);
}, 60_000);

test('cancelled by an operator: what was given ends first', async () => {
  await given();
  await handle().cancel();
  await handle().result().catch(() => undefined);
  expect(world.open.has(KEY)).toBe(false);
}, 60_000);

describe('signed on the command line', () => {
  test.each([
    ['not signed', { signature: undefined }],
    ['signed for another length', { signature: signAs({ act: 'jit-request', person: 'dana', request: 'signed-r', role: 'admin', account: 'production', forMs: 10 * MINUTE, reason: 'deploy 4.2' }, Date.now()) }],
    ['signed long ago', { signature: signAs({ act: 'jit-request', person: 'dana', request: 'signed-r', role: 'admin', account: 'production', forMs: 90 * MINUTE, reason: 'deploy 4.2' }, Date.now() - 10 * MINUTE) }],
  ])('a request that is %s gives nothing, and asks nobody', async (_name, over) => {
    const { grant } = ok(await ask({ request: 'signed-r', ...over }));
    await handle().result();
    const over2 = (await handle().query<{ grants: { grant: string; state: string; note: string }[] }>('grants')).grants[0]!;
    expect(over2).toMatchObject({ grant, state: 'refused', note: expect.stringMatching(/sign/) });
    expect(world.shown).toEqual([]);
  }, 60_000);

  test('a request, an extension and a return in somebody else’s name change nothing', async () => {
    const forged = ok(await ask({}, 'dana', 'ben'));
    await state(forged.grant, 'refused');
    const grant = await given({ forMs: 60 * MINUTE });
    const { until: end } = (await view(grant))!;
    ok(await extend(grant, 'dana', 100 * MINUTE, 'x1', 'ben'));
    await until(async () => /not extended/.test((await view(grant))!.note), 'the extension is refused');
    ok(await giveBack(grant, 'dana', 'eve'));
    await until(async () => /not returned/.test((await view(grant))!.note), 'the return is refused');
    expect(await view(grant)).toMatchObject({ state: 'active', until: end, extension: null });
    expect(world.shown.filter((one) => /Extend/.test(one.request.title))).toEqual([]);
  }, 60_000);
});
