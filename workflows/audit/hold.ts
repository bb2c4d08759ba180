import { condition, continueAsNew, sleep } from '@temporalio/workflow';
import type { Step } from '../../playbook/model/plan';
import { triedSince } from '../../playbook/permission-audit/rules';
import { failureCode, messageOf } from '../incident/engine';
import { actionActivity } from '../options';
import type { permissionReview } from '../permission-review';
import { answerTo, askFinal } from './ask';
import { finalOf, reversibleOf, type Desk, type Held, type ReviewInput } from './desk';
import { auditProvider } from './options';

const UNDO_PAUSE_MS = 60_000;
const UNDO_TRIES = 10;

const inputOf = (desk: Desk, held: Held, step: Step, approval: string | null) => ({ incident: desk.id, caseKey: desk.id, step, digest: held.plan.digest, plan: held.plan.kept, approval, lease: null });

/** Applies the reversible step. Whatever was left half done is taken back. */
export async function applyReversible(desk: Desk, held: Held): Promise<boolean> {
  const step = reversibleOf(held.plan);
  try {
    const outcome = await actionActivity('apply', inputOf(desk, held, step, held.approval));
    if (outcome.holds) return true;
    desk.note = 'it is not in effect';
  } catch (error) {
    desk.note = `${failureCode(error)}: ${messageOf(error)}`;
  }
  const why = desk.note;
  const undone = await undoStep(desk, held);
  await desk.record('error', 'not-applied', `Not done: ${step.title}: ${desk.what}: ${why}`, { step: step.id });
  await desk.tell('warn', 'not-applied', `Permission audit: not done for ${desk.what}`, [why, undone ? 'Nothing was left changed.' : 'It may be half done: look at it by hand.']);
  return false;
}

/** In quarantine, or narrowed: until it is final, or is restored. */
export async function hold(desk: Desk, held: Held): Promise<void> {
  const end = held.since + held.settings.quarantineMs;
  const question = await askFinal(desk, held);
  const answer = await answerTo(desk, question, () => desk.undo !== null);
  if (!answer) return restore(desk, held, `${desk.undo!.by}: ${desk.undo!.reason}`);
  if (answer.outcome === 'denied') return restore(desk, held, answer.votes.map((vote) => `${vote.person}: ${vote.reason}`).join('; '));
  if (held.kind === 'narrowing') return keepNarrow(desk, held, end);
  if (answer.outcome !== 'approved') return again(desk, { ...held, round: held.round + 1 });
  if (await condition(() => desk.undo !== null, Math.max(1, end - Date.now()), { summary: `the quarantine of ${desk.what} ends` })) return restore(desk, held, `${desk.undo!.by}: ${desk.undo!.reason}`);
  const { subject } = desk.input;
  const seen = await auditProvider(subject.provider, `Did anybody try ${desk.what}?`).look({ caseKey: desk.id, subject, windowMs: held.settings.windowMs, now: new Date().toISOString() });
  if (await desk.undoWanted()) return restore(desk, held, `${desk.undo!.by}: ${desk.undo!.reason}`);
  const tried = triedSince(seen, held.since);
  if (tried.length > 0 || seen.failed.length > 0) {
    const lines = [...tried.slice(0, 5).map((one) => `tried in quarantine: ${one.what || one.by} at ${one.at}`), ...seen.failed.map((one) => `could not be read: ${one}`)];
    await desk.escalate(`tried/${held.round}`, [...lines, 'It is not removed: it stays in quarantine, and is asked again. Restore it if it is needed.']);
    return again(desk, { ...held, since: Date.now(), tried: lines, round: held.round + 1 });
  }
  await remove(desk, held, question);
}

async function keepNarrow(desk: Desk, held: Held, end: number): Promise<void> {
  if (await condition(() => desk.undo !== null, Math.max(1, end - Date.now()), { summary: `complaints about the narrower policy of ${desk.what}` })) return restore(desk, held, `${desk.undo!.by}: ${desk.undo!.reason}`);
  if (await desk.undoWanted()) return restore(desk, held, `${desk.undo!.by}: ${desk.undo!.reason}`);
  desk.until = null;
  desk.to('narrowed', 'for good');
  await desk.record('closed', 'narrowed', `Stays narrow: ${desk.what}`);
}

async function remove(desk: Desk, held: Held, approval: string): Promise<void> {
  const step = finalOf(held.plan)!;
  desk.until = null;
  desk.to('removing');
  const failed = await actionActivity('apply', inputOf(desk, held, step, approval)).then((outcome) => (outcome.holds ? null : 'it is still there'), (error: unknown) => `${failureCode(error)}: ${messageOf(error)}`);
  if (failed === null) {
    desk.to('removed');
    await desk.record('closed', 'removed', `Removed: ${desk.what}`, { approval });
    return desk.tell('info', 'removed', `Permission audit: removed ${desk.what}`, ['Its state is kept in the evidence of the review.']);
  }
  desk.to('failed', failed);
  await desk.record('error', 'not-removed', `Not removed: ${desk.what}: ${failed}`, { approval });
  await desk.tell('page', 'not-removed', `Permission audit: ${desk.what} could not be removed`, [failed, 'Decide by hand.']);
}

/** Back as it was, then left alone for as long as “still needed” is good for. */
export async function restore(desk: Desk, held: Held, why: string): Promise<void> {
  if (!(await undoStep(desk, held))) {
    desk.to('failed', desk.note);
    await desk.record('error', 'not-restored', `Not restored: ${desk.what}: ${desk.note}`);
    return desk.tell('page', 'not-restored', `Permission audit: ${desk.what} could not be restored`, [desk.note, 'Restore it by hand; its state is in the evidence of the review.']);
  }
  await desk.record('undo', 'restored', `Restored: ${desk.what}: ${why}`);
  await desk.tell('info', 'restored', `Permission audit: ${desk.what} is restored`, [why]);
  await leaveAlone(desk, 'restored', Date.now() + held.settings.neededMs);
}

/** Takes the reversible step back, again and again for a while; true when it is gone by effect. */
export async function undoStep(desk: Desk, held: Held): Promise<boolean> {
  const input = inputOf(desk, held, reversibleOf(held.plan), held.approval);
  for (let tries = 1; tries <= UNDO_TRIES; tries += 1) {
    try {
      await actionActivity('undo', input);
      const { holds } = await actionActivity('verify', input);
      if (!holds) return true;
      desk.note = 'it is still in effect';
    } catch (error) {
      desk.note = `${failureCode(error)}: ${messageOf(error)}`;
    }
    if (tries < UNDO_TRIES) await sleep(UNDO_PAUSE_MS, { summary: 'not restored yet: tried again' });
  }
  return false;
}

/** Recorded with its end, after which it is looked at afresh. */
export async function leaveAlone(desk: Desk, stage: 'needed' | 'restored', until: number): Promise<void> {
  desk.until = until;
  desk.to(stage);
  await sleep(Math.max(1, until - Date.now()), { summary: `${desk.what} is looked at again` });
  const { subject } = desk.input;
  await continueAsNew<typeof permissionReview>({ subject, requester: null, finding: null });
}

async function again(desk: Desk, held: Held): Promise<void> {
  if (await desk.undoWanted()) return restore(desk, held, `${desk.undo!.by}: ${desk.undo!.reason}`);
  const next: ReviewInput = { ...desk.input, held };
  await continueAsNew<typeof permissionReview>(next);
}

/** For the end that an operator forces: nothing stays half done. The open question is a child, cancelled with its parent. */
export const stopHolding = async (desk: Desk, held: Held): Promise<void> => {
  await undoStep(desk, held);
  await desk.record('undo', 'cancelled', `Restored, because the review was cancelled: ${desk.what}`);
};
