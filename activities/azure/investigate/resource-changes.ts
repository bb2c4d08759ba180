import type { JsonObject } from '../../../playbook/json';
import type { Artifact } from '../../../playbook/model/finding';
import { reachOf } from '../../../playbook/addresses';
import { findAll, isFalse, itemsOf, objectOf, textOf } from '../../../playbook/triage/reading';
import type { LogRecord } from './record';
import type { Made } from './directory-changes';

type Change = Pick<LogRecord, 'event' | 'time' | 'resource' | 'request' | 'made' | 'region'>;

const last = (id: string): string => id.slice(id.lastIndexOf('/') + 1);
/** The part of an id up to a resource of the type; empty when it has none. */
const upTo = (id: string, type: string): string => new RegExp(`^.*?/providers/${type.replace(/[.]/g, '\\.')}/[^/]+`, 'i').exec(id)?.[0] ?? '';

/** User Access Administrator, which `elevateAccess` gives at `/`. Source: Azure built-in roles. */
const USER_ACCESS_ADMINISTRATOR = '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9';

/**
 * What an Activity Log operation made or changed. `details`: `instance`: `size`, and `change` = `run-command`, `extension`; `bucket` (storage account or container): `public`, `keys`;
 * `security-group-rule`: `groupId`, `source`, `open`; `function`: `change`; `trail` (diagnostic setting): `change`, `wanted`; `policy-attachment`: `relation` = `azure-role`,
 * `principal`, `role`, `scope`; `role`: `object` = `azure-role`; `trust`: `object` = `lighthouse`, `outside`. Source: Azure resource provider operations. Pure.
 */
export function resourceChange(change: Change): Made[] {
  const event = change.event.toLowerCase();
  const id = change.resource;
  const body = objectOf(change.request.properties ?? change.request.Properties ?? {});
  const how: Artifact['how'] = change.made ? 'created' : 'changed';
  const one = (kind: Artifact['kind'], at: string, done: Artifact['how'], details: JsonObject = {}): Made[] => (at ? [{ kind, id: at, name: last(at), how: done, region: change.region, details: { at: change.time, ...details } }] : []);

  if (/^microsoft\.compute\/virtualmachines(calesets)?\/write$|^microsoft\.compute\/virtualmachinescalesets\/write$|^microsoft\.containerinstance\/containergroups\/write$/.test(event)) {
    const size = findAll(change.request, 'vmsize').find((value): value is string => typeof value === 'string') ?? null;
    return one('instance', id, how, { size });
  }
  if (/^microsoft\.compute\/virtualmachines(calesets\/virtualmachines)?\/(runcommand\/action|runcommands\/write|extensions\/write)$/.test(event)) {
    return one('instance', upTo(id, 'Microsoft.Compute/virtualMachines') || upTo(id, 'Microsoft.Compute/virtualMachineScaleSets'), 'changed', { change: event.includes('extensions') ? 'extension' : 'run-command', part: id });
  }
  if (/^microsoft\.web\/sites\/write$/.test(event)) return one('function', upTo(id, 'Microsoft.Web/sites'), how, { change: 'configuration' });
  if (/^microsoft\.web\/sites\/(functions\/write|config\/write|publish|host\/(functionkeys|systemkeys)\/write|extensions\/.*write)/.test(event)) return one('function', upTo(id, 'Microsoft.Web/sites'), 'changed', { change: event.includes('functions/') ? 'code' : 'configuration', part: id });
  if (event === 'microsoft.logic/workflows/write') return one('function', upTo(id, 'Microsoft.Logic/workflows'), how, { change: 'code' });
  if (/^microsoft\.automation\/automationaccounts\/(runbooks\/write|write|webhooks\/write)$/.test(event)) return one('other', id, how, { object: 'automation' });

  if (event === 'microsoft.storage/storageaccounts/write') {
    const open = findAll(change.request, 'allowblobpublicaccess').some((value) => String(value) === 'true');
    return one('bucket', upTo(id, 'Microsoft.Storage/storageAccounts'), how, { public: open, madePublic: open });
  }
  if (/blobservices\/containers\/write$/.test(event)) {
    const access = [...findAll(change.request, 'publicaccess')].map((value) => textOf(value as string).toLowerCase());
    const open = access.some((value) => value === 'blob' || value === 'container');
    return one('bucket', /\/containers\/[^/]+$/i.test(id) ? id : '', how, { public: open, madePublic: open });
  }
  if (/storageaccounts\/(regeneratekey|listkeys|listaccountsas|listservicesas)\/action$/.test(event)) return one('bucket', upTo(id, 'Microsoft.Storage/storageAccounts'), event.includes('regenerate') ? 'changed' : 'read', { keys: true });
  if (/(disks|snapshots)\/begingetaccess\/action$/.test(event)) return one('other', id, 'read', { object: 'disk', change: 'downloaded' });
  if (/^microsoft\.compute\/(disks|snapshots|images)\/write$/.test(event)) return one('other', id, how, { object: 'disk' });

  if (event === 'microsoft.network/networksecuritygroups/securityrules/write') {
    const sources = [textOf(body.sourceAddressPrefix), ...(Array.isArray(body.sourceAddressPrefixes) ? body.sourceAddressPrefixes.map((value) => textOf(value)) : [])].filter((value) => value !== '');
    const allows = textOf(body.access).toLowerCase() !== 'deny' && textOf(body.direction).toLowerCase() !== 'outbound';
    return one('security-group-rule', id, how, {
      groupId: upTo(id, 'Microsoft.Network/networkSecurityGroups'), source: sources.join(', '), open: allows && sources.some((value) => /^(\*|any|internet)$/i.test(value) || reachOf(value) === 'world'),
      direction: textOf(body.direction), ports: textOf(body.destinationPortRange),
    });
  }
  if (event === 'microsoft.network/networksecuritygroups/write') return one('security-group', upTo(id, 'Microsoft.Network/networkSecurityGroups'), how);

  if (/diagnosticsettings\/delete$/.test(event)) return one('trail', id, 'deleted', { change: 'deleted', wanted: null });
  if (/diagnosticsettings\/write$/.test(event)) {
    const logs = itemsOf(body.logs);
    const off = logs.length > 0 && logs.every((log) => isFalse(log.enabled));
    return one('trail', id, how, { change: off ? 'stopped' : change.made ? 'created' : 'updated', wanted: null });
  }
  if (event === 'microsoft.security/pricings/write' && findAll(change.request, 'pricingtier').includes('Free')) return one('detector', id, 'changed', { change: 'disabled' });
  if (/^microsoft\.(operationalinsights\/workspaces|insights\/(activitylogalerts|scheduledqueryrules|logprofiles|datacollectionrules)|eventhub\/namespaces)\/delete$/.test(event)) return one('trail', id, 'deleted', { change: 'deleted', wanted: null });

  if (/roleassignments\/write$/.test(event)) {
    const role = last(textOf(body.roleDefinitionId ?? body.RoleDefinitionId)).toLowerCase();
    return one('policy-attachment', id, 'created', { relation: 'azure-role', principal: textOf(body.principalId ?? body.PrincipalId).toLowerCase(), principalKind: textOf(body.principalType ?? body.PrincipalType).toLowerCase(), role: null, azureRole: role || null, scope: id.replace(/\/providers\/Microsoft\.Authorization\/roleAssignments\/.*$/i, '') || '/' });
  }
  if (/^microsoft\.authorization\/elevateaccess\/action$/.test(event)) return [{ kind: 'policy-attachment', id: '/providers/Microsoft.Authorization/elevateAccess', name: 'User Access Administrator at /', how: 'created', region: null, details: { at: change.time, relation: 'azure-role', elevated: true, role: null, azureRole: USER_ACCESS_ADMINISTRATOR, scope: '/' } }];
  if (event === 'microsoft.authorization/roledefinitions/write') return one('role', id, how, { object: 'azure-role' });
  if (/^microsoft\.authorization\/(locks|policyassignments)\/delete$/.test(event)) return one('other', id, 'deleted', { object: event.includes('locks') ? 'lock' : 'policy-assignment' });
  if (/^microsoft\.managedservices\/registrationassignments\/write$/.test(event)) {
    const tenant = findAll(change.request, 'managedbytenantid').find((value): value is string => typeof value === 'string');
    return one('trust', id, how, { object: 'lighthouse', outside: [tenant ?? last(textOf(body.registrationDefinitionId)) ?? ''].filter((value) => value !== '') });
  }
  if (event === 'microsoft.managedidentity/userassignedidentities/write') return one('other', id, how, { object: 'managed-identity' });
  if (/federatedidentitycredentials\/write$/.test(event)) return one('access-key', id, how, { federated: true, resource: upTo(id, 'Microsoft.ManagedIdentity/userAssignedIdentities'), principal: null });
  if (event === 'microsoft.resources/subscriptions/resourcegroups/write' && change.made) return one('other', id, 'created', { object: 'resource-group' });
  return [];
}
