import { fork, type ChildProcess } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import type { RoleName } from './roles';

export interface SupervisorOptions {
  /** Compiled `cli/main.js`. */
  program: string;
  config: string;
  roles: readonly RoleName[];
  /** What each role finds in its environment, beside the common part. */
  env(role: RoleName): NodeJS.ProcessEnv;
  say(line: string): void;
  /** Where the roles' logs go; stderr when null. */
  logFile: string | null;
}

export interface Supervisor {
  /** Kills one role without warning; it is started again. For tests of durability. */
  kill(role: RoleName): number | undefined;
  stop(): Promise<void>;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Runs each role as its own process, with only its own credentials, and starts one that dies again. Resolves when all are ready. */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const running = new Map<RoleName, ChildProcess>();
  const logs: WriteStream | null = options.logFile ? createWriteStream(options.logFile, { flags: 'a', mode: 0o600 }) : null;
  let stopping = false;

  const start = (role: RoleName, pause: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(options.program, ['--config', options.config, 'worker', role], { env: options.env(role), stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
      let tail = '';
      let ready = false;
      running.set(role, child);
      child.stderr?.on('data', (chunk: Buffer) => {
        tail = (tail + chunk.toString('utf8')).slice(-2_000);
        (logs ?? process.stderr).write(chunk);
      });
      child.on('message', () => {
        ready = true;
        resolve();
      });
      child.on('exit', (code, signal) => {
        if (stopping) return;
        if (!ready && pause === FIRST_PAUSE_MS) return reject(new Error(`the ${role} role did not start (${signal ?? `exit ${code}`}):\n${tail.trim()}`));
        options.say(`${role} ended (${signal ?? `exit ${code}`}); started again in ${pause} ms`);
        setTimeout(() => void start(role, ready ? FIRST_PAUSE_MS + 1 : Math.min(pause * 2, LONGEST_PAUSE_MS)).then(() => options.say(`${role} is back`), () => undefined), pause);
      });
    });

  const stop = async (): Promise<void> => {
    stopping = true;
    await Promise.all([...running.values()].map((child) => ended(child)));
    logs?.end();
  };
  try {
    await Promise.all(options.roles.map((role) => start(role, FIRST_PAUSE_MS)));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    kill: (role) => {
      const child = running.get(role);
      child?.kill('SIGKILL');
      return child?.pid;
    },
    stop,
  };
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
