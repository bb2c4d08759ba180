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
