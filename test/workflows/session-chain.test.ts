import { createHandOver } from '../../activities/hand-over';
import type { Alert } from '../../playbook/model/alert';
import { incidentIdOf, type Principal } from '../../playbook/model/principal';
import { howOpened, type SessionOrigin } from '../../playbook/session-chain';
import { createDelivery } from '../../workers/deliver';
import { alertsSignal } from '../../workflows/messages';
import { closeStage, onStage, openStage, raise, status, until, type Stage } from './harness';
import { alertOf, HOUR, principalOf, World, type FakeStep } from './world';

const deny: FakeStep = { action: 'x.deny-user', row: '2.1.1' };
const dana = principalOf('aws');
const app: Principal = { ...dana, kind: 'role', id: `arn:aws:iam::${dana.account}:role/app`, name: 'app' };
const here = incidentIdOf(app);
const there = incidentIdOf(dana);
const fromSession = (key: string, over: Partial<Alert> = {}): Alert => ({ ...alertOf(app), session: { accessKeyId: key, name: 'run', issuedAt: null, mfa: 'no', roleArn: app.id }, ...over });
const origin = (...alerts: Alert[]): SessionOrigin => ({ alerts: alerts.map(({ id }) => id), principal: dana, roles: [app.id], how: 'the session was opened by dana' });

let stage: Stage;
beforeEach(async () => void (stage = await openStage()), 60_000);
afterEach(() => closeStage(stage));

/** A world whose look-up knows who opened the sessions of `known`. */
function worldKnowing(known: () => SessionOrigin[]): World {
  const world = new World('aws');
  world.plans = { containment: [deny] };
  const [onCase, onCloud] = [world.caseActivities.bind(world), world.providerActivities.bind(world)];
  world.caseActivities = () => ({ ...onCase(), ...createHandOver({ deliver: createDelivery(stage.client), origin: (principal) => principal }) });
  world.providerActivities = () => ({ ...onCloud(), 'aws.lookUp': (() => Promise.resolve({ ...world.lookedUp, origins: known() })) as never });
  return world;
}

const seen = async (id: string) => status(stage.client.workflow.getHandle(id)).catch(() => null);
const contained = (id: string) => until(async () => { const now = await seen(id); return now?.times.contained ? now : null; }, `${id} is contained`);

test('a session’s alert joins the incident of who opened it, before anything is done here; what comes later is passed on, and an hour of quiet closes', async () => {
  const first = fromSession('ASIA1');
  const second = fromSession('ASIA2', { event: 'CreateAccessKey' });
  const world = worldKnowing(() => [origin(first, second)]);
  await onStage(stage, world, async () => {
    const handle = await raise(stage, app, [first]);
    const now = await contained(there);
    expect(now.alerts).toBe(1);
    expect(now.verdict!.reasons).toContainEqual({ code: 'session-chain', text: 'the session was opened by dana', source: 'cloudtrail' });
    await handle.signal(alertsSignal, { principal: app, alerts: [first, second] });
    await until(async () => (await seen(there))?.joined === 2, 'the second is passed on, the first is not counted twice');
    expect(await handle.result()).toMatchObject({ outcome: 'handed-over' });
    expect(world.calls.filter((call) => call === 'x.deny-user.apply')).toHaveLength(1);
    expect(world.entries.some(({ text }) => text.startsWith(`Handed over to the incident of ${dana.name}`))).toBe(true);
    await stage.client.workflow.getHandle(there).terminate();
  });
}, 90_000);

test('known only after the investigation: contained here first, then one incident on the origin', async () => {
  const alert = fromSession('ASIA1');
  const world = worldKnowing(() => []);
  const onCloud = world.providerActivities.bind(world);
  world.providerActivities = () => ({
    ...onCloud(),
    'aws.check.1.2.1-who': (({ alerts }: { alerts: Alert[] }) => Promise.resolve({ check: '1.2.1-who', state: 'found', summary: '', error: null, artifacts: [], evidence: [], facts: alerts.some((one) => howOpened(one) === null) ? { origins: [origin(alert)] } : {} })) as never,
  });
  await onStage(stage, world, async () => {
    const handle = await raise(stage, app, [alert]);
    await contained(here);
    await contained(there);
    expect(world.calls.filter((call) => call === 'x.deny-user.apply')).toHaveLength(2);
    const now = (await seen(here))!;
    expect(now).toMatchObject({ phase: 'handed-over', alerts: 0, handedTo: [{ incident: there, name: dana.name }] });
    expect(await handle.result()).toMatchObject({ outcome: 'handed-over' });
    await stage.client.workflow.getHandle(there).terminate();
  });
}, 90_000);

test('a session whose origin nobody finds stays, and is a case from its beginning when the others have gone on', async () => {
  const known = fromSession('ASIA1');
  const unknown = fromSession('ASIA2', { event: 'CreateAccessKey' });
  const world = worldKnowing(() => [origin(known)]);
  await onStage(stage, world, async () => {
    const handle = await raise(stage, app, [known]);
    await contained(there);
    await until(async () => (await seen(here))?.phase === 'handed-over', 'nothing is left');
    const before = await stage.env.currentTimeMs();
    await handle.signal(alertsSignal, { principal: app, alerts: [unknown] });
    await contained(here);
    expect((await stage.env.currentTimeMs()) - before).toBeLessThan(HOUR);
    expect((await seen(there))!.joined).toBe(1);
    expect(world.calls).toContain('check 1.2.1-who');
    await handle.terminate();
    await stage.client.workflow.getHandle(there).terminate();
  });
}, 90_000);

test('what cannot be handed over is contained here', async () => {
  const alert = fromSession('ASIA1');
  const world = worldKnowing(() => [origin(alert)]);
  const onCase = world.caseActivities.bind(world);
  world.caseActivities = () => ({ ...onCase(), handOver: () => Promise.reject(new Error('no way there')) });
  await onStage(stage, world, async () => {
    const handle = await raise(stage, app, [alert]);
    expect((await contained(here)).problems.join()).toContain('could not be handed over');
    await handle.terminate();
  });
}, 90_000);

test('an alert that is in its origin’s incident is never sent back, whatever a look-up says there', async () => {
  const alert = fromSession('ASIA1');
  const world = worldKnowing(() => [{ ...origin(alert), principal: app }, origin(alert)]);
  await onStage(stage, world, async () => {
    await raise(stage, app, [alert]);
    await contained(there);
    expect(await seen(there)).toMatchObject({ alerts: 1, handedTo: [] });
    expect(await seen(here)).toMatchObject({ alerts: 0, phase: 'handed-over' });
    await Promise.all([here, there].map((id) => stage.client.workflow.getHandle(id).terminate()));
  });
}, 90_000);
