import type { CaseContext } from '../contract';
import type { EvidenceSink } from '../evidence/sink';
import type { AwsAccess } from './clients';

/** Where the new key of a rotated identity is kept. Errors: VAULT_UNAVAILABLE, VAULT_SEALED, VAULT_REFUSED. */
export interface RotatedKeyVault {
  /** Keeps the new key; the same key id again changes nothing. */
  storeRotatedKey(key: { account: string; user: string; accessKeyId: string; secret: string }): Promise<void>;
  /** True when the vault has this key: only then is a key that appeared during the rotation ours. */
  holdsRotatedKey(key: { account: string; user: string; accessKeyId: string }): Promise<boolean>;
}

/** What every AWS action and check works with. */
export interface AwsContext {
  access: AwsAccess;
  incident: string;
  caseKey: string;
  /** Keeps raw material (policies, listings, code, objects) before something is destroyed. */
  evidence: EvidenceSink;
  /** Null everywhere but on the break-glass worker. */
  vault: RotatedKeyVault | null;
  now(): Date;
}

export type AwsCase = CaseContext;
