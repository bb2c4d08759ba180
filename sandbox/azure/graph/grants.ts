import type { AppRoleAssignment, OAuth2PermissionGrant, ServicePrincipal } from '@microsoft/microsoft-graph-types';
import { Fault, noContent, type Call, type Json } from '../protocol/types';
import { newId } from '../state/sim';
import { audit } from './audit';
import { holderOf } from './credentials';
import { objectOf, typeName } from './objects';
import { itemAnswer, listAnswer, notFound, type ListRules } from './odata';
import { graph, type Making } from './routes';
import { userOf } from './users';

const READ = ['Application.Read.All', 'Directory.Read.All', 'AppRoleAssignment.ReadWrite.All', 'Application.ReadWrite.All'];
const WRITE = ['AppRoleAssignment.ReadWrite.All'];
const GRANT_READ = ['DelegatedPermissionGrant.Read.All', 'DelegatedPermissionGrant.ReadWrite.All', 'Directory.Read.All'];
const GRANT_WRITE = ['DelegatedPermissionGrant.ReadWrite.All'];

/** Application permissions (app role assignments) and consented delegated permissions. */
export function grantRoutes(making: Making): void {
  const { sim } = making;
  const assignments = sim.shelf<AppRoleAssignment>('appRoleAssignments');
  const rules: ListRules = { context: 'appRoleAssignments', filterable: ['principalId', 'resourceId', 'appRoleId', 'principalType'] };
  const idOf = (call: Call, kind: string, truth: boolean): string => {
    const found = kind === 'users' ? userOf(sim, call.params['id']!, truth) : kind === 'servicePrincipals' ? holderOf(making, 'servicePrincipals', call.params['id']!, truth) : objectOf(sim, call.params['id']!, truth);
    if (!found) throw notFound(call.params['id']!);
    return String((found as Json)['id']);
  };
  for (const kind of ['users', 'groups', 'servicePrincipals']) {
    for (const [name, side] of [['appRoleAssignments', 'principalId'], ['appRoleAssignedTo', 'resourceId']] as const) {
      if (side === 'resourceId' && kind !== 'servicePrincipals') continue;
      const path = `/${kind}/:id/${name}`;
      graph(making, 'GET', path, READ, (call) => listAnswer(call, assignments.list().filter((one) => one[side] === idOf(call, kind, false)), rules));
      graph(making, 'POST', path, WRITE, (call) => {
        idOf(call, kind, true);
        const { principalId, resourceId, appRoleId } = call.body as AppRoleAssignment;
        const [principal, resource] = [objectOf(sim, String(principalId), true), sim.shelf<ServicePrincipal>('servicePrincipals').get(String(resourceId))];
        const role = resource?.appRoles?.find((one) => one.id === appRoleId);
        if (!principal || !resource) throw notFound(String(principal ? resourceId : principalId));
        if (!role && appRoleId !== '00000000-0000-0000-0000-000000000000') throw new Fault(400, 'Request_BadRequest', 'Permission being assigned was not found on application');
        if (assignments.truth().some((one) => one.principalId === principalId && one.resourceId === resourceId && one.appRoleId === appRoleId)) throw new Fault(400, 'Request_BadRequest', 'Permission being assigned already exists on the object');
        const id = newId();
        const made = assignments.put(id, { id, deletedDateTime: null, appRoleId, createdDateTime: sim.iso(), principalDisplayName: String(principal['displayName'] ?? ''), principalId, principalType: typeName(principal), resourceDisplayName: resource.displayName, resourceId });
        audit(sim, call, 'Add app role assignment to service principal', 'ApplicationManagement', [{ type: 'ServicePrincipal', id: resource.id!, displayName: resource.displayName ?? null }], [
          { displayName: 'AppRole.Value', oldValue: null, newValue: JSON.stringify(role?.value ?? '') }, { displayName: 'ServicePrincipal.ObjectID', oldValue: null, newValue: JSON.stringify(principalId) }, { displayName: 'ServicePrincipal.DisplayName', oldValue: null, newValue: JSON.stringify(principal['displayName']) },
        ]);
        return itemAnswer(call, made, rules, id, 201);
      });
      graph(making, 'DELETE', `${path}/:assignment`, WRITE, (call) => {
        const found = assignments.get(call.params['assignment']!);
        if (!found || found[side] !== idOf(call, kind, true)) throw notFound(call.params['assignment']!);
        assignments.remove(found.id!);
        audit(sim, call, 'Remove app role assignment from service principal', 'ApplicationManagement', [{ type: 'ServicePrincipal', id: found.resourceId ?? '', displayName: found.resourceDisplayName ?? null }], [{ displayName: 'ServicePrincipal.ObjectID', oldValue: JSON.stringify(found.principalId), newValue: null }]);
        return noContent;
      });
    }
    if (kind !== 'groups') graph(making, 'GET', `/${kind}/:id/oauth2PermissionGrants`, GRANT_READ, (call) => listAnswer(call, grants.list().filter((one) => (kind === 'users' ? one.principalId : one.clientId) === idOf(call, kind, false)), grantRules));
  }
  const grants = sim.shelf<OAuth2PermissionGrant>('oauth2PermissionGrants');
  const grantRules: ListRules = { context: 'oauth2PermissionGrants', filterable: ['clientId', 'consentType', 'principalId', 'resourceId', 'scope'] };
  graph(making, 'GET', '/oauth2PermissionGrants', GRANT_READ, (call) => listAnswer(call, grants.list(), grantRules));
  graph(making, 'GET', '/oauth2PermissionGrants/:id', GRANT_READ, (call) => itemAnswer(call, grants.seen(call.params['id']!), grantRules, call.params['id']!));
  graph(making, 'POST', '/oauth2PermissionGrants', GRANT_WRITE, (call) => {
    const { clientId, consentType, principalId, resourceId, scope } = call.body as OAuth2PermissionGrant;
    if (!clientId || !resourceId || !/^(AllPrincipals|Principal)$/.test(consentType ?? '') || (consentType === 'Principal') !== Boolean(principalId)) throw new Fault(400, 'Request_BadRequest', 'Invalid value specified for property \'consentType\' of resource \'OAuth2PermissionGrant\'.');
    const id = newId();
    const made = grants.put(id, { id, clientId, consentType, principalId: principalId ?? null, resourceId, scope: scope ?? '' });
    told(call, 'Add delegated permission grant', made);
    return itemAnswer(call, made, grantRules, id, 201);
  });
  graph(making, 'DELETE', '/oauth2PermissionGrants/:id', GRANT_WRITE, (call) => {
    const found = grants.get(call.params['id']!);
    if (!found) throw notFound(call.params['id']!);
    grants.remove(found.id!);
    told(call, 'Remove delegated permission grant', found);
    return noContent;
  });
  const told = (call: Call, activity: string, grant: OAuth2PermissionGrant): void =>
    audit(sim, call, activity, 'ApplicationManagement', [{ type: 'ServicePrincipal', id: grant.resourceId ?? '', displayName: null }], [{ displayName: 'DelegatedPermissionGrant.Scope', oldValue: null, newValue: JSON.stringify(grant.scope) }, { displayName: 'ServicePrincipal.ObjectID', oldValue: null, newValue: JSON.stringify(grant.clientId) }]);
}
