import type { ApprovalView } from '../../approvals/policy';
import type { House } from './house';

export interface Waiting extends ApprovalView {
  workflow: string;
}

/** Questions that are open now. */
export async function openQuestions({ client }: Pick<House, 'client'>): Promise<Waiting[]> {
  const open: Waiting[] = [];
  for await (const one of client.workflow.list({ query: "WorkflowType = 'approval' AND ExecutionStatus = 'Running'" })) {
    const view = await client.workflow.getHandle(one.workflowId).query<ApprovalView>('state').catch(() => null);
    if (view?.status === 'open' && view.approvers.length > 0) open.push({ ...view, workflow: one.workflowId });
  }
  return open;
}

/** Answers as the people would: through the sandbox Slack’s signed clicks, and with their passkey where a second factor is waited for. A click that is not taken is tried again at the next look. */
export async function answer(house: House, question: Waiting, decision: 'approve' | 'deny', say: (line: string) => void): Promise<void> {
  for (const person of question.unconfirmed) {
    const said = await house.passkeys.confirm(person, question.id).catch((error: unknown) => `not taken: ${error instanceof Error ? error.message : String(error)}`);
    say(`${person}’s passkey: ${said}`);
  }
  const missing = question.quorum - question.approvals - question.unconfirmed.length;
  if (missing <= 0) return;
  const voted = new Set(question.votes.map((vote) => vote.person));
  const still = question.approvers.filter((person) => !voted.has(person)).slice(0, missing);
  for (const person of still) {
    const clicked = await house.slack.click({ approvalId: question.id, as: person, decision, reason: `${decision === 'approve' ? 'Seen and agreed' : 'Not this'} (answered by the demo)` }).catch((error: unknown) => ({ accepted: false, said: String(error) }));
    say(clicked.accepted ? `${person} clicked ${decision} in Slack: ${question.title}` : `${person}’s click was not taken: ${clicked.said ?? ''}`);
  }
}
