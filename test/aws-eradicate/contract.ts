import type { Action } from '../../activities/action';
import { codeOf, toFailure } from '../../activities/boundary';
import type { AwsContext } from '../../activities/aws/context';
import { classifyAws } from '../../activities/aws/errors';
import type { Proposal, Step } from '../../playbook/model/plan';
import { planned, worldOf, writes, type Bench } from './harness';

export const codeFrom = async (run: Promise<unknown>): Promise<string> => {
  try {
    await run;
    return 'no error';
  } catch (error) {
    return codeOf(toFailure(error, classifyAws)) ?? 'none';
  }
};

export interface Scenario {
  proposal: Proposal;
  /** What must not change: read before and after. */
  neighbours?: () => Promise<unknown>;
  undo: 'impossible' | 'restores';
  /** Evidence is kept before the first change. False for recovery steps that destroy nothing. */
  keeps: boolean;
}

/** Every line of the contract of an action, on one scenario. Returns the step and what apply answered. */
export async function holdsContract(bench: Bench, action: Action<AwsContext>, { proposal, neighbours, undo, keeps }: Scenario): Promise<{ step: Step; applied: unknown }> {
  const { ctx, log, evidence } = bench;
  const since = async <T>(run: () => Promise<T>): Promise<{ value: T; lines: string[] }> => {
    const from = log.length;
    const value = await run();
    return { value, lines: log.slice(from) };
  };
  bench.used.clear();
  const legit = await neighbours?.();

  const world = await worldOf(bench);
  const plan = await since(() => planned(action, ctx, proposal));
  expect(writes(plan.lines)).toEqual([]);
  expect(await worldOf(bench)).toBe(world);
  const step = plan.value;
  expect(step.needed).toBe(true);
  expect(step.change.length).toBeGreaterThan(0);
  // What enters Temporal must survive JSON.
  expect(JSON.parse(JSON.stringify(step))).toEqual(step);

  expect((await action.verify(ctx, step)).holds).toBe(false);
  if (keeps) {
    evidence.fail = true;
    const failed = await since(() => codeFrom(action.apply(ctx, step)));
    evidence.fail = false;
    expect(failed.value).toBe('EVIDENCE_UNAVAILABLE');
    expect(writes(failed.lines)).toEqual([]);
    expect((await action.verify(ctx, step)).holds).toBe(false);
  }

  const first = await since(() => action.apply(ctx, step));
  const change = first.lines.findIndex((line) => writes([line]).length > 0);
  expect(change).toBeGreaterThanOrEqual(0);
  if (keeps) {
    const kept = first.lines.findIndex((line) => line.startsWith('keep '));
    expect(kept).toBeGreaterThanOrEqual(0);
    expect(kept).toBeLessThan(change);
  }
  expect(await action.verify(ctx, step)).toMatchObject({ holds: true });

  const again = await since(() => action.apply(ctx, step));
  expect(writes(again.lines)).toEqual([]);
  expect((await action.verify(ctx, step)).holds).toBe(true);
  expect(await neighbours?.()).toEqual(legit);

  if (undo === 'impossible') expect(await codeFrom(action.undo(ctx, step))).toBe('UNDO_IMPOSSIBLE');
  else {
    await action.undo(ctx, step);
    expect((await action.verify(ctx, step)).holds).toBe(false);
    expect(await neighbours?.()).toEqual(legit);
  }
  const undeclared = [...bench.used].filter((permission) => !action.permissions.includes(permission));
  expect(undeclared).toEqual([]);
  remember(action, bench.used);
  return { step, applied: first.value };
}

const usedBy = new Map<string, Set<string>>();
export function remember(action: Action<AwsContext>, used: ReadonlySet<string>): void {
  usedBy.set(action.id, new Set([...(usedBy.get(action.id) ?? []), ...used]));
}

/** Permissions that are declared and were never used in this file's scenarios. */
export function unused(actions: readonly Action<AwsContext>[]): Record<string, string[]> {
  const lists = actions.map((action) => [action.id, action.permissions.filter((permission) => !usedBy.get(action.id)?.has(permission))] as const);
  return Object.fromEntries(lists.filter(([, list]) => list.length > 0));
}
