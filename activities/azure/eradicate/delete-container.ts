import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import { plain } from '../../check';
import { armFor } from '../contain/arm';
import type { AzureContext } from '../context';
import { orNull } from '../errors';
import { removal } from './removal';

/** How long a deleted container stays to be restored. */
const KEPT_DAYS = 30;

/**
 * Row 3.4. Target: a blob container that the attacker made. The account is told to keep deleted containers for 30 days first: the data itself is the evidence, whole, and a person
 * can undelete it (Azure Storage: “Soft delete for containers”).
 */
export const deleteContainer = removal('azure.delete-container', {
  permissions: ['Microsoft.Storage/storageAccounts/blobServices/read', 'Microsoft.Storage/storageAccounts/blobServices/write', 'Microsoft.Storage/storageAccounts/blobServices/containers/read', 'Microsoft.Storage/storageAccounts/blobServices/containers/delete'],
  async read(ctx, target) {
    const { arm, at, container } = containerOf(ctx, target);
    return plain(await orNull(arm.storage.blobContainers.get(at.group, at.name, container))) as JsonObject | null;
  },
  change: (target) => [`keep deleted containers of the account for ${KEPT_DAYS} days, then delete container ${target.name}`],
  async keep(ctx, { target }) {
    const { arm, at } = containerOf(ctx, target);
    const service = await arm.storage.blobServices.getServiceProperties(at.group, at.name);
    const days = service.containerDeleteRetentionPolicy?.enabled ? (service.containerDeleteRetentionPolicy.days ?? 0) : 0;
    if (days < KEPT_DAYS) await arm.storage.blobServices.setServiceProperties(at.group, at.name, { containerDeleteRetentionPolicy: { enabled: true, days: KEPT_DAYS } });
    return { keptForDays: Math.max(days, KEPT_DAYS), keptForDaysBefore: days };
  },
  async remove(ctx, target) {
    const { arm, at, container } = containerOf(ctx, target);
    await arm.storage.blobContainers.delete(at.group, at.name, container);
  },
  restore: async (_ctx, { target, before }) => ({ seen: {}, left: before.state === null ? [] : [`container ${target.name} can be undeleted for ${KEPT_DAYS} days (portal: the account, Containers, Show deleted)`] }),
});

function containerOf(ctx: AzureContext, target: Target) {
  const { arm, at } = armFor(ctx, target, 'Microsoft.Storage/storageAccounts');
  const container = at.parts[0]?.toLowerCase() === 'blobservices' ? at.parts[3] : undefined;
  if (!container) throw fail('INVALID_INPUT', `${target.id.slice(0, 200)} is no blob container`);
  return { arm, at, container };
}
