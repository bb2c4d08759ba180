import {
  ActivityCancellationType, ApplicationFailure, CancellationScope, condition, getExternalWorkflowHandle, isCancellation, ParentClosePolicy, setCurrentDetails, setHandler, sleep,
  startChild, workflowInfo,
} from '@temporalio/workflow';
import {
  approvalPolicy, checkConfirmation, checkRequest, checkVote, checkWithdrawal, nextTickAt, openApproval, viewOf, waitingFor, type ApprovalEvent, type ApprovalState, type ApprovalView, type Refusal,
} from '../approvals/policy';
import type { ApprovalResult, Confirmation, Vote } from '../playbook/model/approval';
import { Announcer, requestOf, type Announcement } from './approval-announcer';
import { approvalResultQuery, approvalStateQuery, confirmUpdate, decideUpdate, withdrawUpdate, type ApprovalInput } from './approval-messages';
import { approvalDecidedSignal } from './messages';
import { caseActivities, risk } from './options';

/** Between two attempts to ask a directory that does not answer. */
const DIRECTORY_PAUSE_MS = 30_000;

/**
 * Asks people one question and ends with their answer; lives at most as long as the deadline.
 * Decisions come as Updates, time as timers, the directory and Slack as activities, the rules from `approvals/policy`.
 * Slack or the directory being away delays messages and confirmations, never ends the question.
 */
export async function approval(input: ApprovalInput): Promise<ApprovalResult> {
  const desk = setup(input);
  return run(desk);
}

/** The state of one question and what the rules still want done. */
class Desk {
  state: ApprovalState;
  result: ApprovalResult | null = null;
  readonly announcer: Announcer;

  constructor(readonly input: ApprovalInput) {
    this.state = openApproval(input, Date.now());
    this.announcer = new Announcer(input);
  }

  /** Runs one event through the rules; synchronous, so handlers may call it. */
  apply(event: ApprovalEvent): void {
    const step = approvalPolicy(this.state, event);
    this.state = step.state;
    for (const effect of step.effects) {
      if (effect.type === 'show') this.announcer.wantShown(effect.reminder);
      else if (effect.type === 'escalate') this.announcer.wantEscalated(effect.reason);
      else if (effect.type === 'decided') this.result = effect.result;
      // `lookUpApprovers` needs no queue: state.wanted is ahead of state.looked until the directory has answered.
    }
    setCurrentDetails(waitingFor(this.state));
  }

  get open(): boolean {
    return this.result === null;
  }
}

function setup(input: ApprovalInput): Desk {
  const desk = new Desk(input);
  setHandler(approvalStateQuery, () => viewOf(desk.state));
  setHandler(approvalResultQuery, () => desk.result);
  setHandler(decideUpdate, (vote: Vote): ApprovalView => {
    desk.apply({ type: 'vote', vote, now: Date.now() });
    return viewOf(desk.state);
  }, { validator: (vote: Vote) => refuse(checkVote(desk.state, vote, Date.now())), description: 'One vote; the update id is the vote id' });
  setHandler(confirmUpdate, (confirmation: Confirmation): ApprovalView => {
    desk.apply({ type: 'confirmed', confirmation, now: Date.now() });
    return viewOf(desk.state);
  }, { validator: (confirmation: Confirmation) => refuse(checkConfirmation(desk.state, confirmation, Date.now())), description: 'The second factor of one vote; the update id is its nonce' });
  setHandler(withdrawUpdate, ({ by }): ApprovalView => {
    desk.apply({ type: 'withdrawn', by, now: Date.now() });
    return viewOf(desk.state);
  }, { validator: (request) => refuse(checkWithdrawal(desk.state, request.by)), description: 'The requester takes the question back' });
  return desk;
}

async function run(desk: Desk): Promise<ApprovalResult> {
  const beside = new CancellationScope();
  try {
    refuse(checkRequest(desk.input));
    desk.apply({ type: 'opened', now: Date.now() });
    const besides = beside.run(() => Promise.all([askDirectory(desk), desk.announcer.keepAnnouncing(() => desk.state)])).catch(unlessCancelled);
    await watchClock(desk);
    await answer(desk, desk.result!);
    await desk.announcer.settle();
    beside.cancel();
    await besides;
  } catch (error) {
    // Cancelled, or a question that cannot be asked: whoever asked is told, so that nothing waits for ever.
    await CancellationScope.nonCancellable(async () => {
      await answer(desk, { id: desk.input.id, digest: desk.input.digest, outcome: 'withdrawn', votes: [], decidedAt: new Date().toISOString() });
      if (isCancellation(error)) await sayTheEnd(desk, 'withdrawn');
    });
    throw error;
  }
  await sayTheEnd(desk, desk.result!.outcome);
  return desk.result!;
}

/** The workflow's clock: reminders, the back-up, the deadline. Ends when the question is decided. */
async function watchClock(desk: Desk): Promise<void> {
  while (desk.open) {
    const at = nextTickAt(desk.state, Date.now());
    const summary = at === desk.state.deadlineAt ? 'deadline of the approval' : at > desk.state.deadlineAt ? 'the directory confirms the last votes' : 'reminder, or the back-up approvers';
    const moved = await condition(() => !desk.open || nextTickAt(desk.state, Date.now()) !== at, Math.max(1, at - Date.now()), { summary });
    if (!moved) desk.apply({ type: 'tick', now: Date.now() });
  }
}

/** Asks the directory whenever the rules want a newer answer; keeps asking while it is away. */
async function askDirectory(desk: Desk): Promise<void> {
  for (;;) {
    await condition(() => desk.state.looked < desk.state.wanted);
    const { wanted: generation, backup } = desk.state;
    const activities = caseActivities(backup ? 'Who may decide now, back-up included' : 'Who may decide now', { ...risk.read, cancellationType: ActivityCancellationType.ABANDON });
    try {
      const people = await activities.lookUpApprovers({ request: requestOf(desk.input), backup });
      desk.apply({ type: 'approversLookedUp', generation, approvers: people.map((person) => person.id), keys: Object.fromEntries(people.map((person) => [person.id, person.keys ?? []])), now: Date.now() });
    } catch (error) {
      if (isCancellation(error)) throw error;
      await sleep(DIRECTORY_PAUSE_MS, { summary: 'the directory does not answer: asked again' });
    }
  }
}

/** Says the end: now when Slack answers, else in a workflow of its own that may take its time. */
async function sayTheEnd(desk: Desk, outcome: ApprovalResult['outcome']): Promise<void> {
  const left = await desk.announcer.announceEnd({ ...desk.state, status: outcome });
  if (!left) return;
  await startChild(approvalAftermath, {
    workflowId: `${workflowInfo().workflowId}/aftermath`, args: [left], parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: 'Says how the approval ended once Slack answers again',
  });
}

/** Keeps telling how an approval ended after Slack was away; nothing waits for it. Gives up after a day. */
export async function approvalAftermath(left: Announcement): Promise<void> {
  await Announcer.resume(left);
}

/** The asker may be gone (closed by hand): then nobody waits for the answer, and the result is in this workflow. */
async function answer(desk: Desk, result: ApprovalResult): Promise<void> {
  if (!desk.input.answerTo) return;
  await getExternalWorkflowHandle(desk.input.answerTo).signal(approvalDecidedSignal, result).catch((error: unknown) => {
    if (isCancellation(error)) throw error;
  });
}

function refuse(refusal: Refusal | null): void {
  if (refusal) throw ApplicationFailure.create({ type: refusal.code, message: refusal.message, nonRetryable: true });
}

function unlessCancelled(error: unknown): void {
  if (!isCancellation(error)) throw error;
}
