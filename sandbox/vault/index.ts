import { mkdtempSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ensurePython, packageRoot, waitFor, type Say } from '../tools';
import { run } from '../tools/run';
import { call, startServer } from './server';

export interface VaultOptions {
  say: Say;
  /** Raft data, audit log and, because this is a sandbox, the unseal key. A temporary folder by default. */
  dir?: string;
  port?: number;
}

export interface SandboxVault {
  address: string;
  /** The break-glass worker's AppRole. */
  roleId: string;
  /** A fresh secret id, as a deployment would deliver it. */
  newSecretId(): Promise<string>;
  /** Holds a valid secret id; renewed while the sandbox runs. */
  secretIdFile: string;
  auditLog: string;
  /** Puts the first version of an emergency credential in, as a custodian would; all values strings. Leaves one that exists alone. */
  putCredential(name: string, secret: Readonly<Record<string, string>>): Promise<void>;
  /** A credential that only people use; as a custodian puts a version in: the first, or the next one after a change. */
  putPersonal(name: string, secret: Readonly<Record<string, string>>): Promise<void>;
  /** What the observer policy shows: never a secret. */
  inspect(name: string): Promise<{ lock: Record<string, unknown> | null; currentVersion: number; liveVersions: number[]; pendingLive: number[] }>;
  /** For tests that need another policy: a token with exactly these. */
  tokenFor(policies: string[]): Promise<string>;
  /** In memory here; a production root token is revoked after set-up. */
  rootToken: string;
  seal(): Promise<void>;
  unseal(): Promise<void>;
  stop(): Promise<void>;
}

interface Keys { unsealKey: string; rootToken: string }

const SECRET_ID_RENEWAL_MS = 6 * 3600_000;

/** A real OpenBao on loopback, initialised, unsealed, and set up by `deploy/openbao/apply.sh` exactly as in production. Throws MissingTool, PortTaken, or an Error with the server's last lines. */
export async function startVault({ say, dir, port }: VaultOptions): Promise<SandboxVault> {
  const { bao } = await ensurePython(say);
  const home = dir ?? mkdtempSync(join(tmpdir(), 'tourniquet-vault-'));
  await mkdir(home, { recursive: true, mode: 0o700 });
  const { server, address } = await startServer(bao, home, port);
  try {
    const keys = await initialise(address, join(home, 'sandbox-keys.json'));
    const admin = (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => call(address, keys.rootToken, method, path, body);
    const unseal = async (): Promise<void> => {
      await call(address, null, 'POST', 'sys/unseal', { key: keys.unsealKey });
      await active(address);
    };
    await unseal();
    await apply(bao, address, keys.rootToken);
    const newSecretId = async (): Promise<string> => field(await admin('POST', 'auth/approle/role/break-glass-worker/secret-id', {}), 'secret_id');
    const secretIdFile = join(home, 'secret-id');
    const deliver = async (): Promise<void> => writeFile(secretIdFile, await newSecretId(), { mode: 0o600 });
    await deliver();
    // A sandbox may run through a 72 h watch, longer than a secret id lives; a sealed vault is tried again next time.
    const renewal = setInterval(() => { deliver().catch(() => undefined); }, SECRET_ID_RENEWAL_MS).unref();
    say(`Vault: ${address}`);
    return {
      address,
      roleId: field(await admin('GET', 'auth/approle/role/break-glass-worker/role-id'), 'role_id'),
      newSecretId,
      secretIdFile,
      auditLog: join(home, 'audit.log'),
      rootToken: keys.rootToken,
      putCredential: async (name, secret) => {
        if ((await versions(address, keys.rootToken, `credentials/${name}`)).current > 0) return;
        await admin('POST', `break-glass/data/credentials/${name}`, { options: { cas: 0 }, data: secret });
      },
      putPersonal: async (name, secret) => {
        const token = await tokenFor(admin, ['break-glass-custodian']);
        const { current } = await versions(address, token, `people/${name}`);
        await call(address, token, 'POST', `break-glass/data/people/${name}`, { options: { cas: current }, data: secret });
      },
      inspect: async (name) => {
        const token = await tokenFor(admin, ['break-glass-observer']);
        const credential = await versions(address, token, name.startsWith('people.') ? `people/${name.slice('people.'.length)}` : `credentials/${name}`);
        const lock = await optional(call(address, token, 'GET', `break-glass/data/locks/${name}`));
        return {
          lock: lock ? ((lock.data as { data: Record<string, unknown> }).data) : null,
          currentVersion: credential.current,
          liveVersions: credential.live,
          pendingLive: (await versions(address, token, `pending/${name}`)).live,
        };
      },
      tokenFor: (policies) => tokenFor(admin, policies),
      seal: async () => { await admin('POST', 'sys/seal'); },
      unseal,
      stop: async () => { clearInterval(renewal); await server.stop(); },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function initialise(address: string, file: string): Promise<Keys> {
  const { initialized } = await call(address, null, 'GET', 'sys/init');
  if (initialized) return JSON.parse(await readFile(file, 'utf8')) as Keys;
  // One share: nobody has to gather for a sandbox. Production splits the key, see deploy/openbao.
  const made = await call(address, null, 'POST', 'sys/init', { secret_shares: 1, secret_threshold: 1 });
  const keys: Keys = { unsealKey: (made.keys_base64 as string[])[0] ?? '', rootToken: String(made.root_token) };
  await writeFile(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}

function active(address: string): Promise<true> {
  return waitFor(async () => ((await fetch(`${address}/v1/sys/health`)).status === 200 ? true : null), 30_000, () => new Error('the vault did not become active within 30 s after unsealing'));
}

async function apply(bao: string, address: string, token: string): Promise<void> {
  const script = join(packageRoot(), 'deploy', 'openbao', 'apply.sh');
  const env = { ...process.env, PATH: `${dirname(bao)}${delimiter}${process.env.PATH ?? ''}`, BAO_ADDR: address, BAO_TOKEN: token, WORKER_CIDRS: '127.0.0.1/32' };
  const ran = await run('/bin/sh', [script], { env, timeoutMs: 120_000 });
  if (ran.code !== 0) throw new Error(`deploy/openbao/apply.sh failed:\n${ran.output}`);
}

async function tokenFor(admin: (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>, policies: string[]): Promise<string> {
  const made = await admin('POST', 'auth/token/create', { policies, no_default_policy: true, no_parent: true, ttl: '10m' });
  return String((made.auth as { client_token: string }).client_token);
}

async function versions(address: string, token: string, path: string): Promise<{ current: number; live: number[] }> {
  const answer = await optional(call(address, token, 'GET', `break-glass/metadata/${path}`));
  if (!answer) return { current: 0, live: [] };
  const data = answer.data as { current_version: number; versions: Record<string, { destroyed: boolean; deletion_time: string }> };
  return { current: data.current_version, live: Object.entries(data.versions).filter(([, version]) => !version.destroyed).map(([number]) => Number(number)) };
}

/** Null for what does not exist. */
function optional(answer: Promise<Record<string, unknown>>): Promise<Record<string, unknown> | null> {
  return answer.catch((error: Error) => { if (error.message.includes('answered 404')) return null; throw error; });
}

function field(answer: Record<string, unknown>, name: string): string {
  return String((answer.data as Record<string, unknown>)[name]);
}
