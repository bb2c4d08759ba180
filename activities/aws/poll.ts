import { setTimeout as sleep } from 'node:timers/promises';
import { fail } from '../boundary';

/** Reads until `done`, waiting 0.1 s at first and 2 s at most between reads. Throws NOT_IN_EFFECT when `timeoutMs` have passed. */
export async function readUntil<T>(what: string, read: () => Promise<T>, done: (value: T) => boolean, timeoutMs = 60_000): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (let wait = 100; ; wait = Math.min(wait * 2, 2_000)) {
    const value = await read();
    if (done(value)) return value;
    if (Date.now() + wait > end) throw fail('NOT_IN_EFFECT', `${what} is not there after ${Math.round(timeoutMs / 1000)} s`);
    await sleep(wait);
  }
}
