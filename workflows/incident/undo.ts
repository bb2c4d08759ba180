import { makePlan } from '../../playbook/plan';
import { actionActivity } from '../options';
import { unsigned } from '../signed';
import { ask } from './ask';
import { failureCode, type Engine } from './engine';

/** Puts a false positive right: everything reversible goes back to its before-state, last first. Returns false when it was not allowed. */
export async function undoEverything(engine: Engine): Promise<boolean> {
  const { state } = engine;
  const { by, reason, signature, at } = state.undo!;
  const unproven = await engine.during(() => unsigned({ act: 'incident-undo', person: by, incident: state.incident, reason }, signature, at)).catch((error: unknown) => failureCode(error));
  if (unproven) {
    engine.problem(`an undo was asked in the name of ${by} and is not theirs: ${unproven}`);
    return false;
  }
  const applied = [...state.applied].reverse().filter(({ step, outcome }) => step.reversible && outcome.state !== 'failed');
  engine.record('undo', `undo/asked/${by}`, `Undo asked by ${by}: ${reason}`);
  const steps = applied.map(({ step }) => ({ ...step, change: [`undo on ${step.target.name}: ${step.change.join('; ')}`] }));
  const answer = await ask(engine, {
    purpose: 'undo', plan: makePlan(state.incident, 'containment', steps), tier: 'approve', title: `Undo the containment of ${state.principal.name}`,
    because: [`${by} says: ${reason}`], onTimeout: 'stay-undone', ifNobodyAnswers: 'it stays contained', requester: by,
  });
  if (answer.outcome !== 'approved') {
    engine.problem(`undo was ${answer.outcome}: it stays contained`);
    return false;
  }
  for (const entry of applied) {
    const { step } = entry;
    try {
      const outcome = await engine.during(() =>
        actionActivity('undo', { incident: state.incident, caseKey: state.caseKey, step, digest: entry.digest, plan: entry.plan, approval: answer.id, lease: null }),
      );
      entry.outcome = { ...outcome, state: 'skipped', holds: false };
      const left = outcome.seen['left'];
      if (Array.isArray(left)) for (const line of left) engine.record('note', `undo/left/${step.id}/${String(line)}`, `Left for a person: ${String(line)}`);
    } catch (error) {
      engine.problem(`${step.title} (${step.target.name}) could not be undone: ${failureCode(error)}`);
    }
  }
  return true;
}
