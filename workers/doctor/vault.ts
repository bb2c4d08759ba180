import { readFileSync } from 'node:fs';
import { Kv, VaultClient } from '../../activities/vault';
import { readSecret } from '../config/secret';
import { emergencyHolders } from '../config/settings';
import { examine, type Examine } from './types';

export const examineVault: Examine = async (config) => {
  const { vault } = config;
  if (!vault) return [{ what: 'vault', ok: true, text: 'not configured: no break-glass' }];
  return Promise.all(
    emergencyHolders(config)
      .filter((account) => account.emergencyCredential)
      .map((account) =>
        examine(`vault: ${account.emergencyCredential}`, async () => {
          const client = new VaultClient({ address: vault.address, namespace: vault.namespace, ca: vault.caFile ? readFileSync(vault.caFile, 'utf8') : undefined, appRole: { roleId: readSecret(vault.roleId), secretId: () => Promise.resolve(readSecret(vault.secretId)) } });
          const { current, live } = await new Kv(client, vault.mount).versions(`credentials/${account.emergencyCredential}`);
          if (!live.includes(current)) throw new Error(`the vault holds no credential ${account.emergencyCredential}`);
          return `version ${current}`;
        }),
      ),
  );
};
