import type { CaseContext } from '../contract';
import type { EvidenceSink } from '../evidence/sink';
import type { AzureAccess } from './clients';

/** Where the new secret of a rotated application is kept. Errors: VAULT_UNAVAILABLE, VAULT_SEALED, VAULT_REFUSED. */
export interface RotatedSecretVault {
  /** `account` is the tenant, `user` the object's id, `accessKeyId` the credential's key id; the same key id again changes nothing. */
  storeRotatedKey(key: { account: string; user: string; accessKeyId: string; secret: string }): Promise<void>;
  /** True when the vault has this credential: only then is one that appeared during the rotation ours. */
  holdsRotatedKey(key: { account: string; user: string; accessKeyId: string }): Promise<boolean>;
}

/** What every Azure action and check works with. */
export interface AzureContext {
  access: AzureAccess;
  incident: string;
  caseKey: string;
  /** Keeps raw material before something is destroyed. */
  evidence: EvidenceSink;
  /** Null everywhere but on the break-glass worker. */
  vault: RotatedSecretVault | null;
  now(): Date;
}

export type AzureCase = CaseContext;
