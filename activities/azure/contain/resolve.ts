import type { Application, ServicePrincipal, User } from '@microsoft/microsoft-graph-types';
import type { Target } from '../../../playbook/model/plan';
import type { AzureContext } from '../context';
import { orNull } from '../errors';
import { at, literal } from '../graph';
import { isManaged } from './principals';
import { directoryTarget } from './targets';

/** What `resolve` reads with. */
export const resolvePermissions: readonly string[] = ['User.Read.All', 'Application.Read.All'];

/** A person by object id or user principal name. As it came when the directory does not know it: the plan then says so. */
export async function resolveUser(ctx: AzureContext, tenant: string, id: string, name: string): Promise<Target> {
  const user = await orNull(ctx.access.graph(tenant).get<User>(at`/users/${id}`, { select: 'id,userPrincipalName' }));
  return directoryTarget('user', tenant, (user?.id ?? id).toLowerCase(), user?.userPrincipalName ?? name);
}

/** A service principal by its object id, its application’s object id or its application id: records name any of the three. Managed identities are told apart by their type. */
export async function resolvePrincipal(ctx: AzureContext, tenant: string, id: string, name: string): Promise<Target & { resource: string | null }> {
  const graph = ctx.access.graph(tenant);
  const select = 'id,appId,displayName,servicePrincipalType,alternativeNames';
  let found = await orNull(graph.get<ServicePrincipal>(at`/servicePrincipals/${id}`, { select }));
  if (!found) {
    const appId = (await orNull(graph.get<Application>(at`/applications/${id}`, { select: 'id,appId' })))?.appId ?? id;
    [found = null] = await graph.list<ServicePrincipal>('/servicePrincipals', { filter: `appId eq ${literal(appId)}`, select });
  }
  const managed = found !== null && isManaged(found);
  const target = directoryTarget(managed ? 'managed-identity' : 'service-principal', tenant, (found?.id ?? id).toLowerCase(), found?.displayName ?? name);
  // A system-assigned identity names the resource that it is.
  return { ...target, resource: managed ? ((found?.alternativeNames ?? []).find((one) => /\/providers\//i.test(one) && !/userAssignedIdentities/i.test(one)) ?? null) : null };
}
