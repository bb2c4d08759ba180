import type { Call, Json } from '../protocol/types';
import { newId, type Sim } from '../state/sim';

/** One Activity Log event as `Microsoft.Insights/eventtypes/management/values` gives it. Source: Azure Monitor, Activity log event schema, EventData of arm-monitor. */
export interface ActivityRecord extends Json {
  eventDataId: string;
  eventTimestamp: string;
  operationName: { value: string; localizedValue: string };
  resourceId: string;
  subscriptionId: string;
}

const OID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';
const UPN = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn';
const words = (value: string) => ({ value, localizedValue: value });

/** The claims of a caller as the log shows them. */
export function claimsOf(sim: Sim, { kind, id, appId, name, ip }: Call['caller']): Json {
  return {
    aud: 'https://management.azure.com/', iss: `https://sts.windows.net/${sim.tenantId}/`, appid: appId, appidacr: kind === 'app' ? '1' : '0', ipaddr: ip, [OID]: id, 'http://schemas.microsoft.com/identity/claims/tenantid': sim.tenantId, ver: '1.0',
    ...(kind === 'user' ? { [UPN]: name, 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name': name, name } : { idtyp: 'app' }),
  };
}

export function recordActivity(sim: Sim, call: Call, action: string, resourceId: string, status: number, code?: string): void {
  const failed = status >= 400;
  const id = newId();
  const [, subscription = ''] = /subscriptions\/([^/]+)/i.exec(resourceId) ?? [];
  const record: ActivityRecord = {
    authorization: { action, scope: resourceId }, caller: call.caller.kind === 'user' ? call.caller.name : call.caller.id, channels: 'Operation', claims: claimsOf(sim, call.caller), correlationId: newId(), description: '', eventDataId: id, operationId: newId(),
    eventName: words('EndRequest'), category: words('Administrative'), httpRequest: { clientRequestId: newId(), clientIpAddress: call.caller.ip, method: call.method }, id: `${resourceId}/events/${id}/ticks/${sim.now()}`, level: failed ? 'Error' : 'Informational',
    resourceGroupName: /resourceGroups\/([^/]+)/i.exec(resourceId)?.[1] ?? '', resourceProviderName: words(/providers\/([^/]+)/i.exec(resourceId)?.[1] ?? 'Microsoft.Resources'), resourceId, resourceType: words(action.split('/').slice(0, -1).join('/')), operationName: words(action),
    properties: { statusCode: String(status), serviceRequestId: newId(), eventCategory: 'Administrative', entity: resourceId, ...(Object.keys(call.body).length > 0 && { requestbody: JSON.stringify(call.body) }), ...(failed && { statusMessage: JSON.stringify({ error: { code } }) }) },
    status: words(failed ? 'Failed' : 'Succeeded'), subStatus: words(failed ? (code ?? '') : status === 201 ? 'Created' : 'OK'), eventTimestamp: sim.iso(), submissionTimestamp: sim.iso(), subscriptionId: subscription, tenantId: sim.tenantId,
  };
  sim.shelf<ActivityRecord>('activities').put(id, record);
  sim.emit('activity', record);
}
