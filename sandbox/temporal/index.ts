import { mkdtempSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Connection } from '@temporalio/client';
import { ensurePython, ensureTemporalCli, freePort, startChild, waitFor, type Say } from '../tools';

/** Without the first two a one-shard server adds 50 ms to every hop; both limits are constants of the server's dynamic configuration. */
export const DYNAMIC_CONFIG = ['history.transferProcessorMaxPollRPS=1000', 'history.timerProcessorMaxPollRPS=1000', 'system.enableActivityEagerExecution=true'] as const;

const CLI_TYPES = { TEXT: 'Text', KEYWORD: 'Keyword', INT: 'Int', DOUBLE: 'Double', BOOL: 'Bool', DATETIME: 'Datetime', KEYWORD_LIST: 'KeywordList' } as const;

export interface TemporalOptions {
  /** gRPC port; a free one by default. */
  port?: number;
  /** Port of the web UI; a free one by default. */
  uiPort?: number;
  /** SQLite file: a restart then loses nothing. In memory by default. */
  dbFile?: string;
  /** Where the UI sends payloads to be decoded. */
  codecEndpoint?: string;
  /** Created at start; `tourniquet` by default. */
  namespace?: string;
  /** More of the server's dynamic configuration, `key=value`. */
  dynamicConfig?: readonly string[];
  /** As `defineSearchAttributeKey` returns them. */
  searchAttributes: readonly { name: string; type: keyof typeof CLI_TYPES }[];
  say: Say;
}

export interface RunningTemporal {
  /** `127.0.0.1:port` */
  address: string;
  uiUrl: string;
  namespace: string;
  stop(): Promise<void>;
}

/**
 * Starts Temporal's dev server on loopback, tuned as DYNAMIC_CONFIG says, and returns when its namespace answers.
 * It has no authentication: loopback only, never production.
 * Throws PortTaken, MissingTool, or an Error with the server's last lines.
 */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const program = await ensureTemporalCli(options.say);
  const port = await freePort(options.port, 'Temporal');
  const uiPort = await freePort(options.uiPort, 'the Temporal UI');
  const namespace = options.namespace ?? 'tourniquet';
  if (options.dbFile) await mkdir(dirname(options.dbFile), { recursive: true });
  const log = options.dbFile ? `${options.dbFile}.log` : join(mkdtempSync(join(tmpdir(), 'tourniquet-temporal-')), 'server.log');
  const server = startChild(program, [
    'server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort), '--namespace', namespace, '--log-level', 'warn',
    ...[...DYNAMIC_CONFIG, ...(options.dynamicConfig ?? [])].flatMap((value) => ['--dynamic-config-value', value]),
    ...options.searchAttributes.flatMap(({ name, type }) => ['--search-attribute', `${name}=${CLI_TYPES[type]}`]),
    ...(options.dbFile ? ['--db-filename', options.dbFile] : []),
    ...(options.codecEndpoint ? ['--ui-codec-endpoint', options.codecEndpoint] : []),
  ], { log });
  const address = `127.0.0.1:${port}`;
  try {
    await waitFor(async () => {
      if (!server.running()) throw new Error(`Temporal ended while starting:\n${server.tail()}`);
      return (await answers(address, namespace)) ? true : null;
    }, 60_000, () => new Error(`Temporal did not answer on ${address} within a minute:\n${server.tail()}`));
  } catch (error) {
    await server.stop();
    throw error;
  }
  const uiUrl = `http://127.0.0.1:${uiPort}`;
  options.say(`Temporal: ${address}, UI ${uiUrl}`);
  return { address, uiUrl, namespace, stop: () => server.stop() };
}

async function answers(address: string, namespace: string): Promise<boolean> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address, connectTimeout: 2000 });
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch {
    return false; // still starting
  } finally {
    await connection?.close();
  }
}

/** Path of the time-skipping test server, for `TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } })`. */
export async function testServerPath(say: Say = () => undefined): Promise<string> {
  return (await ensurePython(say)).testServer;
}
