import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, closeSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Ends with its parent, however the parent ends: the shell waits for its standard input, which the kernel closes even after SIGKILL.
 * `exec 3<&0` because a shell gives background commands an empty standard input.
 */
const WRAPPER = 'exec 3<&0; "$@" 3<&- & p=$!; ( read -r _ <&3; kill -TERM $p 2>/dev/null ) & w=$!; trap "kill -TERM $p 2>/dev/null" TERM; wait $p; s=$?; [ $s -gt 128 ] && { wait $p; s=$?; }; kill $w 2>/dev/null; exit $s';

export interface Child {
  /** Resolves with the exit code when it has ended. */
  ended: Promise<number>;
  running(): boolean;
  /** The last lines it wrote. */
  tail(): string;
  /** Asks it to end, and ends it after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

/** Starts a long-running program that dies with this process; its output goes to `log`. In its own process group, so that Ctrl-C reaches us first. */
export function startChild(command: string, args: readonly string[], options: { log: string; env?: NodeJS.ProcessEnv; cwd?: string }): Child {
  mkdirSync(dirname(options.log), { recursive: true });
  const log = openSync(options.log, 'w');
  const child: ChildProcess = spawn('/bin/sh', ['-c', WRAPPER, 'sh', command, ...args], { stdio: ['pipe', log, log], detached: true, env: options.env ?? process.env, cwd: options.cwd });
  closeSync(log);
  let running = true;
  const ended = new Promise<number>((resolve) => {
    child.on('error', () => { running = false; resolve(127); });
    child.on('exit', (code) => { running = false; child.stdin?.destroy(); resolve(code ?? 1); });
  });
  child.stdin?.on('error', () => undefined);
  // The parent's event loop must not be kept alive by a server that it forgot to stop.
  child.unref();
  (child.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return {
    ended,
    running: () => running,
    tail: () => readFileSync(options.log, 'utf8').split('\n').slice(-15).join('\n'),
    stop: async (graceMs = 5000) => {
      if (!running || child.pid === undefined) return;
      const group = -child.pid;
      signal(group, 'SIGTERM');
      const timer = setTimeout(() => signal(group, 'SIGKILL'), graceMs);
      child.ref();
      await ended;
      clearTimeout(timer);
    },
  };
}

function signal(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(group, name);
  } catch {
    // it has ended by itself
  }
}
