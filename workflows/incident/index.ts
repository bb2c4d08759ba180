import { allHandlersFinished, ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import type { Plan } from '../../playbook/model/plan';
import { alertsSignal, approvalDecidedSignal, breakGlassEndedSignal, statusQuery, undoUpdate } from '../messages';
import { announce } from './announce';
import { withdrawQuestions } from './ask';
import { close } from './close';
import { confirmed } from './confirm';
import { containMore, containNow } from './contain';
import { Engine, Interrupted } from './engine';
import { eradicate } from './eradicate';
import { guard } from './guard';
import { handOver, originsFound, passOn } from './hand-over';
import { holdGrants } from './hold-grants';
import { escalateDue, investigate } from './investigate';
import { containRoot, recover, rootSides } from './recover';
import { carriedOut, joinAlerts, newState, statusOf, type IncidentInput, type IncidentResult } from './state';
import { judge, openAndTriage } from './triage';
import { undoEverything } from './undo';
import { useBreakGlass } from './use-break-glass';
import { watch } from './watch';

/** PB-16 for one principal, from the first alert to the sealed evidence. */
export async function incident(input: IncidentInput): Promise<IncidentResult> {
  const engine = setup(input);
  const result = await settle(engine);
  await condition(allHandlersFinished);
  return result;
}

async function settle(engine: Engine): Promise<IncidentResult> {
  try {
    return await run(engine);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return afterUndo(engine);
  }
}

/** Handlers first, before anything is awaited. */
function setup(input: IncidentInput): Engine {
  const engine = new Engine(input.carried ?? newState(input, new Date().toISOString()));
  const { state } = engine;
  setHandler(alertsSignal, ({ alerts }) => {
    engine.signals += 1;
    joinAlerts(state, alerts);
  });
  setHandler(approvalDecidedSignal, (result) => void (state.answers[result.id] = result));
  setHandler(breakGlassEndedSignal, (result) => void (state.breakGlass = result));
  setHandler(undoUpdate, (request) => {
    state.undo = { ...request, at: Date.now() };
    return { accepted: true as const };
  }, {
    validator: ({ by, reason }) => {
      if (typeof reason !== 'string' || reason.trim() === '') throw ApplicationFailure.nonRetryable('an undo needs a reason', 'INVALID_INPUT');
      if (state.linkedPeople.includes(by)) throw ApplicationFailure.nonRetryable(`${by} is the person concerned and may not undo`, 'VOTER_NOT_ALLOWED');
      if (state.undo || state.phase === 'closing' || state.phase === 'closed') throw ApplicationFailure.nonRetryable('it is being undone or closed already', 'APPROVAL_CLOSED');
    },
  });
  setHandler(statusQuery, () => statusOf(state));
  return engine;
}

async function run(engine: Engine): Promise<IncidentResult> {
  const { state } = engine;
  await condition(() => state.joined > 0);
  if (!state.settings) {
    engine.holding = true;
    if (await openAndTriage(engine)) return { outcome: 'already-handled', caseKey: state.caseKey, sealHash: null };
  }
  if (state.phase === 'handed-over') return leave(engine);
  if (state.verdict!.kind === 'false-positive') return close(engine, 'false-positive');
  if (await handOver(engine, state.lookedUp!.origins)) return leave(engine);
  holdGrants(engine);
  if (state.verdict!.kind === 'verify' && !(await confirmed(engine))) return close(engine, 'false-positive');

  await engine.once('contain', 'containment', async () => void (await containNow(engine)));
  engine.release();
  void guard(engine);
  await engine.once('announce', 'containment', async () => announce(engine));
  await engine.once('investigate', 'investigation', async () => {
    await investigate(engine);
    escalateDue(engine);
  });
  // CloudTrail lags: who opened the session is often known only now.
  if (await handOver(engine, originsFound(state))) return leave(engine);
  let plan: Plan | null = null;
  await engine.once('contain-found', 'containment', async () => void (plan = await containNow(engine)));
  await Promise.all([
    rootSides(engine).length > 0 ? engine.once('root', 'root', () => containRoot(engine)) : Promise.resolve(),
    useBreakGlass(engine),
    isolateThenEradicate(engine, plan),
  ]);
  await engine.once('recover', 'recovery', () => recover(engine));
  await engine.once('watch', 'watch', () => watch(engine));
  if (state.alerts.length === 0) return leave(engine);
  return close(engine, state.unfinished.length === 0 && state.applied.every((one) => carriedOut(state, one)) ? 'contained-and-recovered' : 'escalated');
}

/** Everything went on to the incident of who opened the sessions. Whatever comes and belongs here all the same is a case from its beginning. */
async function leave(engine: Engine): Promise<IncidentResult> {
  if (await passOn(engine)) return close(engine, 'handed-over');
  engine.state.done = [];
  engine.enter('triage');
  judge(engine);
  return run(engine);
}

/** What is isolated is snapshotted before it is removed: one after the other. */
async function isolateThenEradicate(engine: Engine, plan: Plan | null): Promise<void> {
  await engine.once('contain-wider', 'containment', async () => containMore(engine, plan ?? (await containNow(engine))));
  await engine.once('eradicate', 'eradication', () => eradicate(engine));
}

/** An undo was asked: if it is allowed the case is closed as undone, else the incident goes on where it was. */
async function afterUndo(engine: Engine): Promise<IncidentResult> {
  engine.undoing = true;
  if (await undoEverything(engine)) {
    await withdrawQuestions(engine);
    return close(engine, 'undone');
  }
  engine.undoing = false;
  engine.state.undo = null;
  return settle(engine);
}
