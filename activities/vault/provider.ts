import type { Secret } from './secret';

/**
 * The provider's side of an emergency credential: one identity that may hold two keys for a while.
 * A refused credential is CREDENTIALS_INVALID; a provider that does not answer is CLOUD_UNAVAILABLE; never one for the other.
 */
export interface RotatableCredential {
  /** Signs in; the identity is what the provider calls it. Throws CREDENTIALS_INVALID when it is refused. */
  login(secret: Secret): Promise<{ identity: string }>;
  /** Makes a second key of the same owner. Not idempotent: a key that is not in the vault afterwards is an orphan. LIMIT_EXCEEDED when there is no room. */
  create(current: Secret): Promise<Secret>;
  /** Key ids of the owner, whatever their state. */
  listIds(secret: Secret): Promise<string[]>;
  /** Deletes a key of the owner; one that is gone already is fine. */
  revoke(secret: Secret, keyId: string): Promise<void>;
  /** True when the provider refuses this credential; false when it accepts it. */
  refuses(secret: Secret): Promise<boolean>;
}
