import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensurePython, ensureTemporalCli, freePort, MissingTool, startChild, waitFor } from '../../sandbox/tools';
import { withLock } from '../../sandbox/tools/lock';

const lines: string[] = [];
const say = (line: string): void => { lines.push(line); };
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tourniquet-tools-'));
  lines.length = 0;
});

/** A machine with nothing on it but these programs (shell scripts) and an empty cache; the proxy makes every download fail at once. */
function machine(programs: Record<string, string>): NodeJS.ProcessEnv {
  const bin = join(home, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  for (const tool of ['mkdir', 'cat', 'chmod', 'sleep']) symlinkSync(`/bin/${tool}`, join(bin, tool));
  return { PATH: bin, HOME: home, XDG_CACHE_HOME: join(home, 'cache'), HTTPS_PROXY: 'http://127.0.0.1:9' };
}

async function line(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(MissingTool);
  const { message } = error as MissingTool;
  expect(message).not.toContain('\n');
  return message;
}

const PYTHON = 'case "$*" in *version_info*) echo 3.11;; *ensurepip*) exit 0;; "-m venv "*) mkdir -p "$3/bin"; printf "#!/bin/sh\\necho ERROR: No matching distribution found for moto >&2; exit 1\\n" > "$3/bin/python"; chmod 755 "$3/bin/python";; esac';

describe('what is missing is one line that says what to do', () => {
  test('no Python', async () => {
    expect(await line(ensurePython(say, machine({})))).toMatch(/^Python 3\.10 or newer .* install python3 and python3-venv, and run this again$/);
  });
  test('an old Python', async () => {
    expect(await line(ensurePython(say, machine({ python3: 'echo 3.9' })))).toMatch(/python3 is 3\.9: install a newer one/);
  });
  test('no venv module', async () => {
    expect(await line(ensurePython(say, machine({ python3: PYTHON.replace('exit 0', 'exit 1') })))).toMatch(/venv module is missing.*apt-get install python3-venv/);
  });
  test('packages out of reach; and the next run tries again', async () => {
    const env = machine({ python3: PYTHON });
    for (let tries = 0; tries < 2; tries += 1) {
      expect(await line(ensurePython(say, env))).toMatch(/No matching distribution found for moto\): check the network, or set PIP_INDEX_URL/);
    }
    expect(lines).toHaveLength(2);
  });
  test('no Temporal, no download, no Go; quickly', async () => {
    const started = Date.now();
    expect(await line(ensureTemporalCli(say, machine({})))).toMatch(/there is no Go to build it: install the Temporal CLI .*, or Go/);
    expect(Date.now() - started).toBeLessThan(15_000);
  });
  test('Go that cannot build it', async () => {
    expect(await line(ensureTemporalCli(say, machine({ go: '[ "$1" = version ] && exit 0; echo "go: error: module not reachable" >&2; exit 1' })))).toMatch(/^go install .*v1\.\d+\.\d+ failed \(go: error: module not reachable\): /);
  });
  test('a taken port', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)));
    await expect(freePort(port, 'Temporal')).rejects.toThrow(`port ${port} is taken: stop what listens there, or give Temporal another port`);
    other.close();
    // Outgoing connections are given higher ones: theirs may be gone before it is listened on.
    const chosen = await freePort(undefined, 'x');
    expect(chosen >= 20_000 && chosen < 30_000).toBe(true);
  });
});

describe('Temporal', () => {
  test('on PATH is used as it is', async () => {
    expect(await ensureTemporalCli(say, machine({ temporal: 'echo temporal version 1.5.1' }))).toBe('temporal');
    expect(lines).toEqual([]);
  });
  test('an ancient one on PATH is not', async () => {
    await line(ensureTemporalCli(say, machine({ temporal: 'echo temporal version 0.13.2' })));
  });
  test('is built once, however many ask', async () => {
    const env = machine({ go: `[ "$1" = version ] && exit 0; echo built >> ${home}/builds; sleep 0.3; echo program > "$GOBIN/temporal"` });
    const paths = await Promise.all(Array.from({ length: 4 }, () => ensureTemporalCli(say, env)));
    expect(new Set(paths)).toEqual(new Set([join(home, 'cache', 'tourniquet', 'bin', 'temporal')]));
    expect(readFileSync(join(home, 'builds'), 'utf8')).toBe('built\n');
    expect(readFileSync(paths[0] ?? '', 'utf8')).toBe('program\n');
    lines.length = 0;
    await ensureTemporalCli(say, machineAgain());
    expect(lines).toEqual([]);
  });
  function machineAgain(): NodeJS.ProcessEnv {
    return { PATH: '/nowhere', HOME: home, XDG_CACHE_HOME: join(home, 'cache') };
  }
});

describe('the lock', () => {
  test('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    await Promise.all(Array.from({ length: 6 }, () => withLock(join(home, 'l'), () => undefined, async () => {
      most = Math.max(most, (inside += 1));
      await delay(5);
      inside -= 1;
    })));
    expect(most).toBe(1);
  });
  test('of a process that died is taken over, one of a living process is not', async () => {
    const dead = spawn('/bin/true');
    await new Promise((resolve) => dead.on('exit', resolve));
    writeFileSync(join(home, 'l'), String(dead.pid));
    expect(await withLock(join(home, 'l'), () => undefined, async () => 'in')).toBe('in');
    writeFileSync(join(home, 'l'), '1');
    let waited = false;
    const late = withLock(join(home, 'l'), () => { waited = true; }, async () => 'in');
    await waitFor(async () => (waited ? true : null), 2000, () => new Error('never waited'));
    writeFileSync(join(home, 'l'), String(dead.pid));
    expect(await late).toBe('in');
  });
  test('is given back when the work fails', async () => {
    await expect(withLock(join(home, 'l'), () => undefined, async () => { throw new Error('no'); })).rejects.toThrow('no');
    expect(await withLock(join(home, 'l'), () => undefined, async () => 'in')).toBe('in');
  });
});

describe('a child process', () => {
  const alive = (pid: number): boolean => { try { process.kill(pid, 0); return true; } catch { return false; } };
  const writesPid = ['-c', 'echo $$; exec sleep 600'];
  const pidIn = (log: string): Promise<number> => waitFor(async () => Number(readFileSync(log, 'utf8').trim()) || null, 5000, () => new Error('no pid'));

  test('is stopped, and its end is known', async () => {
    const child = startChild('/bin/sh', writesPid, { log: join(home, 'log') });
    const pid = await pidIn(join(home, 'log'));
    await child.stop();
    expect(child.running()).toBe(false);
    expect(alive(pid)).toBe(false);
    await child.stop();
  });
  test('that ignores SIGTERM is ended all the same', async () => {
    const child = startChild('/bin/sh', ['-c', 'trap "" TERM; echo $$; while :; do sleep 1; done'], { log: join(home, 'log') });
    const pid = await pidIn(join(home, 'log'));
    await child.stop(200);
    await waitFor(async () => (alive(pid) ? null : true), 2000, () => new Error('still there'));
  });
  test('that ends by itself says with which code, and what it wrote', async () => {
    const child = startChild('/bin/sh', ['-c', 'echo last words; exit 3'], { log: join(home, 'log') });
    expect(await child.ended).toBe(3);
    expect(child.tail()).toContain('last words');
    expect(await startChild('/no/such/program', [], { log: join(home, 'log2') }).ended).toBe(127);
  });
  test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('dies with its parent by %s', async (signal) => {
    const log = join(home, 'log');
    const swc = JSON.stringify(require.resolve('@swc/core'));
    const script = `require.extensions['.ts'] = (m, f) => m._compile(require(${swc}).transformFileSync(f, { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }).code, f);
      require(${JSON.stringify(require.resolve('../../sandbox/tools/child.ts'))}).startChild('/bin/sh', ${JSON.stringify(writesPid)}, { log: ${JSON.stringify(log)} }); setInterval(() => 0, 1000);`;
    const parent = spawn(process.execPath, ['-e', script], { stdio: 'inherit' });
    await waitFor(async () => { try { return readFileSync(log).length || null; } catch { return null; } }, 10_000, () => new Error('no child'));
    const pid = await pidIn(log);
    expect(alive(pid)).toBe(true);
    parent.kill(signal);
    await waitFor(async () => (alive(pid) ? null : true), 5000, () => new Error('the child outlived its parent'));
  });
});
