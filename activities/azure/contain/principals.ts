import type { Application, ServicePrincipal } from '@microsoft/microsoft-graph-types';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AzureContext } from '../context';
import type { DirectoryKind } from '../directory';
import { orNull } from '../errors';
import { at, literal } from '../graph';
import { refuseProtected } from '../protect';
import { readUser } from './users';

const FIELDS = 'id,appId,displayName,accountEnabled,servicePrincipalType,alternativeNames,appOwnerOrganizationId,passwordCredentials,keyCredentials';
/** Microsoft’s own tenants: its services’ principals are in every directory (Entra: “Verify first-party Microsoft applications”). */
const MICROSOFT: ReadonlySet<string> = new Set(['f8cdef31-a31e-4b4a-93e4-5f571e91255a', '72f988bf-86f1-41af-91ab-2d7cd011db47']);

/** The service principal of a target, checked against the protected list by object and application id. Throws NOT_SUPPORTED for a service of Microsoft’s own. */
export async function readPrincipal(ctx: AzureContext, target: Target): Promise<ServicePrincipal> {
  if (target.kind !== 'service-principal' && target.kind !== 'managed-identity') throw fail('NOT_SUPPORTED', `${target.name} is a ${target.kind}: there is no service principal to act on, decide by hand`);
  const found = await ctx.access.graph(target.account).get<ServicePrincipal>(at`/servicePrincipals/${target.id}`, { select: FIELDS });
  refuseProtected(ctx, target, found.id ?? '', found.appId ?? '', found.displayName ?? '');
  if (isMicrosofts(found)) throw fail('NOT_SUPPORTED', `${target.name} is a service of Microsoft’s own: taking it away would take it from everybody, decide by hand`);
  return found;
}

export const findPrincipal = (ctx: AzureContext, { account, id }: Target): Promise<ServicePrincipal | null> => orNull(ctx.access.graph(account).get<ServicePrincipal>(at`/servicePrincipals/${id}`, { select: FIELDS }));

/** The application behind a service principal, when it is of this tenant. Credentials may be on either. */
export async function applicationOf(ctx: AzureContext, tenant: string, { appId }: ServicePrincipal): Promise<Application | null> {
  if (!appId) return null;
  const graph = ctx.access.graph(tenant);
  const [found] = await graph.list<Application>('/applications', { filter: `appId eq ${literal(appId)}`, select: 'id' });
  // Public keys come only with a single object and when they are asked for.
  return found?.id ? graph.get<Application>(at`/applications/${found.id}`, { select: 'id,appId,displayName,passwordCredentials,keyCredentials' }) : null;
}

export const isMicrosofts = (principal: ServicePrincipal): boolean => MICROSOFT.has((principal.appOwnerOrganizationId ?? '').toLowerCase());
export const isManaged = (principal: ServicePrincipal): boolean => principal.servicePrincipalType === 'ManagedIdentity';

/** The resource of a user-assigned managed identity; null for a system-assigned one, and for everything else. Source: Entra, “Managed identities”, service principal's alternative names. */
export const userAssignedOf = (principal: ServicePrincipal): string | null =>
  (isManaged(principal) ? (principal.alternativeNames ?? []).find((one) => /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/[^/]+$/i.test(one)) : undefined) ?? null;

/** Either kind of identity, checked; says which. */
export async function readIdentity(ctx: AzureContext, target: Target): Promise<DirectoryKind> {
  if (target.kind === 'user') await readUser(ctx, target);
  else await readPrincipal(ctx, target);
  return kindOf(target);
}

export const kindOf = (target: Target): DirectoryKind => (target.kind === 'user' ? 'user' : 'service-principal');
