import type { Bed } from '../azure-investigate/support';

const STORAGE = '2023-05-01';

/** Writes a resource as the responder, and waits until it is there. */
export const put = ({ ctx }: Bed, id: string, version: string, body: object): Promise<unknown> =>
  ctx.access.arm(ctx.access.config.tenants[0]!.id, id.split('/')[2]!).resources.resources.beginCreateOrUpdateByIdAndWait(id, version, body as never, { updateIntervalInMs: 20 });

/** A new storage account with a container `loot`; returns its id. */
export async function newAccount(bed: Bed, name: string, group = 'rg-web'): Promise<string> {
  const id = `/subscriptions/${bed.ctx.access.config.tenants[0]!.subscriptions[0]!.id}/resourceGroups/${group}/providers/Microsoft.Storage/storageAccounts/${name}`;
  await put(bed, id, STORAGE, { location: 'southeastasia', sku: { name: 'Standard_LRS' }, kind: 'StorageV2', properties: {} });
  await put(bed, `${id}/blobServices/default/containers/loot`, STORAGE, { properties: {} });
  return id;
}
