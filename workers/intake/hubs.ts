import { EventHubConsumerClient, type ReceivedEventData } from '@azure/event-hubs';
import { BlobCheckpointStore } from '@azure/eventhubs-checkpointstore-blob';
import { ContainerClient } from '@azure/storage-blob';
import type { Receiving } from '../../intake/receiver';
import { processBody } from '../../intake/pipeline';
import type { Source } from '../../intake/source';
import { anyOf } from '../../intake/transports/any-of';
import { hubHandlers } from '../../intake/transports/event-hub';
import type { Pulling } from '../../intake/transports/pull';
import type { Config } from '../config/schema';
import { readSecret } from '../config/secret';
import { readerCredential } from './azure-reader';
import { chosen } from './mappings';

const DELIVER_MS = 60_000;
/** The name of the container is the last part of its address. */
const containerIn = (url: string): string => new URL(url).pathname.replaceAll('/', '');

/** The configured event hubs, being read; each remembers in its blob container how far it came. */
export function startHubs(config: Config, sources: readonly Source[], { pipeline, metrics }: Receiving): Pulling[] {
  return config.intake.hubs.map((hub) => {
    const stopping = new AbortController();
    const credential = () => readerCredential(config);
    const { checkpoints } = hub;
    const container = checkpoints.connectionString ? new ContainerClient(readSecret(checkpoints.connectionString), containerIn(checkpoints.containerUrl)) : new ContainerClient(checkpoints.containerUrl, credential());
    const store = new BlobCheckpointStore(container);
    const client = hub.connectionString
      ? new EventHubConsumerClient(hub.consumerGroup, readSecret(hub.connectionString), hub.name, store)
      : new EventHubConsumerClient(hub.consumerGroup, hub.namespace!, hub.name, credential(), store);
    const source = anyOf('event-hub', chosen(sources, hub.sources, `intake.hubs.${hub.id}.sources`));
    const sender = { id: hub.id, key: '', sources: [] };
    const handlers = hubHandlers<ReceivedEventData>({ id: hub.id, handle: (body) => processBody({ ...pipeline, deliverMs: DELIVER_MS }, source, sender, body), log: pipeline.log, metrics, signal: stopping.signal });
    // The first time, without a checkpoint: from now on. Bodies stay bytes, so that our own limits read them.
    const subscription = client.subscribe(handlers, { skipParsingBodyAsJson: true, maxBatchSize: 50, startPosition: { enqueuedOn: new Date() } });
    let finished: () => void;
    const ended = new Promise<void>((done) => (finished = done));
    return {
      ended,
      stop: async () => {
        stopping.abort();
        await subscription.close();
        await client.close();
        finished();
      },
    };
  });
}
