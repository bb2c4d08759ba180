import { containActions } from '../../activities/azure/contain';
import { canonicalJson } from '../../playbook/json';
import { makePlan } from '../../playbook/plan';
import { actions, asStep, incident, makeBed, type Bed } from './bed';
import { directoryCases } from './cases';
import { resourceCases } from './resource-cases';

jest.setTimeout(120_000);

let bed: Bed;
beforeAll(async () => {
  bed = await makeBed();
});
afterAll(() => bed?.stop());

const cases = [...directoryCases, ...resourceCases];

test('every containment action has a case', () => {
  expect([...new Set(cases.map((one) => one.action))].sort()).toEqual(containActions.map((action) => action.id).sort());
});

describe.each(cases)('$action: $name', (one) => {
  const action = actions.find((candidate) => candidate.id === one.action)!;

  test('plans the same twice, applies once, holds, survives the attacker, and is undone', async () => {
    const proposal = await one.arrange(bed);
    const before = await one.look(bed, proposal);
    const now = new Date();
    const ctx = bed.context({ now: () => now });
    const step = asStep(await bed.plan(proposal, ctx));
    expect(step.needed).toBe(true);
    expect(step.change.length).toBeGreaterThan(0);
    const again = asStep(await bed.plan(proposal, ctx));
    expect(makePlan(incident, 'containment', [again]).digest).toBe(makePlan(incident, 'containment', [step]).digest);
    expect(await one.look(bed, proposal)).toEqual(before);
    expect((await action.verify(ctx, step)).holds).toBe(false);

    await action.apply(ctx, step);
    expect(await action.verify(ctx, step)).toMatchObject({ holds: true });
    const after = await one.look(bed, proposal);
    if (before !== null) expect(after).not.toEqual(before);
    await action.apply(ctx, step);
    expect(await one.look(bed, proposal)).toEqual(after);

    if (one.attackerUndoes) {
      await one.attackerUndoes(bed, proposal);
      expect((await action.verify(ctx, step)).holds).toBe(false);
      await action.apply(ctx, step);
      expect((await action.verify(ctx, step)).holds).toBe(true);
    }

    const undone = await action.undo(ctx, step);
    if (one.left === null) {
      expect(undone.left).toEqual([]);
      expect(await one.look(bed, proposal)).toEqual(before);
    } else {
      expect(undone.left.join('\n')).toMatch(one.left);
    }
    // What crosses a workflow boundary is JSON and nothing else.
    expect(JSON.parse(canonicalJson({ step, undone }))).toEqual({ step, undone: JSON.parse(JSON.stringify(undone)) });
  });

  test('refuses a protected target, in the plan and again where it would act', async () => {
    const proposal = await one.arrange(bed);
    const entry = one.protect(bed, proposal);
    if (entry === '') return;
    const step = asStep(await bed.plan(proposal));
    const before = await one.look(bed, proposal);
    const ctx = bed.context({ config: { protected: [entry] } });
    expect(await bed.plan(proposal, ctx)).toMatchObject({ code: 'PROTECTED_PRINCIPAL' });
    await expect(action.apply(ctx, step)).rejects.toMatchObject({ type: 'PROTECTED_PRINCIPAL' });
    expect(await one.look(bed, proposal)).toEqual(before);
  });
});
