import type { Classification, Risk } from '../model/verdict';
import { riskRowOf, type RiskRow } from '../risk-table';
import type { Outcome } from './reading';

/** Understood, and not worth an incident; `event` says which row it would have been, null for none. */
export function ignored(event: Classification['event'], risk: Risk, outcome: Outcome): Classification {
  return { status: 'ignored', event, risk, type: event === null ? 'other' : riskRowOf(event).type, techniques: [], reasons: [outcome.reason] };
}

/** Worth an incident: the row’s values, where the test did not say otherwise. */
export function alerting(kin: Pick<RiskRow, 'event' | 'type' | 'risk' | 'techniques'>, outcome: Outcome): Classification {
  return {
    status: 'alert', event: outcome.event ?? kin.event, risk: outcome.risk ?? kin.risk, type: outcome.type ?? (outcome.event ? riskRowOf(outcome.event).type : kin.type),
    techniques: [...kin.techniques], reasons: [outcome.reason],
  };
}
