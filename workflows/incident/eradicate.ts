import { applySteps } from './apply';
import { ask, openQuestion } from './ask';
import { containMore, containNow, planPhase } from './contain';
import type { Engine } from './engine';
import { lookAgain } from './investigate';

const ROUNDS = 3;

/** 3: exactly what the investigation attributed to the attacker, approved by two; looks again after, until nothing new is found. */
export async function eradicate(engine: Engine): Promise<void> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    if (!(await eradicateOnce(engine))) return;
    if (!(await lookAgain(engine))) return;
    await containMore(engine, await containNow(engine));
  }
  engine.unfinished(`after ${ROUNDS} rounds the attacker’s things still appear: look for a way in that is not closed`);
}

/** False when nothing was there to remove, or nobody allowed it. */
async function eradicateOnce(engine: Engine): Promise<boolean> {
  const { state } = engine;
  const plan = openQuestion(engine, 'eradication') ?? (await planPhase(engine, 'eradication'));
  const steps = plan?.steps.filter((step) => step.needed) ?? [];
  if (!plan || steps.length === 0) return false;
  const answer = await ask(engine, {
    purpose: 'eradication', plan, tier: 'dual', title: `Eradicate: remove ${steps.length} things that ${state.principal.name}’s attacker left`,
    because: [`${state.findings.filter((finding) => finding.state === 'found').length} checks found something`, ...plan.left.map((left) => `not touched: ${left}`)],
    onTimeout: 'stay-undone', ifNobodyAnswers: 'nothing is destroyed; it is escalated and stays contained', requester: null,
  });
  if (answer.outcome !== 'approved') {
    engine.unfinished(`eradication was ${answer.outcome}: the attacker’s things are contained but still there`);
    return false;
  }
  await applySteps(engine, plan, steps, answer.id);
  return true;
}
