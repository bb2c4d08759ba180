import type { JsonObject } from '../../../playbook/json';
import type { Step, Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AzureContext } from '../context';
import { at } from '../graph';
import { giveAssignment, readAssignment, snapshotOf, takeAssignment } from './arm-roles';
import { madeAt, proposableUser, readUser, refuse } from './exempt';
import { lastGiven } from './logged';
import { latest } from './observing';
import { describe, directoryRolesOf, giveRole, keyOf, takeRole, type DirectoryRole } from './roles';

/** What the audit takes from a person: all directory roles (target: the user), or one Azure role assignment (target: the assignment, `params.of`: whose). */
export interface Held {
  key: string;
  text: string;
  /** ISO; null: not known. */
  given: string | null;
  until: string | null;
  snapshot: JsonObject;
}

export function holderOf(target: Target, params: JsonObject): string {
  if (target.kind === 'user') return target.id;
  if (target.kind !== 'role-assignment' || typeof params.of !== 'string' || params.of === '') throw fail('INVALID_INPUT', `target.kind is ${target.kind}: neither a user nor a role assignment with params.of`);
  return params.of;
}
export function windowOf(params: JsonObject): number {
  if (typeof params.windowMs !== 'number' || !(params.windowMs > 0)) throw fail('INVALID_INPUT', 'params.windowMs is missing');
  return params.windowMs;
}

/** As the cloud has it now, in a fixed order. */
export async function heldNow(ctx: AzureContext, target: Target): Promise<Held[]> {
  if (target.kind === 'user') return (await directoryRolesOf(ctx.access.graph(target.account), target.id)).map((one) => ({ key: keyOf(one), text: describe(one), given: one.given, until: one.until, snapshot: { ...one } }));
  const found = await readAssignment(ctx, target);
  if (!found) return [];
  const snapshot = snapshotOf(found);
  return [{ key: [snapshot.principalId, snapshot.roleDefinitionId, snapshot.scope, snapshot.condition ?? ''].join(' ').toLowerCase(), text: target.name, given: found.createdOn?.toISOString() ?? null, until: null, snapshot }];
}

export const plannedIn = (before: JsonObject): Held[] => before.held as unknown as Held[];

/** The wall: not exempt, old enough, and by nobody else's doing. Throws PROTECTED_PRINCIPAL, STILL_IN_USE, NOT_FOUND, PLAN_CHANGED. */
export async function assertTakable(ctx: AzureContext, { target, params }: Pick<Step, 'target' | 'params'>, held: readonly Held[]): Promise<string> {
  const user = await proposableUser(ctx, target, holderOf(target, params), windowOf(params));
  const dateless = target.kind === 'user' && held.some((one) => one.given === null);
  refuse(ctx, target, null, latest(madeAt(user), ...held.map((one) => one.given), dateless ? await lastGiven(ctx, target.account, target.id, ctx.now()) : null), windowOf(params));
  for (const { snapshot } of held) {
    if (target.kind === 'role-assignment' && String(snapshot.principalId).toLowerCase() !== user.id!.toLowerCase()) throw fail('PLAN_CHANGED', `${target.name} belongs to somebody else now: nothing was done`);
    const group = snapshot.group as JsonObject | null | undefined;
    if (group) await refuseSynced(ctx, target, String(group.id));
  }
  return user.id!;
}

async function refuseSynced(ctx: AzureContext, target: Target, id: string): Promise<void> {
  const group = await ctx.access.graph(target.account).get<{ displayName?: string; onPremisesSyncEnabled?: boolean | null }>(at`/groups/${id}`, { select: 'id,displayName,onPremisesSyncEnabled' });
  if (group.onPremisesSyncEnabled) throw fail('PROTECTED_PRINCIPAL', `${group.displayName ?? id} is synchronised from on-premises: its members are changed there`);
}

export const take = (ctx: AzureContext, target: Target, { snapshot }: Held): Promise<void> => (target.kind === 'user' ? takeRole(ctx, target, snapshot as unknown as DirectoryRole) : takeAssignment(ctx, target));

/** Gives back what is missing. What has ended meanwhile stays away and is said; somebody who is disabled by now gets nothing. */
export async function giveBack(ctx: AzureContext, step: Step, now: readonly Held[]): Promise<{ restored: string[]; left: string[] }> {
  const { target, params } = step;
  const user = await readUser(ctx, target.account, holderOf(target, params));
  if (!user) throw fail('UNDO_IMPOSSIBLE', `${target.name}: the user is gone, there is nobody to give it back to`);
  if (user.accountEnabled === false) throw fail('UNDO_IMPOSSIBLE', `${user.userPrincipalName} is disabled, by an incident or a person: its roles stay away`);
  const missing = plannedIn(step.before).filter((one) => !now.some((other) => other.key === one.key));
  const ended = missing.filter((one) => one.until !== null && Date.parse(one.until) <= ctx.now().getTime());
  const restored: string[] = [];
  const groups = new Set<string>();
  for (const one of missing.filter((other) => !ended.includes(other))) {
    // Several roles may come by one group.
    const group = (one.snapshot.group as JsonObject | null | undefined)?.id;
    if (typeof group !== 'string' || !groups.has(group)) await (target.kind === 'user' ? giveRole(ctx, target, one.snapshot as unknown as DirectoryRole) : giveAssignment(ctx, target, one.snapshot));
    if (typeof group === 'string') groups.add(group);
    restored.push(one.text);
  }
  return { restored, left: ended.map((one) => `${one.text}: its time is over`) };
}
