import type { Alert } from '../playbook/model/alert';
import { entitiesOf, tenantOfEntities } from './azure-entities';
import { azureSession, tenantOf, timeOf } from './azure-fields';
import { severityOf } from './defender-severity';
import { alertId, boundedCopy, FieldProblem, isMembers, join, membersOf, required, text, type Members } from './fields';
import type { ParseOptions } from './source';

/** Defender for Cloud’s own form: continuous export and workflow automation (`AlertDisplayName`, `SystemAlertId`), or the REST API (`properties.alertDisplayName`). */
export function isDefenderForCloud(record: Members): boolean {
  return record['SystemAlertId'] !== undefined || record['AlertDisplayName'] !== undefined || /^microsoft\.security\/locations\/alerts$/i.test(text(record['type']));
}

/** `VendorName` is `vendorName` in the REST API, and everything else is the same. */
const lowered = (record: Members): Members => Object.fromEntries(Object.entries(record).map(([name, value]) => [name.slice(0, 1).toLowerCase() + name.slice(1), value]));
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value.slice(0, 100) : []);

/** One alert of Defender for Cloud. Source: Defender for Cloud, security alerts schemas (continuous export, workflow automation); REST API, Alerts. */
export function defenderForCloud(record: Members, path: string, options: ParseOptions): Alert {
  const rest = isMembers(record['properties']);
  const is = rest ? membersOf(record['properties']) : lowered(record);
  const at = rest ? join(path, 'properties') : path;
  const named = (name: string): string => (rest ? name : name.slice(0, 1).toUpperCase() + name.slice(1));
  const members: Members = Object.fromEntries(['alertDisplayName', 'severity'].map((name) => [named(name), is[name]]));
  const title = required(members, named('alertDisplayName'), at, 1_024);
  const severity = severityOf(required(members, named('severity'), at, 64));
  if (severity === undefined) throw new FieldProblem(join(at, named('severity')), 'is none of high, medium, low, informational');
  const account = tenantOf(at, options, tenantOfEntities([is['resourceIdentifiers']]), options.tenant, tenantOfEntities([is['entities']]));
  const time = timeOf(at, options, [named('endTimeUtc'), is['endTimeUtc']], [named('startTimeUtc'), is['startTimeUtc']], [named('timeGenerated'), is['timeGenerated'] ?? is['timeGeneratedUtc']]);
  const { principal, addresses, resource } = entitiesOf(is['entities'], account, options.personOf);
  const identified = listOf(is['resourceIdentifiers']).map(membersOf).map((one) => text(one['AzureResourceId']) || text(one['azureResourceId'])).find((one) => one !== '');
  const target = identified || resource || text(is['azureResourceId']);
  const status = text(is['status']).slice(0, 32);
  return {
    id: alertId(['defender', account, text(is['systemAlertId']) || text(record['name']) || JSON.stringify(record), status, time]), source: 'defender', provider: 'azure', account, region: null, time, receivedAt: null,
    event: title, service: text(is['productName']).slice(0, 128) || 'Microsoft Defender for Cloud', outcome: 'success', errorCode: null, dryRun: false, principal, session: azureSession(), sourceIp: addresses[0] ?? null, userAgent: null, channel: 'unknown',
    target: target === '' ? null : { kind: 'other', id: target.slice(0, 2_048), account }, addresses,
    facts: {
      severity, archived: /^(resolved|dismissed)$/i.test(status), status, techniques: boundedCopy(listOf(is['techniques']), 40, 1_000).copy, category: text(is['intent']).slice(0, 128), alertType: text(is['alertType']).slice(0, 256), compromised: text(is['compromisedEntity']).slice(0, 256),
    },
    raw: null,
  };
}
