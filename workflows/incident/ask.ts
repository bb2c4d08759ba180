import { getExternalWorkflowHandle, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { digestOf } from '../../playbook/digest';
import type { ApprovalRequest, ApprovalResult } from '../../playbook/model/approval';
import type { Phase, Plan, Tier } from '../../playbook/model/plan';
import { approval } from '../approval';
import { searchAttributes } from '../search-attributes';
import type { Engine } from './engine';

export interface Question {
  purpose: Phase | 'undo';
  plan: Plan;
  tier: Exclude<Tier, 'automatic'>;
  title: string;
  because: string[];
  ifNobodyAnswers: string;
  onTimeout: ApprovalRequest['onTimeout'];
  requester: string | null;
}

/** Asks people once per plan, and waits for the answer; the approval outlives this run and answers by signal. */
export async function ask(engine: Engine, question: Question): Promise<ApprovalResult> {
  const { state } = engine;
  const id = `apr-${digestOf([state.caseKey, question.purpose, question.plan.digest]).slice(0, 20)}`;
  if (!state.questions.some((asked) => asked.approval === id)) {
    const settings = state.settings!.approvals[question.tier];
    const request: ApprovalRequest = {
      id, incident: state.incident, tier: question.tier, title: question.title,
      changes: question.plan.steps.filter((step) => step.needed).flatMap((step) => step.change.map((line) => `${step.title}: ${line}`)),
      because: question.because, ifNobodyAnswers: question.ifNobodyAnswers, onTimeout: question.onTimeout, digest: question.plan.digest,
      requester: question.requester, recused: state.linkedPeople, ...settings,
    };
    state.questions.push({ approval: id, purpose: question.purpose, plan: question.plan });
    engine.record('approval', `${id}/asked`, `Asked: ${question.title}`, { approval: id, digest: question.plan.digest, tier: question.tier, quorum: settings.quorum });
    await engine.during(() =>
      startChild(approval, {
        workflowId: id,
        args: [{ ...request, caseKey: state.caseKey, answerTo: state.incident, consoleUrl: state.settings!.consoleUrl }],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `${question.title} (${question.tier})`,
        typedSearchAttributes: [{ key: searchAttributes.incident, value: state.incident }],
      }),
    );
  }
  await engine.wait(() => state.answers[id] !== undefined, null, `waiting for approval: ${question.title}`);
  const answer = state.answers[id]!;
  state.questions = state.questions.filter((asked) => asked.approval !== id);
  if (!state.times.acknowledged && answer.votes[0]) state.times.acknowledged = answer.votes[0].at;
  const who = answer.votes.map((vote) => `${vote.person} ${vote.decision}`).join(', ') || 'nobody';
  engine.record('approval', `${id}/${answer.outcome}`, `${question.title}: ${answer.outcome} (${who})`, {
    approval: id, outcome: answer.outcome, digest: answer.digest, decidedAt: answer.decidedAt, votes: answer.votes.map((vote) => ({ ...vote })),
  });
  return answer;
}

/** Nobody may answer any more what the incident does not wait for: its open questions, and break-glass unless it has ended. */
export async function withdrawQuestions({ state }: Engine): Promise<void> {
  const open = state.questions.filter((question) => !state.answers[question.approval]).map((question) => question.approval);
  if (state.breakGlassWorkflow && state.breakGlass === null) open.push(state.breakGlassWorkflow);
  await Promise.all(open.map((id) => getExternalWorkflowHandle(id).cancel().catch(() => undefined)));
  state.questions = [];
}

/** The plan of a question that an earlier run asked and nobody has answered: it is waited for, not asked anew. */
export function openQuestion(engine: Engine, purpose: Question['purpose']): Plan | null {
  return engine.state.questions.find((question) => question.purpose === purpose)?.plan ?? null;
}
