import type { User } from '@microsoft/microsoft-graph-types';
import type { GrantOrder } from '../../../playbook/jit/model';
import { fail } from '../../boundary';
import { onAdministrator } from '../contain/refused';
import { isExternal } from '../contain/users';
import type { AzureContext } from '../context';
import { orNull } from '../errors';
import { at } from '../graph';
import { seenDespiteLag } from '../lag';
import { refuseProtected } from '../protect';

export const personPermissions = ['User.Read.All', 'User.RevokeSessions.All', 'GroupMember.Read.All'] as const;

const FIELDS = 'id,userPrincipalName,userType,creationType,accountEnabled,signInSessionsValidFromDateTime';
/** Object ids and user principal names; ARNs and other clouds' names are not asked for. */
const NAMES = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^[^@/:]+@[^@/:]+$/i;

/** The one user of this tenant among the person's identities. Throws GRANT_REFUSED for none, two, a guest or somebody who is switched off; PROTECTED_PRINCIPAL. */
export async function personOf(ctx: AzureContext, order: GrantOrder): Promise<{ id: string; name: string }> {
  const graph = ctx.access.graph(order.entitlement.account);
  const names = order.identities.filter((identity) => NAMES.test(identity));
  const users = (await Promise.all(names.map((name) => orNull(graph.get<User>(at`/users/${name}`, { select: FIELDS }))))).filter((user) => user !== null);
  const found = new Map(users.map((user) => [user.id!, user]));
  if (found.size !== 1) throw fail('GRANT_REFUSED', `${order.person} is ${found.size === 0 ? 'no user' : 'more than one user'} of this tenant (people[].identities names the user)`);
  const user = [...found.values()][0]!;
  const name = user.userPrincipalName ?? user.id!;
  // A guest's sessions are its home tenant's: they could not be ended.
  if (isExternal(user) || user.userType === 'Guest') throw fail('GRANT_REFUSED', `${name} is a guest: its sessions could not be ended here`);
  if (user.accountEnabled === false) throw fail('GRANT_REFUSED', `${name} is switched off`);
  refuseProtected(ctx, { id: user.id!, name }, order.person, ...order.identities);
  return { id: user.id!, name };
}

/** Ends the person's sign-in sessions; true when that is seen, or there is nobody left. Access tokens that are out live until they expire (60 to 90 minutes) where the resource knows no CAE. */
export async function endSignIns(ctx: AzureContext, tenant: string, id: string, since: string): Promise<{ dead: boolean; validFrom: string | null }> {
  const graph = ctx.access.graph(tenant);
  const read = () => orNull(graph.get<User>(at`/users/${id}`, { select: FIELDS }));
  const before = await read();
  if (!before) return { dead: true, validFrom: null };
  const from = (user: User | null): number => Date.parse(user?.signInSessionsValidFromDateTime ?? '') || 0;
  await onAdministrator(ctx, { tenant, kind: 'user', id, name: before.userPrincipalName ?? id, permission: 'User.RevokeSessions.All' }, () => graph.post(at`/users/${id}/revokeSignInSessions`));
  const after = await seenDespiteLag(async () => {
    const user = await read();
    return user === null || from(user) > from(before) ? { user } : null;
  });
  const user = after?.user ?? before;
  return { dead: after !== null || from(before) >= Date.parse(since), validFrom: user.signInSessionsValidFromDateTime ?? null };
}
