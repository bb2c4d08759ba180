import type { Alert } from '../model/alert';
import type { Classification, Risk } from '../model/verdict';
import { findingTypeOf } from '../risk/guardduty';
import { riskRowOf } from '../risk-table';
import { brief, reason } from './reading';

/** Severity 0 to 10 as GuardDuty counts it: low below 4, medium below 7, high below 9. */
export const riskOfSeverity = (severity: number): Risk => (severity >= 9 ? 'critical' : severity >= 7 ? 'high' : severity >= 4 ? 'medium' : 'low');

/**
 * A provider’s own detection (GuardDuty, Security Hub, Defender): by the parts of its type and its severity, so that a type made tomorrow is understood.
 * Reads `facts.severity` (0-10), `facts.archived`, `facts.sample`, `facts.posture`.
 */
export function classifyFinding(alert: Alert): Classification {
  const severity = typeof alert.facts['severity'] === 'number' ? alert.facts['severity'] : 0;
  const type = alert.event;
  const parts = findingTypeOf(type);
  const row = parts?.row ?? null;
  const given = alert.facts['techniques'];
  const techniques = Array.isArray(given) && given.length > 0 ? given.filter((one): one is string => typeof one === 'string' && /^T\d{4}(\.\d{3})?$/.test(one)) : [...(parts?.techniques ?? ['T1078.004'])];
  const ignore = (code: string, text: string): Classification => ({ status: 'ignored', event: row ?? 'threat-finding', risk: 'info', type: 'finding', techniques: [], reasons: [reason(code, text)] });
  if (alert.facts['sample'] === true) return ignore('sample-finding', 'the service marks it as a generated sample');
  if (alert.facts['archived'] === true) return ignore('archived-finding', 'the finding is archived, suppressed or resolved in the service');
  if (alert.facts['posture'] === true) return ignore('posture-finding', 'the finding rates a configuration; nobody acted');
  const risk = riskOfSeverity(severity);
  if (row) {
    const { type: kind, techniques: own, risk: floor } = riskRowOf(row);
    return { status: 'alert', event: row, risk: risk === 'critical' || floor === 'critical' ? (row === 'storage-exposure' && /disabled/i.test(type) ? 'high' : 'critical') : risk, type: kind, techniques: [...own], reasons: [reason('finding-is-table-row', `${brief(type, 120)} reports a row of the playbook’s table`)] };
  }
  if (risk === 'low') return { ...ignore('low-severity', `${brief(type, 120)} has severity ${severity}: low`), risk: 'low' };
  return { status: 'alert', event: 'threat-finding', risk, type: 'finding', techniques, reasons: [reason('provider-finding', `${brief(type, 120)} with severity ${severity} (${risk})`)] };
}
