import type { Alert } from '../playbook/model/alert';
import { alertId, boundedCopy, FieldProblem, ipOf, isMembers, join, membersOf, text, type Members } from './fields';
import { azurePrincipal, azureSession, eachRecord, tenantOf, timeOf, valueOf } from './azure-fields';
import type { ParseOptions, Source } from './source';

const OID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';
const UPN = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn';

/** Azure Activity log, as diagnostic settings export it or as the REST API gives it; storage and Key Vault resource logs share the shape. Source: Azure Monitor, Activity log schema. */
export const azureActivity: Source = {
  id: 'azure-activity',
  recognises(payload) {
    if (!isMembers(payload)) return false;
    const first = Array.isArray(payload['records']) ? membersOf(payload['records'][0]) : payload;
    return valueOf(first['operationName']) !== '' && !isDirectory(first);
  },
  parse: (payload, options = {}) => eachRecord(payload, options, alertOf),
};

/** Entra’s own logs travel in the same envelope, under the tenant instead of a subscription. */
export const isDirectory = (record: Members): boolean =>
  /microsoft\.aadiam/i.test(text(record['resourceId'])) || /^(AuditLogs|SignInLogs|NonInteractiveUserSignInLogs|ServicePrincipalSignInLogs|ManagedIdentitySignInLogs)$/.test(text(record['category']));

function parsedBody(value: unknown): unknown {
  if (typeof value !== 'string' || value.length > 200_000) return isMembers(value) ? value : {};
  try {
    return JSON.parse(value);
  } catch {
    return {};
  }
}

function alertOf(record: Members, path: string, options: ParseOptions): Alert {
  const event = valueOf(record['operationName']);
  if (event === '' || event.length > 512) throw new FieldProblem(join(path, 'operationName'), event === '' ? 'is missing' : 'is longer than 512 characters');
  const properties = membersOf(typeof record['properties'] === 'string' ? parsedBody(record['properties']) : record['properties']);
  const identity = membersOf(record['identity']);
  const claims = membersOf(identity['claims'] ?? record['claims']);
  const account = tenantOf(path, options, record['tenantId'], properties['tenantId'], claims['http://schemas.microsoft.com/identity/claims/tenantid']);
  const time = timeOf(path, options, ['time', record['time']], ['eventTimestamp', record['eventTimestamp']]);
  const caller = text(record['caller']);
  const name = text(claims[UPN]) || text(claims['name']) || caller;
  const application = text(claims['idtyp']) === 'app' || (text(claims['appid']) !== '' && text(claims[UPN]) === '' && !name.includes('@'));
  const status = text(record['resultType']) || valueOf(record['status']) || text(properties['status']);
  const ip = ipOf(record['callerIpAddress']) ?? ipOf(membersOf(record['httpRequest'])['clientIpAddress']);
  const resourceId = text(record['resourceId']) || text(properties['entity']);
  const request = boundedCopy(parsedBody(properties['requestbody'] ?? properties['requestBody']));
  return {
    id: alertId(['azure-activity', account, text(record['eventDataId']) || text(record['correlationId']) || JSON.stringify(record), event, time, status]), source: 'azure-activity', provider: 'azure', account,
    region: text(record['location']).slice(0, 64) || null, time, receivedAt: null, event, service: event.includes('/') ? event.slice(0, event.indexOf('/')).toLowerCase() : null,
    outcome: /^fail/i.test(status) ? 'failure' : 'success', errorCode: /^fail/i.test(status) ? text(record['resultSignature']).slice(0, 128) || status.slice(0, 128) : null, dryRun: false,
    principal: azurePrincipal(account, application ? 'service-principal' : 'user', text(claims[OID]), name), session: azureSession(text(claims['http://schemas.microsoft.com/claims/authnmethodsreferences']).includes('mfa') ? 'yes' : 'unknown'),
    sourceIp: ip, userAgent: null, channel: 'unknown', target: resourceId ? { kind: 'other', id: resourceId.slice(0, 2048), account } : null, addresses: ip ? [ip] : [],
    facts: {
      request: request.copy, status: status.slice(0, 64), statusCode: (valueOf(properties['statusCode']) || text(record['resultSignature'])).slice(0, 64), subStatus: valueOf(record['subStatus']).slice(0, 64), category: valueOf(record['category']).slice(0, 64),
      requestOmitted: request.cut,
    },
    raw: null,
  };
}
