import { digest, type Sim } from './state/sim';
import type { Json } from './protocol/types';

/** Everything of the tenant and its subscriptions by path, as it is in truth. Resource ids in lower case: ARM takes them either way. */
export type State = Record<string, unknown>;
export interface Difference { path: string; change: 'added' | 'removed' | 'changed'; before?: unknown; after?: unknown }

const logs = new Set(['signIns', 'directoryAudits', 'activities', 'alerts', 'costs', 'deletedItems', 'deletedStorageAccounts']);

export function snapshot(sim: Sim): State {
  const state: State = {};
  for (const [shelf, items] of sim.everything()) {
    if (logs.has(shelf)) continue;
    for (const item of items as Json[]) state[shelf === 'arm' ? String(item['id']).toLowerCase() : `/${shelf}/${String(item['id'] ?? item['displayName'])}`] = item;
  }
  for (const [id, power] of sim.power) if (power !== 'running') state[`/power${id}`] = power;
  // Passwords and keys by digest: that they changed is seen, what they are is not.
  const there = new Set(sim.shelf<{ id: string }>('users').truth().map((user) => user.id));
  for (const [id, password] of sim.passwords) if (there.has(id)) state[`/passwords/${id}`] = password;
  for (const [id, keys] of sim.storageKeys) state[`/keys${id}`] = { key1: digest(keys.key1), key2: digest(keys.key2), delegationRevokedAt: keys.delegationRevokedAt };
  return state;
}

export function compare(before: State, after: State): Difference[] {
  const text = (value: unknown): string => JSON.stringify(value);
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((path): Difference[] => {
    if (!(path in before)) return [{ path, change: 'added', after: after[path] }];
    if (!(path in after)) return [{ path, change: 'removed', before: before[path] }];
    return text(before[path]) === text(after[path]) ? [] : [{ path, change: 'changed', before: before[path], after: after[path] }];
  });
}
