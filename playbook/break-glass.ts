import type { Alert } from './model/alert';
import type { Finding } from './model/finding';
import type { StepOutcome } from './model/plan';
import type { Principal } from './model/principal';
import type { LookedUp } from './triage/inputs';

export interface BreakGlassInput {
  principal: Principal;
  alerts: readonly Alert[];
  lookedUp: Pick<LookedUp, 'principalIsAdmin'> | null;
  findings: readonly Finding[];
  /** What containment's steps came to so far. */
  outcomes: readonly StepOutcome[];
}

/** Why the emergency credential is needed, one sentence each; empty = the responder's own role is enough. */
export function breakGlassReasons(input: BreakGlassInput): string[] {
  const { principal, alerts, lookedUp, findings, outcomes } = input;
  const refused = outcomes.filter((one) => one.error === 'ACCESS_DENIED' || one.error === 'ROLE_TOO_LOW' || one.error === 'CREDENTIALS_INVALID').map((one) => actionOf(one));
  // The last outcome of a step counts: a retry may have restored it.
  const latest = new Map(outcomes.map((one) => [one.step, one]));
  const silent = [...latest.values()].filter((one) => actionOf(one).endsWith('.restore-logging') && (one.state === 'failed' || !one.holds));
  const touched = findings.flatMap((finding) => finding.artifacts).filter((one) => one.attribution === 'attacker' && one.details.touchesResponder === true);
  return [
    ...(principal.kind === 'root' ? ['root itself is compromised'] : []),
    ...(principal.kind !== 'root' && lookedUp?.principalIsAdmin === true && alerts.some((one) => one.outcome === 'success')
      ? [`${principal.name} is an account administrator and could have altered the responder’s own role`] : []),
    ...[...new Set(refused)].map((action) => `containment was refused: ${action}`),
    ...(silent.length > 0 ? ['logging could not be restored'] : []),
    ...[...new Set(touched.map((one) => `the attacker changed Tourniquet’s own role: ${one.kind} ${one.name}`))],
  ];
}

const actionOf = (outcome: StepOutcome): string => outcome.step.split('#')[0]!;
