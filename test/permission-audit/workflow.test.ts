import type { ApprovalView } from '../../approvals/policy';
import { createReviewPort, type ReviewPort } from '../../approvals/reviews';
import type { Vote } from '../../playbook/model/approval';
import type { AuditProgress, ReviewView, Subject } from '../../playbook/permission-audit/model';
import { DAY_MS as DAY } from '../../playbook/permission-audit/rules';
import { placesOf } from '../../playbook/signed-request';
import { openStage, recordHistory, startWorkers, until, voteOn, type Stage } from '../workflows/harness';
import { signAs } from '../keys';
import { AuditWorld, forgotten, review, settings } from './world';

let stage: Stage;
let world: AuditWorld;
let port: ReviewPort;
let stop: () => Promise<void>;

beforeEach(async () => {
  stage = await openStage();
  world = new AuditWorld();
  world.now = () => stage.env.currentTimeMs();
  port = createReviewPort(stage.client);
  stop = await startWorkers(stage, world);
}, 120_000);
afterEach(() => stop());

const handle = () => stage.client.workflow.getHandle(review);
const view = () => handle().query<ReviewView>('review').catch(() => null);
const stageIs = (wanted: string) => until(async () => (await view())?.stage === wanted && (await view()), `it is ${wanted}`, 40_000);
const begin = (requester: string | null = null) => port.start({ subject: forgotten, requester, finding: null });
/** The question that is open now, when it is not `not`. */
const asked = (not?: string) => until(async () => { const id = (await view())?.approval; return id && id !== not ? id : null; }, 'it is asked', 40_000);

const vote = (approval: string, person: string, decision: Vote['decision'] = 'approve', more: Partial<Vote> = {}) => voteOn(stage, approval, { person, decision, ...more });

const undo = async (by: string, reason: string, key = by) => port.undo(review, { by, reason, signature: signAs({ act: 'audit-undo', person: by, review, reason }, await stage.env.currentTimeMs(), key) });

async function quarantined(): Promise<string> {
  await begin();
  const first = await asked();
  await vote(first, 'olga');
  await stageIs('in-quarantine');
  return asked(first);
}

test('no longer needed: quarantine for two weeks for real, a second person’s yes, and only then it is removed', async () => {
  const second = await quarantined();
  const question = world.shown[0]!.request;
  expect(question).toMatchObject({ deciders: { people: ['olga'], backup: ['mia'] }, words: { approve: 'No longer needed', deny: 'Still needed', date: 'Needed until' }, onTimeout: 'stay-undone' });
  expect(question.title).toBe('Is role forgotten still needed?');
  await expect(vote(second, 'olga')).rejects.toThrow();
  await vote(second, 'ada');
  await stage.env.sleep(settings.quarantineMs - 3_600_000);
  expect(world.acted.map((one) => one.what)).toEqual(['quarantine']);
  await handle().result();
  expect(world.acted.map((one) => one.what)).toEqual(['quarantine', 'remove']);
  const [quarantine, removal] = world.acted;
  expect(removal!.at - quarantine!.at).toBeGreaterThanOrEqual(settings.quarantineMs);
  expect(removal!.approval).toBe(second);
  expect(quarantine!.approval).not.toBe(second);
  expect(new Set(world.acted.map((one) => one.digest)).size).toBe(1);
  expect(world.entries.map((entry) => entry.text).join('\n')).toMatch(/unused[\s\S]*Asked: Is role forgotten still needed[\s\S]*approved \(olga approve\)[\s\S]*In quarantine until[\s\S]*approved \(ada approve\)[\s\S]*Removed/);
  await recordHistory(stage, 'permission-review-removed-aws', review);
}, 60_000);

test('still needed until a date: nothing is changed, and it is asked again after that date, not before', async () => {
  await begin();
  const first = await asked();
  const now = await stage.env.currentTimeMs();
  const date = new Date(now + 30 * DAY).toISOString().slice(0, 10);
  await expect(vote(first, 'olga', 'deny', { until: '2001-01-01' })).rejects.toThrow();
  await vote(first, 'olga', 'deny', { until: date });
  const needed = await stageIs('needed');
  expect(needed).toMatchObject({ until: `${date}T23:59:59.999Z` });
  expect((await port.start({ subject: forgotten, requester: 'dana', finding: null })).started).toBe(false);
  const before = world.looked.length;
  await stage.env.sleep(29 * DAY);
  expect(world.looked.length).toBe(before);
  await stage.env.sleep(3 * DAY);
  const again = await asked(first);
  expect(again).not.toBe(first);
  expect(world.acted).toEqual([]);
}, 60_000);

test('a date too far away is cut to a year', async () => {
  await begin();
  await vote(await asked(), 'olga', 'deny', { until: '2099-12-31' });
  const { until: end } = (await stageIs('needed'))!;
  expect(Date.parse(end!) - (await stage.env.currentTimeMs())).toBeLessThanOrEqual(settings.neededAtMostMs);
}, 60_000);

test('nobody answers: reminded, the manager is asked too, it is escalated, and nothing is removed', async () => {
  await begin();
  await handle().result();
  expect(await view()).toMatchObject({ stage: 'unanswered' });
  expect(world.acted).toEqual([]);
  expect(world.shown.some((one) => one.reminder)).toBe(true);
  expect(world.shown.at(-1)!.approvers).toEqual(['olga', 'mia']);
  expect(world.escalations.map((one) => one.condition).join()).toMatch(/expired/);
}, 60_000);

test('no owner: escalated, nobody is asked, nothing is changed', async () => {
  world.owner = { owner: null, backup: [], because: 'no tag', recused: [] };
  await begin();
  await handle().result();
  expect(await view()).toMatchObject({ stage: 'no-owner' });
  expect([world.shown.length, world.acted.length, world.escalations.length]).toEqual([0, 0, 1]);
}, 60_000);

test('the unused window is the workflow’s own: 89 days is use, 90 is not', async () => {
  const start = await stage.env.currentTimeMs();
  world.seen = () => ({ used: [{ what: '', at: new Date(start).toISOString(), by: 'password-last-used' }] });
  await stage.env.sleep(90 * DAY - 60_000);
  await begin();
  await handle().result();
  expect(await view()).toMatchObject({ stage: 'in-use' });
  await stage.env.sleep(120_000);
  await begin();
  await asked();
  expect((await view())!.judgement!.outcome).toBe('unused');
}, 60_000);

test('used between the question and the yes: not touched', async () => {
  await begin();
  const first = await asked();
  world.seen = (now) => ({ log: [{ what: 'ec2:RunInstances', at: new Date(now).toISOString(), denied: false }] });
  await vote(first, 'olga');
  await handle().result();
  expect(await view()).toMatchObject({ stage: 'in-use' });
  expect(world.acted).toEqual([]);
}, 60_000);

test('the owner restores it from quarantine; a stranger, and the person whose identity it is, do not', async () => {
  world.owner = { ...world.owner, recused: ['dana'] };
  const second = await quarantined();
  expect(await undo('eve', 'want it')).toMatchObject({ ok: false });
  expect(await undo('dana', 'want it')).toMatchObject({ ok: false });
  expect(await undo('olga', '')).toMatchObject({ ok: false });
  expect(await undo('olga', 'the yearly job needs it')).toMatchObject({ ok: true });
  await stageIs('restored');
  expect(world.state).toBe('open');
  await until(async () => (await stage.client.workflow.getHandle(second).describe()).status.name !== 'RUNNING', 'the second question is taken back');
  expect(await undo('olga', 'once more')).toMatchObject({ ok: false });
}, 60_000);

test('an undo signed by somebody else’s key restores nothing; the owner’s own, sent as the quarantine ends, comes before the removal', async () => {
  await vote(await quarantined(), 'ada');
  expect(await undo('olga', 'I want it back', 'eve')).toMatchObject({ ok: true });
  await until(async () => /not restored/.test((await view())!.note), 'it is not hers');
  expect(world.state).toBe('quarantined');
  await stage.env.sleep(settings.quarantineMs - 60_000);
  expect(await undo('olga', 'the yearly job needs it')).toMatchObject({ ok: true });
  await stageIs('restored');
  expect(world.acted.map((one) => one.what)).toEqual(['quarantine', 'restore']);
}, 60_000);

test('an audit that is asked for in another’s name looks at nothing', async () => {
  const places = [{ provider: 'aws' as const, account: '111122223333' }];
  const forged = signAs({ act: 'audit', person: 'dana', places: placesOf(places) }, await stage.env.currentTimeMs(), 'eve');
  const progress = (await stage.client.workflow.getHandle(await port.audit({ places, requester: 'dana', signature: forged })).result()) as AuditProgress;
  expect(progress).toMatchObject({ looked: 0, reviews: [], failed: [expect.stringMatching(/not by them/)], done: true });
}, 60_000);

test('an approver presses “Restore it” in Slack', async () => {
  const second = await quarantined();
  const shown = await until(() => world.shown.find((one) => one.request.id === second), 'it is shown');
  expect(shown.request.words).toEqual({ approve: 'Remove it', deny: 'Restore it' });
  await vote(second, 'ben', 'deny');
  await stageIs('restored');
  expect(world.acted.map((one) => one.what)).toEqual(['quarantine', 'restore']);
}, 60_000);

test('a yes to the removal can still be undone before the quarantine ends', async () => {
  await vote(await quarantined(), 'ada');
  await stage.env.sleep(DAY);
  expect(await undo('mia', 'we need it')).toMatchObject({ ok: true });
  await stageIs('restored');
  await stage.env.sleep(20 * DAY);
  expect(world.acted.map((one) => one.what)).toEqual(['quarantine', 'restore']);
}, 60_000);

test('tried while in quarantine, even in vain: not removed, escalated, asked again with what was tried', async () => {
  const second = await quarantined();
  await vote(second, 'ada');
  const since = await stage.env.currentTimeMs();
  world.seen = () => ({ log: [{ what: 's3:GetObject', at: new Date(since + DAY).toISOString(), denied: true }] });
  await stage.env.sleep(15 * DAY);
  await asked(second);
  expect(world.acted.map((one) => one.what)).toEqual(['quarantine']);
  expect(world.escalations.flatMap((one) => one.lines).join()).toMatch(/tried in quarantine: s3:GetObject/);
  await until(() => world.shown.at(-1)!.request.because.some((line) => line.includes('s3:GetObject')), 'the next question says so');
}, 60_000);

test('nobody confirms the removal: it stays in quarantine, is escalated and asked again', async () => {
  const second = await quarantined();
  // Waiting for the result lets the clock run: past the quarantine, and past the time to answer.
  const over = handle().result();
  const third = await until(() => world.shown.find((one) => one.request.title.startsWith('Remove') && one.request.id !== second)?.request.id, 'it is asked again', 40_000);
  expect(world.acted.map((one) => one.what)).toEqual(['quarantine']);
  expect(world.escalations.map((one) => one.condition).join()).toMatch(/expired/);
  await vote(third, 'ben');
  await over;
  expect(world.state).toBe('gone');
}, 60_000);

test('over-permitted: a narrower policy is asked for, applied, and stays when nobody complains', async () => {
  world.seen = (now) => ({ used: [{ what: 'ec2:RunInstances', at: new Date(now).toISOString(), by: 'the log' }], services: { granted: ['ec2', 'rds', 's3'], used: ['ec2'] } });
  await begin();
  const first = await asked();
  await until(() => world.shown.length > 0, 'it is shown');
  expect(world.shown[0]!.request.words).toMatchObject({ approve: 'Narrow it', deny: 'Leave it' });
  await vote(first, 'olga');
  await stageIs('narrowed');
  await handle().result();
  expect(world.acted.map((one) => one.what)).toEqual(['narrow']);
  expect(world.escalations).toEqual([]);
}, 60_000);

test('a narrower policy is put back by “Put it back”', async () => {
  world.seen = (now) => ({ used: [{ what: 'ec2:RunInstances', at: new Date(now).toISOString(), by: 'the log' }], services: { granted: ['ec2', 'rds', 's3'], used: ['ec2'] } });
  await begin();
  const first = await asked();
  await vote(first, 'olga');
  await vote(await asked(first), 'ada', 'deny');
  await stageIs('restored');
  expect(world.state).toBe('open');
}, 60_000);

test('what the cloud’s guard refuses is not asked about', async () => {
  world.refusal = 'STILL_IN_USE';
  await begin();
  await handle().result();
  expect(await view()).toMatchObject({ stage: 'not-proposed', note: expect.stringMatching(/STILL_IN_USE/) });
  expect(world.shown).toEqual([]);
}, 60_000);

test('a quarantine that fails leaves nothing half done, and says so', async () => {
  world.failing.set('quarantine', 'ACCESS_DENIED');
  await begin();
  await vote(await asked(), 'olga');
  await handle().result();
  expect(await view()).toMatchObject({ stage: 'failed', note: expect.stringMatching(/ACCESS_DENIED/) });
  expect(world.state).toBe('open');
  expect(world.notices.map((one) => one.level)).toContain('warn');
}, 60_000);

test('cancelled while in quarantine: restored first', async () => {
  await quarantined();
  await handle().cancel();
  await expect(handle().result()).rejects.toThrow();
  expect(world.acted.map((one) => one.what)).toEqual(['quarantine', 'restore']);
}, 60_000);

test('who asked for the audit does not answer for the owner', async () => {
  await begin('olga');
  const question = stage.client.workflow.getHandle(await asked());
  await stage.env.sleep(4 * DAY);
  await until(async () => (await question.query<ApprovalView>('state')).approvers.includes('mia'), 'the manager is asked');
  expect((await question.query<ApprovalView>('state')).approvers).toEqual(['mia']);
}, 60_000);

test('the audit looks at everything in every account, page by page, starts reviews, and tells what it could not see', async () => {
  const many = (from: number): Subject[] => Array.from({ length: 30 }, (_, at) => ({ ...forgotten, id: `${forgotten.id}-${from + at}`, name: `role-${from + at}` }));
  world.subjects = [many(0), many(30), many(60)];
  world.failing.set('look role-7', 'ACCESS_DENIED');
  const places = [{ provider: 'aws' as const, account: 'broken' }, { provider: 'aws' as const, account: '111122223333' }];
  const audit = await port.audit({ places, requester: 'dana', signature: signAs({ act: 'audit', person: 'dana', places: placesOf(places) }, await stage.env.currentTimeMs()) });
  const progress = (await stage.client.workflow.getHandle(audit).result()) as AuditProgress;
  expect(progress).toMatchObject({ looked: 89, outcomes: { unused: 89 }, done: true, failed: expect.arrayContaining([expect.stringMatching(/^broken: ACCESS_DENIED/), 'role-7: ACCESS_DENIED']) });
  expect(new Set(world.started).size).toBe(89);
  expect(world.notices).toHaveLength(1);
  await recordHistory(stage, 'permission-audit-of-two-accounts-aws', audit);
}, 120_000);
