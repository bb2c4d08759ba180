import type { User } from '@microsoft/microsoft-graph-types';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AzureContext } from '../context';
import { orNull } from '../errors';
import { at } from '../graph';
import { refuseProtected } from '../protect';

const FIELDS = 'id,displayName,userPrincipalName,userType,creationType,accountEnabled,onPremisesSyncEnabled,lastPasswordChangeDateTime,signInSessionsValidFromDateTime';

/** The user of a target, checked against the protected list by every name that it has. Throws NOT_SUPPORTED, NOT_FOUND, PROTECTED_PRINCIPAL. */
export async function readUser(ctx: AzureContext, target: Target): Promise<User> {
  onlyUsers(target);
  const user = await ctx.access.graph(target.account).get<User>(at`/users/${target.id}`, { select: FIELDS });
  refuseProtected(ctx, target, user.id ?? '', user.userPrincipalName ?? '');
  return user;
}

/** Null when it is gone. */
export const findUser = (ctx: AzureContext, { account, id }: Target): Promise<User | null> => orNull(ctx.access.graph(account).get<User>(at`/users/${id}`, { select: FIELDS }));

/** A user, and not something that only looks like one. */
export function onlyUsers(target: Target): void {
  if (target.kind !== 'user') throw fail('NOT_SUPPORTED', `${target.name} is a ${target.kind}: there is no user to act on, decide by hand`);
}

/** Signs in at another tenant: what happens there is not ours (Entra: “B2B collaboration user properties”). */
export const isExternal = (user: User): boolean => user.creationType === 'Invitation' || /#EXT#/i.test(user.userPrincipalName ?? '');

/** What its kind means for containment, in lines a person reads. */
export function caveats(user: User): string[] {
  return [
    ...(user.onPremisesSyncEnabled ? [`${user.userPrincipalName} is synchronised: the on-premises directory may undo this at its next run, disable it there too`] : []),
    ...(isExternal(user) ? [`${user.userPrincipalName} is a guest: this keeps it out of this tenant only, tell its home tenant`] : []),
  ];
}
