import type { Alert } from '../playbook/model/alert';
import { isDirectory } from './azure-activity';
import { alertId, boundedCopy, FieldProblem, ipOf, isMembers, join, membersOf, text, type Members } from './fields';
import { azurePrincipal, azureSession, eachRecord, tenantOf, timeOf } from './azure-fields';
import type { ParseOptions, Source } from './source';

/** Entra directory audit: a Graph `directoryAudit` or the exported record around it. Source: Microsoft Graph v1.0, directoryAudit resource. */
export const entraAudit: Source = {
  id: 'entra-audit',
  recognises(payload) {
    if (!isMembers(payload)) return false;
    const first = Array.isArray(payload['records']) ? membersOf(payload['records'][0]) : Array.isArray(payload['value']) ? membersOf(payload['value'][0]) : payload;
    if (text(first['activityDisplayName']) !== '') return true;
    return isDirectory(first) && !/sign.?in/i.test(text(first['category']) + text(first['operationName']));
  },
  parse: (payload, options = {}) => eachRecord(payload, options, alertOf),
};

function alertOf(record: Members, path: string, options: ParseOptions): Alert {
  const inner = isMembers(record['properties']) && text(record['activityDisplayName']) === '' ? record['properties'] : record;
  const at = inner === record ? path : join(path, 'properties');
  const event = (text(inner['activityDisplayName']) || text(record['operationName'])).trim();
  if (event === '' || event.length > 512) throw new FieldProblem(join(at, 'activityDisplayName'), event === '' ? 'is missing' : 'is longer than 512 characters');
  const account = tenantOf(path, options, record['tenantId'], inner['tenantId'], membersOf(inner['initiatedBy'])['tenantId'], /tenants\/([^/]+)/.exec(text(record['resourceId']).slice(0, 256))?.[1], options.tenant);
  const time = timeOf(path, options, [inner === record ? 'activityDateTime' : 'properties.activityDateTime', inner['activityDateTime']], ['time', record['time']]);
  const user = membersOf(membersOf(inner['initiatedBy'])['user']);
  const app = membersOf(membersOf(inner['initiatedBy'])['app']);
  const byUser = Object.keys(user).length > 0;
  const ip = ipOf(user['ipAddress']) ?? ipOf(record['callerIpAddress']);
  const targets = (Array.isArray(inner['targetResources']) ? inner['targetResources'] : []).slice(0, 20).map(membersOf);
  const first = targets[0] ?? {};
  const failed = /^(failure|timeout)$/i.test(text(inner['result'])) || /^fail/i.test(text(record['resultSignature']));
  const changes = targets.flatMap((target) => (Array.isArray(target['modifiedProperties']) ? target['modifiedProperties'] : [])).slice(0, 60);
  return {
    id: alertId(['entra-audit', account, text(inner['id']) || text(record['correlationId']) || JSON.stringify(record), event, time]), source: 'entra-audit', provider: 'azure', account, region: null, time, receivedAt: null,
    event, service: text(inner['loggedByService']).slice(0, 128) || null, outcome: failed ? 'failure' : 'success', errorCode: failed ? text(inner['resultReason']).slice(0, 256) || 'failure' : null, dryRun: false,
    principal: byUser ? azurePrincipal(account, 'user', text(user['id']), text(user['userPrincipalName']) || text(user['displayName'])) : azurePrincipal(account, 'service-principal', text(app['servicePrincipalId']) || text(app['appId']), text(app['displayName'])),
    session: azureSession(), sourceIp: ip, userAgent: null, channel: 'unknown', target: text(first['id']) || text(first['displayName']) ? { kind: kindOf(text(first['type'])), id: (text(first['userPrincipalName']) || text(first['id']) || text(first['displayName'])).slice(0, 512), account } : null,
    addresses: ip ? [ip] : [], facts: { changes: boundedCopy(changes, 400, 16_000).copy, targets: boundedCopy(targets.map(({ id, displayName, type, userPrincipalName }) => ({ id, displayName, type, userPrincipalName })), 120, 4_000).copy }, raw: null,
  };
}

function kindOf(type: string): 'user' | 'role' | 'group' | 'policy' | 'other' {
  const lower = type.toLowerCase();
  return lower === 'user' || lower === 'role' || lower === 'group' || lower === 'policy' ? lower : 'other';
}
