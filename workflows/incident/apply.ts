import type { Plan, Step, StepOutcome } from '../../playbook/model/plan';
import { waves } from '../../playbook/plan';
import { actionActivity, caseActivities, risk } from '../options';
import { failureCode, messageOf, type Engine } from './engine';
import type { Applied } from './state';

/** Applies steps in the playbook's order, in every cloud at once; steps of one row run side by side. A step that fails is loud and stops nothing else. */
export async function applySteps(engine: Engine, plan: Plan, steps: readonly Step[], approval: string | null): Promise<void> {
  const wanted = steps.filter((step) => step.needed && !alreadyApplied(engine, step));
  const clouds = [...new Set(wanted.map((step) => step.target.provider))];
  await Promise.all(clouds.map(async (cloud) => {
    for (const wave of waves(wanted.filter((step) => step.target.provider === cloud))) {
      await Promise.all(wave.map((step) => (step.human ? openTask(engine, step) : applyStep(engine, plan, step, approval))));
    }
  }));
}

function alreadyApplied(engine: Engine, step: Step): boolean {
  return engine.state.applied.some((one) => one.step.id === step.id && one.outcome.state !== 'failed') || engine.state.humanTasks.some((task) => task.step.id === step.id);
}

async function applyStep(engine: Engine, plan: Plan, step: Step, approval: string | null): Promise<void> {
  const { state } = engine;
  // Registered before the call: it may take effect and still time out, and undo must know of it.
  const entry: Applied = { step, outcome: pending(step), digest: plan.digest, approval, plan: plan.kept };
  state.applied = [...state.applied.filter((one) => one.step.id !== step.id), entry];
  try {
    entry.outcome = await engine.during(() =>
      actionActivity('apply', { incident: state.incident, caseKey: state.caseKey, step, digest: plan.digest, plan: plan.kept, approval, lease: null }),
    );
    if (entry.outcome.seen['recorded'] === false) engine.record('action', `action/${step.id}`, `${step.row} ${step.title}: ${step.target.name}`, { seen: entry.outcome.seen });
  } catch (error) {
    const code = failureCode(error);
    if (code === 'NOT_FOUND') {
      entry.outcome = { ...pending(step), state: 'already', holds: true };
      engine.record('action', `action/${step.id}/gone`, `${step.row} ${step.title}: ${step.target.name} is gone already`);
      return;
    }
    entry.outcome = { ...pending(step), state: 'failed', error: code };
    engine.record('error', `action/${step.id}/failed`, `${step.row} ${step.title}: ${step.target.name} — failed: ${code} ${messageOf(error)}`);
    if (code === 'NOT_SUPPORTED') await openTask(engine, step, [messageOf(error)]);
    else engine.problem(`${step.row} ${step.title} (${step.target.name}): ${code}`);
  }
}

/** Work that only a person can do, tracked until the cloud's own record (or the ticket) proves it. */
async function openTask(engine: Engine, step: Step, why: string[] = []): Promise<void> {
  const { state } = engine;
  const { reference } = await engine.during(() =>
    caseActivities(`${step.row} Task for a person: ${step.title}`).openHumanTask({
      caseKey: state.caseKey, key: step.id, title: `${step.title}: ${step.target.name}`, instructions: [...why, ...step.change],
    }),
  );
  state.humanTasks.push({ step, reference, openedAt: Date.now(), doneAt: null, escalated: false });
  engine.record('action', `task/${step.id}`, `${step.row} Task for a person: ${step.title} (${reference})`, { reference });
}

/** Asks the cloud about every open task, also of a step that was refused and done by hand since; tells people again when one is late. */
export async function tendHumanTasks(engine: Engine): Promise<void> {
  const { state } = engine;
  for (const task of state.humanTasks.filter((one) => one.doneAt === null)) {
    try {
      const outcome = await engine.during(() =>
        actionActivity('verify', { incident: state.incident, caseKey: state.caseKey, step: task.step, digest: '', plan: null, approval: null, lease: null }),
      );
      if (outcome.holds) {
        task.doneAt = Date.now();
        const refused = state.applied.find((one) => one.step.id === task.step.id);
        if (refused) refused.outcome = { ...outcome, state: 'already' };
        engine.record('action', `task/${task.step.id}/done`, `${task.step.row} Proven by the cloud’s own record: ${task.step.title}`, { seen: outcome.seen });
      }
    } catch (error) {
      engine.problem(`${task.step.title} could not be checked: ${failureCode(error)}`);
    }
    if (task.doneAt === null && !task.escalated && Date.now() - task.openedAt > state.settings!.humanTask.escalateAfterMs) {
      task.escalated = true;
      await engine.during(() =>
        caseActivities('Remind', risk.notify).notify({
          caseKey: state.caseKey, key: `task/${task.step.id}/late`, level: 'page', title: `Still open: ${task.step.title}`, lines: [...task.step.change, task.reference],
        }),
      ).catch((error: unknown) => engine.problem(`nobody could be told that a task is late: ${failureCode(error)}`));
    }
  }
}

const pending = (step: Step): StepOutcome => ({ step: step.id, state: 'skipped', holds: false, error: null, seen: {}, at: new Date().toISOString() });
