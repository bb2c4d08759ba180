import type { Principal } from '../../playbook/model/principal';
import { isRootOrGlobalAdmin } from '../../playbook/root';
import { strictestTier } from '../../playbook/plan';
import { applySteps } from './apply';
import { ask, openQuestion } from './ask';
import { planPhase } from './contain';
import type { Engine } from './engine';
import { sidesOf } from './sides';

/** 4.1–4.6: hardening, as a plan that one person approves. */
export async function recover(engine: Engine): Promise<void> {
  const plan = openQuestion(engine, 'recovery') ?? (await planPhase(engine, 'recovery'));
  const steps = plan?.steps.filter((step) => step.needed) ?? [];
  if (!plan || steps.length === 0) return;
  await applySteps(engine, plan, steps.filter((step) => step.tier === 'automatic'), null);
  const wider = steps.filter((step) => step.tier !== 'automatic');
  const tier = strictestTier(wider);
  if (!tier || tier === 'automatic') return;
  const answer = await ask(engine, {
    purpose: 'recovery', plan, tier, title: `Harden: ${wider.length} recovery steps`, because: ['section 4 of the playbook'],
    onTimeout: 'stay-undone', ifNobodyAnswers: 'nothing is changed; it is escalated', requester: null,
  });
  if (answer.outcome === 'approved') await applySteps(engine, plan, wider, answer.id);
  else engine.unfinished(`recovery was ${answer.outcome}: ${wider.map((step) => step.title).join('; ')} not done`);
}

/** The sides that section 2.2 is for. */
export const rootSides = ({ state }: Engine): Principal[] => sidesOf(state).filter((side) => isRootOrGlobalAdmin(side, state.lookedUp));

/** 2.2 for root or Global Admin: tasks for people with proof, and support, at once; root’s own credentials go when the manager says yes. */
export async function containRoot(engine: Engine): Promise<void> {
  const plan = openQuestion(engine, 'root') ?? (await planPhase(engine, 'root', rootSides(engine)));
  if (!plan) return;
  await applySteps(engine, plan, plan.steps.filter((step) => step.tier === 'automatic'), null);
  const graver = plan.steps.filter((step) => step.needed && step.tier !== 'automatic');
  const tier = strictestTier(graver);
  if (!tier || tier === 'automatic') return;
  const answer = await ask(engine, {
    purpose: 'root', plan, tier, title: `Root is compromised: ${graver.map((step) => step.title).join('; ')}`, because: engine.state.verdict!.reasons.map((reason) => reason.text),
    onTimeout: 'stay-undone', ifNobodyAnswers: 'root keeps its credentials; it is escalated', requester: null,
  });
  if (answer.outcome === 'approved') await applySteps(engine, plan, graver, answer.id);
  else engine.unfinished(`root’s credentials stay (${answer.outcome}): ${graver.map((step) => step.title).join('; ')}`);
}
