import { ApplicationFailure, CancellationScope, isCancellation, setHandler } from '@temporalio/workflow';
import { judge, neededUntil } from '../playbook/permission-audit/rules';
import type { AuditSettings, NamedOwner } from '../playbook/permission-audit/model';
import { failureCode, messageOf } from './incident/engine';
import { approvalDecidedSignal } from './messages';
import { answerTo, askOwner } from './audit/ask';
import { Desk, reversibleOf, type Held, type ReviewInput } from './audit/desk';
import { applyReversible, hold, leaveAlone, stopHolding } from './audit/hold';
import { reviewQuery, undoReviewUpdate } from './audit/messages';
import { auditCase, auditProvider } from './audit/options';

/** “Cloud permission audit” for one role, user or key: last use, the owner's word, quarantine with undo, removal; or a narrower policy. */
export async function permissionReview(input: ReviewInput): Promise<void> {
  const desk = setup(input);
  await run(desk);
}

function setup(input: ReviewInput): Desk {
  const desk = new Desk(input);
  setHandler(reviewQuery, () => desk.view());
  setHandler(approvalDecidedSignal, (result) => void (desk.answers[result.id] = result));
  setHandler(undoReviewUpdate, (undo) => {
    void desk.wantUndo(undo, Date.now());
    return desk.view();
  }, { validator: ({ by, reason }) => refuseUndo(desk, by, reason), description: 'Restore what is in quarantine' });
  return desk;
}

async function run(desk: Desk): Promise<void> {
  let held = desk.input.held ?? null;
  try {
    held ??= await propose(desk);
    if (held) await hold(desk, held);
  } catch (error) {
    // Cancelled by an operator: what is in quarantine would have nobody left to restore it.
    if (held && isCancellation(error)) await CancellationScope.nonCancellable(() => stopHolding(desk, held!));
    throw error;
  }
}

/** From the look to the agreed and applied reversible step; null when it ended before. */
async function propose(desk: Desk): Promise<Held | null> {
  const { subject } = desk.input;
  const settings = await auditCase('What the configuration says').auditSettings();
  const { tags, owners } = await look(desk, settings);
  const { outcome, why } = desk.judgement!;
  if (outcome !== 'unused' && outcome !== 'over-permitted') return ended(desk, outcome === 'in-use' ? 'in-use' : 'not-proposed', why.join('; '));
  const kind = outcome === 'unused' ? 'removal' : 'narrowing';
  const plan = await auditProvider(subject.provider, `Plan: ${desk.what}`).plan({ review: desk.id, caseKey: desk.id, subject, kind, windowMs: settings.windowMs, because: why[0] ?? outcome });
  desk.plan = plan;
  if (plan.refused.length > 0) return ended(desk, 'not-proposed', plan.refused.map((one) => `${one.code}: ${one.message}`).join('; '));
  if (!plan.steps[0]?.needed) return ended(desk, 'not-proposed', 'there is nothing to change');
  const owner = await auditCase('Who owns it').auditOwner({ subject, tags, owners, requester: desk.input.requester });
  desk.owner = owner;
  if (owner.owner === null) {
    await desk.escalate('no-owner', [`Nobody could be found to ask: ${owner.because}.`, ...why, 'Nothing is changed. Tag it with its owner, or write it into the register.']);
    return ended(desk, 'no-owner', owner.because);
  }
  desk.to('asked');
  const approval = await askOwner(desk, settings, owner, kind);
  const answer = (await answerTo(desk, approval))!;
  if (answer.outcome === 'denied') {
    const until = neededUntil(answer.votes.find((vote) => vote.decision === 'deny')?.until, settings, Date.now());
    await desk.record('note', 'needed', `Still needed, asked again ${new Date(until).toISOString()}: ${desk.what}`, { until: new Date(until).toISOString() });
    await leaveAlone(desk, 'needed', until);
    return null;
  }
  if (answer.outcome !== 'approved') return ended(desk, answer.outcome === 'expired' ? 'unanswered' : 'withdrawn', `the question was ${answer.outcome}: nothing is changed`);
  // Days may have passed since it was looked at.
  await look(desk, settings);
  if (desk.judgement!.outcome !== outcome) return ended(desk, 'in-use', `since it was asked: ${desk.judgement!.why.join('; ')}`);
  const held: Held = { kind, settings, judgement: desk.judgement!, owner, plan, approval, voters: answer.votes.map((vote) => vote.person), since: Date.now(), tried: [], round: 1 };
  // Once begun it is seen through, so that a cancellation always finds what it has to restore.
  return CancellationScope.nonCancellable(async () => {
    if (!(await applyReversible(desk, held))) {
      desk.to('failed', desk.note);
      return null;
    }
    held.since = Date.now();
    desk.until = held.since + settings.quarantineMs;
    desk.to(kind === 'removal' ? 'in-quarantine' : 'narrowed');
    await desk.record('action', 'applied', `${kind === 'removal' ? 'In quarantine' : 'Narrowed'} until ${new Date(desk.until).toISOString()}: ${desk.what}`, { step: reversibleOf(plan).id, approval });
    return held;
  });
}

/** Reads and judges on the workflow's clock; returns by what an owner may be found. */
async function look(desk: Desk, settings: AuditSettings): Promise<{ tags: Record<string, string>; owners: NamedOwner[] }> {
  const { subject } = desk.input;
  const now = Date.now();
  try {
    const seen = await auditProvider(subject.provider, `Last use of ${desk.what}`).look({ caseKey: desk.id, subject, windowMs: settings.windowMs, now: new Date(now).toISOString() });
    desk.judgement = judge(seen, settings, now);
    return { tags: seen.tags, owners: seen.owners ?? [] };
  } catch (error) {
    if (isCancellation(error)) throw error;
    desk.judgement = { outcome: 'unreadable', lastUse: null, why: [`${failureCode(error)}: ${messageOf(error)}`] };
    return { tags: {}, owners: [] };
  } finally {
    await desk.record('finding', `look/${now}`, `${desk.what}: ${desk.judgement?.outcome ?? 'not read'}: ${desk.judgement?.why.join('; ') ?? ''}`, { finding: desk.input.finding, lastUse: desk.judgement?.lastUse ?? null });
  }
}

async function ended(desk: Desk, stage: 'in-use' | 'not-proposed' | 'no-owner' | 'unanswered' | 'withdrawn', why: string): Promise<null> {
  desk.to(stage, why);
  await desk.record('closed', stage, `Nothing is changed (${stage}): ${desk.what}: ${why}`);
  return null;
}

function refuseUndo(desk: Desk, by: string, reason: string): void {
  const refuse = (type: string, message: string): never => { throw ApplicationFailure.create({ type, message, nonRetryable: true }); };
  if (typeof reason !== 'string' || reason.trim().length < 3 || reason.length > 500) refuse('INVALID_INPUT', 'reason: 3 to 500 characters');
  if (desk.until === null || (desk.stage !== 'in-quarantine' && desk.stage !== 'narrowed')) refuse('APPROVAL_CLOSED', `there is nothing to restore: it is ${desk.stage}`);
  const may = [desk.owner?.owner, ...(desk.owner?.backup ?? []), ...(desk.input.held?.voters ?? [])];
  if (desk.owner?.recused.includes(by)) refuse('VOTER_NOT_ALLOWED', 'This concerns an identity of your own: another person must decide.');
  if (!may.includes(by)) refuse('VOTER_NOT_ALLOWED', 'Only its owner or who stands in for them restores it; approvers press “Restore it” on its question.');
}
