import type { ConditionalAccessPolicy } from '@microsoft/microsoft-graph-types';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import type { AzureContext } from '../context';
import { guardedAzureAction, type Verified } from '../define';
import { gone } from '../errors';
import { at } from '../graph';
import { POLICIES, policiesNamed, policyPermissions } from './conditional-access';
import { caveats, findUser, readUser } from './users';

/** A policy that lets this one person in nowhere. Nobody else is in it, so that no emergency account can be locked out by it. */
const policyFor = (displayName: string, user: string): ConditionalAccessPolicy => ({
  displayName, state: 'enabled',
  conditions: { clientAppTypes: ['all'], applications: { includeApplications: ['All'] }, users: { includeUsers: [user] } },
  grantControls: { operator: 'OR', builtInControls: ['block'] },
});

/**
 * Row 2.1.1. Target: a user. For administrators, whom an application without a higher directory role may neither disable nor give another password: a Conditional Access
 * policy binds them too. Needs Entra ID P1; a tenant without it answers NOT_SUPPORTED. Source: Graph v1.0, conditionalAccessPolicy.
 */
export const denySignIn = guardedAzureAction('azure.deny-sign-in', {
  permissions: [...policyPermissions, 'User.Read.All'],
  async plan(ctx, { target }) {
    const user = await readUser(ctx, target);
    const name = nameOf(ctx, target);
    const needed = !(await inForce(ctx, target)).length;
    return {
      needed, before: { policies: (await policiesNamed(ctx, target.account, name)).map((one) => one.id ?? '') },
      change: needed ? [`create Conditional Access policy “${name}”: block every sign-in of user ${target.name}`, ...caveats(user)] : [],
    };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    await readUser(ctx, target);
    if ((await inForce(ctx, target)).length > 0) return { already: true };
    const graph = ctx.access.graph(target.account);
    // One of ours that somebody weakened is replaced, not repaired: its conditions are not trusted.
    for (const old of await policiesNamed(ctx, target.account, nameOf(ctx, target))) await gone(graph.delete(at`/identity/conditionalAccess/policies/${old.id ?? ''}`));
    const made = await graph.post<ConditionalAccessPolicy>(POLICIES, policyFor(nameOf(ctx, target), target.id));
    return { policy: made.id ?? null };
  },
  async verify(ctx, { target }): Promise<Verified> {
    const policies = await inForce(ctx, target);
    if (policies.length > 0) return { holds: true, seen: { policies } };
    return (await findUser(ctx, target)) ? { holds: false, seen: { policies } } : { holds: true, seen: { exists: false } };
  },
  async undo(ctx, { target }) {
    const graph = ctx.access.graph(target.account);
    for (const policy of await policiesNamed(ctx, target.account, nameOf(ctx, target))) await gone(graph.delete(at`/identity/conditionalAccess/policies/${policy.id ?? ''}`));
    return { seen: { policies: (await inForce(ctx, target)).length }, left: [] };
  },
});

const nameOf = (ctx: AzureContext, target: Target): string => `${ctx.access.config.names.denyUserPolicy} ${target.id}`;

async function inForce(ctx: AzureContext, target: Target): Promise<string[]> {
  const policies = await policiesNamed(ctx, target.account, nameOf(ctx, target));
  return policies.filter((policy) => {
    const { conditions, grantControls, state } = policy;
    const { users, applications } = conditions ?? {};
    return state === 'enabled' && grantControls?.builtInControls?.includes('block') === true && users?.includeUsers?.includes(target.id) === true && !users.excludeUsers?.includes(target.id) &&
      applications?.includeApplications?.includes('All') === true && !applications.excludeApplications?.length;
  }).map((policy) => policy.id ?? '');
}
