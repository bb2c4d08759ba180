import type { BlobItem, BlobServiceClient, ContainerClient } from '@azure/storage-blob';
import type { Json, JsonObject } from '../../../playbook/json';
import type { Step } from '../../../playbook/model/plan';
import { keepFirst } from '../../before';
import type { KeepBounds } from '../../keep-bounds';
import type { AzureContext } from '../context';

/** One page of at most 1000 blobs, versions and snapshots, as evidence has it. */
const pageOf = (container: string, items: readonly BlobItem[]): Json => ({
  container,
  blobs: items.map(({ name, versionId, isCurrentVersion, snapshot, deleted, metadata, properties: { contentLength, contentType, contentMD5, createdOn, lastModified, etag, blobType, accessTier } }) => ({
    name, version: versionId ?? null, current: isCurrentVersion ?? null, snapshot: snapshot || null, deleted: deleted === true, bytes: contentLength ?? 0, contentType: contentType ?? null, md5: contentMD5 ? Buffer.from(contentMD5).toString('base64') : null,
    created: createdOn?.toISOString() ?? null, modified: lastModified.toISOString(), etag, blobType: blobType ?? null, tier: accessTier ?? null, metadata: { ...metadata },
  })),
});

/**
 * Keeps the blobs of an account before it goes: the whole listing with versions, snapshots and what was deleted softly, and contents up to the bounds. The manifest says what was
 * and what was not kept. `versioned`: false where the account has a hierarchical namespace, which knows no versions. Errors: whatever keeps a page from being read; nothing may be destroyed then.
 */
export async function keepBlobs(ctx: AzureContext, step: Step, service: BlobServiceClient, containers: readonly string[], bounds: KeepBounds, versioned: boolean): Promise<JsonObject> {
  const pages: JsonObject[] = [];
  const contents: JsonObject[] = [];
  const count = { blobs: 0, bytes: 0, notKept: 0 };
  for (const name of containers) {
    const container = service.getContainerClient(name);
    for await (const page of container.listBlobsFlat({ includeVersions: versioned, includeSnapshots: true, includeDeleted: true, includeMetadata: true }).byPage({ maxPageSize: 1000 })) {
      const items = page.segment.blobItems;
      pages.push(await keepFirst(ctx, step, 'listing', pageOf(name, items)));
      count.blobs += items.length;
      for (const item of items) {
        const size = item.properties.contentLength ?? 0;
        // What was deleted softly, and what is in the archive, answers no read.
        if (item.deleted || item.properties.accessTier === 'Archive' || contents.length >= bounds.objects || size > bounds.bytesEach || count.bytes + size > bounds.bytes) {
          count.notKept += 1;
          continue;
        }
        const ref = await ctx.evidence.keep(ctx.caseKey, 'object', await download(container, item), 'application/octet-stream');
        contents.push({ container: name, blob: item.name, version: item.versionId ?? null, snapshot: item.snapshot || null, evidence: ref.key, sha256: ref.sha256, bytes: ref.bytes });
        count.bytes += size;
      }
    }
  }
  const kept = await keepFirst(ctx, step, 'storage', { account: step.target.id, containers: [...containers], pages, contents, notKept: count.notKept });
  return { ...kept, containers: containers.length, blobs: count.blobs, blobsKept: contents.length, blobsNotKept: count.notKept };
}

async function download(container: ContainerClient, { name, versionId, snapshot }: BlobItem): Promise<Uint8Array> {
  const blob = container.getBlobClient(name);
  const one = versionId ? blob.withVersion(versionId) : snapshot ? blob.withSnapshot(snapshot) : blob;
  return one.downloadToBuffer();
}
