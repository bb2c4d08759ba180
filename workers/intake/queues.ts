import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Receiving } from '../../intake/receiver';
import { processBody } from '../../intake/pipeline';
import type { Source } from '../../intake/source';
import { anyOf } from '../../intake/transports/any-of';
import { pull, type Pulling } from '../../intake/transports/pull';
import { fetchFile } from '../../intake/transports/s3-files';
import { s3Notices } from '../../intake/transports/s3-notices';
import { sqsQueue } from '../../intake/transports/sqs';
import type { Config } from '../config/schema';
import { chosen } from './mappings';

/** Pulled bodies wait for Temporal longer than a sender would. */
const DELIVER_MS = 60_000;

/** The configured queues, being pulled. Credentials: the environment’s (an instance’s or task’s role), which may read these queues and buckets and nothing else. */
export function startQueues({ queues }: Config['intake'], sources: readonly Source[], { pipeline, metrics }: Receiving): Pulling[] {
  return queues.map((queue) => {
    const client = { region: queue.region, ...(queue.endpoint ? { endpoint: queue.endpoint } : {}) };
    const patient = { ...pipeline, deliverMs: DELIVER_MS };
    const allowed = chosen(sources, queue.sources, `intake.queues.${queue.id}.sources`);
    const sender = { id: queue.id, key: '', sources: [] };
    const files = queue.kind === 's3-files' ? new S3Client({ ...client, forcePathStyle: queue.endpoint !== null }) : null;
    const handle = files
      ? s3Notices({ buckets: queue.buckets, sources: allowed, fetch: (file) => fetchFile(files, file) }, patient, queue.id)
      : async (body: Uint8Array) => [await processBody(patient, anyOf('sqs', allowed), sender, body)];
    return pull({
      id: queue.id, transport: files ? 's3' : 'sqs', queue: sqsQueue(new SQSClient(client), queue), handle, visibilitySeconds: queue.visibilitySeconds, log: pipeline.log, metrics, notice: pipeline.notice,
    });
  });
}
