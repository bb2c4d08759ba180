import type { Principal } from '../../playbook/model/principal';
import { providerActivities, risk } from '../options';
import { tendHumanTasks } from './apply';
import { containMore, containNow, noteLateContainment } from './contain';
import { failureCode, type Engine } from './engine';
import { eradicate } from './eradicate';
import { reassert } from './guard';
import { handOverFresh } from './hand-over';
import { escalateDue, lookAgain, tell, trackDeadlines } from './investigate';
import { caseContext, findingsOf, noteSides, sideLabel, sidesOf } from './sides';
import { judge } from './triage';

/** 4.7: 72 hours of watch. What moves, and any new alert, reopens containment; the watch then starts anew. Ends only when every task that is a person’s from the start is proven. */
export async function watch(engine: Engine): Promise<void> {
  const { state } = engine;
  const { durationMs, everyMs } = state.settings!.watch;
  if (state.watch.until === null) {
    state.watch.until = Date.now() + durationMs;
    // What happened before containment is the attack itself, not a move.
    state.watch.since = state.times.contained ?? state.watch.since;
  }
  while (Date.now() < state.watch.until || openTasks(engine) > 0) {
    const pause = Date.now() < state.watch.until ? Math.min(everyMs, state.watch.until - Date.now()) : state.settings!.humanTask.everyMs;
    await engine.wait(() => state.fresh, pause, `watching until ${new Date(state.watch.until).toISOString()}${openTasks(engine) ? `, ${openTasks(engine)} tasks for people open` : ''}`);
    if (state.fresh && (await handOverFresh(engine)) && state.alerts.length === 0) return;
    const moved = await lookRound(engine);
    if (moved || state.fresh) await reopen(engine);
    await tendHumanTasks(engine);
    noteLateContainment(engine);
    trackDeadlines(engine);
  }
}

/** Of what has no API. A step that the cloud refused and that nobody does by hand ends the incident as escalated: there may never be a proof. */
const openTasks = (engine: Engine): number => engine.state.humanTasks.filter((task) => task.doneAt === null && task.step.human).length;

/** True when something of the attacker's got through. */
async function lookRound(engine: Engine): Promise<boolean> {
  const { state } = engine;
  const again = await reassert(engine);
  const looks = await Promise.all(sidesOf(state).map((side) => lookSide(engine, side)));
  // A side that could not be looked at is looked at from where it stood.
  const until = looks.map((look) => look.until).sort()[0]!;
  state.watch.since = until;
  return again > 0 || looks.some((look) => look.through);
}

async function lookSide(engine: Engine, side: Principal): Promise<{ until: string; through: boolean }> {
  const { state } = engine;
  try {
    const seen = await engine.during(() =>
      providerActivities(side.provider, risk.read, 'Watch what moves').watch({ ...caseContext(state, side), findings: findingsOf(state, side), since: state.watch.since }),
    );
    if (seen.error) engine.problem(`the watch could not see everything: ${seen.error}`);
    for (const move of seen.moves) engine.record('watch', `watch/${move.time}/${move.event}/${move.by}`, `${move.blocked ? 'Tried and was refused' : 'Moved'}: ${move.text}`);
    state.watch.moves += seen.moves.length;
    return { until: seen.until, through: seen.moves.some((move) => !move.blocked) };
  } catch (error) {
    engine.problem(`${sideLabel(state, side.provider)}the watch could not look: ${failureCode(error)}`);
    return { until: state.watch.since, through: false };
  }
}

async function reopen(engine: Engine): Promise<void> {
  const { state } = engine;
  state.fresh = false;
  noteSides(state);
  state.watch.reopened += 1;
  judge(engine);
  engine.enter('containment');
  tell(engine, `reopened/${state.watch.reopened}`, 'page', `Containment reopened: ${state.principal.name}`, ['Something moved during the watch.']);
  const plan = await containNow(engine);
  const more = await lookAgain(engine);
  escalateDue(engine);
  await containMore(engine, more ? await containNow(engine) : plan);
  if (more) {
    engine.enter('eradication');
    await eradicate(engine);
  }
  engine.enter('watch');
  state.watch.until = Date.now() + state.settings!.watch.durationMs;
}
