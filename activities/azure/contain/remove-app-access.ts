import type { AppRoleAssignment, OAuth2PermissionGrant } from '@microsoft/microsoft-graph-types';
import type { JsonObject } from '../../../playbook/json';
import type { Proposal, Target } from '../../../playbook/model/plan';
import type { AzureContext } from '../context';
import { guardedAzureAction, type Verified } from '../define';
import { objectPath } from '../directory';
import { gone, orNull } from '../errors';
import { at } from '../graph';
import { kindOf, readIdentity } from './principals';

interface Access {
  roles: AppRoleAssignment[];
  grants: OAuth2PermissionGrant[];
}

/**
 * Row 2.1.1. Target: a user, service principal or managed identity; `params.ids`: only these assignments and consents, none = all; `params.since`: of the app roles only those given since (ISO; consents have no date). App roles are what an application may do
 * by itself, consents what it may do in a person’s name: both outlive every password (Graph v1.0: appRoleAssignment, oAuth2PermissionGrant).
 */
export const removeAppAccess = guardedAzureAction('azure.remove-app-access', {
  permissions: ['AppRoleAssignment.ReadWrite.All', 'DelegatedPermissionGrant.ReadWrite.All', 'Application.Read.All', 'User.Read.All'],
  async plan(ctx, { target, params }) {
    await readIdentity(ctx, target);
    const { roles, grants } = await accessOf(ctx, target, params);
    return {
      needed: roles.length + grants.length > 0,
      before: {
        roles: roles.map(({ id, principalId, resourceId, appRoleId, resourceDisplayName }) => ({ id: id ?? '', principalId: principalId ?? '', resourceId: resourceId ?? '', appRoleId: appRoleId ?? '', resource: resourceDisplayName ?? '' })),
        grants: grants.map(({ id, clientId, consentType, principalId, resourceId, scope }) => ({ id: id ?? '', clientId: clientId ?? '', consentType: consentType ?? '', principalId: principalId ?? null, resourceId: resourceId ?? '', scope: scope ?? '' })),
      },
      change: [
        ...roles.map((one) => `take app role ${one.appRoleId} of ${one.resourceDisplayName ?? one.resourceId} from ${target.name}`),
        ...grants.map((one) => `take consent “${(one.scope ?? '').trim()}” ${one.consentType === 'AllPrincipals' ? 'for everybody' : 'for one person'} away (application ${one.clientId})`),
      ],
    };
  },
  async apply(ctx, { target, params }): Promise<JsonObject> {
    await readIdentity(ctx, target);
    const { roles, grants } = await accessOf(ctx, target, params);
    const graph = ctx.access.graph(target.account);
    for (const one of roles) await gone(graph.delete(`${objectPath(kindOf(target), target.id)}${at`/appRoleAssignments/${one.id ?? ''}`}`));
    for (const one of grants) await gone(graph.delete(at`/oauth2PermissionGrants/${one.id ?? ''}`));
    return { roles: roles.length, grants: grants.length };
  },
  async verify(ctx, { target, params }): Promise<Verified> {
    const found = await orNull(accessOf(ctx, target, params));
    const [roles, grants] = [found?.roles.length ?? 0, found?.grants.length ?? 0];
    return { holds: roles + grants === 0, seen: { roles, grants } };
  },
  async undo(ctx, { target, before }) {
    await readIdentity(ctx, target);
    const now = await accessOf(ctx, target, {});
    const graph = ctx.access.graph(target.account);
    const roles = (before.roles as unknown as { principalId: string; resourceId: string; appRoleId: string }[]).filter((one) => !now.roles.some((other) => other.resourceId === one.resourceId && other.appRoleId === one.appRoleId));
    for (const { principalId, resourceId, appRoleId } of roles) await graph.post(`${objectPath(kindOf(target), target.id)}/appRoleAssignments`, { principalId, resourceId, appRoleId });
    const grants = (before.grants as unknown as OAuth2PermissionGrant[]).filter((one) => !now.grants.some((other) => other.clientId === one.clientId && other.resourceId === one.resourceId && (other.principalId ?? null) === (one.principalId ?? null)));
    for (const { clientId, consentType, principalId, resourceId, scope } of grants) await graph.post('/oauth2PermissionGrants', { clientId, consentType, ...(principalId ? { principalId } : {}), resourceId, scope });
    return { seen: { roles: roles.length, grants: grants.length }, left: [] };
  },
});

async function accessOf(ctx: AzureContext, target: Target, params: Proposal['params']): Promise<Access> {
  const graph = ctx.access.graph(target.account);
  const path = objectPath(kindOf(target), target.id);
  const [roles, grants] = await Promise.all([graph.list<AppRoleAssignment>(`${path}/appRoleAssignments`), graph.list<OAuth2PermissionGrant>(`${path}/oauth2PermissionGrants`)]);
  const wanted = (id?: string): boolean => !Array.isArray(params.ids) || params.ids.includes(id ?? '');
  const recent = (one: AppRoleAssignment): boolean => typeof params.since !== 'string' || typeof one.createdDateTime !== 'string' || Date.parse(one.createdDateTime) >= Date.parse(params.since);
  return { roles: roles.filter((one) => wanted(one.id) && recent(one)), grants: grants.filter((one) => wanted(one.id)) };
}
