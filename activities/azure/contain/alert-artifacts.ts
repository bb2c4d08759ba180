import type { JsonObject } from '../../../playbook/json';
import type { Alert } from '../../../playbook/model/alert';
import type { Artifact } from '../../../playbook/model/finding';
import { findAll, objectOf, textOf } from '../../../playbook/triage/reading';

/**
 * What the alerts themselves show that the attacker made or changed, before any investigation. Kinds are those of AWS where they mean the same: `access-key` is an application’s
 * credential (`details.principal`), `mfa-device` an authentication method (`details.user`), `policy-attachment` a directory role or Azure role (`details.principal`, `details.role`),
 * `bucket` a storage account or container, `trail` a diagnostic setting. Failed calls made nothing.
 */
export function alertArtifacts(alerts: readonly Alert[]): Artifact[] {
  return alerts.filter((alert) => alert.provider === 'azure' && alert.outcome === 'success').flatMap((alert) => (alert.source === 'azure-activity' ? fromActivity(alert) : fromAudit(alert)));
}

const artifact = (alert: Alert, kind: Artifact['kind'], id: string, name: string, how: Artifact['how'], details: JsonObject = {}): Artifact => ({
  provider: 'azure', account: alert.account, region: alert.region, kind, id, name: name || id, attribution: 'attacker', how, events: [alert.id], details: { why: `${alert.event.slice(0, 80)} by the attacker`, at: alert.time, ...details },
});

interface Named {
  id: string;
  name: string;
  type: string;
}

const targetsOf = (alert: Alert): Named[] =>
  (Array.isArray(alert.facts.targets) ? alert.facts.targets : []).map(objectOf).map((one) => ({ id: textOf(one.id), name: textOf(one.userPrincipalName) || textOf(one.displayName), type: textOf(one.type).toLowerCase() })).filter((one) => one.id !== '');

/** Old and new value of a changed property, as the audit record writes them (JSON in a string). */
function changeOf(alert: Alert, name: RegExp): { before: string; after: string } {
  const found = (Array.isArray(alert.facts.changes) ? alert.facts.changes : []).map(objectOf).find((one) => name.test(textOf(one.displayName)));
  return { before: textOf(found?.oldValue), after: textOf(found?.newValue) };
}

function fromAudit(alert: Alert): Artifact[] {
  const event = alert.event.toLowerCase();
  const targets = targetsOf(alert);
  const ofType = (type: string): Named[] => targets.filter((one) => one.type === type);
  if (/^(add user|invite external user)/.test(event)) return ofType('user').map((one) => artifact(alert, 'user', one.id, one.name, 'created'));
  if (event === 'add service principal') return ofType('serviceprincipal').map((one) => artifact(alert, 'service-principal', one.id, one.name, 'created'));
  if (/credential|certificates and secrets management/.test(event) || /^update (application|service principal)$/.test(event)) {
    const { before, after } = changeOf(alert, /KeyDescription|FederatedIdentityCredentials/i);
    const added = keyIds(after).filter((id) => !keyIds(before).includes(id));
    const holder = targets.find((one) => one.type === 'serviceprincipal' || one.type === 'application');
    return holder ? added.map((id) => artifact(alert, 'access-key', id, id, 'created', { principal: holder.id, principalName: holder.name })) : [];
  }
  if (/member to role/.test(event)) {
    const role = guidIn(changeOf(alert, /Role\.TemplateId/i).after) ?? ofType('role')[0]?.id ?? '';
    return targets.filter((one) => one.type === 'user' || one.type === 'serviceprincipal').map((one) => artifact(alert, 'policy-attachment', `${one.id}/${role}`, one.name, 'created', { principal: one.id, principalName: one.name, principalKind: one.type, role }));
  }
  if (/registered.*security info|temporary access pass|passwordless/.test(event)) return ofType('user').map((one) => artifact(alert, 'mfa-device', one.id, one.name, 'created', { user: one.id, userName: one.name }));
  return [];
}

const GUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
const guidIn = (text: string): string | null => GUID.exec(text)?.[0]?.toLowerCase() ?? null;

/** `[KeyIdentifier=…,KeyType=Password,KeyUsage=Verify,DisplayName=…]` (Entra audit log: KeyDescription). */
const keyIds = (text: string): string[] => [...text.matchAll(/KeyIdentifier=([0-9a-f-]{36})/gi)].map((match) => match[1]!.toLowerCase());

function fromActivity(alert: Alert): Artifact[] {
  const event = alert.event.toLowerCase();
  const id = alert.target?.id ?? '';
  const upTo = (type: string): string => new RegExp(`^.*?/providers/${type.replace(/[.]/g, '\\.')}/[^/]+`, 'i').exec(id)?.[0] ?? '';
  const one = (kind: Artifact['kind'], resource: string, how: Artifact['how'], details: JsonObject = {}): Artifact[] => (resource ? [artifact(alert, kind, resource, resource.slice(resource.lastIndexOf('/') + 1), how, details)] : []);
  if (/^microsoft\.compute\/virtualmachines\/(write|runcommand|extensions)/.test(event)) return one('instance', upTo('Microsoft.Compute/virtualMachines'), event.endsWith('virtualmachines/write') ? 'created' : 'changed');
  if (event.startsWith('microsoft.web/sites/') && /write$|publish/.test(event)) return one('function', upTo('Microsoft.Web/sites'), event === 'microsoft.web/sites/write' ? 'created' : 'changed');
  if (event === 'microsoft.logic/workflows/write') return one('function', upTo('Microsoft.Logic/workflows'), 'changed');
  if (/diagnosticsettings\/(delete|write)$/.test(event)) return one('trail', /\/providers\/microsoft\.(insights|aadiam)\/diagnosticsettings\/[^/]+$/i.test(id) ? id : '', event.endsWith('delete') ? 'deleted' : 'changed');
  const account = upTo('Microsoft.Storage/storageAccounts');
  if (/storageaccounts\/(regeneratekey|listkeys|listaccountsas|listservicesas)\/action$/.test(event)) return one('bucket', account, 'changed', { keys: true });
  if (/blobservices\/containers\/write$/.test(event)) return one('bucket', /\/containers\/[^/]+$/i.test(id) ? id : '', 'changed', { public: true });
  if (event === 'microsoft.storage/storageaccounts/write' && findAll(objectOf(alert.facts.request), 'allowblobpublicaccess').some((value) => String(value) === 'true')) return one('bucket', account, 'changed', { public: true });
  return [];
}
