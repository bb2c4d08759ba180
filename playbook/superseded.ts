import { canonicalJson, type Json, type JsonObject } from './json';

/** What a later step does on purpose, by the verb of both actions: putting a thing back, or lifting a deny, ends that containment and no other. */
const ends: Record<string, readonly string[]> = {
  'restore-trust': ['cut-role-trust'],
  'restore-bucket-policy': ['close-public-bucket'],
  // On AWS a policy denies; in Entra the account is disabled and Conditional Access blocks it.
  'lift-deny': ['deny-user', 'revoke-role-sessions', 'deny-permission-set', 'disable-user', 'deny-sign-in'],
};

const verbOf = (action: string): string => action.slice(action.indexOf('.') + 1);

/** True when `later`, applied on the same target, ends what `earlier` holds: nobody undid it. */
export function supersedes(later: { action: string; target: { id: string } }, earlier: { action: string; target: { id: string } }): boolean {
  return later.target.id === earlier.target.id && (ends[verbOf(later.action)]?.includes(verbOf(earlier.action)) ?? false);
}

/** Lists that name what goes besides; elsewhere no list means everything, and a list is less. */
const BESIDES: readonly string[] = ['registered', 'devices'];

type Done = { action: string; target: { id: string }; params: JsonObject };

/** True when `later` does on the same target all that `earlier` was to do: what is removed since an earlier time, or a longer list, and nothing else differs. Once it is done, a failure of `earlier` leaves no gap. */
export function widens(later: Done, earlier: Done): boolean {
  if (later.action !== earlier.action || later.target.id !== earlier.target.id) return false;
  const { since: from, ...more } = later.params;
  const { since, ...fewer } = earlier.params;
  const names = new Set([...Object.keys(more), ...Object.keys(fewer)]);
  return (typeof from === 'string' && typeof since === 'string' ? Date.parse(from) <= Date.parse(since) : from === since) && [...names].every((name) => holdsAll(more[name], fewer[name] ?? (BESIDES.includes(name) ? [] : undefined)));
}

function holdsAll(more: Json | undefined, fewer: Json | undefined): boolean {
  if (!Array.isArray(more) || !Array.isArray(fewer)) return more !== undefined && fewer !== undefined && canonicalJson(more) === canonicalJson(fewer);
  const had = more.map(canonicalJson);
  return fewer.every((one) => had.includes(canonicalJson(one)));
}
