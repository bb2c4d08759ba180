import type { StorageAccount } from '@azure/arm-storage';
import type { JsonObject } from '../../../playbook/json';
import { guardedAzureAction, type Verified } from '../define';
import { orNull } from '../errors';
import { armFor } from './arm';

const TYPE = 'Microsoft.Storage/storageAccounts';

/** When each key was made (StorageAccount: keyCreationTime). */
const madeAt = (account: StorageAccount): JsonObject => ({ key1: iso(account.keyCreationTime?.key1), key2: iso(account.keyCreationTime?.key2) });
const iso = (time: Date | undefined): string | null => (time ? new Date(time).toISOString() : null);

/**
 * Row 2.1.3. Target: a storage account. Both keys anew, which ends every SAS made with them; and the user delegation keys revoked, which ends every SAS made by identities.
 * Who used a key must fetch the new one: asked first, and never undone.
 */
export const rotateStorageKeys = guardedAzureAction('azure.rotate-storage-keys', {
  permissions: [`${TYPE}/read`, `${TYPE}/regenerateKey/action`, `${TYPE}/revokeUserDelegationKeys/action`],
  async plan(ctx, { target }) {
    const { arm, at } = armFor(ctx, target, TYPE);
    const account = await arm.storage.storageAccounts.getProperties(at.group, at.name);
    return { needed: true, before: { madeAt: madeAt(account) }, change: [`regenerate key1 and key2 of storage account ${at.name}`, `revoke the user delegation keys of ${at.name}`, 'whoever uses a key or a SAS of it stops until the new one is fetched'] };
  },
  async apply(ctx, { target, before }): Promise<JsonObject> {
    const { arm, at } = armFor(ctx, target, TYPE);
    const { storageAccounts } = arm.storage;
    const now = madeAt(await storageAccounts.getProperties(at.group, at.name));
    // The answer holds the new keys: it is not looked at.
    for (const keyName of ['key1', 'key2'] as const) if (!newer(now[keyName], (before.madeAt as JsonObject)[keyName])) await storageAccounts.regenerateKey(at.group, at.name, { keyName });
    await storageAccounts.revokeUserDelegationKeys(at.group, at.name);
    return { regenerated: ['key1', 'key2'], delegationKeys: 'revoked' };
  },
  async verify(ctx, { target, before }): Promise<Verified> {
    const { arm, at } = armFor(ctx, target, TYPE);
    const account = await orNull(arm.storage.storageAccounts.getProperties(at.group, at.name));
    if (!account) return { holds: true, seen: { exists: false } };
    const now = madeAt(account);
    return { holds: (['key1', 'key2'] as const).every((key) => newer(now[key], (before.madeAt as JsonObject)[key])), seen: { madeAt: now } };
  },
  undo: async (_ctx, { target }) => ({ seen: {}, left: [`the former keys of ${target.name} cannot be restored: give the new ones to whoever needs them`] }),
});

const newer = (now: unknown, before: unknown): boolean => typeof now === 'string' && (typeof before !== 'string' || Date.parse(now) > Date.parse(before));
