import { ask, openQuestion } from './ask';
import { planPhase } from './contain';
import type { Engine } from './engine';

/** Verdict “verify”: people say whether it was meant. No answer, or no plan to show, is treated as an attack. */
export async function confirmed(engine: Engine): Promise<boolean> {
  const { state } = engine;
  if (state.done.includes('confirm')) return true;
  engine.release();
  const plan = openQuestion(engine, 'containment') ?? (await planPhase(engine, 'containment'));
  if (!plan) return true;
  const answer = await ask(engine, {
    purpose: 'containment', plan, tier: 'approve', title: `Contain ${state.principal.name}? Deny if it was meant`, because: state.verdict!.reasons.map((reason) => reason.text),
    onTimeout: 'proceed', ifNobodyAnswers: 'it is treated as an attack and contained', requester: null,
  });
  if (answer.outcome === 'denied') return false;
  state.done.push('confirm');
  return true;
}
