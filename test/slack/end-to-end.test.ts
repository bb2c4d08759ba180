import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { CaseActivities } from '../../activities/contract';
import { createApprovalPort } from '../../approvals/temporal';
import type { ApprovalPort } from '../../approvals/ports';
import type { ApprovalRequest, ApprovalResult } from '../../playbook/model/approval';
import { request } from '../approvals/fixtures';
import { TASK_QUEUE, timeMachine } from '../approvals/time-machine';
import { until } from '../approvals/until';
import { house, type House } from './harness';

let env: TestWorkflowEnvironment;
let stop: () => Promise<void>;
let here: House;
let port: ApprovalPort;

beforeEach(async () => {
  const acting = (): House['activities'] => here.activities;
  ({ env, stop } = await timeMachine({
    showApproval: ((input) => acting().showApproval(input)) satisfies CaseActivities['showApproval'],
    lookUpApprovers: ((input) => acting().lookUpApprovers(input)) satisfies CaseActivities['lookUpApprovers'],
    escalate: ((input) => acting().escalate(input)) satisfies CaseActivities['escalate'],
  }));
  port = createApprovalPort(env.client);
  here = await house({ decide: port.decide, stateOf: port.stateOf });
}, 180_000);
afterEach(async () => {
  await here.stop();
  await stop();
});

const asking = (): ReturnType<House['slack']['messages']> => here.slack.messages().filter((one) => one.readable.includes('[Approve]'));

async function ask(over: Partial<ApprovalRequest> = {}): Promise<{ id: string; result: Promise<ApprovalResult> }> {
  const question = request(over);
  const handle = await env.client.workflow.start('approval', { workflowId: question.id, taskQueue: TASK_QUEUE, args: [{ ...question, caseKey: 'inc-1.1', consoleUrl: 'https://tourniquet.example' }] });
  await until(() => asking().length === 1, 'the question in Slack');
  return { id: question.id, get result() { return handle.result() as Promise<ApprovalResult>; } };
}

test('asked in Slack, approved by two in Slack, and the message says so', async () => {
  const asked = await ask();
  expect(await here.slack.click({ approvalId: asked.id, as: 'ada', decision: 'approve', reason: 'plan read' })).toMatchObject({ accepted: true });
  await until(() => /Ada approved/.test(asking()[0]?.readable ?? ''), 'the first vote in the message');
  expect(await here.slack.click({ approvalId: asked.id, as: 'ada', decision: 'approve', reason: 'again' })).toMatchObject({ accepted: false, said: expect.stringMatching(/already voted/) });
  expect(await here.slack.click({ approvalId: asked.id, as: 'rita', decision: 'approve', reason: 'mine' })).toMatchObject({ accepted: false });
  expect(await here.slack.click({ approvalId: asked.id, as: 'ben', decision: 'approve', reason: 'agreed' })).toMatchObject({ accepted: true });
  expect(await asked.result).toMatchObject({ outcome: 'approved', votes: [{ person: 'ada', reason: 'plan read' }, { person: 'ben', reason: 'agreed' }] });
  expect(here.slack.messages()[0]!.readable).toMatch(/^✅ Approved[\s\S]*Ada approved[\s\S]*Ben approved[\s\S]*tourniquet\.example\/approvals/);
});

test('a person removed from the directory between the votes does not count', async () => {
  const asked = await ask();
  await here.slack.click({ approvalId: asked.id, as: 'ada', decision: 'approve', reason: 'plan read' });
  here.people.splice(here.people.findIndex((one) => one.id === 'ada'), 1);
  await here.slack.click({ approvalId: asked.id, as: 'ben', decision: 'approve', reason: 'agreed' });
  await until(async () => (await port.stateOf(asked.id))!.votes.length === 1, 'the dropped vote');
  await here.slack.click({ approvalId: asked.id, as: 'cy', decision: 'deny', reason: 'not this bucket' });
  expect(await asked.result).toMatchObject({ outcome: 'denied', votes: [{ person: 'ben' }, { person: 'cy' }] });
});

test('nobody answers: reminders in the thread, then it says so, and the leads are told', async () => {
  const asked = await ask({ tier: 'break-glass', quorum: 1 });
  expect((await asked.result).outcome).toBe('expired');
  const texts = here.slack.messages().map((one) => one.readable);
  expect(texts.filter((text) => /Still waiting/.test(text)).length).toBeGreaterThanOrEqual(3);
  expect(texts[0]).toMatch(/^⌛ Nobody answered/);
  expect(here.slack.messages().filter((one) => one.channel === 'C0LEADS').map((one) => one.readable)).toEqual([expect.stringMatching(/back-up approvers/), expect.stringMatching(/stays undone/)]);
});
