import { BlobServiceClient, newPipeline, type WebResource } from '@azure/storage-blob';
import { Agent } from 'node:https';
import { fail } from '../boundary';
import type { AzureContext } from './context';

/** The same for every account in every cloud. Source: Azure Storage, “Authorize access to blobs using Microsoft Entra ID”. */
const AUDIENCE = 'https://storage.azure.com';

/**
 * The blobs of one account, read with the responder's own token, at the address that Resource Manager names. Throws REJECTED_BY_CLOUD when that address is none of this
 * cloud's storage: the token would go there.
 */
export function blobsOf(ctx: Pick<AzureContext, 'access'>, tenant: string, account: string, endpoint: string): BlobServiceClient {
  const { storageSuffix, ca } = ctx.access.config.endpoints;
  const { protocol, host } = new URL(endpoint);
  // The second is an account in a DNS zone of its own; the third a private cloud's or an emulator's, with the account in the path.
  const ours = [`${account}.blob.${storageSuffix}`, storageSuffix].includes(host) || new RegExp(`^${account}\\.z\\d+\\.blob\\.storage\\.azure\\.net$`, 'i').test(host);
  if (protocol !== 'https:' || !ours) throw fail('REJECTED_BY_CLOUD', `the blobs of ${account} are said to be at ${host.slice(0, 200)}, which is not this cloud’s storage (azure.endpoints.storageSuffix)`);
  const pipeline = newPipeline(
    { getToken: async () => ({ token: await ctx.access.tokens(tenant).get(AUDIENCE), expiresOnTimestamp: Date.now() + 5 * 60_000 }) },
    { retryOptions: { maxTries: 3, maxRetryDelayInMs: 4_000, tryTimeoutInMs: 60_000 } },
  );
  if (ca) {
    const agent = new Agent({ ca, keepAlive: true });
    pipeline.factories.push({ create: (next) => ({ sendRequest: (request: WebResource) => next.sendRequest(Object.assign(request, { agent })) }) });
  }
  return new BlobServiceClient(endpoint, pipeline);
}
