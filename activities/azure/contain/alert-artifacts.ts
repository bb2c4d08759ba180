import type { Json } from '../../../playbook/json';
import type { Alert } from '../../../playbook/model/alert';
import type { Artifact } from '../../../playbook/model/finding';
import { itemsOf, objectOf, textOf } from '../../../playbook/triage/reading';
import { directoryChange } from '../investigate/directory-changes';
import { resourceChange } from '../investigate/resource-changes';

/** What the alerts themselves show that the attacker made or changed, before any investigation: read as the investigation reads the logs. Failed calls made nothing. */
export function alertArtifacts(alerts: readonly Alert[]): Artifact[] {
  return alerts.filter((alert) => alert.provider === 'azure' && alert.outcome === 'success').flatMap((alert) => {
    const made = alert.source === 'azure-activity' ? resourceChange(operationOf(alert)) : directoryChange(auditOf(alert));
    return made.map((one): Artifact => ({
      provider: 'azure', account: alert.account, region: one.region ?? alert.region, kind: one.kind, id: one.id, name: one.name, attribution: 'attacker', how: one.how, events: [alert.id],
      details: { why: `${alert.event.slice(0, 80)} by the attacker`, ...one.details },
    }));
  });
}

const auditOf = (alert: Alert): Parameters<typeof directoryChange>[0] => ({
  id: alert.id, event: alert.event, time: alert.time, tenant: alert.account,
  targets: itemsOf(alert.facts.targets).map((one) => ({ id: textOf(one.id).toLowerCase(), name: textOf(one.userPrincipalName) || textOf(one.displayName), type: textOf(one.type).toLowerCase() })),
  changes: itemsOf(alert.facts.changes).map((one) => ({ name: textOf(one.displayName), before: textOf(one.oldValue), after: textOf(one.newValue) })),
});

const operationOf = (alert: Alert): Parameters<typeof resourceChange>[0] => ({
  event: alert.event, time: alert.time, resource: alert.target?.id ?? '', request: objectOf(alert.facts.request as Json), region: alert.region,
  made: /created|\b201\b/i.test(`${textOf(alert.facts.statusCode)} ${textOf(alert.facts.subStatus)}`),
});
