import { ApplicationFailure } from '@temporalio/common';
import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import type { PersonalLoan } from '../../activities/contract';
import { personalDigest, type Claim, type PersonalRequest } from '../../playbook/break-glass-person';
import { approvalStateQuery, confirmUpdate, decideUpdate } from '../../workflows/approval-messages';
import { createHandOver } from '../../activities/hand-over';
import { createDelivery } from '../../workers/deliver';
import { breakGlassForPerson, type incident } from '../../workflows';
import { statusQuery } from '../../workflows/messages';
import { claimUpdate, giveBackUpdate, openedUpdate, personalQuery, sealedQuery, type PersonalInput } from '../../workflows/break-glass-person/messages';
import { incidentIdOf, type Principal } from '../../playbook/model/principal';
import { queues } from '../../playbook/queues';
import { decide } from '../../playbook/triage/decide';
import { noDocuments } from '../../playbook/triage/inputs';
import { signAs } from '../keys';
import { closeStage, onStage, openStage, recordHistory, until, type Stage } from './harness';
import { settings, World } from './world';

let stage: Stage;
// A clock of its own for each: what one test leaves to do would hold the next one’s up.
beforeEach(async () => { stage = await openStage(); }, 180_000);
afterEach(() => closeStage(stage));

const MINUTE = 60_000;
const ROOT: Principal = { provider: 'aws', account: '111122223333', kind: 'root', id: 'arn:aws:iam::111122223333:root', name: 'root' };
const request = (over: Partial<PersonalRequest> = {}): PersonalRequest =>
  ({ credential: 'people.root', what: 'root password of management', account: '111122223333', requester: 'ada', reason: 'close the support case', ttlMs: 30 * MINUTE, bypass: null, ...over });
const BYPASS = { afterMs: 15 * MINUTE, ttlMs: 10 * MINUTE };

/** The vault's worker, the cloud and the people around one request. */
class Scene extends World {
  changed = false;
  newVersion = false;
  loans: PersonalLoan[] = [];
  ttlMs = 30 * MINUTE;
  failDeliver: string | null = null;
  /** Whose key is under the request. */
  signer = 'ada';
  looks = 0;
  constructor() {
    super('aws');
  }
  override providerActivities() {
    return { ...super.providerActivities(), 'aws.rotate-root-password.verify': ({ step }: { step: { id: string } }) => { this.looks += 1; return Promise.resolve({ step: step.id, state: 'done', holds: this.changed, error: null, seen: {}, at: new Date().toISOString() }); } } as never;
  }
  override breakGlassActivities() {
    return {
      ...super.breakGlassActivities(),
      checkOutForPerson: (loan: PersonalLoan) => { this.calls.push('checkOut'); this.loans.push(loan); return Promise.resolve({ credential: 'people.root', leaseId: 'lease-1', version: 1, deadline: new Date(Date.now() + this.ttlMs).toISOString(), account: '111122223333' }); },
      deliverToPerson: () => {
        this.calls.push('deliver');
        if (this.failDeliver) throw ApplicationFailure.nonRetryable('opened by somebody else', this.failDeliver, { accessor: 'accessor-1', path: 'break-glass/data/people/root', madeFrom: 'sys/wrapping/wrap', at: '2026-03-01T14:00:00.000Z' });
        return Promise.resolve({ sealed: { ephemeral: 'e', iv: 'i', ciphertext: 'c' }, accessor: 'accessor' });
      },
      settleForPerson: ({ provenAt }: { provenAt: string }) => Promise.resolve(this.newVersion ? { credential: 'people.root', oldFingerprint: 'version 1', newFingerprint: 'version 2', newVersion: 2, provenLoginAt: provenAt, oldRefused: true } : null),
    } as never;
  }
}

let number = 0;
interface Running { scene: Scene; handle: WorkflowHandle<typeof breakGlassForPerson>; input: PersonalInput; claim(over?: Partial<Claim>): Promise<unknown>; answer(decision: 'approve' | 'deny', approval?: string): Promise<void> }

async function running(over: Partial<PersonalRequest>, scene: Scene, play: (one: Running) => Promise<void>): Promise<void> {
  number += 1;
  const asks = request(over);
  const id = `bgp-${String(number).padStart(20, '0')}`;
  const input: PersonalInput = {
    id, request: asks, principal: ROOT,
    signature: signAs({ act: 'break-glass-request', person: 'ada', request: id, credential: asks.credential, forMs: asks.ttlMs, bypass: asks.bypass !== null, reason: asks.reason }, await stage.env.currentTimeMs(), scene.signer), asking: { ...settings.approvals['break-glass'], secondFactor: true }, consoleUrl: 'https://tourniquet.example.com', claimMs: 30 * MINUTE,
    humanTask: { everyMs: 10 * MINUTE, escalateAfterMs: 120 * MINUTE },
    change: { id: 'aws.rotate-root-password#1', action: 'aws.rotate-root-password', row: '2.2.2', title: 'Change the root password', target: { provider: 'aws', account: '111122223333', region: null, kind: 'account', id: '1', name: '1' }, params: {}, tier: 'automatic', reversible: false, queue: 'cloud', human: true, before: {}, change: ['Set a new one'], needed: true, because: 'x' },
  };
  await onStage(stage, scene, async () => {
    const handle = await stage.client.workflow.start(breakGlassForPerson, { taskQueue: queues.workflows, workflowId: input.id, args: [input] });
    const claim = (more: Partial<Claim> = {}): Promise<unknown> => {
      const one: Claim = { person: 'ada', digest: personalDigest(input.request), nonce: `nonce-${Math.random()}`.padEnd(20, '0'), expires: '2199-01-01T00:00:00.000Z', sealTo: 'B'.repeat(87), assertion: { id: 'key' }, ...more };
      return handle.executeUpdate(claimUpdate, { args: [one], updateId: one.nonce });
    };
    const answer = async (decision: 'approve' | 'deny', approval?: string): Promise<void> => {
      const id = approval ?? (await until(async () => (await handle.query(personalQuery)).approval || null, 'the question'));
      const asked = stage.client.workflow.getHandle(id);
      const view = await until(async () => { const seen = await asked.query(approvalStateQuery).catch(() => null); return seen && seen.approvers.length > 0 ? seen : null; }, 'the approvers');
      await asked.executeUpdate(decideUpdate, { args: [{ person: 'mia', decision, digest: view.digest, reason: 'seen', via: 'slack', voteId: `${id}/mia` }] });
      if (decision === 'approve' && view.secondFactor) await asked.executeUpdate(confirmUpdate, { args: [{ person: 'mia', digest: view.digest, nonce: `nonce-of-mia-${number}`.padEnd(20, '0'), expires: new Date(Date.parse(view.openedAt) + 4 * MINUTE).toISOString(), assertion: { id: 'key' } }] });
    };
    await play({ scene, handle, input, claim, answer });
  });
}

const status = (handle: Running['handle'], wanted: string) => until(async () => (await handle.query(personalQuery)).status === wanted, `status ${wanted}`);
const code = (work: Promise<unknown>): Promise<string> => work.then(() => 'accepted', (error: unknown) => (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure ? String(error.cause.type) : String(error)));
const change = (scene: Scene): void => { scene.changed = true; scene.newVersion = true; };

test('asked, approved with a passkey, claimed by the requester alone, shown once, given back, changed, proven', () =>
  running({}, new Scene(), async ({ scene, handle, claim, answer, input }) => {
    expect(await code(claim())).toBe('APPROVAL_CLOSED');
    await answer('approve');
    await status(handle, 'ready');
    expect(scene.calls).not.toContain('checkOut');
    expect(await code(claim({ person: 'mia' }))).toBe('VOTER_NOT_ALLOWED');
    expect(await code(claim({ digest: 'f'.repeat(64) }))).toBe('APPROVAL_DIGEST');
    expect(await code(claim({ expires: new Date(0).toISOString() }))).toBe('SECOND_FACTOR_REFUSED');
    expect(await code(claim({ sealTo: 'short' }))).toBe('INVALID_INPUT');
    expect(await code(claim())).toBe('accepted');
    await status(handle, 'shown');
    expect(await code(claim())).toBe('APPROVAL_CLOSED');
    expect(await handle.query(sealedQuery)).toEqual({ ephemeral: 'e', iv: 'i', ciphertext: 'c' });
    const lent = (await handle.query(personalQuery)).use!;
    expect(lent).toMatchObject({ request: input.id, requester: 'ada', until: (await handle.query(personalQuery)).until, changedAt: null });
    expect(await code(handle.executeUpdate(openedUpdate, { args: [{ by: 'ben' }] }))).toBe('VOTER_NOT_ALLOWED');
    await handle.executeUpdate(openedUpdate, { args: [{ by: 'ada' }] });
    expect(await handle.query(sealedQuery)).toBeNull();
    expect(await code(handle.executeUpdate(giveBackUpdate, { args: [{ by: 'ben', via: 'console' }] }))).toBe('VOTER_NOT_ALLOWED');
    await handle.executeUpdate(giveBackUpdate, { args: [{ by: 'ada', via: 'console' }] });
    change(scene);
    expect(await handle.result()).toMatchObject({ outcome: 'changed', bypassed: false, proof: { newVersion: 2 } });
    const over = (await handle.query(personalQuery)).use!;
    expect(over.from).toBe(lent.from);
    expect(Date.parse(over.until)).toBeLessThan(Date.parse(lent.until));
    expect(over.changedAt).not.toBeNull();
    await recordHistory(stage, 'break-glass-for-a-person', input.id);
    await recordHistory(stage, 'approval-with-a-passkey', (await handle.query(personalQuery)).approval);
    expect(scene.leases.returned).toBe(1);
    expect(scene.loans[0]).toMatchObject({ id: input.id, request: input.request, claim: { person: 'ada', assertion: { id: 'key' } } });
    expect(scene.notices.map((one) => one.title)).not.toContainEqual(expect.stringMatching(/time .* is over/));
  }), 120_000);

test('asked for with somebody else’s key: nobody is asked, nothing is lent, people hear of it', () =>
  running({}, Object.assign(new Scene(), { signer: 'eve' }), async ({ scene, handle }) => {
    expect(await handle.result()).toMatchObject({ outcome: 'refused', error: expect.stringMatching(/not by a key/) });
    expect(scene.shown).toEqual([]);
    expect(scene.calls).not.toContain('checkOut');
    expect(scene.notices).toContainEqual(expect.objectContaining({ level: 'warn', title: expect.stringMatching(/in the name of ada, not by them/) }));
  }), 120_000);

test('a return on the command line counts with the requester’s own signature only', () =>
  running({}, new Scene(), async ({ scene, handle, claim, answer, input }) => {
    const back = async (key: string) => handle.executeUpdate(giveBackUpdate, { args: [{ by: 'ada', via: 'cli', signature: signAs({ act: 'break-glass-return', person: 'ada', request: input.id }, await stage.env.currentTimeMs(), key) }] });
    await answer('approve');
    await status(handle, 'ready');
    await claim();
    await status(handle, 'shown');
    await back('eve');
    await until(() => scene.entries.some((one) => /does not count/.test(one.text)), 'the forged return is written down');
    expect((await handle.query(personalQuery)).status).toBe('shown');
    await back('ada');
    await status(handle, 'changing');
    change(scene);
    expect(await handle.result()).toMatchObject({ outcome: 'changed' });
    expect(await code(handle.executeUpdate(giveBackUpdate, { args: [{ by: 'ada' } as never] }))).not.toBe('accepted');
  }), 120_000);

test('not given back: taken back at the end of its time, people are paged, and it goes on until the change is proven', () =>
  running({}, new Scene(), async ({ scene, handle, claim, answer }) => {
    await answer('approve');
    await status(handle, 'ready');
    await claim();
    await status(handle, 'shown');
    await stage.env.sleep('31 minutes');
    await status(handle, 'changing');
    await stage.env.sleep('50 minutes');
    await until(() => scene.looks > 3, 'the cloud is asked again and again');
    expect(scene.leases.returned).toBe(1);
    expect(scene.notices).toContainEqual(expect.objectContaining({ level: 'page', title: 'The time for root password of management is over' }));
    scene.changed = true;
    await stage.env.sleep('130 minutes');
    await until(() => scene.escalations.some((one) => one.condition === 'break-glass/change-late'), 'late is escalated');
    scene.newVersion = true;
    expect(await handle.result()).toMatchObject({ outcome: 'changed' });
  }), 120_000);

test.each([['denied', 'deny'], ['expired', null]] as const)('%s: nothing is lent', (outcome, decision) =>
  running({}, new Scene(), async ({ scene, handle, answer }) => {
    if (decision) await answer(decision);
    expect(await handle.result()).toMatchObject({ outcome });
    expect(scene.calls).not.toContain('checkOut');
  }), 120_000);

test('approved and never claimed: nothing was lent', () =>
  running({}, new Scene(), async ({ scene, handle, answer }) => {
    await answer('approve');
    expect(await handle.result()).toMatchObject({ outcome: 'unclaimed' });
    expect(scene.calls).not.toContain('checkOut');
  }), 120_000);

test('taken back by the requester before an answer: the question is withdrawn', () =>
  running({}, new Scene(), async ({ scene, handle }) => {
    const approval = await until(async () => (await handle.query(personalQuery)).approval || null, 'the question');
    await until(() => scene.shown.some((one) => one.request.id === approval), 'the question is shown');
    await handle.executeUpdate(giveBackUpdate, { args: [{ by: 'ada', via: 'console' }] });
    expect(await handle.result()).toMatchObject({ outcome: 'withdrawn' });
    await until(async () => (await stage.client.workflow.getHandle(approval).describe()).status.name === 'CANCELLED', 'withdrawn');
  }), 120_000);

test('a wrapping that somebody else opened is an incident on whom it signs in as: critical, with what was seen; paged, escalated, returned, its change demanded at once', () =>
  running({}, Object.assign(new Scene(), { failDeliver: 'WRAPPING_COMPROMISED' }), async ({ scene, handle, claim, answer, input }) => {
    await answer('approve');
    await status(handle, 'ready');
    await claim();
    await status(handle, 'changing');
    expect(await handle.query(sealedQuery)).toBeNull();
    expect((await handle.query(personalQuery)).use).toBeNull();
    const { principal, alert } = await until(() => scene.raised[0], 'the incident is opened');
    expect(principal).toEqual(ROOT);
    expect(alert).toMatchObject({ source: 'tourniquet', time: '2026-03-01T14:00:00.000Z', principal: ROOT, facts: { accessor: 'accessor-1', path: 'break-glass/data/people/root', madeFrom: 'sys/wrapping/wrap', breakGlass: input.id } });
    expect(decide({ alerts: [alert], documents: noDocuments, lookedUp: null, now: '2026-03-01T14:00:01.000Z' })).toMatchObject({ kind: 'critical', risk: 'critical' });
    expect(scene.tasks).toContain('Change root password of management NOW: it was stolen');
    await until(() => scene.escalations.some((one) => one.condition === 'break-glass/change-late'), 'nobody waits for hours');
    change(scene);
    expect(await handle.result()).toMatchObject({ outcome: 'failed', error: expect.stringContaining('WRAPPING_COMPROMISED'), proof: { newVersion: 2 } });
    expect(scene.raised).toHaveLength(1);
    expect(scene.entries).toContainEqual(expect.objectContaining({ text: expect.stringContaining(incidentIdOf(ROOT)), data: expect.objectContaining({ accessor: 'accessor-1' }) }));
    expect(scene.escalations).toContainEqual(expect.objectContaining({ condition: 'break-glass/stolen', to: ['ciso', 'soc-lead'] }));
    expect(scene.notices).toContainEqual(expect.objectContaining({ level: 'page', title: expect.stringMatching(/^INCIDENT/) }));
    expect(scene.leases.returned).toBe(1);
  }), 120_000);

test('the incident of what was stolen really opens, is critical, and contains whoever signs in with it', () => {
  const scene = Object.assign(new Scene(), { failDeliver: 'WRAPPING_COMPROMISED', plans: { containment: [{ action: 'x.deny-root', row: '2.1.1' }] } });
  const onCase = scene.caseActivities.bind(scene);
  scene.caseActivities = () => ({ ...onCase(), ...createHandOver({ deliver: createDelivery(stage.client), origin: (principal) => principal }) });
  return running({}, scene, async ({ handle, claim, answer }) => {
    await answer('approve');
    await status(handle, 'ready');
    await claim();
    const opened = stage.client.workflow.getHandle<typeof incident>(incidentIdOf(ROOT));
    const seen = await until(async () => { const now = await opened.query(statusQuery).catch(() => null); return now?.times.contained ? now : null; }, 'it is contained');
    expect(seen).toMatchObject({ principal: ROOT, verdict: { kind: 'critical' } });
    expect(scene.calls).toContain('x.deny-root.apply');
    change(scene);
    expect(await handle.result()).toMatchObject({ outcome: 'failed', proof: { newVersion: 2 } });
    await opened.terminate();
  });
}, 120_000);

test('bypass: asked first, everybody passed over is told by name, lent for less time, changed and reviewed by somebody else', () =>
  running({ bypass: BYPASS }, Object.assign(new Scene(), { ttlMs: BYPASS.ttlMs }), async ({ scene, handle, claim, answer, input }) => {
    await stage.env.sleep('16 minutes');
    await status(handle, 'ready');
    const asked = scene.shown.find((one) => one.state === 'open')!;
    expect(asked.request.deadlineMs).toBe(BYPASS.afterMs);
    expect(asked.request.changes.join(' ')).toMatch(/BYPASS asked for/);
    expect(scene.escalations).toContainEqual(expect.objectContaining({ condition: 'break-glass/bypass', lines: expect.arrayContaining([expect.stringMatching(/Passed over: .*mia/), 'Reason: close the support case']) }));
    expect(scene.notices).toContainEqual(expect.objectContaining({ level: 'page', title: expect.stringMatching(/^BYPASS/) }));
    await claim();
    await status(handle, 'shown');
    change(scene);
    await stage.env.sleep('11 minutes');
    const review = await until(() => scene.shown.find((one) => one.request.title.startsWith('Review:')), 'the review is asked');
    expect(review.request).toMatchObject({ requester: 'ada', tier: 'break-glass' });
    await answer('approve', review.request.id);
    expect(await handle.result()).toMatchObject({ outcome: 'changed', bypassed: true });
    expect(scene.entries.some((one) => one.text.includes('The bypass is reviewed: justified'))).toBe(true);
    expect(input.request.bypass).not.toBeNull();
  }), 120_000);

test('a bypass that is denied lends nothing', () =>
  running({ bypass: BYPASS }, new Scene(), async ({ scene, handle, answer }) => {
    await answer('deny');
    expect(await handle.result()).toMatchObject({ outcome: 'denied', bypassed: false });
    expect(scene.calls).not.toContain('checkOut');
  }), 120_000);

test('a bypass that nobody reviews is escalated', () =>
  running({ bypass: BYPASS }, new Scene(), async ({ scene, handle, claim }) => {
    await stage.env.sleep('16 minutes');
    await status(handle, 'ready');
    await claim();
    await status(handle, 'shown');
    change(scene);
    expect(await handle.result()).toMatchObject({ bypassed: true });
    expect(scene.escalations).toContainEqual(expect.objectContaining({ condition: 'break-glass/review', title: expect.stringMatching(/not reviewed by anybody/) }));
  }), 120_000);
