import { spawn } from 'node:child_process';

export interface Ran {
  /** Null: the program does not exist. */
  code: number | null;
  output: string;
}

/** Runs a program to its end and keeps the last 64 kB of what it printed. Never throws for a failing program; killed after `timeoutMs` with code 124. */
export function run(command: string, args: readonly string[], options: { env?: NodeJS.ProcessEnv; cwd?: string; timeoutMs?: number } = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    let output = '';
    let timedOut = false;
    const child = spawn(command, args, { env: options.env ?? process.env, cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = options.timeoutMs === undefined ? null : setTimeout(() => { timedOut = true; child.kill('SIGKILL'); }, options.timeoutMs);
    const keep = (chunk: Buffer): void => { output = (output + chunk.toString('utf8')).slice(-65536); };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (timer) clearTimeout(timer);
      if (error.code === 'ENOENT' || error.code === 'EACCES') resolve({ code: null, output });
      else reject(error);
    });
    child.on('close', (code) => {
      if (timer) clearTimeout(timer);
      resolve({ code: timedOut ? 124 : code ?? 1, output });
    });
  });
}

/** The line of a program's output that says why it failed: the last one with "error" in it, else the last. */
export function reason(output: string): string {
  const lines = output.split('\n').map((line) => line.trim()).filter(Boolean);
  return (lines.filter((line) => /error/i.test(line)).at(-1) ?? lines.at(-1) ?? 'no output').slice(0, 300);
}
