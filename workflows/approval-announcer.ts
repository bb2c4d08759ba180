import { ActivityCancellationType, condition, isCancellation, sleep, type ActivityOptions } from '@temporalio/workflow';
import type { Escalation, ShownApproval } from '../activities/contract';
import { unconfirmed, type ApprovalState, type EscalationReason } from '../approvals/policy';
import type { JsonObject } from '../playbook/json';
import type { ApprovalRequest } from '../playbook/model/approval';
import type { ApprovalInput } from './approval-messages';
import { caseActivities, risk } from './options';

/** What is still to be said when the approval is over. */
export interface Announcement {
  shown: ShownApproval | null;
  escalations: Escalation[];
}

// A message under way is let go, not cancelled: there is nothing to undo, and the activity keeps the order of messages by itself.
const cancellationType = ActivityCancellationType.ABANDON;
const patient: ActivityOptions = { ...risk.notify, startToCloseTimeout: '20s', scheduleToCloseTimeout: '2m', cancellationType };
/** At the end somebody waits for the result: one short attempt, the rest goes to the aftermath. */
const brief: ActivityOptions = { startToCloseTimeout: '5s', scheduleToCloseTimeout: '8s', retry: { maximumAttempts: 2, initialInterval: '500ms' }, cancellationType };
const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
const SETTLE_MS = 3_000;
const GIVE_UP_MS = 24 * 3_600_000;

const GROUPS: Record<ApprovalRequest['tier'], string[]> = { approve: ['soc-lead'], dual: ['soc-lead', 'ciso'], 'break-glass': ['ciso', 'soc-lead'] };
const WHY: Record<EscalationReason, string> = {
  'too-few-approvers': 'Not enough people may decide this: add an approver in the directory, or decide who else may.',
  'nobody-answered': 'The approvers have not answered; the back-up approvers are asked now.',
  expired: 'Nobody answered in time: it stays undone until somebody acts.',
};

/** Keeps the Slack message true and the right people told, however long Slack is away. Never fails the approval. */
export class Announcer {
  private wanted = 0;
  private shown = 0;
  private reminder = false;
  private handle: JsonObject | null = null;
  private escalations: Escalation[] = [];
  private busy = false;
  private closing = false;

  constructor(private readonly input: ApprovalInput) {}

  wantShown(reminder: boolean): void {
    this.wanted += 1;
    this.reminder ||= reminder;
  }

  wantEscalated(reason: EscalationReason): void {
    const { input } = this;
    this.escalations.push({
      caseKey: input.caseKey, condition: `approval/${input.id}/${reason}`, title: `Approval: ${input.title}`,
      lines: [WHY[reason], `If nobody answers: ${input.ifNobodyAnswers}`], to: input.escalateTo ?? GROUPS[input.tier], deadline: null,
    });
  }

  /** Runs beside the approval until its scope is cancelled. */
  async keepAnnouncing(state: () => ApprovalState): Promise<void> {
    await Promise.all([this.keepShown(state), this.keepEscalating()]);
  }

  private async keepShown(state: () => ApprovalState): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    for (;;) {
      await condition(() => this.wanted !== this.shown && !this.closing);
      const { wanted, reminder } = this;
      this.reminder = false;
      const { delivered, retryAfterMs } = await this.show(this.picture(state(), reminder), patient);
      if (delivered) {
        this.shown = wanted;
        pause = FIRST_PAUSE_MS;
        continue;
      }
      this.reminder ||= reminder;
      await sleep(Math.max(pause, retryAfterMs), { summary: 'Slack did not take the message: tried again' });
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  private async keepEscalating(): Promise<void> {
    for (;;) {
      await condition(() => this.escalations.length > 0);
      if (await escalate(this.escalations[0]!, patient)) this.escalations.shift();
      else await sleep(LONGEST_PAUSE_MS, { summary: 'nobody could be reached: tried again' });
    }
  }

  /** Starts no more messages, and lets one that is under way arrive: the last message must be the last. */
  async settle(): Promise<void> {
    this.closing = true;
    if (this.busy) await condition(() => !this.busy, SETTLE_MS, { summary: 'lets the message under way arrive' });
  }

  /** Says the end, briefly; returns what could not be said. */
  async announceEnd(state: ApprovalState): Promise<Announcement | null> {
    const picture = this.picture(state, false);
    const [shown, told] = await Promise.all([this.show(picture, brief), Promise.all(this.escalations.map((one) => escalate(one, brief)))]);
    const escalations = this.escalations.filter((_, index) => !told[index]);
    return shown.delivered && escalations.length === 0 ? null : { shown: shown.delivered ? null : { ...picture, handle: this.handle }, escalations };
  }

  /** Goes on saying what could not be said at the end. */
  static async resume(left: Announcement): Promise<void> {
    const give = Date.now() + GIVE_UP_MS;
    let { shown, escalations } = left;
    for (let pause = FIRST_PAUSE_MS; Date.now() < give; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      if (shown && (await showOnce(shown, patient)).delivered) shown = null;
      const waiting: Escalation[] = [];
      for (const one of escalations) if (!(await escalate(one, patient))) waiting.push(one);
      escalations = waiting;
      if (!shown && escalations.length === 0) return;
      await sleep(pause, { summary: 'Slack is away: tried again' });
    }
  }

  private async show(picture: ShownApproval, options: ActivityOptions): Promise<{ delivered: boolean; retryAfterMs: number }> {
    this.busy = true;
    try {
      const answer = await showOnce(picture, options);
      if (answer.handle) this.handle = answer.handle;
      return answer;
    } finally {
      this.busy = false;
    }
  }

  private picture(state: ApprovalState, reminder: boolean): ShownApproval {
    return {
      request: requestOf(this.input), handle: this.handle, state: state.status, votes: state.votes, approvers: state.approvers ?? [],
      deadline: new Date(state.deadlineAt).toISOString(), reminder, link: linkTo(this.input),
      ...(this.input.secondFactor && { unconfirmed: unconfirmed(state), confirmLink: confirmLinkTo(this.input) }),
    };
  }
}

/** The request without what only the workflow needs. */
export function requestOf(input: ApprovalInput): ApprovalRequest {
  const { caseKey: _caseKey, answerTo: _answerTo, escalateTo: _escalateTo, consoleUrl: _consoleUrl, ...request } = input;
  return request;
}

/** The console's page with the whole plan, its votes and the way to the evidence. */
function linkTo(input: ApprovalInput): string | null {
  return input.consoleUrl ? `${input.consoleUrl.replace(/\/$/, '')}/approvals/${input.id}` : null;
}

/** The page where a passkey confirms one's yes. */
function confirmLinkTo(input: ApprovalInput): string | null {
  return input.consoleUrl ? `${input.consoleUrl.replace(/\/$/, '')}/confirm/${input.id}` : null;
}

async function showOnce(picture: ShownApproval, options: ActivityOptions): Promise<{ delivered: boolean; retryAfterMs: number; handle: JsonObject | null }> {
  try {
    const answer = await caseActivities(`Slack: ${picture.state === 'open' ? 'asks' : picture.state}`, options).showApproval(picture);
    return { delivered: answer.delivered, retryAfterMs: answer.retryAfterMs ?? 0, handle: answer.handle };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { delivered: false, retryAfterMs: 0, handle: null };
  }
}

async function escalate(escalation: Escalation, options: ActivityOptions): Promise<boolean> {
  try {
    await caseActivities(`Escalates: ${escalation.lines[0] ?? escalation.title}`.slice(0, 200), options).escalate(escalation);
    return true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return false;
  }
}
