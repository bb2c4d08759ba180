import type { TargetResource } from '@microsoft/microsoft-graph-types';
import { Fault, noContent, type Call, type Json } from '../protocol/types';
import { rolesOf } from '../state/membership';
import { newId } from '../state/sim';
import { audit, changed, type Changed } from './audit';
import { itemAnswer, listAnswer, notFound, type ListRules } from './odata';
import { graph, type Making } from './routes';

export interface Collection {
  /** Below `/v1.0`. */
  path: string;
  /** Name of the shelf. */
  shelf: string;
  rules: ListRules;
  read: readonly string[];
  write?: readonly string[];
  /** Wanted besides, of an application that makes or changes one, and that removes one. */
  besides?: { write: readonly string[]; remove: readonly string[] };
  /** Names of the audit records; a method without a name is not offered. `whole`: the one property whose values are the object before and after, as Conditional Access writes its records. */
  audits?: { add?: string; update?: string; remove?: string; category: string; type: string; whole?: string };
  /** What a new one has beside its body; throws a Fault for a bad body. */
  make?(body: Json, call: Call): Json;
  /** Throws a Fault when the change is not allowed. */
  guard?(item: Json, call: Call): void;
  /** More to find an item by than its id. */
  find?(items: Json[], key: string): Json | undefined;
  /** What else happens when one is removed. */
  removed?(item: Json): void;
}

export const targetOf = (item: Json, type: string): TargetResource => ({ type, id: String(item['id'] ?? ''), displayName: (item['displayName'] as string) ?? null });

const wholeText = (item: Json): string | null => (Object.keys(item).length === 0 ? null : JSON.stringify(item));

/** The usual routes of a Graph collection: list, get, create, update, delete. */
export function collection(making: Making, one: Collection): void {
  const { sim } = making;
  const shelf = sim.shelf(one.shelf);
  const truth = (call: Call): Json => {
    const key = call.params['id']!;
    const item = shelf.get(key) ?? one.find?.(shelf.truth(), key);
    if (!item) throw notFound(key);
    one.guard?.(item, call);
    return item;
  };
  graph(making, 'GET', one.path, one.read, (call) => listAnswer(call, shelf.list(), one.rules));
  graph(making, 'GET', `${one.path}/:id`, one.read, (call) => itemAnswer(call, shelf.seen(call.params['id']!) ?? one.find?.(shelf.list(), call.params['id']!) ?? null, one.rules, call.params['id']!));
  const { write, audits } = one;
  const besides = ({ caller }: Call, needed: readonly string[] = []): void => {
    if (caller.kind === 'app' && rolesOf(sim, caller.id).length === 0 && needed.some((need) => !caller.roles.includes(need))) throw new Fault(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
  };
  if (!write || !audits) return;
  const changes = (before: Json, after: Json, names: string[]): Changed => (audits.whole ? [{ displayName: audits.whole, oldValue: wholeText(before), newValue: wholeText(after) }] : changed(before, after, names));
  if (audits.add) {
    graph(making, 'POST', one.path, write, (call) => {
      besides(call, one.besides?.write);
      const id = newId();
      const made = shelf.put(id, { id, ...(one.make?.(call.body, call) ?? call.body) });
      audit(sim, call, audits.add!, audits.category, [targetOf(made, audits.type)], changes({}, made, Object.keys(call.body)));
      return itemAnswer(call, made, one.rules, id, 201);
    });
  }
  if (audits.update) {
    graph(making, 'PATCH', `${one.path}/:id`, write, (call) => {
      besides(call, one.besides?.write);
      const before = truth(call);
      const after = shelf.put(String(before['id']), { ...before, ...call.body });
      audit(sim, call, audits.update!, audits.category, [targetOf(after, audits.type)], changes(before, after, Object.keys(call.body)));
      return noContent;
    });
  }
  if (audits.remove) {
    graph(making, 'DELETE', `${one.path}/:id`, write, (call) => {
      besides(call, one.besides?.remove);
      const item = truth(call);
      shelf.remove(String(item['id']));
      one.removed?.(item);
      audit(sim, call, audits.remove!, audits.category, [targetOf(item, audits.type)], changes(item, {}, ['displayName']));
      return noContent;
    });
  }
}
