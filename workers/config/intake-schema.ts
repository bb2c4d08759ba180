import { z } from 'zod';
import { azureCredential, guid } from './azure-schema';
import { secretRef } from './secret';

const id = z.string().regex(/^[a-z0-9-]{1,40}$/, 'lower-case letters, digits and dashes');
const sources = z.array(z.string().min(1)).default([]).describe('ids of sources, empty for all');

const queue = z.strictObject({
  id,
  kind: z.enum(['alerts', 's3-files']).default('alerts').describe('alerts: each message is one (also inside SNS); s3-files: each tells of new log files'),
  url: z.url(),
  region: z.string().min(1),
  sources,
  buckets: z.array(z.string().min(3)).default([]).describe('s3-files: the only buckets that are read'),
  deadLettersUrl: z.url().nullable().default(null).describe('watched and told of'),
  visibilitySeconds: z.int().min(10).max(43_200).default(60),
  endpoint: z.url().nullable().default(null).describe('only for an emulator'),
});

const hub = z.strictObject({
  id,
  namespace: z.string().regex(/^[a-z0-9.-]+$/i).describe('example.servicebus.windows.net').optional(),
  name: z.string().min(1).describe('the event hub'),
  consumerGroup: z.string().min(1).default('$Default').describe('one of its own: nobody else may read with it'),
  sources,
  connectionString: secretRef.optional().describe('instead of `namespace` and the credential'),
  checkpoints: z.strictObject({ containerUrl: z.url().describe('a blob container: https://account.blob.core.windows.net/container'), connectionString: secretRef.optional() }),
});

/** What `intake` has beyond its senders. */
export const intakeTransports = {
  tenant: guid('a tenant id').nullable().default(null).describe('the tenant of records that do not name theirs; null = the only one of azure.tenants'),
  mappings: z.string().min(1).nullable().default(null).describe('YAML or JSON file: where the fields of the generic form stand in senders of your own'),
  sns: z.array(z.strictObject({ topic: z.string().regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:.+/, 'a topic’s ARN'), sources })).default([]),
  queues: z.array(queue).default([]),
  azureReader: z.strictObject({ tenant: guid('a tenant id'), clientId: guid('an application (client) id'), credential: azureCredential }).nullable().default(null).describe('an application of intake’s own that reads event hubs, checkpoints and, for Graph’s notifications, signals'),
  hubs: z.array(hub).default([]),
  graph: z.strictObject({ subscriptions: z.array(z.strictObject({ id, clientState: secretRef, sources })).min(1), readSignals: z.boolean().default(true).describe('with azureReader: read the signal that a notification names') }).nullable().default(null),
};
