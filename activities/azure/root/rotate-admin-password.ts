import { fail } from '../../boundary';
import { findUser, isExternal, readUser } from '../contain/users';
import { defineAzureAction, type Verified } from '../define';

/**
 * Row 2.2.2. Target: a Global Administrator. Containment has set a password that nobody knows; a person gives the next one. Proof is `lastPasswordChangeDateTime` after the time of
 * planning: a change before it is containment’s, or the attacker’s own.
 */
export const rotateAdminPassword = defineAzureAction('azure.rotate-admin-password', {
  permissions: ['User.Read.All'],
  async plan(ctx, { target }) {
    const user = await readUser(ctx, target);
    if (isExternal(user)) throw fail('NOT_SUPPORTED', `${target.name} is a guest: its password is its home tenant’s, tell its administrator`);
    return {
      needed: true, before: { changedAt: user.lastPasswordChangeDateTime ?? null }, params: { since: ctx.now().toISOString() },
      change: [
        user.onPremisesSyncEnabled ? `Change the password of ${target.name} in the on-premises directory, and wait for the synchronisation` : `Let another administrator set a new password for ${target.name}: https://entra.microsoft.com, Users, “Reset password”, or by an emergency account through break-glass`,
        'At least 30 random characters, given in person, kept in the safe; never by mail or chat',
        'Check the person’s recovery addresses and phone numbers: the attacker may have put in his own',
      ],
    };
  },
  apply: async (_ctx, step) => ({ waitingFor: 'a person', instructions: step.change }),
  async verify(ctx, { target, params }): Promise<Verified> {
    const user = await findUser(ctx, target);
    if (!user) return { holds: true, seen: { exists: false } };
    const changedAt = user.lastPasswordChangeDateTime ?? null;
    return { holds: changedAt !== null && Date.parse(changedAt) > Date.parse(String(params.since)), seen: { changedAt } };
  },
  undo: async (_ctx, { target }) => ({ seen: {}, left: [`the password of ${target.name} stays the new one`] }),
});
