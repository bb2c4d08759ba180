import type { Alert } from '../playbook/model/alert';
import { isDirectory } from './azure-activity';
import { alertId, FieldProblem, ipOf, isMembers, join, membersOf, text, type Members } from './fields';
import { azurePrincipal, azureSession, eachRecord, tenantOf, timeOf } from './azure-fields';
import type { ParseOptions, Source } from './source';

/** Entra sign-ins: a Graph `signIn` or the exported record around it. Source: Microsoft Graph v1.0, signIn resource. */
export const entraSignIn: Source = {
  id: 'entra-signin',
  recognises(payload) {
    if (!isMembers(payload)) return false;
    const first = Array.isArray(payload['records']) ? membersOf(payload['records'][0]) : Array.isArray(payload['value']) ? membersOf(payload['value'][0]) : payload;
    if (isDirectory(first)) return /sign.?in/i.test(text(first['category']) + text(first['operationName']));
    return text(first['appId']) !== '' && text(first['createdDateTime']) !== '' && (first['userPrincipalName'] !== undefined || first['servicePrincipalId'] !== undefined) && first['activityDisplayName'] === undefined;
  },
  parse: (payload, options = {}) => eachRecord(payload, options, alertOf),
};

function alertOf(record: Members, path: string, options: ParseOptions): Alert {
  const inner = isMembers(record['properties']) ? record['properties'] : record;
  const at = inner === record ? path : join(path, 'properties');
  // A guest’s home is another tenant: the log is of the tenant that was signed in to.
  const account = tenantOf(path, options, record['tenantId'], options.tenant, inner['resourceTenantId'], inner['homeTenantId']);
  const time = timeOf(path, options, [inner === record ? 'createdDateTime' : 'properties.createdDateTime', inner['createdDateTime']], ['time', record['time']]);
  const user = text(inner['userId']);
  const upn = text(inner['userPrincipalName']);
  const servicePrincipal = text(inner['servicePrincipalId']);
  if (user === '' && upn === '' && servicePrincipal === '') throw new FieldProblem(join(at, 'userId'), 'is missing');
  const status = membersOf(inner['status']);
  const code = typeof status['errorCode'] === 'number' ? String(status['errorCode']) : /^\d+$/.test(text(record['resultType'])) ? text(record['resultType']) : '0';
  const ip = ipOf(inner['ipAddress']) ?? ipOf(record['callerIpAddress']);
  const agent = text(inner['userAgent']);
  const byService = user === '' && upn === '';
  return {
    id: alertId(['entra-signin', account, text(inner['id']) || text(record['correlationId']) || JSON.stringify(record), user || upn || servicePrincipal, time, code]), source: 'entra-signin', provider: 'azure', account, region: null, time, receivedAt: null,
    event: 'Sign-in activity', service: text(inner['appDisplayName']).slice(0, 256) || null, outcome: code === '0' ? 'success' : 'failure', errorCode: code === '0' ? null : code, dryRun: false,
    principal: byService ? azurePrincipal(account, 'service-principal', servicePrincipal, text(inner['servicePrincipalName'])) : azurePrincipal(account, 'user', user, upn),
    session: { ...azureSession(text(inner['authenticationRequirement']) === 'multiFactorAuthentication' ? 'yes' : text(inner['authenticationRequirement']) === 'singleFactorAuthentication' ? 'no' : 'unknown'), name: text(inner['sessionId']).slice(0, 128) || null },
    sourceIp: ip, userAgent: agent === '' ? null : agent.slice(0, 1024), channel: inner['isInteractive'] === true ? 'console' : 'unknown', target: null, addresses: ip ? [ip] : [],
    facts: {
      appId: text(inner['appId']).slice(0, 64), resource: text(inner['resourceDisplayName']).slice(0, 256), protocol: text(inner['authenticationProtocol']).slice(0, 64), requirement: text(inner['authenticationRequirement']).slice(0, 64),
      clientApp: text(inner['clientAppUsed']).slice(0, 64), interactive: inner['isInteractive'] === true, riskLevel: text(inner['riskLevelDuringSignIn']).slice(0, 32), riskState: text(inner['riskState']).slice(0, 32), errorCode: code,
      conditionalAccess: text(inner['conditionalAccessStatus']).slice(0, 32),
    },
    raw: null,
  };
}
