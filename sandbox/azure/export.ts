import type { ActivityRecord } from './arm/activity';
import { resources } from './arm/routes';
import type { AuditRecord } from './graph/audit';
import type { SignInRecord } from './login/record';
import type { Json } from './protocol/types';
import type { LogKind, Sim } from './state/sim';

/** One record as a diagnostic setting sends it to an Event Hub: `{records: [...]}` around one or more. Sources: Azure Monitor “Activity log event schema”, Entra “Log schemas in Azure Monitor”. */
export function exported(kind: LogKind, record: object): Json {
  if (kind === 'signIn') {
    const { category, tenantId, ...properties } = record as SignInRecord;
    return {
      time: properties.createdDateTime, resourceId: `/tenants/${tenantId}/providers/Microsoft.aadiam`, operationName: 'Sign-in activity', operationVersion: '1.0', category, tenantId, resultType: String(properties.status?.errorCode ?? 0), resultSignature: 'None', resultDescription: properties.status?.failureReason,
      durationMs: 0, callerIpAddress: properties.ipAddress, correlationId: properties.correlationId, Level: 4, location: properties.location?.countryOrRegion, properties: { ...properties, homeTenantId: tenantId, resourceTenantId: tenantId },
    };
  }
  if (kind === 'directoryAudit') {
    const { tenantId, ...properties } = record as AuditRecord;
    return {
      time: properties.activityDateTime, resourceId: `/tenants/${tenantId}/providers/Microsoft.aadiam`, operationName: properties.activityDisplayName, operationVersion: '1.0', category: 'AuditLogs', tenantId, resultSignature: 'None', durationMs: 0,
      callerIpAddress: properties.initiatedBy?.user?.ipAddress, correlationId: properties.correlationId, Level: 4, properties,
    };
  }
  const activity = record as ActivityRecord & { status: { value: string }; subStatus: { value: string }; httpRequest: { clientIpAddress: string } } & Json;
  const failed = activity.status.value === 'Failed';
  return {
    time: activity.eventTimestamp, resourceId: activity.resourceId.toUpperCase(), operationName: activity.operationName.value.toUpperCase(), category: 'Administrative', resultType: failed ? 'Failure' : 'Success', resultSignature: `${failed ? 'Failed' : 'Succeeded'}.${activity.subStatus.value}`, durationMs: '0',
    callerIpAddress: activity.httpRequest.clientIpAddress, correlationId: activity['correlationId'], identity: { authorization: activity['authorization'], claims: activity['claims'] }, level: failed ? 'Error' : 'Information', location: 'global', tenantId: activity['tenantId'],
    properties: { eventCategory: 'Administrative', entity: activity.resourceId, message: activity.operationName.value, hierarchy: activity['tenantId'], ...(activity['properties'] as Json) },
  };
}

/** Whether a diagnostic setting sends the record on: who switches logging off is seen doing it, and nothing after. */
export function delivered(sim: Sim, kind: LogKind, record: object): boolean {
  const activity = record as ActivityRecord;
  if (kind === 'activity' && /diagnosticSettings\/(delete|write)$/i.test(activity.operationName.value)) return true;
  const scope = kind === 'activity' ? `/subscriptions/${activity.subscriptionId}/providers/Microsoft.Insights/diagnosticSettings/` : '/providers/microsoft.aadiam/diagnosticSettings/';
  // An elevation belongs to no subscription: only the tenant’s own Activity Log has it.
  if (kind === 'activity' && activity.subscriptionId === '') return false;
  const category = kind === 'activity' ? 'Administrative' : kind === 'directoryAudit' ? 'AuditLogs' : (record as SignInRecord).category;
  return resources(sim).truth().some((one) => one.id.toLowerCase().startsWith(scope.toLowerCase()) && ((one.properties['logs'] ?? []) as { category?: string; enabled?: boolean }[]).some((log) => log.category === category && log.enabled));
}
