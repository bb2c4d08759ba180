import type { PublicAccess } from '@azure/arm-storage';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AzureContext } from '../context';
import { guardedAzureAction, type Verified } from '../define';
import { orNull } from '../errors';
import { armFor, polling } from './arm';

const TYPE = 'Microsoft.Storage/storageAccounts';

/** Row 2.1.4. Target: a blob container, or a whole storage account (then no container of it can be public). Nobody signs in to read a public container, so disabling people does not close it. */
export const closePublicContainer = guardedAzureAction('azure.close-public-container', {
  permissions: [`${TYPE}/read`, `${TYPE}/write`, `${TYPE}/blobServices/containers/read`, `${TYPE}/blobServices/containers/write`],
  async plan(ctx, { target }) {
    const access = await accessOf(ctx, target);
    if (access === null) throw fail('NOT_FOUND', `no ${target.name}`);
    const needed = access !== 'None';
    return { needed, before: { access }, change: needed ? [containerOf(ctx, target) ? `set public access of container ${target.name} from ${access} to None` : `forbid public access in storage account ${target.name}`] : [] };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    await setAccess(ctx, target, 'None');
    return { access: 'None' };
  },
  async verify(ctx, { target }): Promise<Verified> {
    const access = await accessOf(ctx, target);
    return { holds: access === null || access === 'None', seen: { access } };
  },
  async undo(ctx, { target, before }) {
    await setAccess(ctx, target, String(before.access));
    return { seen: { access: await accessOf(ctx, target) }, left: [] };
  },
});

/** Name of the container within the account; null when the account itself is meant. */
function containerOf(ctx: AzureContext, target: Target): string | null {
  const { at } = armFor(ctx, target, TYPE);
  if (at.parts.length === 0) return null;
  const [service, , kind, name] = at.parts;
  if (at.parts.length !== 4 || service?.toLowerCase() !== 'blobservices' || kind?.toLowerCase() !== 'containers' || !name) throw fail('INVALID_INPUT', `${target.id.slice(0, 200)} is no blob container`);
  return name;
}

/** `None`, `Blob` or `Container`; for an account `Allowed` or `None`. Null when it is gone. An account that says nothing forbids it (since 2023-11, Azure Storage release notes) only when it was made so: it counts as allowed. */
async function accessOf(ctx: AzureContext, target: Target): Promise<string | null> {
  const { arm, at } = armFor(ctx, target, TYPE);
  const container = containerOf(ctx, target);
  if (container === null) {
    const account = await orNull(arm.storage.storageAccounts.getProperties(at.group, at.name));
    return account ? (account.allowBlobPublicAccess === false ? 'None' : 'Allowed') : null;
  }
  const found = await orNull(arm.storage.blobContainers.get(at.group, at.name, container));
  return found ? (found.publicAccess ?? 'None') : null;
}

async function setAccess(ctx: AzureContext, target: Target, access: string): Promise<void> {
  const { arm, at } = armFor(ctx, target, TYPE);
  const container = containerOf(ctx, target);
  // By id: arm-storage 20 leaves `properties` out of an update that changes only this one, and the call succeeds without effect.
  if (container === null) await arm.resources.resources.beginUpdateByIdAndWait(target.id, '2023-05-01', { properties: { allowBlobPublicAccess: access !== 'None' } }, polling);
  else await arm.storage.blobContainers.update(at.group, at.name, container, { publicAccess: access as PublicAccess });
}
