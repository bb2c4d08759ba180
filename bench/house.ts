import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { stringify } from 'yaml';
import { awsPermissions } from '../activities/aws';
import { azureSection, startAzureHouse, type AzureHouse } from '../cli/demo/azure/house';
import { buildWorld, startAws, type Aws, type AwsWorld } from '../sandbox/aws';
import { startTemporal } from '../sandbox/temporal';
import { ensurePython, ensureTemporalCli } from '../sandbox/tools';
import { loadConfig } from '../workers/config/load';
import type { Config } from '../workers/config/schema';
import { connectClient } from '../workers/temporal';
import { searchAttributes } from '../workflows/search-attributes';

/** Everybody who may vote in the approvals part. */
export const VOTERS = Array.from({ length: 50 }, (_, index) => `voter-${index}`);

export interface BenchHouse {
  folder: string;
  configFile: string;
  config: Config;
  aws: Aws;
  world: AwsWorld;
  azure: AzureHouse;
  client: Client;
  /** What the forked processes find in their environment. */
  env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/** The server (tuned as in the demo, in memory: the disk would hide what is compared), the AWS emulator with its organisation, the counterpart of Entra and Azure, and a configuration without Slack, vault and tickets. */
export async function openBenchHouse(say: (line: string) => void): Promise<BenchHouse> {
  const folder = await mkdtemp(join(tmpdir(), 'tourniquet-bench-'));
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const close of closers.reverse()) await close().catch(() => undefined);
  };
  try {
    await Promise.all([ensurePython(say), ensureTemporalCli(say)]);
    const temporal = await startTemporal({ say, searchAttributes: Object.values(searchAttributes) });
    closers.push(() => temporal.stop());
    const aws = await startAws({ say });
    closers.push(() => aws.stop());
    const world = await buildWorld(aws, { responderPolicy: awsPermissions() });
    const azure = await startAzureHouse(0);
    // As on the AWS side, nothing lags: what is measured is the work.
    Object.assign(azure.azure.sim.lags, { sessionMs: 0 });
    azure.azure.sim.tokenLifeMs = 3_600_000;
    closers.push(() => azure.azure.stop());
    const secrets = {
      TOURNIQUET_ENCRYPTION_KEY: randomBytes(32).toString('base64'), BENCH_SENDER_KEY: randomBytes(24).toString('base64url'),
      AWS_ACCESS_KEY_ID: world.responder.base.accessKeyId, AWS_SECRET_ACCESS_KEY: world.responder.base.secretAccessKey, AWS_REGION: 'us-east-1', ...azure.secrets,
    };
    Object.assign(process.env, secrets);
    const configFile = join(folder, 'tourniquet.yaml');
    await writeFile(configFile, benchConfig(temporal, aws, world, azure, join(folder, 'evidence')), { mode: 0o600 });
    const config = loadConfig(configFile);
    const client = await connectClient(config);
    closers.push(() => client.connection.close());
    return { folder, configFile, config, aws, world, azure, client, env: { ...process.env, TOURNIQUET_LOG_LEVEL: 'fatal', NODE_NO_WARNINGS: '1' }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function benchConfig(temporal: { address: string; namespace: string }, aws: Aws, world: AwsWorld, azure: AzureHouse, evidence: string): string {
  const account = (one: { account: string; name: string }) => ({
    id: one.account, name: one.name, management: one === world.management, roleArn: world.responder.roleArns[one.account], externalId: world.responder.externalId, regions: world.regions,
  });
  const approvers = { approvers: ['role:voter'], deadline: '1h' };
  return stringify({
    organisation: 'Northwind bench',
    temporal: { address: temporal.address, namespace: temporal.namespace },
    encryption: { keys: [{ id: 'bench-1', key: { env: 'TOURNIQUET_ENCRYPTION_KEY' } }] },
    evidence: { kind: 'folder', path: evidence },
    intake: { senders: [{ id: 'bench', key: { env: 'BENCH_SENDER_KEY' } }] },
    people: ['ada', ...VOTERS].map((id) => ({ id, name: id, email: `${id}@example.com`, roles: ['voter'] })),
    approvals: { approve: approvers, dual: approvers, 'break-glass': approvers },
    contacts: {},
    aws: {
      endpoint: aws.endpoint, accounts: [account(world.production), account(world.management)], protected: [world.responder.baseArn],
      budget: { monthlyUsd: 5_000, email: 'finance@example.com' }, trailBucket: world.names.logBucket,
    },
    azure: azureSection(azure, null),
    containment: { blastRadius: 60 },
  });
}
