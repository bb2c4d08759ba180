import type { ConditionalAccessPolicy } from '@microsoft/microsoft-graph-types';
import type { JsonObject } from '../../../playbook/json';
import { fail } from '../../boundary';
import { emergencyUsers, POLICIES, policiesNamed, policyPermissions } from '../contain/conditional-access';
import type { AzureContext } from '../context';
import { defineAzureAction, type Verified } from '../define';
import { gone } from '../errors';
import { at } from '../graph';

const policyFor = (displayName: string, emergency: string[]): ConditionalAccessPolicy => ({
  displayName, state: 'enabled', conditions: { clientAppTypes: ['all'], applications: { includeApplications: ['All'] }, users: { includeUsers: ['All'], excludeUsers: emergency } }, grantControls: { operator: 'OR', builtInControls: ['mfa'] },
});

/**
 * Row 4.1. Target: the tenant. MFA for everybody and everything; the emergency accounts are excluded, so that a failure of MFA locks nobody out for good. Without a configured
 * emergency account nothing is written. Security defaults ask for MFA as well and exclude Conditional Access: where they are on, the wanted state holds.
 */
export const enforceMfa = defineAzureAction('azure.enforce-mfa', {
  permissions: [...policyPermissions, 'User.Read.All'],
  async plan(ctx, { target }) {
    const name = ctx.access.config.names.mfaPolicy;
    const [policies, defaults, emergency] = await Promise.all([policiesNamed(ctx, target.account, name), securityDefaults(ctx, target.account), emergencyUsers(ctx, target.account)]);
    if (emergency.length === 0) throw fail('INVALID_CONFIG', 'no emergency account of azure.tenants[].emergencyIdentities is a user: a policy that binds everybody could lock everybody out');
    const needed = !defaults && !(await inForce(ctx, target.account)).length;
    return { needed, before: { policies: policies.map((one) => one.id ?? ''), securityDefaults: defaults }, change: needed ? [`create Conditional Access policy “${name}”: MFA of everybody for every application, but not of ${emergency.length} emergency accounts`] : [] };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    if ((await inForce(ctx, target.account)).length > 0) return { already: true };
    const emergency = await emergencyUsers(ctx, target.account);
    if (emergency.length === 0) throw fail('INVALID_CONFIG', 'no emergency account is a user: nothing was written');
    const graph = ctx.access.graph(target.account);
    for (const old of await policiesNamed(ctx, target.account, ctx.access.config.names.mfaPolicy)) await gone(graph.delete(at`/identity/conditionalAccess/policies/${old.id ?? ''}`));
    const made = await graph.post<ConditionalAccessPolicy>(POLICIES, policyFor(ctx.access.config.names.mfaPolicy, emergency));
    return { policy: made.id ?? null };
  },
  async verify(ctx, { target }): Promise<Verified> {
    const [policies, defaults] = await Promise.all([inForce(ctx, target.account), securityDefaults(ctx, target.account)]);
    return { holds: policies.length > 0 || defaults, seen: { policies, securityDefaults: defaults } };
  },
  async undo(ctx, { target, before }) {
    const graph = ctx.access.graph(target.account);
    for (const policy of await policiesNamed(ctx, target.account, ctx.access.config.names.mfaPolicy)) if (!(before.policies as string[]).includes(policy.id ?? '')) await gone(graph.delete(at`/identity/conditionalAccess/policies/${policy.id ?? ''}`));
    return { seen: { policies: (await inForce(ctx, target.account)).length }, left: [] };
  },
});

const securityDefaults = async (ctx: AzureContext, tenant: string): Promise<boolean> => (await ctx.access.graph(tenant).get<{ isEnabled?: boolean }>('/policies/identitySecurityDefaultsEnforcementPolicy')).isEnabled === true;

/** Ours, or one of the tenant's own that binds as many; the emergency accounts are excluded in either. */
async function inForce(ctx: AzureContext, tenant: string): Promise<string[]> {
  const [policies, emergency] = await Promise.all([ctx.access.graph(tenant).list<ConditionalAccessPolicy>(POLICIES), emergencyUsers(ctx, tenant)]);
  return policies.filter(({ state, conditions, grantControls }) => {
    const { users, applications } = conditions ?? {};
    const others = (users?.excludeUsers ?? []).filter((id) => !emergency.includes(id));
    return state === 'enabled' && (grantControls?.builtInControls?.includes('mfa') ?? false) && users?.includeUsers?.includes('All') === true && others.length === 0 && !users.excludeGroups?.length && !users.excludeRoles?.length &&
      emergency.every((id) => users.excludeUsers?.includes(id)) && applications?.includeApplications?.includes('All') === true && !applications.excludeApplications?.length && !conditions?.locations?.excludeLocations?.length;
  }).map((policy) => policy.id ?? '');
}
