import { ApplicationFailure } from '@temporalio/common';
import { closeStage, onStage, openStage, raise, status, until, type Stage } from './harness';
import { alertOf, principalOf, World, type FakeStep } from './world';

const deny: FakeStep = { action: 'x.deny-user', row: '2.1.1' };
const dana = principalOf('aws');
/** Nothing that is contained at once: a bill. */
const machines = (more: object = {}) => alertOf(dana, { event: 'RunInstances', service: 'ec2.amazonaws.com', target: { kind: 'instance', id: 'i-1', account: dana.account }, facts: { request: { instanceType: 'c5.large', minCount: 1, maxCount: 1 } }, ...more });

let stage: Stage;
beforeEach(async () => void (stage = await openStage()), 60_000);
afterEach(() => closeStage(stage));

const world = (): World => {
  const made = new World('aws');
  made.plans = { containment: [deny] };
  return made;
};

test('what its register explains is closed when nothing is new, and asked about when another hand shows', async () => {
  const usual = world();
  usual.documents.automations.push({ identity: dana.id, source: 'register:automations#0' });
  await onStage(stage, usual, async () => {
    const handle = await raise(stage, dana, [machines()]);
    expect(await handle.result()).toMatchObject({ outcome: 'false-positive' });
    expect(usual.calls).toContain('baseline');
  });
  const strange = world();
  strange.documents = usual.documents;
  strange.firsts = [{ trait: 'country', value: 'KP' }, { trait: 'network', value: 'ASN 9009 (M247)' }];
  await onStage(stage, strange, async () => {
    const handle = await raise(stage, dana, [machines()]);
    const now = await until(async () => { const seen = await status(handle); return seen.waitingFor.length > 0 ? seen : null; }, 'people are asked');
    expect(now.verdict).toMatchObject({ kind: 'verify', risk: 'high' });
    expect(now.verdict!.reasons.map(({ text }) => text)).toEqual(expect.arrayContaining(['first time from country KP for dana in 90 days (40 events since 2026-08-26)']));
    await until(() => strange.shown.length > 0, 'the question is shown');
    expect(strange.shown.at(-1)!.request.because).toEqual(expect.arrayContaining([expect.stringContaining('ASN 9009 (M247)')]));
    expect(strange.calls).not.toContain('x.deny-user.apply');
    await handle.terminate();
  });
}, 90_000);

test('a critical verdict does not wait for history', async () => {
  const critical = world();
  await onStage(stage, critical, async () => {
    const handle = await raise(stage, dana, [alertOf(dana)]);
    await until(async () => (await status(handle)).times.contained, 'it is contained');
    expect(critical.calls).not.toContain('baseline');
    await handle.terminate();
  });
}, 60_000);

test('a history that cannot be read decides nothing, and is told', async () => {
  const blind = world();
  const onCloud = blind.providerActivities.bind(blind);
  blind.providerActivities = () => ({ ...onCloud(), 'aws.baseline': (() => Promise.reject(ApplicationFailure.nonRetryable('gone', 'CLOUD_UNAVAILABLE'))) as never });
  await onStage(stage, blind, async () => {
    const handle = await raise(stage, dana, [machines()]);
    const now = await until(async () => { const seen = await status(handle); return seen.waitingFor.length > 0 ? seen : null; }, 'people are asked');
    expect(now.verdict).toMatchObject({ kind: 'verify', risk: 'medium', reasons: expect.arrayContaining([expect.objectContaining({ code: 'no-baseline' })]) });
    await handle.terminate();
  });
}, 90_000);
