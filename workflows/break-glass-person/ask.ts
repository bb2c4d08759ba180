import { condition, getExternalWorkflowHandle, isCancellation, CancellationScope, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { digestOf } from '../../playbook/digest';
import type { ApprovalResult } from '../../playbook/model/approval';
import { approval } from '../approval';
import type { ApprovalInput } from '../approval-messages';
import { caseActivities, risk } from '../options';
import type { PersonalInput } from './messages';
import type { Desk } from './state';

const minutes = (ms: number): string => `${Math.round(ms / 60_000)} min`;
const DAY_MS = 86_400_000;

/** Asks the managers; null when it was withdrawn meanwhile. With a bypass the question ends sooner, and says what then happens. */
export async function askManagers(desk: Desk, answers: ApprovalResult[]): Promise<ApprovalResult | null> {
  const { input, digest } = desk;
  const { request } = input;
  const { bypass } = request;
  desk.approval = `apr-${digestOf([input.id, 'lend']).slice(0, 20)}`;
  return ask(desk, answers, {
    ...base(input, desk.approval, digest), tier: 'break-glass', title: `Break-glass: let ${request.requester} use ${request.what}`,
    changes: [
      `show “${request.what}” (account ${request.account}) to ${request.requester} once, after their own passkey`, `held for ${minutes(request.ttlMs)} at most, then it must be changed, and the cloud’s own record is watched for that`,
      ...(bypass ? [`BYPASS asked for: without an answer ${request.requester} gets it after ${minutes(bypass.afterMs)}, for ${minutes(Math.min(bypass.ttlMs, request.ttlMs))}; deny to stop it`] : []),
    ],
    because: [request.reason],
    ifNobodyAnswers: bypass ? `${request.requester} may use it all the same for ${minutes(Math.min(bypass.ttlMs, request.ttlMs))}; everybody is told, and it is reviewed` : 'it stays in the vault; it is escalated',
    onTimeout: 'stay-undone', requester: request.requester, recused: [], ...input.asking, ...(bypass && { deadlineMs: Math.min(bypass.afterMs, input.asking.deadlineMs) }),
  });
}

/** After a bypass: somebody else must look at it and say so; asked again every day, escalated when nobody does. */
export async function askReview(desk: Desk, answers: ApprovalResult[]): Promise<ApprovalResult | null> {
  const { input } = desk;
  const { request } = input;
  const id = `apr-${digestOf([input.id, 'review']).slice(0, 20)}`;
  return ask(desk, answers, {
    ...base(input, id, desk.digest), tier: 'break-glass', title: `Review: ${request.requester} used ${request.what} without an approval`,
    changes: ['Approve: it was justified. Deny: it was misuse, and is escalated'], because: [request.reason], ifNobodyAnswers: 'it is escalated as not reviewed', onTimeout: 'stay-undone',
    requester: request.requester, recused: [], quorum: 1, deadlineMs: 7 * DAY_MS, remindEveryMs: DAY_MS, backupAfterMs: DAY_MS,
  });
}

const base = (input: PersonalInput, id: string, digest: string) => ({ id, digest, incident: null, caseKey: input.id, answerTo: input.id, consoleUrl: input.consoleUrl });

async function ask(desk: Desk, answers: ApprovalResult[], question: ApprovalInput): Promise<ApprovalResult | null> {
  await startChild(approval, { workflowId: question.id, args: [question], parentClosePolicy: ParentClosePolicy.ABANDON, staticSummary: question.title.slice(0, 200) });
  const withdraw = (): Promise<void> => CancellationScope.nonCancellable(() => getExternalWorkflowHandle(question.id).cancel().catch(() => undefined));
  try {
    await condition(() => desk.givenBack || answers.some((one) => one.id === question.id));
  } catch (error) {
    if (isCancellation(error)) await withdraw();
    throw error;
  }
  const answer = answers.find((one) => one.id === question.id) ?? null;
  if (!answer) await withdraw();
  return answer;
}

/** Loudly: to whoever is on call, and to the escalation groups. */
export async function alarm(input: PersonalInput, key: string, title: string, lines: string[]): Promise<void> {
  await caseActivities(`Page: ${title}`.slice(0, 200), risk.notify).escalate({ caseKey: input.id, condition: `break-glass/${key}`, title, lines, to: ['ciso', 'soc-lead'], deadline: null });
}
