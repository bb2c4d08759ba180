import { fail } from '../boundary';
import type { Kv } from './kv';
import { fingerprint } from './secret';

export interface RotatedKey {
  account: string;
  user: string;
  accessKeyId: string;
  secret: string;
}

/**
 * Keeps the new key of a rotated account at `rotated/<account>/<user>/<key id>`: written once, for its owner to fetch, never read back by us.
 * Idempotent. Returns where it is and the key's fingerprint. Errors: INVALID_INPUT, VAULT_*. Playbook row 2.1.3.
 */
export async function storeRotatedKey(kv: Kv, key: RotatedKey): Promise<{ path: string; fingerprint: string }> {
  const path = pathOf(key);
  if (!key.secret) throw fail('INVALID_INPUT', 'secret: empty');
  const result = { path: `${kv.mount}/${path}`, fingerprint: fingerprint(key.accessKeyId) };
  if ((await kv.versions(path)).current > 0) return result;
  try {
    await kv.write(path, { keyId: key.accessKeyId, secret: key.secret, owner: key.user }, 0);
  } catch (error) {
    // The policy lets the worker create and not update: losing a race to ourselves shows as a refusal.
    if ((await kv.versions(path)).current === 0) throw error;
  }
  return result;
}

/** True when the vault has the key, whatever its value: read from the metadata, so that no secret comes back. Errors: INVALID_INPUT, VAULT_*. */
export async function holdsRotatedKey(kv: Kv, key: Omit<RotatedKey, 'secret'>): Promise<boolean> {
  return (await kv.versions(pathOf(key))).current > 0;
}

/** Names become a path: nothing that could leave it. */
function pathOf(key: Omit<RotatedKey, 'secret'>): string {
  for (const [field, value, shape] of [['account', key.account, /^[\w-]{1,64}$/], ['user', key.user, /^[\w+=,.@-]{1,128}$/], ['accessKeyId', key.accessKeyId, /^[\w-]{8,128}$/]] as const) {
    if (!shape.test(value) || /^\.+$/.test(value)) throw fail('INVALID_INPUT', `${field}: not a valid name`);
  }
  return [key.account, key.user, key.accessKeyId].map(encodeURIComponent).join('/');
}
