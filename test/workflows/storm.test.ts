import { incidentIdOf } from '../../playbook/model/principal';
import { createDelivery } from '../../workers/deliver';
import { closeStage, onStage, openStage, status, until, type Stage } from './harness';
import { alertOf, principalOf, World, type FakeStep } from './world';

const ALERTS = 1_500;
const deny: FakeStep = { action: 'x.deny-user', row: '2.1.1' };
const principal = principalOf('aws');
const id = incidentIdOf(principal);

let stage: Stage;
beforeAll(async () => void (stage = await openStage()), 60_000);
afterAll(() => closeStage(stage));

test(`${ALERTS} alerts on one principal at once are one incident: all of them joined, contained while they still come, few events`, async () => {
  const world = new World('aws');
  world.plans = { containment: [deny] };
  await onStage(stage, world, async () => {
    const deliver = createDelivery(stage.client);
    const alerts = Array.from({ length: ALERTS }, (_, index) => ({ ...alertOf(principal), id: `alr-${String(index).padStart(24, '0')}` }));
    await Promise.all(alerts.map((alert) => deliver(id, principal, alert)));
    // Each once more, as a sender does that heard no answer.
    await Promise.all(alerts.slice(0, 300).map((alert) => deliver(id, principal, alert)));
    const handle = stage.client.workflow.getHandle(id);
    const now = await until(async () => { const seen = await status(handle as never).catch(() => null); return seen?.times.contained && seen.joined >= ALERTS ? seen : null; }, 'contained, and all joined', 60_000);
    expect(now.joined).toBe(ALERTS);
    expect(world.calls.filter((call) => call === 'x.deny-user.apply')).toHaveLength(1);
    expect(world.calls.filter((call) => call === 'openIncident')).toHaveLength(1);
    const { events = [] } = await handle.fetchHistory();
    // Two hundred alerts go with one signal; with the first that is nine, and two more for the repeats.
    expect((events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes).length).toBeLessThanOrEqual(12);
    expect((events ?? []).length).toBeLessThan(400);
    await handle.terminate();
  });
}, 120_000);
