import type { Alert } from '../playbook/model/alert';
import { entitiesOf, tenantOfEntities } from './azure-entities';
import { azureSession, eachRecord, tenantOf, timeOf } from './azure-fields';
import { severityOf } from './defender-severity';
import { alertId, boundedCopy, FieldProblem, isMembers, join, membersOf, object, required, text, type Members } from './fields';
import type { ParseOptions, Source } from './source';

/**
 * Microsoft Sentinel incidents: what an automation rule gives a playbook (`objectSchemaType: Incident` with the incident in `object`), or the incident of the REST API.
 * Source: Microsoft Sentinel, triggers and actions in playbooks; REST API, Incidents; entity types reference.
 */
export const sentinel: Source = {
  id: 'sentinel',
  recognises(payload) {
    if (!isMembers(payload)) return false;
    const first = Array.isArray(payload['value']) ? membersOf(payload['value'][0]) : payload;
    return /^incident$/i.test(text(first['objectSchemaType'])) || /^microsoft\.securityinsights\/incidents$/i.test(text(first['type']));
  },
  parse: (payload, options = {}) => eachRecord(payload, options, alertOf),
};

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value.slice(0, 100) : []);

function alertOf(record: Members, path: string, options: ParseOptions): Alert {
  const envelope = object(record, 'object', path);
  const incident = envelope ?? record;
  const at = envelope ? join(path, 'object') : path;
  const is = object(incident, 'properties', at);
  if (!is) throw new FieldProblem(join(at, 'properties'), 'is missing');
  const within = join(at, 'properties');
  const title = required(is, 'title', within, 1_024);
  const severity = severityOf(required(is, 'severity', within, 64));
  if (severity === undefined) throw new FieldProblem(join(within, 'severity'), 'is none of high, medium, low, informational');
  // An incident does not name its tenant: the one that intake is configured for, else that of its accounts.
  const account = tenantOf(within, options, options.tenant, tenantOfEntities([is['relatedEntities']]));
  const time = timeOf(within, options, ['lastActivityTimeUtc', is['lastActivityTimeUtc']], ['createdTimeUtc', is['createdTimeUtc']], ['lastModifiedTimeUtc', is['lastModifiedTimeUtc']]);
  const { principal, addresses, resource } = entitiesOf(is['relatedEntities'], account, options.personOf);
  const more = membersOf(is['additionalData']);
  const alerts = listOf(is['alerts']).map((one) => membersOf(membersOf(one)['properties']));
  const techniques = [...listOf(more['techniques']), ...alerts.flatMap((one) => listOf(one['techniques']))].filter((one) => typeof one === 'string');
  const status = text(is['status']).slice(0, 32);
  return {
    id: alertId(['sentinel', account, (text(incident['id']) || text(incident['name']) || JSON.stringify(incident)).toLowerCase(), text(is['lastModifiedTimeUtc']), status]), source: 'sentinel', provider: 'azure', account, region: null, time, receivedAt: null,
    event: title, service: (listOf(more['alertProductNames']).find((one): one is string => typeof one === 'string') ?? 'Microsoft Sentinel').slice(0, 128), outcome: 'success', errorCode: null, dryRun: false,
    principal, session: azureSession(), sourceIp: addresses[0] ?? null, userAgent: null, channel: 'unknown', target: resource === '' ? null : { kind: 'other', id: resource.slice(0, 2_048), account }, addresses,
    facts: {
      severity, archived: status.toLowerCase() === 'closed', status, techniques: boundedCopy([...new Set(techniques)], 40, 1_000).copy, tactics: boundedCopy(listOf(more['tactics']), 40, 1_000).copy,
      number: typeof is['incidentNumber'] === 'number' ? is['incidentNumber'] : text(is['incidentNumber']).slice(0, 32), alerts: boundedCopy(alerts.slice(0, 20).map((one) => text(one['alertDisplayName'])), 30, 4_000).copy,
    },
    raw: null,
  };
}
