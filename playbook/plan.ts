import { digestOf, sha256Hex } from './digest';
import { canonicalJson } from './json';
import type { Plan, PlanPhase, Proposal, Refusal, Step, Target, Tier } from './model/plan';

/** The idempotency key of an action on a target within an incident. */
export function stepId(action: string, target: Target, params: Proposal['params']): string {
  return `${action}#${digestOf([target, params]).slice(0, 12)}`;
}

/** How many distinct targets would change. */
export function blastRadius(steps: readonly Step[]): number {
  return new Set(steps.filter((step) => step.needed).map((step) => `${step.target.account}|${step.target.region}|${step.target.id}`)).size;
}

/** Orders nothing: `steps` is already in the playbook's order. The digest covers everything that would run. */
export function makePlan(incident: string, phase: PlanPhase, steps: Step[], refused: Refusal[] = [], left: string[] = []): Plan {
  return { incident, phase, steps, refused, left, blastRadius: blastRadius(steps), digest: sha256Hex(planText(incident, phase, steps)), kept: null };
}

/** The text whose SHA-256 is the plan's digest; also the bytes that are kept as evidence. */
export function planText(incident: string, phase: PlanPhase, steps: readonly Step[]): string {
  return canonicalJson({ incident, phase, steps });
}

const tiers = ['automatic', 'approve', 'dual', 'break-glass'] as const;

/** The stricter of two tiers. */
export function stricter(a: Tier, b: Tier): Tier {
  return tiers[Math.max(tiers.indexOf(a), tiers.indexOf(b))]!;
}

/** The strictest tier among the steps that would change something; null when nothing would. */
export function strictestTier(steps: readonly Step[]): Tier | null {
  return steps.filter((step) => step.needed).reduce<Tier | null>((worst, step) => (worst ? stricter(worst, step.tier) : step.tier), null);
}

/** Steps that may run side by side: a deny alone and first, then the playbook's rows in their order. */
export function waves(steps: readonly Step[]): Step[][] {
  const result: Step[][] = [];
  let last = '';
  for (const step of steps) {
    const wave = /\.deny-/.test(step.action) ? `${step.row} deny` : step.row;
    if (wave !== last) result.push([]);
    result[result.length - 1]!.push(step);
    last = wave;
  }
  return result;
}
