import type { Principal } from '../../playbook/model/principal';
import { answerAll, closeStage, onStage, openStage, raise, status, until, type Stage } from './harness';
import { alertOf, World, type FakeStep } from './world';

const deny: FakeStep = { action: 'x.deny-user', row: '2.1.1' };
const remove: FakeStep = { action: 'x.delete-user', row: '3.1', tier: 'dual', reversible: false, name: 'mallory' };
const entra: Principal = { provider: 'azure', account: '0f0f0f0f-0000-4000-8000-000000000001', kind: 'user', id: '0f0f0f0f-0000-4000-8000-0000000000aa', name: 'dana@example.com' };
const center: Principal = { provider: 'aws', account: '111122223333', kind: 'identity-center-user', id: '111122223333:sso:dana@example.com', name: 'dana@example.com' };

let stage: Stage;
beforeEach(async () => void (stage = await openStage()), 60_000);
afterEach(() => closeStage(stage));

function worlds(): [World, World] {
  const [azure, aws] = [new World('azure'), new World('aws')];
  for (const world of [azure, aws]) {
    world.plans = { containment: [deny], eradication: [remove] };
    world.step = ((step) => (phase, fake) => ({ ...step.call(world, phase, fake), id: `${fake.action}#${world.provider}-${phase}` }))(world.step);
  }
  azure.otherSides = [center];
  return [azure, aws];
}

test('one person in two clouds is one incident: both sides shut, one question, one record', async () => {
  const [azure, aws] = worlds();
  await onStage(stage, [azure, aws], async () => {
    const answers = answerAll(stage, azure, () => ({ people: ['ada', 'ben'], decision: 'approve' }));
    const handle = await raise(stage, entra, [alertOf(entra)]);
    expect(await handle.result()).toMatchObject({ outcome: 'contained-and-recovered' });
    await answers.stop();
    for (const world of [azure, aws]) {
      expect(world.calls.filter((call) => call === 'x.deny-user.apply')).toHaveLength(1);
      expect(world.calls.filter((call) => call === 'x.delete-user.apply')).toHaveLength(1);
      expect(world.calls.filter((call) => call === 'watch').length).toBeGreaterThanOrEqual(12);
      expect(world.calls).toContain('check 1.3.6-identities');
    }
    expect(azure.shown.filter(({ state }) => state === 'open').map(({ request }) => request.changes.length)).toContain(2);
    expect(new Set(azure.shown.map(({ request }) => request.id)).size).toBe(1);
    const lines = azure.entries.map(({ text }) => text);
    for (const side of ['AWS', 'Azure']) {
      expect(lines.some((line) => line.startsWith(`${side}: Planned containment`))).toBe(true);
      expect(lines.some((line) => line.startsWith(`${side}: 1.3.6-identities`))).toBe(true);
    }
    expect(lines.filter((line) => line.includes('1.2.5-change-request'))).toHaveLength(1);
  });
}, 90_000);

test('an alert of the other cloud joins: each side is told of its own alerts, and what the alert names counts before the directory', async () => {
  const [azure, aws] = worlds();
  azure.otherSides = [{ ...center, account: '999999999999' }];
  await onStage(stage, [azure, aws], async () => {
    const answers = answerAll(stage, azure, () => ({ people: ['ada', 'ben'], decision: 'approve' }));
    const handle = await raise(stage, entra, [alertOf(center), alertOf(entra)]);
    const seen = await until(async () => { const now = await status(handle).catch(() => null); return now?.times.contained ? now : null; }, 'contained');
    expect(seen.others).toEqual([center]);
    expect(aws.lookedAt.map((alert) => alert.provider)).toEqual(['aws']);
    expect(azure.lookedAt.map((alert) => alert.provider)).toEqual(['azure']);
    await handle.terminate();
    await answers.stop();
  });
}, 60_000);

test('one cloud that cannot be planned does not hold up the other, and the incident says so', async () => {
  const [azure, aws] = worlds();
  azure.failing = { 'plan containment': 'ACCESS_DENIED' };
  await onStage(stage, [azure, aws], async () => {
    const handle = await raise(stage, entra, [alertOf(entra)]);
    const seen = await until(async () => { const now = await status(handle).catch(() => null); return now?.steps.some((step) => step.holds) ? now : null; }, 'AWS is shut');
    expect(aws.calls).toContain('x.deny-user.apply');
    expect(seen.times.contained).toBeNull();
    expect(seen.problems.join()).toContain('Azure: containment could not be planned: ACCESS_DENIED');
    // What was applied on the side that could be shut is looked at again all the same.
    aws.holding.clear();
    await until(() => aws.calls.filter((call) => call === 'x.deny-user.apply').length === 2, 'applied again');
    await handle.terminate();
  });
}, 60_000);
