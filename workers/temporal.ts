import { readFileSync } from 'node:fs';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import { EncryptionCodec } from './codec';
import type { Config } from './config/schema';
import { readSecret } from './config/secret';

/** A page of a history may be larger than gRPC's usual 4 MB, at which the client would fail; the worker's own limit is as high. */
const MOST_RECEIVED = 128 * 1024 * 1024;

const failureConverterPath = require.resolve('./failure-converter');

/** The same for client, worker and bundler, so that nothing can drift. */
export function dataConverter(config: Pick<Config, 'encryption'>): DataConverter {
  return { failureConverterPath, payloadCodecs: [codecOf(config)] };
}

export function codecOf(config: Pick<Config, 'encryption'>): EncryptionCodec {
  return new EncryptionCodec(config.encryption.keys.map(({ id, key }) => ({ id, key: Buffer.from(readSecret(key), 'base64') })));
}

function connectionOptions({ temporal }: Config) {
  const { tls } = temporal;
  return {
    address: temporal.address,
    apiKey: temporal.apiKey ? readSecret(temporal.apiKey) : undefined,
    tls: tls && {
      serverNameOverride: tls.serverName,
      serverRootCACertificate: tls.ca ? readFileSync(tls.ca) : undefined,
      clientCertPair: tls.cert && tls.key ? { crt: readFileSync(tls.cert), key: readFileSync(tls.key) } : undefined,
    },
  };
}

export async function connectClient(config: Config): Promise<Client> {
  const connection = await Connection.connect({ ...connectionOptions(config), connectTimeout: '10s', channelArgs: { 'grpc.max_receive_message_length': MOST_RECEIVED } });
  return new Client({ connection, namespace: config.temporal.namespace, dataConverter: dataConverter(config) });
}

export function connectWorker(config: Config): Promise<NativeConnection> {
  return NativeConnection.connect(connectionOptions(config));
}

/** Whether a workflow of this id is still running. */
export async function isRunning(client: Client, workflowId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
