import { fork } from 'node:child_process';

export interface Request {
  id: number;
  ask: string;
  input?: unknown;
}

export type Answer = { id: number; value: unknown } | { id: number; error: string } | { event: unknown };

export interface Child {
  ask<T>(ask: string, input?: unknown): Promise<T>;
  onEvent(listener: (event: unknown) => void): () => void;
  stop(): Promise<void>;
}

/** Forks a program that answers over IPC (`answering`). Rejects every open question when it dies. */
export function startProgram(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Child {
  const child = fork(program, args, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const open = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  const listeners = new Set<(event: unknown) => void>();
  let next = 1;
  let dead = false;
  child.on('message', (message) => {
    const answer = message as Answer;
    if ('event' in answer) return listeners.forEach((listener) => listener(answer.event));
    const waiting = open.get(answer.id);
    open.delete(answer.id);
    if ('error' in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.value as never);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', (code, signal) => {
    dead = true;
    for (const waiting of open.values()) waiting.reject(new Error(`${program} ended (${signal ?? `exit ${code}`})`));
    resolve();
  }));
  return {
    ask: (ask, input) => new Promise((resolve, reject) => {
      if (dead) return reject(new Error(`${program} has ended`));
      open.set(next, { resolve, reject });
      child.send({ id: next, ask, input } satisfies Request);
      next += 1;
    }),
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: async () => {
      if (!dead) child.kill('SIGKILL');
      await ended;
    },
  };
}

/** In the forked program: answers questions by name. */
export function answering(answers: Record<string, (input: never) => unknown>): void {
  process.on('message', (message) => {
    const { id, ask, input } = message as Request;
    const answer = answers[ask];
    Promise.resolve()
      .then(() => {
        if (!answer) throw new Error(`nobody answers ${ask}`);
        return answer(input as never);
      })
      .then((value) => process.send!({ id, value: value ?? null }), (error: unknown) => process.send!({ id, error: error instanceof Error ? error.message : String(error) }));
  });
  process.on('disconnect', () => process.exit(0));
}

/** User and system time of this process since its start, in milliseconds, all threads. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
