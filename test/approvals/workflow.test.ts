import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Delivery, Escalation, ShownApproval } from '../../activities/contract';
import type { ApprovalRequest, ApprovalResult, Confirmation, Vote } from '../../playbook/model/approval';
import type { ApprovalView } from '../../approvals/policy';
import type { approval } from '../../workflows/approval';
import type { ApprovalInput } from '../../workflows/approval-messages';
import { DIGEST, MINUTE, OTHER_DIGEST, request, vote } from './fixtures';
import { signStatement } from '../../cli/sign';
import { VOTE_NAMESPACE, voteStatement } from '../../playbook/vote-statement';
import { TASK_QUEUE, timeMachine } from './time-machine';
import { until } from './until';

let env: TestWorkflowEnvironment;
let stop: () => Promise<void>;
/** Of the test that runs. */
let world: World;

beforeEach(async () => {
  ({ env, stop } = await timeMachine({
    showApproval: (input: ShownApproval) => world.showApproval(input),
    lookUpApprovers: (input: { request: ApprovalRequest; backup: boolean }) => world.lookUpApprovers(input),
    escalate: (input: Escalation) => world.escalate(input),
  }));
}, 180_000);
afterEach(() => stop?.());

/** The world around one approval: a Slack, a directory and contacts that the test can break. */
class World {
  slackUp = true;
  directoryUp = true;
  approvers = ['ada', 'ben', 'cy'];
  backups = ['zoe'];
  keys: Record<string, string[]> = {};
  shown: ShownApproval[] = [];
  tries = 0;
  escalations: Escalation[] = [];
  lookUps: boolean[] = [];

  async showApproval(input: ShownApproval) {
    this.tries += 1;
    if (!this.slackUp) return { delivered: false, handle: input.handle ?? {} };
    this.shown.push(input);
    return { delivered: true, handle: { channel: 'C1', ts: '1.1' } };
  }

  async lookUpApprovers({ backup }: { backup: boolean }) {
    this.lookUps.push(backup);
    if (!this.directoryUp) throw ApplicationFailure.nonRetryable('the directory is away', 'UNEXPECTED');
    return [...this.approvers, ...(backup ? this.backups : [])].map((id) => ({ id, name: id, email: `${id}@example.com`, slack: null, identities: [], roles: [], active: true, keys: this.keys[id] ?? [] }));
  }

  async escalate(input: Escalation): Promise<Delivery[]> {
    this.escalations.push(input);
    return [];
  }
}

interface Asked {
  world: World;
  handle: WorkflowHandle<typeof approval>;
  decide(cast: Vote): Promise<ApprovalView>;
  state(): Promise<ApprovalView>;
}

async function asking(over: Partial<ApprovalInput>, ownWorld: World, then: (asked: Asked) => Promise<void>): Promise<void> {
  world = ownWorld;
  const { id } = request();
  const handle = await env.client.workflow.start<typeof approval>('approval', { workflowId: id, taskQueue: TASK_QUEUE, args: [{ ...request(), caseKey: 'inc-1.1', ...over }] });
  const state = (): Promise<ApprovalView> => handle.query<ApprovalView>('state');
  const decide = (cast: Vote): Promise<ApprovalView> => handle.executeUpdate<ApprovalView, [Vote]>('decide', { args: [cast], updateId: cast.voteId });
  if (over.quorum !== 0) await until(async () => (await state()).approvers.length > 0 || world.approvers.length === 0, 'the first look-up');
  await then({ world, handle, state, decide });
}

const refusal = (attempt: Promise<unknown>): Promise<string | null | undefined> =>
  attempt.then(() => 'accepted', (error: unknown) => (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure ? error.cause.type : `not a refusal: ${String(error)}`));

test('two people approve; the message follows, the last one without buttons', () =>
  asking({}, new World(), async ({ decide, handle, world }) => {
    expect((await decide(vote('ada'))).waitingFor).toMatch(/second approver/);
    await decide(vote('ben'));
    const result = await handle.result();
    expect(result).toMatchObject({ outcome: 'approved', digest: DIGEST, votes: [{ person: 'ada' }, { person: 'ben' }] });
    expect(world.shown.at(0)).toMatchObject({ state: 'open', handle: null });
    expect(world.shown.at(-1)).toMatchObject({ state: 'approved', handle: { ts: '1.1' } });
    expect(Object.keys(world.shown[0]!.request)).not.toContain('caseKey');
  }));

test('refusals come back as codes of the table and leave no trace in the history', () =>
  asking({}, new World(), async ({ decide, handle }) => {
    await decide(vote('ada'));
    const before = (await handle.fetchHistory()).events!.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes).length;
    expect(await refusal(decide(vote('mallory')))).toBe('VOTER_NOT_ALLOWED');
    expect(await refusal(decide(vote('rita')))).toBe('VOTER_NOT_ALLOWED');
    expect(await refusal(decide(vote('ada', 'deny')))).toBe('VOTER_NOT_ALLOWED');
    expect(await refusal(decide(vote('ben', 'approve', { digest: OTHER_DIGEST })))).toBe('APPROVAL_DIGEST');
    expect(await refusal(decide({ person: 'ben' } as Vote))).toBe('INVALID_INPUT');
    const after = (await handle.fetchHistory()).events!.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes).length;
    expect(after).toBe(before);
    await decide(vote('ben', 'deny'));
    expect((await handle.result()).outcome).toBe('denied');
  }));

test('the same click twice is one vote', () =>
  asking({}, new World(), async ({ decide, state }) => {
    const click = vote('ada');
    await Promise.all([decide(click), decide(click)]);
    expect((await state()).votes).toHaveLength(1);
  }));

test('a voter who left before the quorum does not count', () =>
  asking({}, new World(), async ({ decide, state, world, handle }) => {
    await decide(vote('ada'));
    world.approvers = ['ben', 'cy'];
    await decide(vote('ben'));
    await until(async () => (await state()).votes.length === 1, 'the dropped vote');
    expect((await state()).votes[0]!.person).toBe('ben');
    await decide(vote('cy'));
    expect((await handle.result()).outcome).toBe('approved');
  }));

test('nobody answers for an hour: reminded, back-up asked, expired, escalated', () =>
  asking({}, new World(), async ({ handle, world }) => {
    expect((await handle.result()).outcome).toBe('expired');
    expect(world.shown.filter((one) => one.reminder).length).toBeGreaterThanOrEqual(4);
    expect(world.lookUps).toContain(true);
    expect(world.shown.some((one) => one.approvers.includes('zoe'))).toBe(true);
    expect(world.escalations.map((one) => one.condition.split('/').pop())).toEqual(['nobody-answered', 'expired']);
    expect(world.escalations[0]).toMatchObject({ caseKey: 'inc-1.1', to: ['soc-lead', 'ciso'] });
  }));

test('containment that may proceed ends expired without escalating', () =>
  asking({ tier: 'approve', quorum: 1, onTimeout: 'proceed' }, new World(), async ({ handle, world }) => {
    expect((await handle.result()).outcome).toBe('expired');
    expect(world.escalations).toEqual([]);
  }));

test('an empty approver set escalates instead of hanging, and recovers when somebody is added', () => {
  const world = new World();
  world.approvers = [];
  world.backups = [];
  return asking({}, world, async ({ decide, state, handle }) => {
    await until(() => world.escalations.length > 0, 'the escalation');
    expect(world.escalations[0]!.condition).toMatch(/too-few-approvers$/);
    world.approvers = ['ada', 'ben'];
    await env.sleep('10m');
    await until(async () => (await state()).approvers.length === 2, 'the new approvers');
    await decide(vote('ada'));
    await decide(vote('ben'));
    expect((await handle.result()).outcome).toBe('approved');
  });
});

test('the requester takes it back; nobody else can', () =>
  asking({}, new World(), async ({ handle, world }) => {
    const withdraw = (by: string): Promise<unknown> => handle.executeUpdate('withdraw', { args: [{ by }] });
    expect(await refusal(withdraw('ada'))).toBe('VOTER_NOT_ALLOWED');
    await withdraw('rita');
    expect((await handle.result()).outcome).toBe('withdrawn');
    expect(world.shown.at(-1)!.state).toBe('withdrawn');
  }));

test('Slack away: votes still count, and the end is told once Slack is back', () => {
  const world = new World();
  world.slackUp = false;
  return asking({}, world, async ({ decide, handle }) => {
    await decide(vote('ada', 'approve', { via: 'console' }));
    await decide(vote('ben', 'approve', { via: 'console' }));
    expect((await handle.result()).outcome).toBe('approved');
    expect(world.shown).toEqual([]);
    world.slackUp = true;
    await env.client.workflow.getHandle(`${handle.workflowId}/aftermath`).result();
    expect(world.shown.at(-1)).toMatchObject({ state: 'approved', votes: [{ person: 'ada' }, { person: 'ben' }] });
  });
});

test('Slack away for ten minutes: the question appears when it is back', () => {
  const world = new World();
  world.slackUp = false;
  return asking({}, world, async ({ handle }) => {
    await until(() => world.tries >= 1, 'the first try');
    world.slackUp = true;
    await env.sleep('5m');
    await until(() => world.shown.length > 0, 'the message');
    await handle.terminate();
  });
});

test('the directory away at the vote: nothing is decided until it answers', () => {
  const world = new World();
  return asking({ tier: 'approve', quorum: 1 }, world, async ({ decide, state, handle }) => {
    world.directoryUp = false;
    await decide(vote('ada'));
    await until(() => world.lookUps.length >= 2, 'the refused look-up');
    expect((await state()).status).toBe('open');
    expect((await state()).waitingFor).toMatch(/directory/);
    world.directoryUp = true;
    await env.sleep('1m');
    expect((await handle.result()).outcome).toBe('approved');
  });
});

test('a quorum of nobody is refused, and whoever asked is told', () =>
  (async () => {
    const asker = await env.client.workflow.start('asker', { workflowId: 'asker', taskQueue: TASK_QUEUE, args: [] });
    await asking({ quorum: 0, answerTo: asker.workflowId }, new World(), async ({ handle }) => {
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'INVALID_INPUT' } });
      expect(await asker.result()).toMatchObject({ outcome: 'withdrawn', votes: [] });
    });
  })());

test('the asker gets the answer as a signal', () =>
  asking({ tier: 'approve', quorum: 1, answerTo: 'asker' }, new World(), async ({ decide }) => {
    const asker = await env.client.workflow.start('asker', { workflowId: 'asker', taskQueue: TASK_QUEUE, args: [] });
    await decide(vote('cy', 'deny', { reason: 'this is my deployment' }));
    const answer: ApprovalResult = await asker.result();
    expect(answer).toMatchObject({ outcome: 'denied', votes: [{ person: 'cy', reason: 'this is my deployment' }] });
  }));

test('cancelled: the message says withdrawn, the workflow ends cancelled', () =>
  asking({}, new World(), async ({ handle, world }) => {
    await until(() => world.shown.length > 0, 'the message');
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(world.shown.at(-1)!.state).toBe('withdrawn');
  }));

test('a deadline later than a reminder is on the workflow’s clock', () =>
  asking({ deadlineMs: 3 * MINUTE, backupAfterMs: 1 * MINUTE, remindEveryMs: 0 }, new World(), async ({ handle }) => {
    const result = await handle.result();
    const { startTime } = await handle.describe();
    expect(Date.parse(result.decidedAt) - startTime.getTime()).toBeGreaterThanOrEqual(3 * MINUTE);
    expect(Date.parse(result.decidedAt) - startTime.getTime()).toBeLessThan(3 * MINUTE + 5_000);
  }));

test('break-glass: a click waits for the passkey, shown with the page to confirm it; refused confirmations leave no trace', () =>
  asking({ tier: 'break-glass', quorum: 1, secondFactor: true, consoleUrl: 'https://tourniquet.example.com/' }, new World(), async ({ decide, handle, state, world }) => {
    const now = (): string => new Date(Date.now() + 60_000).toISOString();
    const confirm = (over: Partial<Confirmation> = {}): Promise<ApprovalView> => {
      const one: Confirmation = { person: 'ada', digest: DIGEST, nonce: 'nonce-0123456789abcdef', expires: now(), assertion: { id: 'key' }, ...over };
      return handle.executeUpdate<ApprovalView, [Confirmation]>('confirm', { args: [one], updateId: one.nonce });
    };
    expect(await refusal(confirm())).toBe('VOTER_NOT_ALLOWED');
    expect((await decide(vote('ada'))).waitingFor).toMatch(/waiting for the second factor of ada/);
    await until(() => Promise.resolve(world.shown.some((one) => one.unconfirmed?.includes('ada'))), 'the message says what it waits for');
    expect(world.shown.at(-1)).toMatchObject({ state: 'open', unconfirmed: ['ada'], confirmLink: `https://tourniquet.example.com/confirm/${request().id}` });
    expect(await refusal(confirm({ person: 'ben', nonce: 'nonce-of-ben-0123456789' }))).toBe('VOTER_NOT_ALLOWED');
    expect(await refusal(confirm({ digest: OTHER_DIGEST, nonce: 'nonce-other-0123456789' }))).toBe('APPROVAL_DIGEST');
    expect((await state()).status).toBe('open');
    await confirm();
    expect(await handle.result()).toMatchObject({ outcome: 'approved', confirmations: [{ person: 'ada', nonce: 'nonce-0123456789abcdef' }] });
  }));

test('a vote from the command line counts only when the workflow finds it signed with the voter’s own key', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const file = join(mkdtempSync(join(tmpdir(), 'vote-')), 'key.pem');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const own = new World();
  own.keys = { ada: [publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex')] };
  return asking({ quorum: 1, tier: 'approve' }, own, async ({ handle, decide }) => {
    const at = new Date(await env.currentTimeMs()).toISOString();
    const signed = (cast: Vote): Vote => ({ ...cast, signature: { at, sshsig: signStatement(voteStatement(handle.workflowId, cast, at), VOTE_NAMESPACE, file) } });
    expect(await refusal(decide(vote('ada', 'approve', { via: 'cli' })))).toBe('VOTER_NOT_ALLOWED');
    expect(await refusal(decide(signed(vote('ben', 'approve', { via: 'cli' }))))).toBe('VOTER_NOT_ALLOWED');
    expect(await refusal(decide(signed(vote('ada', 'approve', { via: 'cli' }))))).toBe('accepted');
    expect(await handle.result()).toMatchObject({ outcome: 'approved', votes: [{ person: 'ada', via: 'cli' }] });
  });
});
