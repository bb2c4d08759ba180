import { S3Client } from '@aws-sdk/client-s3';
import { createEvidenceStore, folderObjects, s3Objects, type EvidenceStore } from '../activities/evidence';
import type { Config } from './config/schema';
import { readSecret } from './config/secret';

/** The evidence store that the configuration names. */
export function evidenceStore(config: Pick<Config, 'evidence'>): EvidenceStore {
  const { evidence } = config;
  const options = { signingKey: evidence.signingKey ? readSecret(evidence.signingKey) : null, trustedKeys: [] };
  if (evidence.kind === 'folder') return createEvidenceStore(folderObjects(evidence.path), options);
  const client = new S3Client({ region: evidence.region, endpoint: evidence.endpoint ?? undefined, forcePathStyle: evidence.endpoint !== null });
  const lock = evidence.objectLock ? { mode: evidence.objectLock.mode, days: evidence.objectLock.days } : null;
  return createEvidenceStore(s3Objects(client, { bucket: evidence.bucket, prefix: evidence.prefix, lock, kmsKeyId: null }), options);
}
