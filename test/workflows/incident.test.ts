import { incidentIdOf } from '../../playbook/model/principal';
import type { WorkflowHandle } from '@temporalio/client';
import { digestOf } from '../../playbook/digest';
import { undoUpdate } from '../../workflows/messages';
import { signAs } from '../keys';
import { providers } from './providers';
import { answerAll, closeStage, onStage, openStage, raise, recordHistory, status, until, type Stage } from './harness';
import { alertOf, HOUR, principalOf, World, type FakeStep } from './world';

const deny: FakeStep = { action: 'x.deny-user', row: '2.1.1' };
const keys: FakeStep = { action: 'x.disable-access-keys', row: '2.1.1' };
const block: FakeStep = { action: 'x.block-ip', row: '2.1.4', tier: 'approve' };
const blockForever: FakeStep = { action: 'x.block-for-ever', row: '2.1.4', tier: 'approve', reversible: false };
const remove: FakeStep = { action: 'x.delete-user', row: '3.1', tier: 'dual', reversible: false, name: 'mallory' };
const harden: FakeStep = { action: 'x.enforce-mfa', row: '4.1', tier: 'approve' };

const breakGlassId = (caseKey: string, credential: string) => `bgl-${digestOf([caseKey, credential]).slice(0, 20)}`;

const yes = (tier: string) => ({ people: tier === 'break-glass' ? ['mia'] : ['ada', 'ben'], decision: 'approve' as const });

async function askUndo(stage: Stage, handle: WorkflowHandle, by: string, reason: string, key = by): Promise<void> {
  const signature = signAs({ act: 'incident-undo', person: by, incident: handle.workflowId, reason }, await stage.env.currentTimeMs(), key);
  await handle.executeUpdate(undoUpdate, { args: [{ by, reason, signature }] });
}

/** One set of cases for every provider: a provider touches no workflow. */
describe.each(providers)('the incident on %s', (provider) => {
  let stage: Stage;
  beforeEach(async () => void (stage = await openStage()), 60_000);
  afterEach(() => closeStage(stage));

  const principal = principalOf(provider);

  test('contains before it investigates, removes with two yeses, hardens, watches 72 hours, closes sealed', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny, keys], eradication: [remove], recovery: [harden] };
    await onStage(stage, world, async () => {
      const before = await stage.env.currentTimeMs();
      const answers = answerAll(stage, world, yes);
      const handle = await raise(stage, principal, [alertOf(principal)]);
      const result = await handle.result();
      await answers.stop();
      expect(result).toMatchObject({ outcome: 'contained-and-recovered', sealHash: 'f'.repeat(64) });
      expect((await stage.env.currentTimeMs()) - before).toBeGreaterThanOrEqual(72 * HOUR);
      const at = (call: string) => world.calls.indexOf(call);
      expect(at('x.deny-user.apply')).toBeGreaterThan(-1);
      expect(at('x.deny-user.apply')).toBeLessThan(at('x.disable-access-keys.apply'));
      expect(at('x.disable-access-keys.apply')).toBeLessThan(at('check 1.2.1-who'));
      expect(at('x.delete-user.apply')).toBeLessThan(at('x.enforce-mfa.apply'));
      expect(world.calls.filter((call) => call === 'x.deny-user.apply')).toHaveLength(1);
      expect(world.calls.filter((call) => call === 'watch').length).toBeGreaterThanOrEqual(12);
      await recordHistory(stage, `incident-to-the-end-${provider}`, handle.workflowId);
      await recordHistory(stage, `approval-by-two-${provider}`, world.shown.find(({ request }) => request.tier === 'dual')!.request.id);
    });
  }, 60_000);

  test('reading for containment does not wait for triage, and a plan made beside it is acted upon only when the verdict is critical', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny] };
    const opened = world.caseActivities();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => { release = resolve; });
    world.caseActivities = () => ({ ...opened, openIncident: async (input: Parameters<typeof opened.openIncident>[0]) => { await held; return opened.openIncident(input); } });
    await onStage(stage, world, async () => {
      const handle = await raise(stage, principal, [alertOf(principal)]);
      await until(() => world.calls.includes('plan containment'), 'planned before the case is open');
      expect(world.calls).not.toContain('openIncident');
      release();
      await until(() => world.holding.size === 1, 'the deny holds');
      expect(world.calls.indexOf('openIncident')).toBeLessThan(world.calls.indexOf('x.deny-user.apply'));
      await until(() => world.calls.includes('keepPlan containment'), 'the plan is kept once the attacker is out');
      expect(world.calls.indexOf('x.deny-user.apply')).toBeLessThan(world.calls.indexOf('keepPlan containment'));
      await handle.terminate();
    });
  }, 60_000);

  test('the person behind the principal loses just-in-time access and gets none while it is open; nobody’s is held when nobody is behind it', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny] };
    world.linkedPeople = ['dana'];
    await onStage(stage, world, async () => {
      const handle = await raise(stage, principal, [alertOf(principal)]);
      await until(() => world.blocked.length === 1, 'grants are held');
      expect(world.blocked).toEqual([{ incident: handle.workflowId, people: ['dana'] }]);
      await until(() => world.holding.size === 1, 'contained all the same');
      await handle.terminate();
    });
    const nobody = new World(provider);
    nobody.plans = { containment: [deny] };
    await onStage(stage, nobody, async () => {
      const other = { ...principal, id: `${principal.id}-2` };
      const handle = await raise(stage, other, [alertOf(other)]);
      await until(() => nobody.holding.size === 1, 'contained');
      expect(nobody.blocked).toEqual([]);
      await handle.terminate();
    });
  }, 60_000);

  test('documented root use is closed and nothing is touched', async () => {
    const root = { ...principalOf(provider, 'root'), id: 'arn:aws:iam::111122223333:root', name: 'root' };
    const world = new World(provider);
    world.plans = { containment: [deny] };
    world.documents = {
      ...world.documents,
      knownUses: [{ id: 'k1', principal: root.id, events: ['root-login'], from: [], owner: 'ada', expires: '2999-01-01T00:00:00Z', document: 'DR-drill-7', source: 'register:known-use#1' }],
    };
    await onStage(stage, world, async () => {
      const handle = await raise(stage, root, [alertOf(root, { event: 'ConsoleLogin', service: 'signin.amazonaws.com', channel: 'console', facts: {}, target: null })]);
      expect(await handle.result()).toMatchObject({ outcome: 'false-positive' });
      expect(world.calls.filter((call) => call.includes('apply'))).toEqual([]);
      expect(JSON.stringify(world.entries)).toContain('DR-drill-7');
    });
  }, 60_000);

  test('what an attacker undoes is applied again', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny] };
    await onStage(stage, world, async () => {
      const handle = await raise(stage, principal, [alertOf(principal)]);
      await until(() => world.holding.size === 1, 'the deny holds');
      world.holding.clear();
      await handle.result();
      expect(world.calls.filter((call) => call === 'x.deny-user.apply').length).toBeGreaterThanOrEqual(2);
      expect(world.holding.size).toBe(1);
    });
  }, 60_000);

  test('what eradication puts back, and recovery lifts, is not taken for an attacker’s undoing', async () => {
    const world = new World(provider);
    const ends: Record<string, string> = { 'x.restore-trust': 'x.cut-role-trust', 'x.lift-deny': 'x.deny-user' };
    world.plans = {
      containment: [deny, keys, { action: 'x.cut-role-trust', row: '2.1.2' }], eradication: [{ action: 'x.restore-trust', row: '3.2', tier: 'dual' }], recovery: [{ action: 'x.lift-deny', row: '4.2', tier: 'approve' }],
    };
    world.onApply = (step) => { for (const id of [...world.holding]) if (id.startsWith(`${ends[step.action]}#`)) world.holding.delete(id); };
    await onStage(stage, world, async () => {
      const answers = answerAll(stage, world, yes);
      const handle = await raise(stage, principal, [alertOf(principal)]);
      expect(await handle.result()).toMatchObject({ outcome: 'contained-and-recovered' });
      await answers.stop();
      expect(world.calls.filter((call) => /cut-role-trust.apply|deny-user.apply/.test(call))).toHaveLength(2);
      expect(world.notices.some((notice) => notice.title.startsWith('Containment reopened'))).toBe(false);
    });
  }, 60_000);

  test('data exposed in public: the 72-hour clock of the law is tracked, a day and six hours before it ends', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny] };
    await onStage(stage, world, async () => {
      const open = { request: { bucketName: 'orders', bucketPolicy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::orders/*' }] } } };
      const handle = await raise(stage, principal, [alertOf(principal, { event: 'PutBucketPolicy', service: 's3.amazonaws.com', target: { kind: 'bucket', id: 'orders', account: principal.account }, facts: open })]);
      await handle.result();
      const told = world.escalations.filter((one) => one.condition.startsWith('6.5'));
      expect(told.map((one) => one.condition)).toEqual(['6.5', '6.5/reminder-1', '6.5/reminder-2', ...(told.length > 3 ? ['6.5/reminder-3'] : [])]);
      expect(told[0]!.deadline).not.toBeNull();
      expect(told.every((one) => one.to.includes('dpo'))).toBe(true);
    });
  }, 60_000);

  test('nobody answers: reversible containment goes ahead, nothing is destroyed, it ends as escalated', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny, block, blockForever], eradication: [remove], recovery: [harden] };
    await onStage(stage, world, async () => {
      const handle = await raise(stage, principal, [alertOf(principal)]);
      const result = await handle.result();
      expect(world.calls).toContain('x.block-ip.apply');
      expect(world.calls).not.toContain('x.block-for-ever.apply');
      expect(world.calls).not.toContain('x.delete-user.apply');
      expect(world.calls).not.toContain('x.enforce-mfa.apply');
      expect(result.outcome).toBe('escalated');
    });
  }, 60_000);

  test('one yes is not two: eradication waits for the second person', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny], eradication: [remove] };
    await onStage(stage, world, async () => {
      const answers = answerAll(stage, world, () => ({ people: ['ada', 'ada'], decision: 'approve' }));
      const handle = await raise(stage, principal, [alertOf(principal)]);
      await handle.result();
      await answers.stop();
      expect(world.calls).not.toContain('x.delete-user.apply');
    });
  }, 60_000);

  test('a plan over the blast radius needs a person before anything runs', async () => {
    const world = new World(provider);
    world.settings = { ...world.settings, blastRadius: 1 };
    world.plans = { containment: [deny, { ...keys, name: 'other' }] };
    await onStage(stage, world, async () => {
      const handle = await raise(stage, principal, [alertOf(principal)]);
      await until(() => world.shown.length > 0, 'a person is asked');
      expect(world.calls.filter((call) => call.endsWith('.apply'))).toEqual([]);
      const answers = answerAll(stage, world, yes);
      await until(() => world.holding.size === 2, 'approved steps hold');
      await answers.stop();
      await handle.terminate();
    });
  }, 60_000);

  test('undo: not by the person concerned, not without a second person, then last first', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny, keys] };
    world.linkedPeople = ['dana'];
    await onStage(stage, world, async () => {
      const handle = await raise(stage, principal, [alertOf(principal)]);
      await until(() => world.holding.size === 2, 'contained');
      await expect(handle.executeUpdate(undoUpdate, { args: [{ by: 'dana', reason: 'it was me' }] })).rejects.toMatchObject({ cause: { type: 'VOTER_NOT_ALLOWED' } });
      await expect(handle.executeUpdate(undoUpdate, { args: [{ by: 'ada', reason: ' ' }] })).rejects.toMatchObject({ cause: { type: 'INVALID_INPUT' } });
      await askUndo(stage, handle, 'ada', 'CHG1234 was filed late');
      const answers = answerAll(stage, world, (_tier, title) => (title.startsWith('Undo') ? { people: ['ada', 'ben'], decision: 'approve' } : null));
      expect(await handle.result()).toMatchObject({ outcome: 'undone' });
      await answers.stop();
      expect(world.undone).toEqual(['x.disable-access-keys', 'x.deny-user']);
      await recordHistory(stage, `incident-undone-${provider}`, handle.workflowId);
    });
  }, 60_000);

  test('an undo in somebody else’s name asks nobody, is told, and the incident goes on', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny] };
    await onStage(stage, world, async () => {
      const handle = await raise(stage, principal, [alertOf(principal)]);
      await until(() => world.holding.size === 1, 'contained');
      await askUndo(stage, handle, 'ada', 'nothing happened', 'ben');
      await until(async () => (await status(handle)).problems.some((one) => /in the name of ada and is not theirs/.test(one)), 'it is told');
      await handle.executeUpdate(undoUpdate, { args: [{ by: 'ada', reason: 'not signed' }] });
      const answers = answerAll(stage, world, yes);
      expect((await handle.result()).outcome).not.toBe('undone');
      await answers.stop();
      expect(world.shown.filter(({ request }) => request.title.startsWith('Undo'))).toEqual([]);
      expect(world.undone).toEqual([]);
    });
  }, 60_000);

  test('an undo that is denied leaves it contained, and the incident goes on', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny] };
    await onStage(stage, world, async () => {
      const handle = await raise(stage, principal, [alertOf(principal)]);
      await until(() => world.holding.size === 1, 'contained');
      await askUndo(stage, handle, 'ada', 'I think so');
      const answers = answerAll(stage, world, () => ({ people: ['ben'], decision: 'deny' }));
      expect((await handle.result()).outcome).not.toBe('undone');
      await answers.stop();
      expect(world.undone).toEqual([]);
      expect(world.holding.size).toBe(1);
    });
  }, 60_000);

  test('something moves in the watch: containment reopens and the 72 hours begin again', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny] };
    world.moves = [[], [{ time: '2026-01-01T00:00:00Z', event: 'CreateUser', by: 'dana', text: 'CreateUser by dana', blocked: false }]];
    await onStage(stage, world, async () => {
      const before = await stage.env.currentTimeMs();
      const handle = await raise(stage, principal, [alertOf(principal)]);
      await handle.result();
      expect((await stage.env.currentTimeMs()) - before).toBeGreaterThanOrEqual(84 * HOUR);
      expect(world.notices.some((notice) => notice.title.startsWith('Containment reopened'))).toBe(true);
    });
  }, 60_000);

  test('a task for a person keeps the incident open until the cloud’s own record proves it', async () => {
    const root = { ...principalOf(provider, 'root'), id: 'arn:aws:iam::111122223333:root', name: 'root' };
    const world = new World(provider);
    world.plans = { containment: [deny], root: [{ action: 'x.require-root-mfa', row: '2.2.1', human: true }] };
    world.proven = false;
    await onStage(stage, world, async () => {
      const before = await stage.env.currentTimeMs();
      const handle = await raise(stage, root, [alertOf(root, { event: 'ConsoleLogin', service: 'signin.amazonaws.com', channel: 'console', facts: {}, target: null })]);
      const ended = handle.result();
      await until(async () => (await stage.env.currentTimeMs()) - before > 80 * HOUR, 'the watch is over and it is still open', 30_000);
      expect((await status(handle)).phase).toBe('watch');
      world.proven = true;
      await ended;
      expect(world.notices.some((notice) => notice.title.startsWith('Still open'))).toBe(true);
    });
  }, 60_000);

  test('the same alert twice changes nothing; a storm is one incident that hands over and forgets nothing', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny] };
    const first = alertOf(principal);
    await onStage(stage, world, async () => {
      const handle = await raise(stage, principal, [first]);
      await until(() => world.holding.size === 1, 'contained');
      const firstRun = (await handle.describe()).runId;
      for (let wave = 0; wave < 45; wave += 1) {
        await Promise.all(Array.from({ length: 100 }, () => raise(stage, principal, [first, alertOf(principal)])));
      }
      const id = incidentIdOf(principal);
      const seen = await until(async () => {
        const now = await stage.client.workflow.getHandle(id).query('status') as Awaited<ReturnType<typeof status>>;
        return now.joined === 4_501 ? now : null;
      }, 'every alert joined', 180_000);
      expect(seen.steps).toHaveLength(1);
      expect(seen.alerts).toBe(1);
      expect(world.calls.filter((call) => call === 'openIncident')).toHaveLength(1);
      const described = await until(async () => {
        const now = await stage.client.workflow.getHandle(id).describe();
        return now.runId === firstRun ? null : now;
      }, 'a fresh run took over');
      expect(described.historyLength).toBeLessThan(9_000);
      await stage.client.workflow.getHandle(id).terminate();
    });
  }, 420_000);

  test('a containment that is refused is loud, and break-glass carries it', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny], 'break-glass': [deny] };
    world.failing = { 'x.deny-user.apply': 'ACCESS_DENIED' };
    world.settings = { ...world.settings, emergencyCredentials: { '111122223333': 'emergency' } };
    await onStage(stage, world, async () => {
      const answers = answerAll(stage, world, (tier) => {
        world.failing = {};
        return yes(tier);
      });
      const handle = await raise(stage, principal, [alertOf(principal)]);
      const seen = await until(async () => { const now = await status(handle).catch(() => null); return now?.breakGlass ? now : null; }, 'break-glass ended');
      await answers.stop();
      expect(seen.breakGlass).toMatchObject({ outcome: 'used', proof: { oldRefused: true } });
      expect(seen.problems.some((problem) => problem.includes('ACCESS_DENIED'))).toBe(true);
      expect(world.calls).toContain('x.deny-user.apply under lease');
      expect(world.calls.indexOf('returnCredential')).toBeLessThan(world.calls.indexOf('rotateCredential'));
      await recordHistory(stage, `break-glass-used-${provider}`, breakGlassId(`${handle.workflowId}.1`, 'emergency'));
      await handle.terminate();
    });
  }, 60_000);

  test('the credential goes back and is rotated even when every step under the lease fails', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny], 'break-glass': [deny, keys] };
    world.failing = { 'x.deny-user.apply': 'ACCESS_DENIED', 'x.disable-access-keys.apply': 'REJECTED_BY_CLOUD' };
    world.settings = { ...world.settings, emergencyCredentials: { '111122223333': 'emergency' } };
    await onStage(stage, world, async () => {
      const answers = answerAll(stage, world, yes);
      const handle = await raise(stage, principal, [alertOf(principal)]);
      const seen = await until(async () => { const now = await status(handle).catch(() => null); return now?.breakGlass ? now : null; }, 'break-glass ended');
      await answers.stop();
      expect(seen.breakGlass?.outcome).toBe('failed');
      expect(world.leases).toEqual({ out: 1, returned: 1, rotated: 1 });
      await handle.terminate();
    });
  }, 60_000);

  test('what eradication deleted while the manager was asked is no failure of break-glass', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny], 'break-glass': [deny] };
    world.failing = { 'x.deny-user.apply': 'ACCESS_DENIED' };
    world.settings = { ...world.settings, emergencyCredentials: { '111122223333': 'emergency' } };
    await onStage(stage, world, async () => {
      const answers = answerAll(stage, world, (tier) => {
        world.failing = { 'x.deny-user.apply': 'NOT_FOUND' };
        return yes(tier);
      });
      const handle = await raise(stage, principal, [alertOf(principal)]);
      const seen = await until(async () => { const now = await status(handle).catch(() => null); return now?.breakGlass ? now : null; }, 'break-glass ended');
      await answers.stop();
      expect(seen.breakGlass).toMatchObject({ outcome: 'used', error: null, steps: [{ state: 'already', holds: true }] });
      await handle.terminate();
    });
  }, 60_000);

  test('an undo withdraws what is still asked: nobody can approve break-glass for a person who did nothing', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny, keys], 'break-glass': [deny] };
    world.failing = { 'x.disable-access-keys.apply': 'ACCESS_DENIED' };
    world.settings = { ...world.settings, emergencyCredentials: { '111122223333': 'emergency' } };
    await onStage(stage, world, async () => {
      const handle = await raise(stage, principal, [alertOf(principal)]);
      const asked = await until(() => world.shown.find(({ request }) => request.tier === 'break-glass'), 'break-glass is asked');
      await askUndo(stage, handle, 'ada', 'it was meant');
      const answers = answerAll(stage, world, (_tier, title) => (title.startsWith('Undo') ? { people: ['ben'], decision: 'approve' } : null));
      expect(await handle.result()).toMatchObject({ outcome: 'undone' });
      await answers.stop();
      await until(async () => (await stage.client.workflow.getHandle(asked.request.id).describe()).status.name !== 'RUNNING', 'the question is closed');
      expect(world.calls).not.toContain('checkOut');
    });
  }, 60_000);

  test('nobody approves break-glass: the credential never leaves the vault', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny], 'break-glass': [deny] };
    world.failing = { 'x.deny-user.apply': 'ACCESS_DENIED' };
    world.settings = { ...world.settings, emergencyCredentials: { '111122223333': 'emergency' } };
    await onStage(stage, world, async () => {
      const handle = await raise(stage, principal, [alertOf(principal)]);
      void handle.result().catch(() => undefined);
      const seen = await until(async () => { const now = await status(handle).catch(() => null); return now?.breakGlass ? now : null; }, 'break-glass ended');
      expect(seen.breakGlass?.outcome).toBe('expired');
      expect(world.calls).not.toContain('checkOut');
      await handle.terminate();
    });
  }, 60_000);

  test('a check that fails ends as “could not look”, never missing', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny] };
    world.failing = { 'check 1.3.2-storage': 'ACCESS_DENIED' };
    await onStage(stage, world, async () => {
      const handle = await raise(stage, principal, [alertOf(principal)]);
      const seen = await until(async () => { const now = await status(handle).catch(() => null); return now && now.findings.length >= 14 ? now : null; }, 'all checks ended');
      expect(seen.findings.find((finding) => finding.check === '1.3.2-storage')?.state).toBe('could-not-look');
      await handle.terminate();
    });
  }, 60_000);

  test('alerts that an earlier episode handled change nothing', async () => {
    const world = new World(provider);
    world.plans = { containment: [deny] };
    world.alreadyHandledIn = 'inc-x.1';
    await onStage(stage, world, async () => {
      const handle = await raise(stage, principal, [alertOf(principal)]);
      expect(await handle.result()).toMatchObject({ outcome: 'already-handled' });
      expect(world.calls).toContain('openIncident');
      // What was read beside triage is not acted upon.
      expect(world.calls.filter((call) => call !== 'openIncident' && call !== 'plan containment')).toEqual([]);
    });
  }, 60_000);
});
