import type { Action } from '../../activities/action';
import { canonicalJson } from '../../playbook/json';
import type { Proposal, Refusal, Step } from '../../playbook/model/plan';
import { makePlan } from '../../playbook/plan';

export const incident = 'inc-00000000000000000001';

/** A provider's counterpart with the responder in it. */
export interface ContractBed<Ctx> {
  context(change?: { config?: { protected: string[] }; now?: () => Date }): Ctx;
  plan(proposal: Proposal, ctx?: Ctx): Promise<Step | Refusal>;
}

/** One situation of one action. */
export interface ContractCase<Bed> {
  /** Catalogue id. */
  action: string;
  name: string;
  /** Makes what the attacker left and says what is proposed. */
  arrange(bed: Bed): Promise<Proposal>;
  /** Everything of the target that the action may change; compared before, after, and after undo. Null before: nothing that can be looked at. */
  look(bed: Bed, proposal: Proposal): Promise<unknown>;
  /** The attacker undoes the containment. */
  attackerUndoes?(bed: Bed, proposal: Proposal): Promise<unknown>;
  /** What undo says it leaves; null = everything is as before. */
  left: RegExp | null;
  /** An entry of the protected list that covers the target; empty = the action has none. */
  protect(bed: Bed, proposal: Proposal): string;
  /** Undo runs at this time after the apply. */
  undoAfterMs?: number;
}

export function asStep(planned: Step | Refusal): Step {
  if (!('id' in planned)) throw new Error(`refused: ${planned.code} ${planned.message}`);
  return planned;
}

/** What every containment action of every provider must do, case by case. */
export function containmentContract<Ctx, Bed extends ContractBed<Ctx>>(of: { bed: () => Bed; actions: readonly Action<Ctx>[]; containing: readonly Action<Ctx>[]; cases: readonly ContractCase<Bed>[] }): void {
  test('every containment action has a case', () => {
    expect([...new Set(of.cases.map((one) => one.action))].sort()).toEqual(of.containing.map((action) => action.id).sort());
  });

  describe.each(of.cases.map((one) => ({ ...one })))('$action: $name', (one) => {
    const action = of.actions.find((candidate) => candidate.id === one.action)!;

    test('plans the same twice, applies once, holds, survives the attacker, and is undone', async () => {
      const bed = of.bed();
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

      const later = new Date(now.getTime() + (one.undoAfterMs ?? 0));
      const undone = await action.undo(bed.context({ now: () => later }), step);
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
      const bed = of.bed();
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
}
