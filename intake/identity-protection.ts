import type { Alert } from '../playbook/model/alert';
import { azurePrincipal, azureSession, eachRecord, tenantOf, timeOf } from './azure-fields';
import { alertId, FieldProblem, ipOf, isMembers, join, membersOf, text, type Members } from './fields';
import type { ParseOptions, Source } from './source';

/** GuardDuty’s scale. `hidden` and `none` are Microsoft’s words for “not licensed to see” and “not at risk”. */
const LEVELS: Record<string, number> = { high: 8, medium: 5, low: 2, none: 0, hidden: 5, unknownfuturevalue: 5 };
/** Somebody, or Microsoft, has settled it. */
const SETTLED = new Set(['remediated', 'dismissed', 'confirmedsafe', 'none']);

/** Attacks that a risk event type tells of, in ATT&CK. Source: Entra ID Protection, risk detections; Microsoft Graph, riskDetection.riskEventType. */
const TECHNIQUES: Record<string, string> = {
  anomaloustoken: 'T1528', tokenissueranomaly: 'T1606.002', attackerinthemiddle: 'T1557', leakedcredentials: 'T1589.001', passwordspray: 'T1110.003', suspiciousbrowser: 'T1539', mcasfinsuspiciousfileaccess: 'T1530', suspiciousinboxforwarding: 'T1114.003', mcassuspiciousinboxmanipulationrules: 'T1564.008',
  suspiciousapitraffic: 'T1087.004', attemptedprtaccess: 'T1528', userreportedsuspiciousactivity: 'T1621', suspicioussendingpatterns: 'T1566', anonymizedipaddress: 'T1090.003', nationstateip: 'T1078.004', impossibletravel: 'T1078.004', newcountry: 'T1078.004',
};

/** Identity Protection: Graph `riskDetection`, `riskyUser`, `servicePrincipalRiskDetection`, and the exported logs (`UserRiskEvents`, `RiskyUsers`). Source: Microsoft Graph v1.0, those resources. */
export const identityProtection: Source = {
  id: 'identity-protection',
  recognises(payload) {
    if (!isMembers(payload)) return false;
    const first = Array.isArray(payload['records']) ? membersOf(payload['records'][0]) : Array.isArray(payload['value']) ? membersOf(payload['value'][0]) : payload;
    if (/^(UserRiskEvents|RiskyUsers|RiskyServicePrincipals|ServicePrincipalRiskEvents)$/.test(text(first['category']))) return true;
    const inner = isMembers(first['properties']) ? first['properties'] : first;
    return text(inner['riskLevel']) !== '' && text(inner['riskState']) !== '' && inner['createdDateTime'] === undefined && (inner['riskEventType'] !== undefined || inner['riskLastUpdatedDateTime'] !== undefined || inner['riskDetail'] !== undefined);
  },
  parse: (payload, options = {}) => eachRecord(payload, options, alertOf),
};

function alertOf(record: Members, path: string, options: ParseOptions): Alert {
  const inner = isMembers(record['properties']) ? record['properties'] : record;
  const at = inner === record ? path : join(path, 'properties');
  const account = tenantOf(path, options, record['tenantId'], options.tenant);
  const level = LEVELS[text(inner['riskLevel']).toLowerCase()];
  if (level === undefined) throw new FieldProblem(join(at, 'riskLevel'), text(inner['riskLevel']) === '' ? 'is missing' : 'is none of high, medium, low, none, hidden');
  const state = text(inner['riskState']).slice(0, 64);
  const user = text(inner['userId']);
  const service = text(inner['servicePrincipalId']);
  const ofService = service !== '' || /serviceprincipal/i.test(text(record['category']));
  // A risky user’s own id is the user’s.
  const id = user || service || (inner['riskEventType'] === undefined ? text(inner['id']) : '');
  const name = text(inner['userPrincipalName']) || text(inner['servicePrincipalDisplayName']) || text(inner['displayName']) || text(inner['userDisplayName']);
  if (id === '' && name === '') throw new FieldProblem(join(at, 'userId'), 'is missing');
  const time = timeOf(at, options, ['lastUpdatedDateTime', inner['lastUpdatedDateTime']], ['riskLastUpdatedDateTime', inner['riskLastUpdatedDateTime']], ['activityDateTime', inner['activityDateTime']], ['detectedDateTime', inner['detectedDateTime']], ['time', record['time']]);
  const kind = text(inner['riskEventType']).slice(0, 128);
  const ip = ipOf(inner['ipAddress']);
  const technique = TECHNIQUES[kind.toLowerCase()];
  return {
    id: alertId(['identity-protection', account, text(inner['id']) || `${id}${name}`, time, state, text(inner['riskLevel'])]), source: 'identity-protection', provider: 'azure', account, region: null, time, receivedAt: null, event: kind || (ofService ? 'risky service principal' : 'risky user'),
    service: 'Entra ID Protection', outcome: 'success', errorCode: null, dryRun: false, principal: azurePrincipal(account, ofService ? 'service-principal' : 'user', id, name), session: azureSession(), sourceIp: ip, userAgent: userAgentIn(inner), channel: 'unknown', target: null, addresses: ip ? [ip] : [],
    facts: {
      severity: state.toLowerCase() === 'confirmedcompromised' ? 9.5 : level, archived: SETTLED.has(state.toLowerCase()) || inner['isDeleted'] === true, riskState: state, riskDetail: text(inner['riskDetail']).slice(0, 128), activity: text(inner['activity']).slice(0, 32),
      correlationId: text(inner['correlationId']).slice(0, 64), requestId: text(inner['requestId']).slice(0, 64), ...(technique ? { techniques: [technique] } : {}),
    },
    raw: null,
  };
}

/** `additionalInfo` is JSON in text: a list of keys and values. */
function userAgentIn(inner: Members): string | null {
  const agent = /"Key":"userAgent","Value":"([^"\\]{1,1024})"/.exec(text(inner['additionalInfo']).slice(0, 8_192))?.[1];
  return agent ?? null;
}
