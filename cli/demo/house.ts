import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { awsJitPermissions, awsPermissions } from '../../activities/aws';
import type { EvidenceStore } from '../../activities/evidence';
import type { AwsWorld, Aws } from '../../sandbox/aws';
import { buildWorld, startAws } from '../../sandbox/aws';
import { startSlack, type SandboxSlack } from '../../sandbox/slack';
import { startTicketSimulator, type TicketSimulator } from '../../sandbox/tickets';
import { startTemporal, type RunningTemporal } from '../../sandbox/temporal';
import { ensurePython, ensureTemporalCli, freePort, packageRoot, type Say } from '../../sandbox/tools';
import { startVault, type SandboxVault } from '../../sandbox/vault';
import { loadConfig } from '../../workers/config/load';
import type { Config } from '../../workers/config/schema';
import { evidenceStore } from '../../workers/evidence';
import { rolesFor } from '../../workers/roles';
import { environmentOf } from '../../workers/roles/environment';
import { startSupervisor, type Supervisor } from '../../workers/supervisor';
import { connectClient } from '../../workers/temporal';
import { searchAttributes } from '../../workflows/search-attributes';
import { lendEmergency, startAzureHouse, type AzureHouse } from './azure/house';
import { keyFile } from './command';
import { demoConfig, type DemoTimes } from './config';
import { DemoPasskeys } from './passkeys';
import { demoPeople, type DemoPerson } from './people';

export interface House {
  folder: string;
  configFile: string;
  config: Config;
  temporal: RunningTemporal;
  aws: Aws;
  world: AwsWorld;
  /** Entra and Azure, when the scenario is there. */
  azure: AzureHouse | null;
  vault: SandboxVault;
  slack: SandboxSlack;
  tickets: TicketSimulator;
  client: Client;
  evidence: EvidenceStore;
  supervisor: Supervisor;
  intake: string;
  console: string;
  /** What the sandbox’s processes find in their environment. */
  secrets: Record<string, string>;
  people: readonly DemoPerson[];
  passkeys: DemoPasskeys;
  stop(): Promise<void>;
}

export interface HouseOptions {
  folder: string;
  say: Say;
  times: DemoTimes;
  /** How long IAM changes take to have effect in the sandbox. */
  lagMs: number;
  azure?: boolean;
  /** Stops what was started so far when something later fails. */
  ports?: { ui?: number; console?: number; slack?: number };
}

const EMERGENCY = 'aws-production-emergency';

/** Starts everything on this machine: the embedded counterparts, then every role as its own process. */
export async function openHouse(options: HouseOptions): Promise<House> {
  const { folder, say } = options;
  const closers: (() => Promise<unknown>)[] = [];
  const started = async <T>(part: Promise<T>, close: (part: T) => Promise<unknown>): Promise<T> => {
    const value = await part;
    closers.push(() => close(value));
    return value;
  };
  const stop = async (): Promise<void> => {
    for (const close of closers.reverse()) await close().catch(() => undefined);
  };
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await Promise.all([ensurePython(say), ensureTemporalCli(say)]);
    const people = demoPeople();
    for (const { id, key } of people) await writeFile(keyFile(folder, id), key, { mode: 0o600 });
    const consoleToken = randomBytes(24).toString('base64url');
    const consolePort = await freePort(options.ports?.console, 'the console');
    const [aws, vault, slack, tickets, temporal] = await Promise.all([
      started(startAws({ say, lagMs: options.lagMs }), (part) => part.stop()),
      started(startVault({ say, dir: join(folder, 'vault') }), (part) => part.stop()),
      started(startSlack({ people, port: options.ports?.slack }), (part) => part.stop()),
      started(startTicketSimulator(), (part) => part.close()),
      started(startTemporal({ say, dbFile: join(folder, 'temporal.sqlite'), uiPort: options.ports?.ui, codecEndpoint: `http://127.0.0.1:${consolePort}/codec/${consoleToken}`, searchAttributes: Object.values(searchAttributes) }), (part) => part.stop()),
    ]);
    const azure = options.azure ? await started(startAzureHouse(options.lagMs), (part) => part.azure.stop()) : null;
    if (azure) await lendEmergency(azure, vault);
    say('AWS: building an organisation with two accounts');
    const world = await buildWorld(aws, { responderPolicy: { Version: '2012-10-17', Statement: [...awsPermissions().Statement, ...awsJitPermissions().Statement.map((one) => ({ ...one, Sid: `Jit${one.Sid}` }))] } });
    await vault.putCredential(EMERGENCY, { keyId: world.breakGlass.keys.accessKeyId, secret: world.breakGlass.keys.secretAccessKey, owner: world.breakGlass.name });

    const secrets: Record<string, string> = {
      TOURNIQUET_ENCRYPTION_KEY: randomBytes(32).toString('base64'), TOURNIQUET_PASSKEY_KEY: randomBytes(32).toString('base64'), EVENTBRIDGE_SENDER_KEY: randomBytes(24).toString('base64url'), CONSOLE_TOKEN: consoleToken,
      SLACK_BOT_TOKEN: slack.botToken, SLACK_SIGNING_SECRET: slack.signingSecret, SERVICENOW_PASSWORD: tickets.password, VAULT_ROLE_ID: vault.roleId,
      AWS_ACCESS_KEY_ID: world.responder.base.accessKeyId, AWS_SECRET_ACCESS_KEY: world.responder.base.secretAccessKey, ...azure?.secrets,
    };
    const ports = { intake: await freePort(undefined, 'intake'), slack: await freePort(undefined, 'the Slack edge'), console: consolePort };
    const configFile = join(folder, 'tourniquet.yaml');
    const evidencePath = join(folder, 'evidence');
    await writeFile(configFile, demoConfig({ temporal, awsEndpoint: aws.endpoint, vault: { address: vault.address, secretIdFile: vault.secretIdFile }, slackApi: slack.apiUrl, tickets: { url: tickets.url, user: tickets.user }, evidence: evidencePath, ports, world, emergency: EMERGENCY, people, azure, times: options.times }), { mode: 0o600 });
    for (const [name, value] of Object.entries(secrets)) process.env[name] ??= value;
    const config = loadConfig(configFile);
    const client = await started(connectClient(config), (part) => part.connection.close());
    say('Tourniquet: starting its roles, each its own process with its own credentials');
    const supervisor = await started(
      startSupervisor({ program: join(packageRoot(), 'dist', 'cli', 'main.js'), config: configFile, roles: rolesFor(config), env: (role) => environmentOf(role, config, { ...process.env, ...secrets, AWS_REGION: 'us-east-1' }), say, logFile: join(folder, 'roles.log') }),
      (part) => part.stop(),
    );
    slack.connectApp(`http://127.0.0.1:${ports.slack}/slack/events`);
    return {
      folder, configFile, config, temporal, aws, world, azure, vault, slack, tickets, client, evidence: evidenceStore(config), supervisor,
      intake: `http://127.0.0.1:${ports.intake}`, console: config.console!.url!, secrets, people, passkeys: new DemoPasskeys(config), stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
