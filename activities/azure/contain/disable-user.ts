import type { JsonObject } from '../../../playbook/json';
import { directoryRolePermissions } from '../directory';
import { at } from '../graph';
import { guardedAzureAction, type Verified } from '../define';
import { onAdministrator, roleNames } from './refused';
import { caveats, findUser, readUser } from './users';

const PERMISSION = 'User.EnableDisableAccount.All';

/** Row 2.1.1. Target: a user. No new sign-in, and CAE resources drop its tokens within minutes; what is older is `azure.revoke-sessions`’. */
export const disableUser = guardedAzureAction('azure.disable-user', {
  permissions: [PERMISSION, ...directoryRolePermissions],
  async plan(ctx, { target }) {
    const user = await readUser(ctx, target);
    const roles = await roleNames(ctx, target);
    const needed = user.accountEnabled !== false;
    return {
      needed, before: { enabled: user.accountEnabled !== false, synchronised: user.onPremisesSyncEnabled === true, roles },
      change: needed ? [`set accountEnabled to false on user ${target.name}`, ...caveats(user)] : [],
    };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    const user = await readUser(ctx, target);
    if (user.accountEnabled === false) return { enabled: false, already: true };
    const graph = ctx.access.graph(target.account);
    await onAdministrator(ctx, { tenant: target.account, kind: 'user', id: user.id ?? target.id, name: target.name, permission: PERMISSION }, () => graph.patch(at`/users/${target.id}`, { accountEnabled: false }));
    return { enabled: false, ...(user.onPremisesSyncEnabled ? { synchronised: true } : {}) };
  },
  async verify(ctx, { target }): Promise<Verified> {
    const user = await findUser(ctx, target);
    if (!user) return { holds: true, seen: { exists: false } };
    return { holds: user.accountEnabled === false, seen: { enabled: user.accountEnabled ?? null, synchronised: user.onPremisesSyncEnabled === true } };
  },
  async undo(ctx, { target, before }) {
    const user = await readUser(ctx, target);
    if (before.enabled === true && user.accountEnabled === false) await ctx.access.graph(target.account).patch(at`/users/${target.id}`, { accountEnabled: true });
    return { seen: { enabled: (await findUser(ctx, target))?.accountEnabled ?? null }, left: [] };
  },
});
