import { sleep } from '@temporalio/workflow';
import { supersedes } from '../../playbook/superseded';
import { actionActivity, providerActivities, risk } from '../options';
import { failureCode, type Engine } from './engine';
import type { Applied } from './state';

/** Looks at containment again at 5 s, 30 s, 5 min and 15 min, and applies again what an attacker undid. Runs beside everything else. */
export async function guard(engine: Engine): Promise<void> {
  const { state } = engine;
  // One side may be shut and another not: what was applied is looked at all the same.
  const from = Date.parse(state.times.contained ?? new Date().toISOString());
  while (state.settings && state.applied.length > 0 && state.reverified < state.settings.reverifyAfterMs.length) {
    const due = from + state.settings.reverifyAfterMs[state.reverified]!;
    if (due > Date.now()) await sleep(due - Date.now(), { summary: `look at containment again (${state.reverified + 1})` });
    if (state.phase === 'closing' || state.phase === 'closed' || engine.undoing) return;
    await reassert(engine);
    state.reverified += 1;
  }
}

/** Verifies every containment step by effect and applies again the ones that do not hold. Returns how many had to be. */
export async function reassert(engine: Engine): Promise<number> {
  const { state } = engine;
  const done = state.applied.filter(({ outcome }) => outcome.state === 'done').map(({ step }) => step);
  const held = state.applied.filter(
    ({ step, outcome }) => step.row.startsWith('2.') && !step.human && outcome.state === 'done' && step.queue === 'cloud' && step.reversible && !done.some((later) => supersedes(later, step)),
  );
  if (held.length === 0) return 0;
  return engine.during(async () => {
    let again = 0;
    try {
      const clouds = [...new Set(held.map(({ step }) => step.target.provider))];
      const outcomes = await Promise.all(clouds.map((cloud) =>
        providerActivities(cloud, risk.read, 'Look at containment again').verifyAll({
          incident: state.incident, caseKey: state.caseKey, steps: held.flatMap(({ step }) => (step.target.provider === cloud ? [step] : [])),
        }),
      ));
      for (const outcome of outcomes.flat()) {
        const entry = held.find(({ step }) => step.id === outcome.step);
        if (!entry) continue;
        if (outcome.holds) entry.outcome = { ...entry.outcome, holds: true };
        else if (outcome.error === null) again += await applyAgain(engine, entry);
        else engine.problem(`${entry.step.title} (${entry.step.target.name}) could not be looked at: ${outcome.error}`);
      }
    } catch (error) {
      engine.problem(`containment could not be looked at again: ${failureCode(error)}`);
    }
    return again;
  });
}

async function applyAgain(engine: Engine, entry: Applied): Promise<number> {
  const { state } = engine;
  const { step } = entry;
  try {
    engine.record('verify', `again/${step.id}/${Date.now()}`, `${step.row} Undone by somebody, or never in effect; applied again: ${step.title}: ${step.target.name}`);
    entry.outcome = await actionActivity('apply', {
      incident: state.incident, caseKey: state.caseKey, step, digest: entry.digest, plan: entry.plan, approval: entry.approval, lease: null,
    });
    return 1;
  } catch (error) {
    engine.problem(`${step.row} ${step.title} (${step.target.name}) does not hold: ${failureCode(error)}`);
    return 0;
  }
}
