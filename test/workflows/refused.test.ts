import { answerAll, closeStage, onStage, openStage, raise, status, until, type Stage } from './harness';
import { providers } from './providers';
import { alertOf, HOUR, principalOf, World, type FakeStep } from './world';

const methods: FakeStep = { action: 'x.remove-methods', row: '2.1.1' };
const yes = () => ({ people: ['ada', 'ben'], decision: 'approve' as const });

describe.each(providers)('a step that the cloud refuses, on %s', (provider) => {
  let stage: Stage;
  beforeEach(async () => void (stage = await openStage()), 60_000);
  afterEach(() => closeStage(stage));
  const principal = principalOf(provider);

  const refusing = (code: string): World => {
    const world = new World(provider);
    world.plans = { containment: [methods] };
    world.failing = { 'x.remove-methods.apply': code };
    return world;
  };

  test('because it has no API is a task for people, and ends with the watch as escalated when nobody does it', async () => {
    const world = refusing('NOT_SUPPORTED');
    await onStage(stage, world, async () => {
      const handle = await raise(stage, principal, [alertOf(principal)]);
      expect(await handle.result()).toMatchObject({ outcome: 'escalated' });
      expect((await status(handle)).humanTasks).toEqual([expect.objectContaining({ done: false })]);
    });
    expect(world.calls).toContain('openHumanTask');
    expect(world.notices.map(({ title }) => title)).toContain('Still open: x.remove-methods');
  }, 60_000);

  test('and a person does by hand is proven by the cloud, and no gap', async () => {
    const world = refusing('NOT_SUPPORTED');
    await onStage(stage, world, async () => {
      const handle = await raise(stage, principal, [alertOf(principal)]);
      await until(() => world.calls.includes('openHumanTask'), 'a task');
      // The attacker is still in: nobody may read otherwise.
      expect((await status(handle)).times.contained).toBeNull();
      world.holding.add(world.step('containment', methods).id);
      expect(await handle.result()).toMatchObject({ outcome: 'contained-and-recovered' });
      expect((await status(handle)).times.contained).not.toBeNull();
      expect(world.entries.map(({ text }) => text).filter((text) => text.startsWith('Contained:'))).toHaveLength(1);
      expect((await status(handle)).humanTasks).toEqual([expect.objectContaining({ done: true })]);
    });
  }, 60_000);

  test.each([['does all of it', ['a'], ['a', 'b'], 'contained-and-recovered'], ['leaves some of it', ['a', 'c'], ['a', 'b'], 'escalated']])('is no gap when a later, wider step %s', async (_what, first, later, outcome) => {
    const world = refusing('REJECTED_BY_CLOUD');
    const step = world.step.bind(world);
    // The investigation tells more: the same action on the same target, with a longer list.
    world.step = (phase, fake) => {
      const more = world.calls.includes('check 1.3.6-identities');
      if (more) world.failing = {};
      return { ...step(phase, fake), id: `${fake.action}#${more ? 2 : 1}`, params: { registered: more ? later : first } };
    };
    await onStage(stage, world, async () => {
      const answers = answerAll(stage, world, yes);
      const before = await stage.env.currentTimeMs();
      const handle = await raise(stage, principal, [alertOf(principal)]);
      expect(await handle.result()).toMatchObject({ outcome });
      await answers.stop();
      expect((await stage.env.currentTimeMs()) - before).toBeGreaterThanOrEqual(72 * HOUR);
    });
  }, 60_000);
});
