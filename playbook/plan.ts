import { digestOf } from './digest';
import type { Phase, Plan, Proposal, Refusal, Step, Target } from './model/plan';

/** The idempotency key of an action on a target within an incident. */
export function stepId(action: string, target: Target, params: Proposal['params']): string {
  return `${action}#${digestOf([target, params]).slice(0, 12)}`;
}

/** How many distinct targets would change. */
export function blastRadius(steps: readonly Step[]): number {
  return new Set(steps.filter((step) => step.needed).map((step) => `${step.target.account}|${step.target.region}|${step.target.id}`)).size;
}

/** Orders nothing: `steps` is already in the playbook's order. The digest covers everything that would run. */
export function makePlan(incident: string, phase: Phase, steps: Step[], refused: Refusal[] = []): Plan {
  return { incident, phase, steps, refused, blastRadius: blastRadius(steps), digest: planDigest(incident, phase, steps) };
}

export function planDigest(incident: string, phase: Phase, steps: readonly Step[]): string {
  return digestOf({ incident, phase, steps });
}

const tiers = ['automatic', 'approve', 'dual', 'break-glass'] as const;

/** The strictest tier among the steps that would change something; null when nothing would. */
export function strictestTier(steps: readonly Step[]): Step['tier'] | null {
  const ranks = steps.filter((step) => step.needed).map((step) => tiers.indexOf(step.tier));
  return ranks.length === 0 ? null : tiers[Math.max(...ranks)]!;
}
