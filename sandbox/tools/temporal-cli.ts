import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { withLock } from './lock';
import { MissingTool } from './missing-tool';
import { cacheDir } from './paths';
import { exists, type Say } from './python';
import { reason, run } from './run';

/** Built from the Go module proxy where the download is not reachable; brings Server 1.29.1 with its UI. */
const GO_MODULE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';
const DOWNLOAD_HOST = 'temporal.download';

/**
 * The `temporal` program: the one on PATH, else the cached one, else the SDK's own download, else built with Go (about 4 minutes, once).
 * Safe to call from several processes. Throws MissingTool with one line that says what to do.
 */
export async function ensureTemporalCli(say: Say, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  if (await works('temporal', env)) return 'temporal';
  const cached = join(cacheDir(env), 'bin', 'temporal');
  if (await exists(cached)) return cached;
  await withLock(`${cached}.lock`, () => say('Temporal: another process is installing it, waiting'), async () => {
    if (await exists(cached)) return;
    // In a folder of its own and renamed at the end: a half-written program is never found in the cache.
    await mkdir(cacheDir(env), { recursive: true });
    const scratch = await mkdtemp(join(cacheDir(env), 'temporal-'));
    try {
      const program = (await download(scratch, say, env)) ?? (await build(scratch, say, env));
      await chmod(program, 0o755);
      await rename(program, cached);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
  return cached;
}

async function works(program: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const ran = await run(program, ['--version'], { env, timeoutMs: 10_000 });
  return ran.code === 0 && /\b1\.\d+\.\d+/.test(ran.output);
}

async function download(scratch: string, say: Say, env: NodeJS.ProcessEnv): Promise<string | null> {
  // A proxy may reach what this machine cannot, so it is only asked directly without one.
  const proxied = Boolean(env.HTTPS_PROXY || env.https_proxy || env.ALL_PROXY || env.all_proxy);
  if (!proxied && !(await reaches(DOWNLOAD_HOST, 443, 4000))) return null;
  const sdk = sdkPath();
  if (!sdk) return null;
  say('Temporal: downloading the dev server (about 60 MB, once)');
  // In a process of its own: the SDK's native runtime can be installed only once in a process, and that is the worker's to do.
  const script = `require(process.argv[1]).TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'cached-download', downloadDir: process.argv[2], ttl: '3650d' } } }).then((server) => server.teardown())`;
  const ran = await run(process.execPath, ['-e', script, sdk, scratch], { env, timeoutMs: 300_000 });
  const program = (await readdir(scratch)).find((name) => /^temporal-cli/.test(name) && !name.endsWith('.downloading'));
  if (program) return join(scratch, program);
  say(`Temporal: the download did not work (${reason(ran.output)})`);
  return null;
}

function sdkPath(): string | null {
  try {
    return require.resolve('@temporalio/testing');
  } catch {
    return null; // a production install: development dependencies are left out
  }
}

async function build(scratch: string, say: Say, env: NodeJS.ProcessEnv): Promise<string> {
  const hint = 'install the Temporal CLI (temporal on PATH), or Go 1.24 or newer, or allow access to temporal.download, and run this again';
  if ((await run('go', ['version'], { env })).code !== 0) throw new MissingTool('temporal', `Temporal was not found, cannot be downloaded from here, and there is no Go to build it: ${hint}`);
  say('Temporal: building the dev server with Go (about 4 minutes, once)');
  const started = Date.now();
  const ran = await run('go', ['install', GO_MODULE], { env: { ...env, GOBIN: scratch } });
  if (ran.code !== 0) throw new MissingTool('temporal', `go install ${GO_MODULE} failed (${reason(ran.output)}): ${hint}`);
  say(`Temporal: ready (${Math.round((Date.now() - started) / 1000)} s)`);
  return join(scratch, 'temporal');
}

function reaches(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (reached: boolean): void => { socket.destroy(); resolve(reached); };
    socket.on('connect', () => end(true)).on('timeout', () => end(false)).on('error', () => end(false));
    // A hanging name look-up is not covered by the socket's own timeout.
    setTimeout(() => end(false), timeoutMs).unref();
  });
}
