import type { AppRoleAssignment, OAuth2PermissionGrant } from '@microsoft/microsoft-graph-types';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { plain } from '../../check';
import type { AzureContext } from '../context';
import { orNull } from '../errors';
import { at } from '../graph';
import { collectionOf, text } from './deleted-items';
import { removal } from './removal';

/**
 * Row 3.2. Target: who has it (service principal or user). `params.relation`: `app-role` (with `appRole`), `oauth2-grant` (with `scope`) or `owner` (target is the owned application or
 * service principal, `object` says which, `owner` the person). Exactly what the record names; nothing else that the target has.
 */
export const removeGrant = removal('azure.remove-grant', {
  permissions: ['AppRoleAssignment.ReadWrite.All', 'DelegatedPermissionGrant.ReadWrite.All', 'Application.ReadWrite.All'],
  async read(ctx, target, params) {
    const graph = ctx.access.graph(target.account);
    if (params.relation === 'app-role') {
      const path = params.principalKind === 'user' ? at`/users/${target.id}` : at`/servicePrincipals/${target.id}`;
      const held = await orNull(graph.list<AppRoleAssignment>(`${path}/appRoleAssignments`));
      const found = held?.find((one) => one.appRoleId?.toLowerCase() === text(params, 'appRole') && (typeof params.on !== 'string' || one.resourceId === params.on));
      return found ? (plain({ ...found, path }) as JsonObject) : null;
    }
    if (params.relation === 'oauth2-grant') {
      const held = await orNull(graph.list<OAuth2PermissionGrant>(at`/servicePrincipals/${target.id}/oauth2PermissionGrants`));
      const found = held?.filter((one) => (one.scope ?? '').trim() === text(params, 'scope').trim() && (typeof params.on !== 'string' || one.resourceId === params.on)) ?? [];
      return found.length > 0 ? { id: target.id, grants: plain(found) } : null;
    }
    const owners = await orNull(graph.list<{ id?: string }>(`${collectionOf(params)}${at`/${target.id}/owners`}`, { select: 'id' }));
    return owners?.some((one) => one.id?.toLowerCase() === text(params, 'owner')) ? { id: target.id, owner: text(params, 'owner') } : null;
  },
  change: (target, _state, params) => [params.relation === 'owner' ? `take ${String(params.ownerName ?? params.owner)} from the owners of ${target.name}` : `take ${params.relation === 'app-role' ? 'app role' : 'consent'} ${String(params.permission ?? params.scope ?? params.appRole)} from ${target.name}`],
  async remove(ctx, target, params) {
    const graph = ctx.access.graph(target.account);
    const state = await removeGrantState(ctx, target, params);
    if (params.relation === 'app-role' && state) return graph.delete(`${String(state.path)}${at`/appRoleAssignments/${String(state.id)}`}`);
    if (params.relation === 'oauth2-grant' && state) for (const one of state.grants as unknown as OAuth2PermissionGrant[]) await graph.delete(at`/oauth2PermissionGrants/${one.id ?? ''}`);
    if (params.relation === 'owner') await graph.delete(`${collectionOf(params)}${at`/${target.id}/owners/${text(params, 'owner')}`}/$ref`);
  },
});

async function removeGrantState(ctx: AzureContext, target: Target, params: JsonObject): Promise<JsonObject | null> {
  return ((await removeGrant.plan(ctx, { action: removeGrant.id, target, params, because: '' })).before.state ?? null) as JsonObject | null;
}
