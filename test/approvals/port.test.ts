import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { ApprovalRequest } from '../../playbook/model/approval';
import { createApprovalPort } from '../../approvals/temporal';
import type { ApprovalPort } from '../../approvals/ports';
import { DIGEST, OTHER_DIGEST, request, vote } from './fixtures';
import { TASK_QUEUE, timeMachine } from './time-machine';
import { until } from './until';

let env: TestWorkflowEnvironment;
let stop: () => Promise<void>;
let port: ApprovalPort;
let approvers = ['ada', 'ben', 'cy'];

beforeAll(async () => {
  ({ env, stop } = await timeMachine({
    showApproval: async () => ({ delivered: true, handle: { ts: '1' } }),
    lookUpApprovers: async (_: { request: ApprovalRequest }) => approvers.map((id) => ({ id, name: id, email: '', slack: null, identities: [], roles: [], active: true })),
    escalate: async () => [],
  }));
  port = createApprovalPort(env.client, 20_000);
}, 180_000);
afterAll(() => stop?.());

let count = 0;
async function ask(over: Partial<ApprovalRequest> = {}): Promise<string> {
  count += 1;
  const id = `apr-${count.toString(16).padStart(20, '0')}`;
  await env.client.workflow.start('approval', { workflowId: id, taskQueue: TASK_QUEUE, args: [{ ...request({ id, ...over }), caseKey: 'inc-1.1' }] });
  await until(async () => ((await port.stateOf(id))?.approvers.length ?? 0) > 0, 'the first look-up');
  return id;
}

test('votes, refusals and states pass through', async () => {
  const id = await ask();
  expect(await port.decide(id, vote('ada'))).toMatchObject({ ok: true, state: { approvals: 1 } });
  expect(await port.decide(id, vote('mallory'))).toMatchObject({ ok: false, code: 'VOTER_NOT_ALLOWED' });
  expect(await port.decide(id, vote('ben', 'approve', { digest: OTHER_DIGEST }))).toMatchObject({ ok: false, code: 'APPROVAL_DIGEST' });
  expect(await port.decide(id, { person: 'ben', digest: DIGEST, reason: '', via: 'cli', voteId: 'v', decision: 'maybe' as 'deny' })).toMatchObject({ ok: false, code: 'INVALID_INPUT' });
  expect(await port.stateOf(id)).toMatchObject({ status: 'open', votes: [{ person: 'ada' }] });
});

test('after the end: closed in words, yet a vote that counted and lost its answer is still a yes', async () => {
  const id = await ask({ tier: 'approve', quorum: 1 });
  const click = vote('ada');
  await port.decide(id, click);
  await env.client.workflow.getHandle(id).result();
  expect(await port.decide(id, click)).toMatchObject({ ok: true });
  // Temporal forgets update ids with the run's retention: then the vote in the closed workflow answers.
  expect(await port.decide(id, vote('ada'))).toMatchObject({ ok: true, state: { status: 'approved' } });
  expect(await port.decide(id, vote('ben'))).toMatchObject({ ok: false, code: 'APPROVAL_CLOSED', message: 'This question is already approved.' });
  expect(await port.decide(id, vote('ada', 'deny'))).toMatchObject({ ok: false, code: 'APPROVAL_CLOSED' });
});

test('a late click on a question that is over has nothing replayed: the server alone answers', async () => {
  const id = await ask({ tier: 'approve', quorum: 1 });
  await port.decide(id, vote('ada'));
  await env.client.workflow.getHandle(id).result();
  const queried = jest.spyOn(env.client.workflow.workflowService, 'queryWorkflow');
  try {
    expect(await Promise.all(['ben', 'cy', 'ben'].map((one) => port.decide(id, vote(one))))).toEqual(Array(3).fill({ ok: false, code: 'APPROVAL_CLOSED', message: 'This question is already approved.' }));
    expect(queried).not.toHaveBeenCalled();
  } finally {
    queried.mockRestore();
  }
});

test('an approval that never was', async () => {
  expect(await port.stateOf('apr-ffffffffffffffffffff')).toBeNull();
  expect(await port.decide('apr-ffffffffffffffffffff', vote('ada'))).toMatchObject({ ok: false, code: 'APPROVAL_CLOSED' });
});

test('Temporal away is thrown, never taken for a refusal', async () => {
  await expect(createApprovalPort(env.client, 1).decide(await ask(), vote('ada'))).rejects.toThrow();
});

test('one click sent fifty times at once is one vote', async () => {
  const id = await ask();
  const click = vote('ada');
  const answers = await Promise.all(Array.from({ length: 50 }, () => port.decide(id, click)));
  expect(answers.every((one) => one.ok)).toBe(true);
  expect((await port.stateOf(id))!.votes).toHaveLength(1);
  const { events } = await env.client.workflow.getHandle(id).fetchHistory();
  expect(events!.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes)).toHaveLength(1);
});

test('fifty people at once: decided once, by two', async () => {
  approvers = Array.from({ length: 50 }, (_, index) => `p${index}`);
  const id = await ask();
  const answers = await Promise.all(approvers.map((one) => port.decide(id, vote(one))));
  const result = (await env.client.workflow.getHandle(id).result()) as { outcome: string; votes: unknown[] };
  expect(result.outcome).toBe('approved');
  expect(answers.filter((one) => one.ok).length).toBe(result.votes.length);
  expect(answers.filter((one) => !one.ok).every((one) => !one.ok && one.code === 'APPROVAL_CLOSED')).toBe(true);
});

test('eight questions open at once, ten people clicking twice on each: each is decided once, by two', async () => {
  approvers = Array.from({ length: 10 }, (_, index) => `p${index}`);
  const open = await Promise.all(Array.from({ length: 8 }, () => ask()));
  const answers: Awaited<ReturnType<ApprovalPort['decide']>>[] = [];
  // One click after the other: the time-skipping server loses count of its locks when many come at once; the bench does that on the real one.
  for (const one of approvers) for (const id of open) {
    const click = vote(one);
    answers.push(await port.decide(id, click), await port.decide(id, click));
  }
  const results = (await Promise.all(open.map((id) => env.client.workflow.getHandle(id).result()))) as { outcome: string; votes: { person: string }[] }[];
  // While the directory is asked again, further votes still count: two at least, each of another person.
  for (const { outcome, votes } of results) expect([outcome, votes.length >= 2, new Set(votes.map(({ person }) => person)).size]).toEqual(['approved', true, votes.length]);
  // Both clicks of a vote that counted are told so; everybody else was too late.
  expect(answers.filter((one) => one.ok)).toHaveLength(results.flatMap(({ votes }) => votes).length * 2);
}, 120_000);
