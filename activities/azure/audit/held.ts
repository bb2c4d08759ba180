import type { JsonObject } from '../../../playbook/json';
import type { Step, Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import { each } from '../../check';
import type { AzureContext } from '../context';
import { at } from '../graph';
import { assignmentsOf, giveAssignment, roleNameOf, snapshotOf, takeAssignment } from './arm-roles';
import { madeAt, proposableUser, readUser, refuse } from './exempt';
import { lastGiven } from './logged';
import { latest } from './observing';
import { describe, directoryRolesOf, giveRole, keyOf, takeRole, type DirectoryRole } from './roles';

/** One role that a person has: in the directory, or in Azure. */
export interface Held {
  where: 'directory' | 'azure';
  key: string;
  text: string;
  /** ISO; null: not known. */
  given: string | null;
  until: string | null;
  snapshot: JsonObject;
}

export function windowOf(params: JsonObject): number {
  if (typeof params.windowMs !== 'number' || !(params.windowMs > 0)) throw fail('INVALID_INPUT', 'params.windowMs is missing');
  return params.windowMs;
}

/** All roles of a person as the clouds have them now, in a fixed order. */
export async function heldBy(ctx: AzureContext, tenant: string, user: string): Promise<Held[]> {
  const [roles, assignments] = await Promise.all([directoryRolesOf(ctx.access.graph(tenant), user), assignmentsOf(ctx, tenant, user)]);
  const azure = await each(assignments, 4, async (one): Promise<Held> => {
    const snapshot = snapshotOf(one);
    return { where: 'azure', key: [snapshot.roleDefinitionId, snapshot.scope, snapshot.condition ?? ''].join(' ').toLowerCase(), text: `${await roleNameOf(ctx, tenant, one)} at ${one.scope}`, given: one.createdOn?.toISOString() ?? null, until: null, snapshot };
  });
  return [...roles.map((one): Held => ({ where: 'directory', key: keyOf(one), text: describe(one), given: one.given, until: one.until, snapshot: { ...one } })), ...azure];
}

/** Since when a person has the newest of their roles, as far as PIM, Azure and the audit know; null: before all that. */
export async function newestOf(ctx: AzureContext, tenant: string, user: string, held: readonly Held[], to: Date): Promise<string | null> {
  return latest(...held.map((one) => one.given), held.some((one) => one.given === null) ? await lastGiven(ctx, tenant, user, to) : null);
}

export const plannedIn = (before: JsonObject): Held[] => before.held as unknown as Held[];
const groupOf = ({ snapshot }: Held): string | null => { const group = snapshot.group as JsonObject | null | undefined; return group ? String(group.id) : null; };

/** The wall: not exempt, and old enough. Throws PROTECTED_PRINCIPAL, STILL_IN_USE, NOT_FOUND. */
export async function assertTakable(ctx: AzureContext, { target, params }: Pick<Step, 'target' | 'params'>, held: readonly Held[]): Promise<void> {
  if (target.kind !== 'user') throw fail('INVALID_INPUT', `target.kind is ${target.kind}, not user`);
  const user = await proposableUser(ctx, target, target.id, windowOf(params));
  refuse(ctx, target, null, latest(madeAt(user), await newestOf(ctx, target.account, target.id, held, ctx.now())), windowOf(params));
  for (const id of new Set(held.flatMap((one) => groupOf(one) ?? []))) await refuseSynced(ctx, target, id);
}

async function refuseSynced(ctx: AzureContext, target: Target, id: string): Promise<void> {
  const group = await ctx.access.graph(target.account).get<{ displayName?: string; onPremisesSyncEnabled?: boolean | null }>(at`/groups/${id}`, { select: 'id,displayName,onPremisesSyncEnabled' });
  if (group.onPremisesSyncEnabled) throw fail('PROTECTED_PRINCIPAL', `${group.displayName ?? id} is synchronised from on-premises: its members are changed there`);
}

export const take = (ctx: AzureContext, target: Target, { where, snapshot }: Held): Promise<void> => (where === 'directory' ? takeRole(ctx, target, snapshot as unknown as DirectoryRole) : takeAssignment(ctx, target.account, snapshot));

/** Gives back what is missing. What has ended meanwhile stays away and is said; somebody who is disabled by now gets nothing. */
export async function giveBack(ctx: AzureContext, { target, before }: Step, now: readonly Held[]): Promise<{ restored: string[]; left: string[] }> {
  const user = await readUser(ctx, target.account, target.id);
  if (!user) throw fail('UNDO_IMPOSSIBLE', `${target.name}: the user is gone, there is nobody to give it back to`);
  if (user.accountEnabled === false) throw fail('UNDO_IMPOSSIBLE', `${user.userPrincipalName} is disabled, by an incident or a person: its roles stay away`);
  const missing = plannedIn(before).filter((one) => !now.some((other) => other.key === one.key));
  const ended = missing.filter((one) => one.until !== null && Date.parse(one.until) <= ctx.now().getTime());
  const restored: string[] = [];
  const groups = new Set<string>();
  for (const one of missing.filter((other) => !ended.includes(other))) {
    // Several roles may come by one group.
    const group = groupOf(one);
    if (group === null || !groups.has(group)) await (one.where === 'directory' ? giveRole(ctx, target, one.snapshot as unknown as DirectoryRole) : giveAssignment(ctx, target.account, one.snapshot));
    if (group !== null) groups.add(group);
    restored.push(one.text);
  }
  return { restored, left: ended.map((one) => `${one.text}: its time is over`) };
}
