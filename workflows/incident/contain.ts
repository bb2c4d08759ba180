import type { Phase, Plan } from '../../playbook/model/plan';
import type { Principal } from '../../playbook/model/principal';
import { makePlan } from '../../playbook/plan';
import { decide } from '../../playbook/triage/decide';
import { noDocuments } from '../../playbook/triage/inputs';
import { caseActivities, providerActivities, risk } from '../options';
import { applySteps } from './apply';
import { ask, openQuestion } from './ask';
import { failureCode, messageOf, type Engine } from './engine';
import { caseContext, findingsOf, sideLabel, sidesOf } from './sides';
import { carriedOut } from './state';

/** Plans a phase over all sides; what was refused or cannot be judged by a machine is loud. Null when nothing could be planned at all. */
export async function planPhase(engine: Engine, phase: Phase, sides = sidesOf(engine.state)): Promise<Plan | null> {
  return together(engine, phase, await Promise.all(sides.map((side) => planSide(engine, phase, side))));
}

async function planSide(engine: Engine, phase: Phase, side: Principal): Promise<Plan | null> {
  const { state } = engine;
  try {
    const plan = await askProvider(engine, phase, side);
    notePlan(engine, phase, side, plan);
    return plan;
  } catch (error) {
    engine.unfinished(`${sideLabel(state, side.provider)}${phase} could not be planned: ${failureCode(error)} ${messageOf(error)}`);
    return null;
  }
}

function askProvider(engine: Engine, phase: Phase, side: Principal, keep?: false): Promise<Plan> {
  const { state } = engine;
  const of = providerActivities(side.provider, phase === 'containment' ? risk.contain : risk.read, `Plan: ${phase}`);
  return engine.during(() => of.plan({ ...caseContext(state, side), phase, findings: findingsOf(state, side), ...(keep === false ? { keep } : {}) }));
}

function notePlan(engine: Engine, phase: Phase, side: Principal, plan: Plan): void {
  const needed = plan.steps.filter((step) => step.needed).length;
  engine.record('plan', `plan/${phase}/${plan.digest}`, `${sideLabel(engine.state, side.provider)}Planned ${phase}: ${needed} to do, ${plan.steps.length - needed} already so, ${plan.refused.length} refused`, {
    digest: plan.digest, kept: plan.kept ? { ...plan.kept } : null, refused: plan.refused.map((one) => ({ ...one, target: { ...one.target } })), left: plan.left,
  });
  for (const refusal of plan.refused) if (!settled(engine, refusal)) refused(engine, refusal);
  for (const left of plan.left) engine.record('note', `left/${phase}/${left}`, `For a person to judge: ${left}`);
}

/** Reading for the containment begins beside triage, when the alerts alone look critical: seconds count, and reading harms nobody. */
export function planEarly(engine: Engine): void {
  const { state } = engine;
  const alone = decide({ alerts: state.alerts, documents: noDocuments, lookedUp: null, now: new Date().toISOString() });
  if (alone.kind !== 'critical') return;
  for (const side of sidesOf(state)) engine.early.set(side.provider, askProvider(engine, 'containment', side, false).catch(() => null));
}

/** The plan that was made beside triage; else a new one. */
async function firstPlan(engine: Engine, side: Principal): Promise<Plan | null> {
  const { state } = engine;
  const early = await engine.early.get(side.provider);
  engine.early.delete(side.provider);
  // What people must be asked for is planned anew: an approval needs a plan that is kept.
  if (!early || early.blastRadius > state.settings!.blastRadius) return planSide(engine, 'containment', side);
  notePlan(engine, 'containment', side, early);
  return early;
}

/** A plan made before the case was open is kept once the attacker is out. */
function keepLate(engine: Engine, { incident, phase, steps, digest }: Plan): void {
  void engine
    .during(() => caseActivities(`Keep the plan: ${phase}`).keepPlan({ caseKey: engine.state.caseKey, incident, phase, steps }))
    .then((kept) => engine.record('note', `plan/kept/${digest}`, `Kept the ${phase} plan that was carried out`, { digest, kept: { ...kept } }))
    .catch((error: unknown) => engine.problem(`the plan for ${phase} could not be kept: ${failureCode(error)}`));
}

/** One plan for people to say yes to, kept under its own digest; a single side's plan is kept already. */
async function together(engine: Engine, phase: Phase, made: readonly (Plan | null)[]): Promise<Plan | null> {
  const plans = made.filter((plan) => plan !== null);
  if (plans.length < 2) return plans[0] ?? null;
  const { incident, caseKey } = engine.state;
  const plan = makePlan(incident, phase, plans.flatMap((one) => one.steps), plans.flatMap((one) => one.refused), plans.flatMap((one) => one.left));
  try {
    const kept = await engine.during(() => caseActivities(`Keep the plan: ${phase}`).keepPlan({ caseKey, incident, phase, steps: plan.steps }));
    return { ...plan, kept };
  } catch (error) {
    engine.unfinished(`the plan for ${phase} could not be kept, so nobody can be asked: ${failureCode(error)}`);
    return null;
  }
}

/** 2.1, now: what is automatic and within the blast radius runs at once; the rest is asked beside the investigation (`containMore`). */
export async function containNow(engine: Engine): Promise<Plan | null> {
  const { state } = engine;
  // No cloud waits for another: each side is shut as soon as its own plan is there.
  const sides = await Promise.all(sidesOf(state).map((side) => containSide(engine, side)));
  if (sides.every(({ done }) => done)) noteContained(engine);
  return together(engine, 'containment', sides.map(({ plan }) => plan));
}

/** The attacker is out. Nobody may read that while an automatic step of 2.1 failed: it is tried again with the next plan, by a wider step, or by hand. */
function noteContained(engine: Engine): void {
  const { state } = engine;
  if (state.times.contained || state.applied.some((one) => one.step.row.startsWith('2.1') && one.step.tier === 'automatic' && !carriedOut(state, one))) return;
  state.times.contained = new Date().toISOString();
  engine.record('note', 'contained', 'Contained: every automatic step of 2.1 was carried out', { at: state.times.contained });
}

/** What was asked, or is done by hand, may be what was missing. */
export function noteLateContainment(engine: Engine): void {
  if (engine.state.unfinished.length === 0) noteContained(engine);
}

async function containSide(engine: Engine, side: Principal): Promise<{ plan: Plan | null; done: boolean }> {
  const { state } = engine;
  const plan = await firstPlan(engine, side);
  if (!plan) return { plan, done: false };
  if (plan.blastRadius > state.settings!.blastRadius) {
    engine.problem(`${sideLabel(state, side.provider)}the containment plan touches ${plan.blastRadius} things, more than ${state.settings!.blastRadius}: a person must approve it`);
    return { plan, done: false };
  }
  await applySteps(engine, plan, plan.steps.filter((step) => step.tier === 'automatic'), null);
  if (plan.kept === null) keepLate(engine, plan);
  return { plan, done: true };
}

/** What needs a yes: wider steps, and a whole plan over the blast radius. Nobody answers: reversible containment of a critical goes ahead. */
export async function containMore(engine: Engine, made: Plan | null): Promise<void> {
  const plan = openQuestion(engine, 'containment') ?? made;
  const waiting = plan?.steps.filter((step) => step.needed && !engine.state.applied.some((one) => one.step.id === step.id)) ?? [];
  if (!plan || waiting.length === 0) return;
  const answer = await ask(engine, {
    purpose: 'containment', plan, tier: 'approve', title: `Contain further: ${waiting.length} wider steps for ${engine.state.principal.name}`,
    because: engine.state.verdict!.reasons.map((reason) => reason.text), onTimeout: 'proceed', requester: null,
    ifNobodyAnswers: 'the reversible steps are carried out, the rest stays undone and is escalated',
  });
  if (answer.outcome === 'approved') await applySteps(engine, plan, waiting, answer.id);
  else if (answer.outcome === 'expired') await proceed(engine, plan, waiting, answer.id);
  else engine.unfinished(`wider containment was ${answer.outcome}: ${waiting.map((step) => step.title).join('; ')}`);
  noteLateContainment(engine);
}

/** Nobody answered and it is critical: what can be undone goes ahead, the rest stays undone. */
async function proceed(engine: Engine, plan: Plan, waiting: Plan['steps'], approval: string): Promise<void> {
  await applySteps(engine, plan, waiting.filter((step) => step.reversible), approval);
  const left = waiting.filter((step) => !step.reversible);
  if (left.length > 0) engine.unfinished(`nobody answered, not done: ${left.map((step) => step.title).join('; ')}`);
}

/** Gone already, or done before in this incident: not a gap in the plan. */
function settled({ state }: Engine, { action, target, code }: Plan['refused'][number]): boolean {
  return code === 'NOT_FOUND' || state.applied.some(({ step, outcome }) => step.action === action && step.target.id === target.id && outcome.state === 'done');
}

/** A wanted step that could not even be planned: what the provider does not offer becomes a task for people, everything else leaves the incident unfinished. */
function refused(engine: Engine, { action, target, code, message }: Plan['refused'][number]): void {
  const text = `${action} on ${target.name}: ${code} ${message}`;
  if (code !== 'NOT_SUPPORTED') return engine.unfinished(text);
  if (engine.state.problems.includes(text)) return;
  engine.problem(text);
  const title = `Do by hand: ${action} on ${target.name}`;
  void engine
    .during(() => caseActivities(title).openHumanTask({ caseKey: engine.state.caseKey, key: `refused/${action}/${target.id}`, title, instructions: [message] }))
    .then(({ reference }) => engine.record('action', `task/${action}/${target.id}`, `Task for a person: ${title} (${reference})`, { reference }))
    .catch((error: unknown) => engine.unfinished(`${title}: no task could be opened (${failureCode(error)})`));
}
