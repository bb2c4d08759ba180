import type { JsonObject } from '../playbook/json';
import type { Alert } from '../playbook/model/alert';
import { alertId, boundedCopy, FieldProblem, ipOf, isMembers, join, membersOf, text, type Members } from './fields';
import { callerOf } from './azure-caller';
import { azurePrincipal, azureSession, eachRecord, tenantOf, timeOf, valueOf } from './azure-fields';
import type { ParseOptions, Source } from './source';

/** Azure Activity log: as diagnostic settings export it (event hub, storage; often in upper case), or as the REST API and the portal give it; storage and Key Vault resource logs share the shape. Source: Azure Monitor, Activity log schema; Storage monitoring data reference; Key Vault logging. */
export const azureActivity: Source = {
  id: 'azure-activity',
  recognises(payload) {
    if (!isMembers(payload)) return false;
    const list = Array.isArray(payload['records']) ? payload['records'] : payload['value'];
    const first = Array.isArray(list) ? membersOf(list[0]) : payload;
    return valueOf(first['operationName']) !== '' && !isDirectory(first);
  },
  parse: (payload, options = {}) => eachRecord(payload, options, alertOf),
};

/** Entra’s own logs travel in the same envelope, under the tenant instead of a subscription; what is done to the diagnostic settings of Entra is no log of Entra. */
export const isDirectory = (record: Members): boolean =>
  (/microsoft\.aadiam/i.test(text(record['resourceId'])) && !/^microsoft\.aadiam\//i.test(valueOf(record['operationName']))) ||
  /^(AuditLogs|SignInLogs|NonInteractiveUserSignInLogs|ServicePrincipalSignInLogs|ManagedIdentitySignInLogs)$/.test(text(record['category']));

function parsedBody(value: unknown): unknown {
  if (typeof value !== 'string' || value.length > 200_000) return isMembers(value) ? value : {};
  try {
    return JSON.parse(value);
  } catch {
    return {};
  }
}

/** An export writes `resourceId` in capitals; `entity` and the authorization’s scope keep the case that the resource was made with. */
const inOwnCase = (id: string, ...others: readonly string[]): string => others.find((other) => other !== '' && (id === '' || other.toLowerCase() === id.toLowerCase())) ?? id;

function alertOf(record: Members, path: string, options: ParseOptions): Alert {
  const event = valueOf(record['operationName']);
  if (event === '' || event.length > 512) throw new FieldProblem(join(path, 'operationName'), event === '' ? 'is missing' : 'is longer than 512 characters');
  const properties = membersOf(typeof record['properties'] === 'string' ? parsedBody(record['properties']) : record['properties']);
  const caller = callerOf(record);
  const account = tenantOf(path, options, record['tenantId'], properties['tenantId'], caller.tenant, options.tenant);
  const time = timeOf(path, options, ['time', record['time']], ['eventTimestamp', record['eventTimestamp']]);
  const status = text(record['resultType']) || valueOf(record['status']) || text(properties['status']) || text(record['statusText']);
  const failed = /^fail/i.test(status) || httpCodeOf(record, properties) >= 400;
  const ip = ipOf(record['callerIpAddress']) ?? ipOf(membersOf(record['httpRequest'])['clientIpAddress']);
  const resourceId = inOwnCase(text(record['resourceId']), text(properties['entity']), text(membersOf(membersOf(record['identity'])['authorization'])['scope']));
  const object = text(properties['objectKey']) || (/^secretget$/i.test(event) ? text(properties['id']) : '');
  const request = boundedCopy(parsedBody(properties['requestbody'] ?? properties['requestBody']));
  return {
    id: alertId(['azure-activity', account, text(record['eventDataId']) || text(record['correlationId']) || JSON.stringify(record), event, time, status]), source: 'azure-activity', provider: 'azure', account,
    region: text(record['location']).slice(0, 64) || null, time, receivedAt: null, event, service: event.includes('/') ? event.slice(0, event.indexOf('/')).toLowerCase() : null,
    outcome: failed ? 'failure' : 'success', errorCode: failed ? text(record['resultSignature']).slice(0, 128) || status.slice(0, 128) || null : null, dryRun: false,
    principal: azurePrincipal(account, caller.kind, caller.id, caller.name), session: azureSession(caller.mfa ? 'yes' : 'unknown'),
    sourceIp: ip, userAgent: null, channel: 'unknown', target: resourceId ? { kind: 'other', id: resourceId.slice(0, 2048), account } : null, addresses: ip ? [ip] : [],
    facts: {
      // Storage and Key Vault logs: the blob, or the secret and its version.
      ...(object === '' ? {} : { object: object.slice(0, 1_100) }),
      request: request.copy, response: told(parsedBody(properties['responseBody'] ?? properties['responsebody'])), status: status.slice(0, 64), statusCode: (valueOf(properties['statusCode']) || text(record['resultSignature'])).slice(0, 64), subStatus: valueOf(record['subStatus']).slice(0, 64), category: valueOf(record['category']).slice(0, 64),
      requestOmitted: request.cut,
    },
    raw: null,
  };
}

/** What was asked is often in the record of the start only; of what came of it nothing else is kept, because answers hold keys and links that open things. */
function told(body: unknown): JsonObject {
  const is = membersOf(membersOf(body)['properties']);
  return Object.fromEntries(['roleDefinitionId', 'publicAccess', 'allowBlobPublicAccess'].flatMap((name) => {
    const value = is[name];
    return typeof value === 'boolean' || (typeof value === 'string' && value.length <= 512) ? [[name, value]] : [];
  }));
}

/** Storage has its answer’s code beside the operation, Key Vault among its properties, ARM in `resultSignature` when it is a number; 0 when none is said. */
function httpCodeOf(record: Members, properties: Members): number {
  for (const code of [record['statusCode'], properties['httpStatusCode'], record['resultSignature'], properties['statusCode']]) {
    if (typeof code === 'number' && Number.isFinite(code)) return code;
    if (typeof code === 'string' && /^\d{3}$/.test(code)) return Number(code);
  }
  return 0;
}
