import type { Application, FederatedIdentityCredential, KeyCredential, ServicePrincipal } from '@microsoft/microsoft-graph-types';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { armPages } from '../arm-rest';
import type { AzureContext } from '../context';
import { gone } from '../errors';
import { at } from '../graph';
import { polling } from './arm';
import { applicationOf, findPrincipal, isManaged, userAssignedOf } from './principals';
import { parseResourceId } from './targets';

const IDENTITIES = '2023-01-31';

/** One way in which an application can sign in. Not a secret: Graph shows no secret again. */
export interface Credential {
  id: string;
  kind: 'secret' | 'certificate' | 'federated';
  /** Where it is kept: the application object, the service principal itself, or the resource of a user-assigned identity. */
  on: 'applications' | 'servicePrincipals' | 'userAssignedIdentities';
  holder: string;
  name: string;
  /** Start of validity, which the caller may have chosen: a hint, no proof. */
  from: string | null;
  until: string | null;
}

/** Every credential of a service principal: its own, and those of its application when that is of this tenant. */
export async function credentialsOf(ctx: AzureContext, target: Target): Promise<{ principal: ServicePrincipal | null; application: Application | null; credentials: Credential[] }> {
  const principal = await findPrincipal(ctx, target);
  const resource = principal && userAssignedOf(principal);
  if (resource) return { principal, application: null, credentials: await trusted(ctx, target.account, resource) };
  if (!principal || isManaged(principal)) return { principal, application: null, credentials: [] };
  const application = await applicationOf(ctx, target.account, principal);
  const federated = application?.id ? await ctx.access.graph(target.account).list<FederatedIdentityCredential>(at`/applications/${application.id}/federatedIdentityCredentials`) : [];
  return {
    principal, application,
    credentials: [
      ...(application ? held(application, 'applications') : []), ...held(principal, 'servicePrincipals'),
      ...federated.map((one): Credential => ({ id: one.id ?? '', kind: 'federated', on: 'applications', holder: application!.id!, name: `${one.name ?? ''} (${one.issuer ?? ''} ${one.subject ?? ''})`, from: null, until: null })),
    ],
  };
}

/** What a user-assigned identity trusts besides Azure’s own credential (ARM: userAssignedIdentities/federatedIdentityCredentials). A subscription that is not ours throws INVALID_CONFIG. */
async function trusted(ctx: AzureContext, tenant: string, resource: string): Promise<Credential[]> {
  const found = await armPages(ctx, tenant, parseResourceId(resource).subscription, `${resource}/federatedIdentityCredentials`, IDENTITIES);
  return found.map(({ id, name, properties }): Credential => {
    const { issuer, subject } = (properties ?? {}) as { issuer?: string; subject?: string };
    return { id: String(id), kind: 'federated', on: 'userAssignedIdentities', holder: resource, name: `${String(name)} (${issuer ?? ''} ${subject ?? ''})`, from: null, until: null };
  });
}

function held(holder: Application | ServicePrincipal, on: Credential['on']): Credential[] {
  const one = (kind: Credential['kind']) => (credential: { keyId?: string | null; displayName?: string | null; startDateTime?: string | null; endDateTime?: string | null }): Credential => ({
    id: credential.keyId ?? '', kind, on, holder: holder.id ?? '', name: credential.displayName ?? '', from: credential.startDateTime ?? null, until: credential.endDateTime ?? null,
  });
  return [...(holder.passwordCredentials ?? []).map(one('secret')), ...(holder.keyCredentials ?? []).map(one('certificate'))];
}

export const removalPermissions = ['Application.ReadWrite.All'] as const;

/**
 * Removes credentials. Secrets one by one (`removePassword`: a PATCH of `passwordCredentials` has no effect any more); certificates by writing the rest, because `removeKey`
 * wants a proof signed with a key of the application, which we do not have (Graph v1.0: application: removePassword, removeKey, update).
 */
export async function removeCredentials(ctx: AzureContext, target: Target, credentials: readonly Credential[]): Promise<void> {
  const graph = ctx.access.graph(target.account);
  for (const one of credentials.filter(({ kind }) => kind === 'secret')) await gone(graph.post(`/${one.on}${at`/${one.holder}/removePassword`}`, { keyId: one.id }));
  for (const one of credentials.filter(({ on }) => on === 'userAssignedIdentities')) await gone(ctx.access.arm(target.account, parseResourceId(one.holder).subscription).resources.resources.beginDeleteByIdAndWait(one.id, IDENTITIES, polling));
  for (const one of credentials.filter(({ kind, on }) => kind === 'federated' && on === 'applications')) await gone(graph.delete(at`/applications/${one.holder}/federatedIdentityCredentials/${one.id}`));
  const certificates = credentials.filter(({ kind }) => kind === 'certificate');
  for (const holder of new Set(certificates.map((one) => `/${one.on}${at`/${one.holder}`}`))) {
    const { keyCredentials = [] } = await graph.get<{ keyCredentials?: KeyCredential[] }>(holder, { select: 'id,keyCredentials' });
    await graph.patch(holder, { keyCredentials: keyCredentials.filter((key) => !certificates.some((one) => one.id === key.keyId)) });
  }
}

export const describeCredential = (one: Credential): string => `${one.kind} ${one.id}${one.name ? ` “${one.name.slice(0, 120)}”` : ''}`;

export const asJson = (credentials: readonly Credential[]): JsonObject[] => credentials.map((one) => ({ ...one }));
