import { at } from '../graph';
import { refuseProtected } from '../protect';
import { readObject, restoreDeleted } from './deleted-items';
import { removal } from './removal';

/** Row 3.1. Target: a user that the attacker made. */
export const deleteUser = removal('azure.delete-user', {
  permissions: ['User.ReadWrite.All', 'User.DeleteRestore.All'],
  async read(ctx, target) {
    const user = await readObject(ctx, target, at`/users/${target.id}`);
    if (user) refuseProtected(ctx, target, String(user.id ?? ''), String(user.userPrincipalName ?? ''));
    return user;
  },
  change: (target) => [`delete user ${target.name} (Entra keeps it for 30 days)`],
  remove: (ctx, target) => ctx.access.graph(target.account).delete(at`/users/${target.id}`),
  async restore(ctx, step) {
    const undone = await restoreDeleted(ctx, step);
    // What the attacker knows the password of does not come back to life with it.
    if (undone.seen.restored === true) await ctx.access.graph(step.target.account).patch(at`/users/${step.target.id}`, { accountEnabled: false });
    return undone;
  },
});
