import type { Principal } from './model/principal';
import type { LookedUp } from './triage/inputs';

/** Section 2.2 is for these two. Root says so by its kind; a Global Administrator is looked up in the directory, because a name does not tell. */
export function isRootOrGlobalAdmin(principal: Principal, lookedUp: Pick<LookedUp, 'globalAdmin'> | null): boolean {
  return principal.kind === 'root' || (principal.provider === 'azure' && lookedUp?.globalAdmin === true);
}
