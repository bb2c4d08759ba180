import { Kv, VaultClient, type Secret } from '../../activities/vault';
import type { LeaseRef } from '../../activities/contract';
import { checkout, returnLease } from '../../activities/vault';
import { startVault, type SandboxVault } from '../../sandbox/vault';
import { codeOf } from '../../activities/boundary';

export const quick = { boundMs: 2000, firstMs: 5 };

export async function openVault(): Promise<SandboxVault> {
  return startVault({ say: () => undefined });
}

export function clientOf(vault: SandboxVault, options: { fetch?: typeof globalThis.fetch; secretId?: () => Promise<string>; roleId?: string; now?: () => number } = {}): VaultClient {
  const secretId = options.secretId ?? sharedSecretId(vault);
  return new VaultClient({ address: vault.address, appRole: { roleId: options.roleId ?? vault.roleId, secretId }, fetch: options.fetch, now: options.now });
}

/** A secret id serves 25 log-ins; tests make more clients than that. */
function sharedSecretId(vault: SandboxVault): () => Promise<string> {
  return () => vault.newSecretId();
}

export function kvOf(client: VaultClient): Kv {
  return new Kv(client, 'break-glass');
}

export async function seeded(vault: SandboxVault, name: string, secret: Secret): Promise<void> {
  await vault.putCredential(name, { ...secret });
}

export async function returned(kv: Kv, credential: string): Promise<LeaseRef> {
  const lease = await checkout(kv, { credential, account: '111111111111', incident: `inc-${credential}`, holder: 'ada', approval: `approval-${credential}`, ttlSeconds: 600 });
  await returnLease(kv, lease);
  return lease;
}

/** The code of the failure that the work ends with; `none` when it does not fail. */
export function failure(work: Promise<unknown>): Promise<string> {
  return work.then(() => 'none', (error: unknown) => codeOf(error) ?? String(error));
}
