import { parseFilter } from '../graph/filter';
import type { Making } from '../graph/routes';
import { Fault, type Call } from '../protocol/types';
import { allows } from './access';
import type { ActivityRecord } from './activity';
import { resourceType } from './engine';
import { armList } from './routes';

const ACTION = 'Microsoft.Insights/eventtypes/values/read';
/** `eventTimestamp` and one of these; nothing else. Source: Azure Monitor REST, Activity Logs – List. */
const filterable: Record<string, string> = { eventTimestamp: 'eventTimestamp', resourceGroupName: 'resourceGroupName', resourceUri: 'resourceId', resourceProvider: 'resourceProviderName/value', correlationId: 'correlationId', eventChannels: 'channels' };

/** Diagnostic settings of subscriptions, resources and Entra; the Activity Log; alerts on it. */
export function monitorRoutes(making: Making): void {
  const { sim } = making;
  const logs = { type: 'Microsoft.Insights/diagnosticSettings', extension: true, make: (_sim: unknown, properties: Record<string, unknown>) => {
    if (!['storageAccountId', 'workspaceId', 'eventHubAuthorizationRuleId', 'marketplacePartnerId'].some((name) => properties[name])) throw new Fault(400, 'BadRequest', 'At least one data sink needs to be specified.');
    return properties;
  } } as const;
  resourceType(making, logs);
  resourceType(making, { ...logs, type: 'microsoft.aadiam/diagnosticSettings' });
  for (const type of ['activityLogAlerts', 'actionGroups', 'scheduledQueryRules']) resourceType(making, { type: `Microsoft.Insights/${type}`, methods: ['get', 'list', 'put', 'patch', 'delete'] });
  resourceType(making, { type: 'Microsoft.OperationalInsights/workspaces', slow: ['put'] });
  resourceType(making, { type: 'Microsoft.EventHub/namespaces', slow: ['put'] });
  const values = (call: Call, scope: string, mine: (one: ActivityRecord) => boolean) => {
    if (!allows(sim, call.caller.id, ACTION, scope)) throw new Fault(403, 'AuthorizationFailed', `The client '${call.caller.name}' with object id '${call.caller.id}' does not have authorization to perform action '${ACTION}' over scope '${scope}'.`);
    const text = call.query.get('$filter') ?? '';
    if (!/eventTimestamp ge/i.test(text)) throw new Fault(400, 'BadRequest', 'The $filter must contain eventTimestamp ge.');
    const named = text.replace(/\b([A-Za-z]+)(?= (eq|ge|le|gt|lt) )/g, (name) => {
      const property = filterable[name];
      if (!property) throw new Fault(400, 'BadRequest', `The property '${name}' cannot be filtered by.`);
      return property;
    });
    const filter = parseFilter(named);
    return armList(call, [...sim.shelf<ActivityRecord>('activities').list()].reverse().filter((one) => mine(one) && filter.test(one)), 200);
  };
  const path = 'providers/Microsoft.Insights/eventtypes/management/values';
  making.router.add({ surface: 'arm', method: 'GET', pattern: `/subscriptions/:subscription/${path}`, needs: [ACTION], handle: (call) => values(call, `/subscriptions/${call.params['subscription']}`, (one) => one.subscriptionId.toLowerCase() === call.params['subscription']!.toLowerCase()) });
  making.router.add({ surface: 'arm', method: 'GET', pattern: `/${path}`, needs: [ACTION], handle: (call) => values(call, '/', (one) => one.subscriptionId === '') });
}
