import type { ConditionalAccessPolicy } from '@microsoft/microsoft-graph-types';
import { Fault, noContent, type Json } from '../protocol/types';
import { audit, changed } from './audit';
import { collection } from './collection';
import { itemAnswer } from './odata';
import { graph, type Making } from './routes';

const READ = ['Policy.Read.ConditionalAccess', 'Policy.Read.All', 'Policy.ReadWrite.ConditionalAccess'];
const WRITE = ['Policy.ReadWrite.ConditionalAccess'];
const bad = (message: string): Fault => new Fault(400, 'BadRequest', message);

/** Conditional Access, cross-tenant access, and the tenant’s single policies. */
export function policyRoutes(making: Making): void {
  const { sim } = making;
  collection(making, {
    path: '/identity/conditionalAccess/policies', shelf: 'conditionalAccessPolicies', read: READ, write: WRITE, besides: { write: ['Policy.Read.All', 'Application.Read.All'], remove: ['Policy.Read.All'] }, rules: { context: 'identity/conditionalAccess/policies', filterable: ['id', 'displayName', 'state', 'createdDateTime', 'modifiedDateTime'] },
    audits: { add: 'Add conditional access policy', update: 'Update conditional access policy', remove: 'Delete conditional access policy', category: 'Policy', type: 'Policy', whole: 'ConditionalAccessPolicy' },
    make: (body) => {
      const policy = body as ConditionalAccessPolicy;
      if (!policy.displayName || !policy.state || !policy.conditions?.users || !policy.conditions.applications || (!policy.grantControls && !policy.sessionControls)) throw bad('1003: One or more of the required properties (displayName, state, conditions, grantControls) is missing.');
      for (const id of policy.conditions.locations?.includeLocations ?? []) if (!/^All/.test(id) && !sim.shelf('namedLocations').get(id)) throw bad(`1040: NamedLocation with id ${id} does not exist in the directory.`);
      return { createdDateTime: sim.iso(), modifiedDateTime: null, templateId: null, sessionControls: null, grantControls: null, ...body };
    },
  });
  collection(making, {
    path: '/identity/conditionalAccess/namedLocations', shelf: 'namedLocations', read: READ, write: WRITE, rules: { context: 'identity/conditionalAccess/namedLocations', filterable: ['id', 'displayName', 'createdDateTime'] },
    audits: { add: 'Add named location', update: 'Update named location', remove: 'Delete named location', category: 'Policy', type: 'Policy', whole: 'NamedLocation' },
    make: (body) => {
      if (!/^#microsoft\.graph\.(ip|country)NamedLocation$/.test(String(body['@odata.type']))) throw bad('The @odata.type of the named location is missing.');
      return { createdDateTime: sim.iso(), modifiedDateTime: sim.iso(), isTrusted: false, ...body };
    },
    guard: (item, call) => {
      const used = sim.shelf<ConditionalAccessPolicy>('conditionalAccessPolicies').truth().some(({ conditions }) => [...(conditions?.locations?.includeLocations ?? []), ...(conditions?.locations?.excludeLocations ?? [])].includes(String(item['id'])));
      if (call.method === 'DELETE' && used) throw bad('1121: Named location is referenced by one or more conditional access policies and cannot be deleted.');
    },
  });
  const crossRead = ['Policy.Read.All', 'Policy.ReadWrite.CrossTenantAccess'];
  single(making, '/policies/crossTenantAccessPolicy/default', 'crossTenantDefault', crossRead, ['Policy.ReadWrite.CrossTenantAccess'], 'Update the company default cross-tenant access setting');
  const partners = '/policies/crossTenantAccessPolicy/partners';
  collection(making, {
    path: partners, shelf: 'crossTenantPartners', read: crossRead, write: ['Policy.ReadWrite.CrossTenantAccess'], rules: { context: 'policies/crossTenantAccessPolicy/partners', filterable: ['tenantId', 'isServiceProvider'], onSelect: ['id'] },
    audits: { add: 'Add a partner to cross-tenant access setting', update: 'Update a partner cross-tenant access setting', remove: 'Delete partner specific cross-tenant access setting', category: 'CrossTenantAccessSettings', type: 'Policy' },
    make: (body) => {
      if (typeof body['tenantId'] !== 'string') throw bad('tenantId is required.');
      return { isServiceProvider: null, isInMultiTenantOrganization: false, inboundTrust: null, b2bCollaborationInbound: null, b2bCollaborationOutbound: null, b2bDirectConnectInbound: null, b2bDirectConnectOutbound: null, tenantRestrictions: null, automaticUserConsentSettings: { inboundAllowed: null, outboundAllowed: null }, ...body };
    },
    find: (items, key) => items.find((one) => one['tenantId'] === key),
  });
  single(making, '/policies/authorizationPolicy', 'authorizationPolicy', ['Policy.Read.All', 'Policy.ReadWrite.Authorization'], ['Policy.ReadWrite.Authorization'], 'Update authorization policy');
  single(making, '/policies/identitySecurityDefaultsEnforcementPolicy', 'securityDefaults', ['Policy.Read.All', 'Policy.ReadWrite.SecurityDefaults'], ['Policy.ReadWrite.SecurityDefaults'], 'Update security defaults');
}

/** A thing that the tenant has one of. */
function single(making: Making, path: string, name: string, read: readonly string[], write: readonly string[], activity: string): void {
  const { sim } = making;
  const shelf = sim.shelf<Json>('singles');
  const rules = { context: path.slice(1), filterable: [] };
  graph(making, 'GET', path, read, (call) => itemAnswer(call, shelf.seen(name), rules, name));
  graph(making, 'PATCH', path, write, (call) => {
    const before = shelf.get(name) ?? {};
    shelf.put(name, { ...before, ...call.body });
    audit(sim, call, activity, 'Policy', [{ type: 'Policy', id: name, displayName: name }], changed(before, call.body));
    return noContent;
  });
}
