import type { Alert } from '../playbook/model/alert';
import { azureSession, tenantOf, timeOf } from './azure-fields';
import { severityOf } from './defender-severity';
import { alertId, FieldProblem, join, membersOf, required, text, type Members } from './fields';
import type { ParseOptions } from './source';

/**
 * Assessment keys of the recommendations that are about identities nobody uses, as Microsoft's reference has them. One key, since others of the kind (“Unused identities …”, “Super identities …”) were retired in 2024.
 * Source: Defender for Cloud, identity and access recommendations, “Permissions of inactive identities in your Azure subscription should be revoked”.
 */
const INACTIVE: ReadonlySet<string> = new Set(['8b0bd683-bcfe-4ab1-96b9-f15a60eaa89d']);
const OBJECT = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A recommendation: continuous export and the REST API give the same form (`Microsoft.Security/assessments`). */
export const isAssessment = (record: Members): boolean => /^microsoft\.security\/assessments$/i.test(text(record['type']));

/** One assessment. An unhealthy one about inactive identities names one; every other rates a configuration and opens nothing. Source: REST API, Assessments; Defender for Cloud, continuous export. */
export function defenderAssessment(record: Members, path: string, options: ParseOptions): Alert {
  const is = membersOf(record['properties']);
  const at = join(path, 'properties');
  const title = required(is, 'displayName', at, 1_024);
  const key = (text(record['name']) || (/assessments\/([^/]{1,64})$/i.exec(text(record['id']))?.[1] ?? '')).toLowerCase();
  if (key === '') throw new FieldProblem(join(path, 'name'), 'is missing');
  const status = membersOf(is['status']);
  const code = required(status, 'code', join(at, 'status'), 64);
  const account = tenantOf(path, options, record['tenantId'], is['tenantId'], options.tenant);
  const time = timeOf(join(at, 'status'), options, ['statusChangeDate', status['statusChangeDate']], ['firstEvaluationDate', status['firstEvaluationDate']]);
  const details = membersOf(is['resourceDetails']);
  const resource = (text(details['id']) || text(details['Id'])).slice(0, 2_048);
  const unused = /^unhealthy$/i.test(code) && INACTIVE.has(key) ? identityOf(membersOf(is['additionalData']), join(at, 'additionalData')) : null;
  return {
    id: alertId(['defender', account, text(record['id']) || `${key}/${resource}`, code, unused?.id ?? '', time]), source: 'defender', provider: 'azure', account, region: null, time, receivedAt: null,
    event: title, service: 'Microsoft Defender for Cloud', outcome: 'success', errorCode: null, dryRun: false, principal: null, session: azureSession(), sourceIp: null, userAgent: null, channel: 'unknown',
    target: resource === '' ? null : { kind: 'other', id: resource, account }, addresses: [],
    facts: { ...(unused ? { unused } : {}), severity: severityOf(text(membersOf(is['metadata'])['severity'])) ?? 5, archived: !/^unhealthy$/i.test(code), status: code, posture: true, assessment: key }, raw: null,
  };
}

/** The identity's object id and kind. Throws FieldProblem for what is neither a person nor an application. */
function identityOf(data: Members, path: string): { kind: 'user' | 'service-principal'; id: string; key: null } {
  const named = (name: string): string => text(data[name]) || text(data[name.slice(0, 1).toLowerCase() + name.slice(1)]);
  const id = named('ResourceName').toLowerCase();
  if (!OBJECT.test(id)) throw new FieldProblem(join(path, 'ResourceName'), id === '' ? 'is missing: it names the identity' : 'is no object id');
  const type = named('ResourceType').split('/').pop()!.replace(/[\s_-]/g, '').toLowerCase();
  if (/^(user|users|entrauser|aaduser)$/.test(type)) return { kind: 'user', id, key: null };
  if (/^(serviceprincipals?|applications?|entraserviceprincipal)$/.test(type)) return { kind: 'service-principal', id, key: null };
  throw new FieldProblem(join(path, 'ResourceType'), type === '' ? 'is missing' : `${type.slice(0, 40)} is neither a user nor a service principal`);
}
