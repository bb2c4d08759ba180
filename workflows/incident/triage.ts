import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Principal } from '../../playbook/model/principal';
import type { LookedUp } from '../../playbook/triage/inputs';
import type { Baseline } from '../../playbook/triage/baseline';
import { classify } from '../../playbook/triage/classify';
import { decide } from '../../playbook/triage/decide';
import { caseActivities, providerActivities, risk } from '../options';
import { searchAttributes } from '../search-attributes';
import { planEarly } from './contain';
import { failureCode, type Engine } from './engine';
import { caseContext, mergeLookedUp, noteSides, sidesOf } from './sides';

/** Opens the case and answers the decision flow. Documents and the cloud are read side by side. Returns true when every alert was handled before. */
export async function openAndTriage(engine: Engine): Promise<boolean> {
  const { state } = engine;
  noteSides(state);
  planEarly(engine);
  const [opened, lookedUp] = await engine.during(() =>
    Promise.all([
      caseActivities('Open the case, look for documents').openIncident({
        incident: state.incident, runId: workflowInfo().firstExecutionRunId, principal: state.principal, alerts: state.alerts,
      }),
      Promise.all(sidesOf(state).map((side) => lookUp(engine, side))),
    ]),
  );
  state.caseKey = opened.caseKey;
  state.settings = opened.settings;
  state.documents = opened.documents;
  state.linkedPeople = opened.linkedPeople;
  state.lookedUp = lookedUp.length === 1 ? lookedUp[0]! : mergeLookedUp(lookedUp);
  noteSides(state, opened.otherSides);
  if (opened.alreadyHandledIn) return true;
  state.fresh = false;
  judge(engine);
  await besideItsPast(engine);
  // A plan is good for acting at once; what people are asked first is planned when they have said yes.
  if (state.verdict!.kind !== 'critical') engine.early.clear();
  return false;
}

async function lookUp({ state }: Engine, side: Principal): Promise<LookedUp> {
  const { principal, alerts } = caseContext(state, side);
  try {
    return await providerActivities(side.provider, risk.read, 'Look up the context').lookUp({ principal, alerts });
  } catch (error) {
    return { principalIsAdmin: null, target: null, countries: {}, facts: {}, failed: [{ what: `context (${side.provider})`, error: failureCode(error) }] };
  }
}

/** Two requests a second to a history that others read as well; people are asked without it rather than late. */
const patient = { ...risk.read, scheduleToCloseTimeout: '3m' } as const;

/** Whoever must be stopped now is not kept waiting for 90 days of history; before people are asked, or a document is believed, it is read. */
async function besideItsPast(engine: Engine): Promise<void> {
  const { state } = engine;
  if (state.verdict!.kind === 'critical' || !state.alerts.some((alert) => classify(alert).status === 'alert')) return;
  // An account or a tenant that only stands for somebody unknown has no past of its own.
  const sides = sidesOf(state).filter(({ kind }) => kind !== 'unknown');
  if (sides.length === 0) return;
  state.lookedUp = { ...state.lookedUp!, baselines: await engine.during(() => Promise.all(sides.map((side) => pastOf(engine, side)))) };
  judge(engine);
}

async function pastOf({ state }: Engine, side: Principal): Promise<Baseline> {
  const { principal, alerts } = caseContext(state, side);
  try {
    return await providerActivities(side.provider, patient, 'Compare with its own past').baseline({ principal, alerts });
  } catch (error) {
    return { who: principal.name, alerts: alerts.map(({ id }) => id), events: 0, days: 0, from: '', until: '', sampled: false, firsts: [], silent: `its history could not be read (${failureCode(error)})` };
  }
}

/** The verdict over all alerts so far; the gravest wins. */
export function judge(engine: Engine): void {
  const { state } = engine;
  const before = state.verdict?.kind;
  const verdict = decide({ alerts: state.alerts, documents: state.documents!, lookedUp: state.lookedUp!, now: new Date().toISOString() });
  state.verdict = verdict;
  if (verdict.kind === before) return;
  // One event for verdict and phase: a critical goes straight on to containment.
  if (verdict.kind === 'critical' && state.phase === 'triage') state.phase = 'containment';
  upsertSearchAttributes([
    { key: searchAttributes.verdict, value: verdict.kind },
    { key: searchAttributes.risk, value: verdict.risk },
    { key: searchAttributes.provider, value: state.principal.provider },
    { key: searchAttributes.phase, value: state.phase },
  ]);
  engine.record('triage', `triage/${verdict.kind}/${state.joined}`, `Verdict: ${verdict.kind} (${verdict.risk}): ${verdict.reasons.map((reason) => reason.text).join('; ')}`, {
    verdict: { ...verdict, reasons: verdict.reasons.map((reason) => ({ ...reason })) }, failed: state.lookedUp!.failed,
  });
}
