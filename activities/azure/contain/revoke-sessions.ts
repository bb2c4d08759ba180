import type { User } from '@microsoft/microsoft-graph-types';
import type { JsonObject } from '../../../playbook/json';
import { fail } from '../../boundary';
import { guardedAzureAction, type Verified } from '../define';
import { at } from '../graph';
import { findUser, isExternal, readUser } from './users';

const validFrom = (user: User): string | null => user.signInSessionsValidFromDateTime ?? null;

/**
 * Row 2.1.2. Target: a user; after everything that could make a new session was taken away. Refresh tokens and cookies die; access tokens live until they expire
 * (60 to 90 minutes) where the resource does not know CAE (Graph: user: revokeSignInSessions). The call’s `true` proves nothing: `signInSessionsValidFromDateTime` does.
 */
export const revokeSessions = guardedAzureAction('azure.revoke-sessions', {
  permissions: ['User.RevokeSessions.All', 'User.Read.All'],
  async plan(ctx, { target }) {
    const user = await readUser(ctx, target);
    if (isExternal(user)) throw fail('NOT_SUPPORTED', `${target.name} is a guest: its sessions are its home tenant’s to revoke; here it is disabled and loses its roles. Tell the administrator of its home tenant`);
    return { needed: true, before: { validFrom: validFrom(user) }, change: [`revoke every sign-in session of user ${target.name} (refresh tokens and cookies; older access tokens end within 90 minutes)`] };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    await readUser(ctx, target);
    await ctx.access.graph(target.account).post(at`/users/${target.id}/revokeSignInSessions`);
    return { revoked: true };
  },
  async verify(ctx, { target, before }): Promise<Verified> {
    const user = await findUser(ctx, target);
    if (!user) return { holds: true, seen: { exists: false } };
    const now = validFrom(user);
    return { holds: now !== null && (before.validFrom === null || Date.parse(now) > Date.parse(String(before.validFrom))), seen: { validFrom: now } };
  },
  undo: async (_ctx, { target }) => ({ seen: {}, left: [`${target.name} signs in again: revoked sessions stay revoked`] }),
});
