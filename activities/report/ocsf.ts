import type { JsonObject } from '../../playbook/json';
import type { Verdict } from '../../playbook/model/verdict';
import type { Report } from './model';

/** The version whose names are used here. */
const OCSF = '1.6.0';
/** OCSF `severity_id`. */
const SEVERITY: Record<Verdict['risk'], [number, string]> = { info: [1, 'Informational'], low: [2, 'Low'], medium: [3, 'Medium'], high: [4, 'High'], critical: [5, 'Critical'] };

/**
 * A case as one OCSF Detection Finding (class 2004): created while it is open, closed when it is. The same case has the same `finding_info.uid`, so that a later export updates the first.
 * Source: OCSF schema, Detection Finding. Throws RangeError when the record has neither a time nor a principal.
 */
export function renderOcsf(report: Report): JsonObject {
  const { principal, verdict, times } = report;
  const opened = times.alerted ?? times.firstEvent ?? report.timeline[0]?.at ?? null;
  if (opened === null || principal === null) throw new RangeError('the record does not say yet when it began and about whom');
  const closed = report.outcome !== null;
  const [activity, name] = closed ? [3, 'Close'] : [1, 'Create'];
  const [severity, word] = SEVERITY[verdict?.risk ?? 'medium'];
  const falsePositive = verdict?.kind === 'false-positive';
  const last = times.closed ?? report.timeline.at(-1)?.at ?? opened;
  return {
    class_uid: 2004, class_name: 'Detection Finding', category_uid: 2, category_name: 'Findings', activity_id: activity, activity_name: name, type_uid: 200400 + activity, type_name: `Detection Finding: ${name}`,
    time: ms(opened), severity_id: severity, severity: word, ...statusOf(closed, falsePositive), is_alert: !falsePositive, message: report.summary[0] ?? report.incident,
    metadata: { version: OCSF, uid: report.caseKey, product: { name: 'Tourniquet', vendor_name: 'Tourniquet' }, profiles: ['cloud'] },
    cloud: { provider: principal.provider === 'aws' ? 'AWS' : 'Azure', account: { uid: principal.account } },
    finding_info: {
      uid: report.caseKey, title: `${verdict?.event ?? 'incident'}: ${principal.kind} ${principal.name}`, desc: report.summary.join(' '), types: [verdict?.event ?? 'incident'], created_time: ms(opened), modified_time: ms(last),
      ...(times.firstEvent ? { first_seen_time: ms(times.firstEvent) } : {}),
      attacks: (verdict?.techniques ?? []).map((uid): JsonObject => (uid.includes('.') ? { technique: { uid: uid.slice(0, uid.indexOf('.')) }, sub_technique: { uid } } : { technique: { uid } })),
    },
    evidences: [
      { actor: { user: { uid: principal.id, name: principal.name, account: { uid: principal.account } } } },
      ...report.iocs.filter(({ type }) => type === 'attacker-ip').map(({ value }) => ({ src_endpoint: { ip: value } })),
    ],
    resources: report.artifacts.filter(({ attribution }) => attribution === 'attacker').map(({ id, name: called, kind, region }) => ({ uid: id, name: called, type: kind, ...(region ? { region } : {}) })),
  };
}

const ms = (iso: string): number => Date.parse(iso);

function statusOf(closed: boolean, falsePositive: boolean): JsonObject {
  if (!closed) return { status_id: 2, status: 'In Progress' };
  return falsePositive ? { status_id: 3, status: 'Suppressed' } : { status_id: 4, status: 'Resolved' };
}
