import type { SignInActivity, User } from '@microsoft/microsoft-graph-types';
import type { Observation, Subject } from '../../../playbook/permission-audit/model';
import type { AzureContext } from '../context';
import { orNull } from '../errors';
import { at } from '../graph';
import { exemptUser, madeAt, readUser } from './exempt';
import { heldBy, newestOf } from './held';
import { doneBy } from './logged';
import { attempting, latest, nothingSeen, usedIn, type Window } from './observing';

/** Successes are kept from this day on and were not filled in before (Graph: signInActivity). */
const KNOWN_SINCE = Date.parse('2023-12-01T00:00:00Z');
const UNKNOWN_PARTS = 'which of the roles were used is not known: the Activity Log keeps 90 days and no reads, and no log tells which role allowed a call; so no narrower role is proposed';

/** A person and all their roles: used when the person signed in, successfully. */
export async function lookAtUser(ctx: AzureContext, subject: Subject, window: Window): Promise<Observation> {
  const { account } = subject;
  const seen = nothingSeen();
  const user = await readUser(ctx, account, subject.id);
  if (!user?.id) return seen;
  const attempt = attempting(seen);
  seen.notes = [UNKNOWN_PARTS];
  seen.exempt = exemptUser(ctx, user);
  seen.owners = await managerOf(ctx, account, user.id);
  seen.createdAt = madeAt(user);
  await attempt('when the roles were given', async () => {
    seen.createdAt = latest(seen.createdAt, await newestOf(ctx, account, user.id!, await heldBy(ctx, account, user.id!), window.to));
  });
  const protectedNow = seen.exempt !== null && user.accountEnabled !== false;
  if (protectedNow || seen.failed.length > 0 || Date.parse(seen.createdAt ?? '') > window.from.getTime()) return seen;
  await attempt('last successful sign-in (signInActivity needs Entra ID P1 and AuditLog.Read.All)', () => signedIn(ctx, account, user.id!, seen, window));
  if (usedIn(seen, window)) return seen;
  const { log, failed } = await doneBy(ctx, account, { kind: 'user', id: user.id, appId: null }, window);
  seen.log.push(...log);
  seen.failed.push(...failed);
  return seen;
}

async function signedIn(ctx: AzureContext, tenant: string, id: string, seen: Observation, { from }: Window): Promise<void> {
  const { signInActivity: activity } = await ctx.access.graph(tenant).get<{ signInActivity?: SignInActivity | null }>(at`/users/${id}`, { select: 'id,signInActivity' });
  const success = activity?.lastSuccessfulSignInDateTime;
  if (success) seen.used.push({ what: '', at: success, by: 'sign-in' });
  else if (from.getTime() < KNOWN_SINCE) seen.failed.push('successful sign-ins are known since 2023-12-01 only: the window is longer');
  // The other two times count failed attempts: no use, but heard when something is in quarantine.
  for (const attempted of [activity?.lastSignInDateTime, activity?.lastNonInteractiveSignInDateTime]) if (attempted && !(success && attempted <= success)) seen.log.push({ what: 'sign-in', at: attempted, denied: true });
}

/** Object id and UPN of the manager in Entra, by which the directory of people may know them. */
async function managerOf(ctx: AzureContext, tenant: string, user: string): Promise<Observation['owners']> {
  const manager = await orNull(ctx.access.graph(tenant).get<User>(at`/users/${user}/manager`, { select: 'id,userPrincipalName' }));
  return manager ? [{ names: [manager.id, manager.userPrincipalName].filter((one): one is string => Boolean(one)), because: 'manager in Entra' }] : [];
}
