import type { ConditionalAccessPolicy, User } from '@microsoft/microsoft-graph-types';
import type { AzureContext } from '../context';
import { orNull } from '../errors';
import { at } from '../graph';

export const POLICIES = '/identity/conditionalAccess/policies';
/** Graph wants all three to write a policy (conditionalAccessRoot: create policy, “Permissions”). */
export const policyPermissions = ['Policy.Read.All', 'Policy.ReadWrite.ConditionalAccess', 'Application.Read.All'] as const;

/** Policies by exact name. Read whole and compared here: a policy made a moment ago may not be in a filtered answer yet. */
export async function policiesNamed(ctx: AzureContext, tenant: string, name: string): Promise<ConditionalAccessPolicy[]> {
  const policies = await ctx.access.graph(tenant).list<ConditionalAccessPolicy>(POLICIES);
  return policies.filter((policy) => policy.displayName === name);
}

/** Those of the emergency identities that are people: only they can be excluded from a policy about people. */
export async function emergencyUsers(ctx: AzureContext, tenant: string): Promise<string[]> {
  const graph = ctx.access.graph(tenant);
  const found = await Promise.all(ctx.access.tenant(tenant).emergencyIdentities.map((id) => orNull(graph.get<User>(at`/users/${id}`, { select: 'id' }))));
  return found.flatMap((user) => user?.id ?? []);
}
