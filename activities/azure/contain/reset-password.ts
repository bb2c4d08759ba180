import { randomBytes } from 'node:crypto';
import type { JsonObject } from '../../../playbook/json';
import { fail } from '../../boundary';
import { guardedAzureAction, type Verified } from '../define';
import { directoryRolePermissions } from '../directory';
import { at } from '../graph';
import { onAdministrator, roleNames } from './refused';
import { findUser, isExternal, readUser } from './users';

const PERMISSION = 'User-PasswordProfile.ReadWrite.All';

/** Nobody is told it, not even the person: recovery gives a new one. 32 random bytes, and one of each class that a policy may ask for. */
const unknownPassword = (): string => `${randomBytes(32).toString('base64url')}aA1!`;

/**
 * Row 2.1.1. Target: a user of this tenant. A synchronised account’s password is the on-premises directory’s, a guest’s its home tenant’s: both NOT_SUPPORTED, and so a task for people.
 * Proof is `lastPasswordChangeDateTime`.
 */
export const resetPassword = guardedAzureAction('azure.reset-password', {
  permissions: [PERMISSION, ...directoryRolePermissions],
  async plan(ctx, { target }) {
    const user = await readUser(ctx, target);
    if (isExternal(user)) throw fail('NOT_SUPPORTED', `${target.name} is a guest: its password is its home tenant’s, tell its administrator`);
    if (user.onPremisesSyncEnabled) throw fail('NOT_SUPPORTED', `${target.name} is synchronised: change its password in the on-premises directory, twice within one synchronisation`);
    return { needed: true, before: { changedAt: user.lastPasswordChangeDateTime ?? null, roles: await roleNames(ctx, target) }, change: [`set a new random password on user ${target.name} that nobody knows; another must be given at recovery`] };
  },
  async apply(ctx, { target, before }): Promise<JsonObject> {
    const user = await readUser(ctx, target);
    if (later(user.lastPasswordChangeDateTime, before.changedAt)) return { changedAt: user.lastPasswordChangeDateTime ?? null, already: true };
    const graph = ctx.access.graph(target.account);
    await onAdministrator(ctx, { tenant: target.account, kind: 'user', id: user.id ?? target.id, name: target.name, permission: PERMISSION },
      () => graph.patch(at`/users/${target.id}`, { passwordProfile: { password: unknownPassword(), forceChangePasswordNextSignIn: true } }));
    return { changed: true };
  },
  async verify(ctx, { target, before }): Promise<Verified> {
    const user = await findUser(ctx, target);
    if (!user) return { holds: true, seen: { exists: false } };
    return { holds: later(user.lastPasswordChangeDateTime, before.changedAt), seen: { changedAt: user.lastPasswordChangeDateTime ?? null } };
  },
  undo: async (_ctx, { target }) => ({ seen: {}, left: [`the former password of ${target.name} cannot be restored: give a new one (Temporary Access Pass or reset)`] }),
});

const later = (now: unknown, before: unknown): boolean => typeof now === 'string' && (typeof before !== 'string' || Date.parse(now) > Date.parse(before));
