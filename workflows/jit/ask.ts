import { condition, getExternalWorkflowHandle, ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import { digestOf } from '../../playbook/digest';
import type { Grant } from '../../playbook/jit/model';
import { describeEntitlement, minutes, orderOf } from '../../playbook/jit/rules';
import type { ApprovalResult } from '../../playbook/model/approval';
import { approval } from '../approval';
import type { Desk } from './desk';

/** Starts the question and returns its id; the approval outlives this run and answers by signal. `forMs`: the total that is asked for. */
export async function startQuestion(desk: Desk, grant: Grant, forMs: number, reason: string): Promise<string> {
  const terms = grant.terms!;
  const digest = digestOf(orderOf(desk.person, grant, forMs));
  const id = `apr-${digestOf([grant.id, digest]).slice(0, 20)}`;
  const { role } = grant.request;
  const extending = grant.grantedAt !== null;
  await desk.during(() =>
    startChild(approval, {
      workflowId: id,
      args: [{
        id, incident: null, tier: terms.tier, title: `${extending ? 'Extend' : 'Give'} ${desk.person} the role ${role} in ${terms.accountName}`,
        changes: [
          `${desk.person} gets ${describeEntitlement(terms.entitlement)} in ${terms.accountName} (${terms.entitlement.account}) for ${minutes(forMs)} minutes ${extending ? 'in all, counted from the first grant' : 'from the grant'}`,
          'then the access is taken away and its sessions are ended',
        ],
        because: [reason], ifNobodyAnswers: extending ? 'the grant ends when it would have' : 'nothing is given', onTimeout: 'stay-undone', digest,
        requester: desk.person, recused: [], ...terms.approvals[terms.tier],
        caseKey: desk.caseKey, answerTo: workflowInfo().workflowId, consoleUrl: terms.consoleUrl,
      }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `Just-in-time access (${terms.tier})`,
    }),
  );
  desk.record('approval', `${id}/asked`, `Asked: ${role} in ${terms.accountName} for ${minutes(forMs)} minutes`, { grant: grant.id, approval: id, digest, reason });
  return id;
}

/** The answer; null when the grant is to end first, and then nobody can say yes any more. */
export async function answerTo(desk: Desk, grant: Grant, id: string): Promise<ApprovalResult | null> {
  await condition(() => desk.answers[id] !== undefined || grant.ending !== null);
  const answer = desk.answers[id];
  if (!answer) {
    await desk.during(() => getExternalWorkflowHandle(id).cancel().catch(() => undefined));
    return null;
  }
  delete desk.answers[id];
  const who = answer.votes.map((vote) => `${vote.person} ${vote.decision}`).join(', ') || 'nobody';
  desk.record('approval', `${id}/${answer.outcome}`, `${answer.outcome} (${who})`, { grant: grant.id, approval: id, digest: answer.digest, votes: answer.votes.map((vote) => ({ ...vote })) });
  return answer;
}
