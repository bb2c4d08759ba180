import type { User } from '@microsoft/microsoft-graph-types';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import { POLICIES, policiesNamed, policyPermissions } from '../contain/conditional-access';
import { findUser, readUser } from '../contain/users';
import type { AzureContext } from '../context';
import { guardedAzureAction, type Verified } from '../define';
import { gone } from '../errors';
import { at } from '../graph';

/**
 * Row 4.2, last. Target: a user that was there before the attacker; `params.compromisedFrom` (ISO). Refused while the password or the sessions of the time of the attack are still
 * good (STILL_IN_USE). The account is enabled and Tourniquet's own Conditional Access policy against it goes; roles and grants that were taken away stay away.
 */
export const liftDeny = guardedAzureAction('azure.lift-deny', {
  permissions: [...policyPermissions, 'User.Read.All', 'User.EnableDisableAccount.All'],
  async plan(ctx, { target, params }) {
    const user = await readUser(ctx, target);
    refuseStale(user, params);
    const policies = await policiesNamed(ctx, target.account, nameOf(ctx, target));
    return {
      needed: user.accountEnabled === false || policies.length > 0, before: { accountEnabled: user.accountEnabled ?? null, policies: policies.map((one) => ({ id: one.id ?? '' })) },
      change: [...(user.accountEnabled === false ? [`enable user ${target.name}`] : []), ...policies.map((one) => `delete Conditional Access policy “${one.displayName}”`)],
    };
  },
  async apply(ctx, { target, params }): Promise<JsonObject> {
    const user = await readUser(ctx, target);
    refuseStale(user, params);
    const graph = ctx.access.graph(target.account);
    if (user.accountEnabled === false) await graph.patch(at`/users/${target.id}`, { accountEnabled: true });
    for (const policy of await policiesNamed(ctx, target.account, nameOf(ctx, target))) await gone(graph.delete(at`/identity/conditionalAccess/policies/${policy.id ?? ''}`));
    return { lifted: true };
  },
  async verify(ctx, { target }): Promise<Verified> {
    const [user, policies] = await Promise.all([findUser(ctx, target), policiesNamed(ctx, target.account, nameOf(ctx, target))]);
    return { holds: user === null || (user.accountEnabled === true && policies.length === 0), seen: { accountEnabled: user?.accountEnabled ?? null, policies: policies.length } };
  },
  async undo(ctx, { target, before }) {
    const graph = ctx.access.graph(target.account);
    // The policy first: then there is no moment without a deny.
    if ((before.policies as unknown[]).length > 0 && (await policiesNamed(ctx, target.account, nameOf(ctx, target))).length === 0) {
      await graph.post(POLICIES, { displayName: nameOf(ctx, target), state: 'enabled', conditions: { clientAppTypes: ['all'], applications: { includeApplications: ['All'] }, users: { includeUsers: [target.id] } }, grantControls: { operator: 'OR', builtInControls: ['block'] } });
    }
    if (before.accountEnabled === false) await graph.patch(at`/users/${target.id}`, { accountEnabled: false });
    return { seen: { accountEnabled: (await findUser(ctx, target))?.accountEnabled ?? null }, left: [] };
  },
});

const nameOf = (ctx: AzureContext, target: Target): string => `${ctx.access.config.names.denyUserPolicy} ${target.id}`;

function refuseStale(user: User, { compromisedFrom }: JsonObject): void {
  const from = Date.parse(String(compromisedFrom));
  if (!Number.isFinite(from)) throw fail('INVALID_INPUT', 'params.compromisedFrom is missing');
  const stale = [
    ...(Date.parse(user.lastPasswordChangeDateTime ?? '') > from ? [] : ['the password is the one of the time of the attack']), ...(Date.parse(user.signInSessionsValidFromDateTime ?? '') > from ? [] : ['sessions of the time of the attack are still good']),
  ];
  if (stale.length > 0) throw fail('STILL_IN_USE', `${user.userPrincipalName}: ${stale.join(' and ')}: the deny stays`);
}
