import { condition, getExternalWorkflowHandle, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { digestOf } from '../../playbook/digest';
import type { ApprovalRequest, ApprovalResult } from '../../playbook/model/approval';
import type { AuditSettings, Owner } from '../../playbook/permission-audit/model';
import { approval } from '../approval';
import { finalOf, reversibleOf, type Desk, type Held } from './desk';

type Question = Pick<ApprovalRequest, 'title' | 'changes' | 'because' | 'ifNobodyAnswers' | 'onTimeout' | 'requester' | 'recused' | 'deadlineMs' | 'backupAfterMs' | 'words'> & { deciders?: ApprovalRequest['deciders'] };

/** One question by the same workflow, rules and channels as every other; returns its id. */
async function start(desk: Desk, settings: AuditSettings, digest: string, key: string, question: Question): Promise<string> {
  const id = `apr-${digestOf([desk.id, Date.now(), key, digest]).slice(0, 20)}`;
  await startChild(approval, {
    workflowId: id, parentClosePolicy: ParentClosePolicy.ABANDON, staticSummary: question.title.slice(0, 200),
    args: [{ id, incident: null, tier: 'approve', digest, quorum: settings.approval.quorum, remindEveryMs: settings.approval.remindEveryMs, ...question, caseKey: desk.id, answerTo: desk.id, consoleUrl: settings.consoleUrl }],
  });
  desk.approval = id;
  await desk.record('approval', `${id}/asked`, `Asked: ${question.title}`, { approval: id, digest, deciders: question.deciders?.people ?? [] });
  return id;
}

/** “Is it still needed?”, to the owner; their manager when they do not answer. Nobody's silence removes anything. */
export function askOwner(desk: Desk, settings: AuditSettings, owner: Owner, kind: Held['kind']): Promise<string> {
  const plan = desk.plan!;
  const days = Math.max(1, Math.round(settings.quarantineMs / 86_400_000));
  const removal = kind === 'removal';
  return start(desk, settings, plan.digest, 'needed', {
    title: removal ? `Is ${desk.what} still needed?` : `Does ${desk.what} need all that it may do?`,
    changes: [...reversibleOf(plan).change, ...(removal ? [`it stays so for ${days} days, in which a word from you restores it`, ...(finalOf(plan)?.change ?? []).map((line) => `then, if somebody else agrees: ${line}`)] : [`for ${days} days a word from you puts it back`])],
    because: [...desk.judgement!.why, `you are asked as its owner (${owner.because})`],
    ifNobodyAnswers: 'nothing is changed; it is escalated, and asked again by the next audit', onTimeout: 'stay-undone', requester: desk.input.requester, recused: owner.recused,
    deciders: { people: [owner.owner!], backup: owner.backup }, deadlineMs: settings.approval.deadlineMs, backupAfterMs: settings.approval.backupAfterMs,
    words: removal ? { approve: 'No longer needed', deny: 'Still needed', date: 'Needed until' } : { approve: 'Narrow it', deny: 'Leave it', date: 'Needed until' },
  });
}

/** Asked as the quarantine begins, of the usual approvers: remove it at the end, or restore it now. Nobody's silence removes anything. */
export function askFinal(desk: Desk, held: Held): Promise<string> {
  const { settings, plan, kind } = held;
  const end = held.since + settings.quarantineMs;
  const removal = kind === 'removal';
  const until = new Date(end).toISOString();
  return start(desk, settings, plan.digest, `final/${held.round}`, {
    title: removal ? `Remove ${desk.what} after its quarantine?` : `Keep the narrower policy of ${desk.what}?`,
    changes: removal ? (finalOf(plan)?.change ?? []).map((line) => `after ${until}: ${line}`) : reversibleOf(plan).change,
    because: [...held.tried, `${held.voters.join(', ') || 'the owner'} said ${removal ? 'that it is no longer needed' : 'that it may be narrowed'}`, ...held.judgement.why],
    ifNobodyAnswers: removal ? 'it stays in quarantine, is escalated, and asked again' : 'it stays narrow',
    onTimeout: removal ? 'stay-undone' : 'proceed', requester: desk.input.requester, recused: [...new Set([...held.owner.recused, ...held.voters])],
    deadlineMs: Math.max(end - Date.now(), 0) + (removal ? settings.approval.deadlineMs : 1), backupAfterMs: Math.max(settings.quarantineMs, settings.approval.backupAfterMs),
    words: removal ? { approve: 'Remove it', deny: 'Restore it' } : { approve: 'Keep it narrow', deny: 'Put it back' },
  });
}

/** The answer; null when `unless` comes first, and then the question is taken back. */
export async function answerTo(desk: Desk, id: string, unless: () => boolean = () => false): Promise<ApprovalResult | null> {
  await condition(() => desk.answers[id] !== undefined || unless());
  const answer = desk.answers[id];
  if (!answer) {
    await getExternalWorkflowHandle(id).cancel().catch(() => undefined);
    return null;
  }
  const who = answer.votes.map((vote) => `${vote.person} ${vote.decision}${vote.until ? ` until ${vote.until}` : ''}`).join(', ') || 'nobody';
  await desk.record('approval', `${id}/${answer.outcome}`, `${answer.outcome} (${who})`, { approval: id, digest: answer.digest, votes: answer.votes.map((vote) => ({ ...vote })) });
  return answer;
}

