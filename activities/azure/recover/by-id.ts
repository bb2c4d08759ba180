import type { JsonObject } from '../../../playbook/json';
import { plain } from '../../check';
import { polling } from '../contain/arm';
import type { AzureContext } from '../context';
import { gone, orNull } from '../errors';

/** A resource by its whole id, with the version of its type; null when it is not there. */
export async function readById(ctx: AzureContext, tenant: string, subscription: string, id: string, version: string): Promise<JsonObject | null> {
  return plain(await orNull(ctx.access.arm(tenant, subscription).resources.resources.getById(id, version))) as JsonObject | null;
}

export async function writeById(ctx: AzureContext, tenant: string, subscription: string, id: string, version: string, body: object): Promise<void> {
  await ctx.access.arm(tenant, subscription).resources.resources.beginCreateOrUpdateByIdAndWait(id, version, body as never, polling);
}

export const deleteById = (ctx: AzureContext, tenant: string, subscription: string, id: string, version: string): Promise<void> =>
  gone(ctx.access.arm(tenant, subscription).resources.resources.beginDeleteByIdAndWait(id, version, polling));

export const propertiesOf = (resource: JsonObject | null): JsonObject => (resource?.properties ?? {}) as JsonObject;
