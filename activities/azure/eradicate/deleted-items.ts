import type { JsonObject } from '../../../playbook/json';
import type { Step, Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import { plain } from '../../check';
import type { AzureContext } from '../context';
import type { Undone } from '../define';
import { orNull } from '../errors';
import { at } from '../graph';

/** An object of Graph, whole; null when it is not there. */
export const readObject = async (ctx: AzureContext, target: Target, path: string): Promise<JsonObject | null> => plain(await orNull(ctx.access.graph(target.account).get(path))) as JsonObject | null;

/** A parameter that must be text. Throws INVALID_INPUT. */
export function text(params: JsonObject, name: string): string {
  const value = params[name];
  if (typeof value !== 'string' || value === '') throw fail('INVALID_INPUT', `params.${name} is missing`);
  return value;
}

/** Where an application's or a service principal's object is, by `params.object`. */
export const collectionOf = (params: JsonObject): string => (params.object === 'application' ? '/applications' : '/servicePrincipals');

/** Entra keeps deleted users, groups and applications for 30 days (Graph v1.0: “Restore deleted directory object item”). */
export async function restoreDeleted(ctx: AzureContext, { target }: Step): Promise<Undone> {
  const graph = ctx.access.graph(target.account);
  const there = await orNull(graph.post(at`/directory/deletedItems/${target.id}/restore`));
  return { seen: { restored: there !== null }, left: there === null ? [`${target.name} is no longer among the deleted items: make it anew from the evidence`] : target.kind === 'user' ? [`${target.name} is disabled until somebody gives it a new password`] : [] };
}
