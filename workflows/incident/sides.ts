import type { CaseContext } from '../../activities/contract';
import type { Finding } from '../../playbook/model/finding';
import { cloudName, type Principal, type ProviderId } from '../../playbook/model/principal';
import type { LookedUp } from '../../playbook/triage/inputs';
import type { IncidentState } from './state';

/** The principal, and the same person in the other clouds. */
export const sidesOf = ({ principal, others }: Pick<IncidentState, 'principal' | 'others'>): Principal[] => [principal, ...others];

/** Takes up sides that alerts or the directory show: one for each cloud, and what an alert names before what the directory says. */
export function noteSides(state: IncidentState, fromDirectory: readonly Principal[] = []): void {
  const fromAlerts = state.alerts.flatMap(({ principal }) => (principal ? [principal] : []));
  for (const side of [...fromAlerts, ...fromDirectory]) {
    if (!sidesOf(state).some((known) => known.provider === side.provider)) state.others.push(side);
  }
}

/** What one provider is told of the case: its own side of it. */
export function caseContext(state: IncidentState, side: Principal): CaseContext {
  const { incident, caseKey } = state;
  const contained = state.times.contained ? { contained: state.times.contained } : {};
  if (state.others.length === 0) return { incident, caseKey, principal: side, alerts: state.alerts, ...contained };
  const alerts = state.alerts.filter((alert) => alert.provider === side.provider);
  const others = state.alerts.filter((alert) => alert.provider !== side.provider);
  const addresses = [...new Set(others.flatMap((alert) => [...(alert.sourceIp ? [alert.sourceIp] : []), ...alert.addresses]))];
  const firstAlert = others.map((alert) => alert.time).sort()[0];
  return { incident, caseKey, principal: side, alerts, ...contained, ...(firstAlert ? { elsewhere: { addresses, firstAlert } } : {}) };
}

export function findingsOf(state: IncidentState, side: Principal): Finding[] {
  return state.findings.filter((finding) => (finding.provider ?? side.provider) === side.provider);
}

/** Marks a finding with its side where there is more than one. */
export const onSide = (state: IncidentState, side: Principal, finding: Finding): Finding => (state.others.length === 0 ? finding : { ...finding, provider: side.provider });

/** `AWS` or `Azure` before a line, where there is more than one side. */
export const sideLabel = (state: IncidentState, provider: ProviderId): string => (state.others.length === 0 ? '' : `${cloudName(provider)}: `);

/** What the sides' look-ups come to together; the first is the principal's own. */
export function mergeLookedUp(all: readonly LookedUp[]): LookedUp {
  const known = (of: (one: LookedUp) => boolean | null | undefined): boolean | null => (all.some((one) => of(one) === true) ? true : all.some((one) => of(one) === null) ? null : false);
  const merged: LookedUp = {
    principalIsAdmin: known((one) => one.principalIsAdmin), target: all.find((one) => one.target !== null)?.target ?? null,
    countries: Object.assign({}, ...all.map((one) => one.countries)) as LookedUp['countries'], facts: Object.assign({}, ...all.map((one) => one.facts)) as LookedUp['facts'],
    failed: all.flatMap((one) => one.failed),
  };
  return all.some((one) => one.globalAdmin !== undefined) ? { ...merged, globalAdmin: known((one) => one.globalAdmin) } : merged;
}
