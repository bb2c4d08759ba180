import { setTimeout as wait } from 'node:timers/promises';

/** Gives turns so that no more than `perWindow` start within any `windowMs`, per key. */
export interface Limiter {
  turn(key: string): Promise<void>;
}

/** `now` and `sleep` are for tests. First come, first served. */
export function createLimiter(perWindow: number, windowMs: number, clock: { now(): number; sleep(ms: number): Promise<unknown> } = { now: () => performance.now(), sleep: wait }): Limiter {
  const queues = new Map<string, Promise<void>>();
  const given = new Map<string, number[]>();
  return {
    turn(key) {
      const mine = (queues.get(key) ?? Promise.resolve()).then(async () => {
        const last = given.get(key) ?? [];
        const earliest = last.length < perWindow ? 0 : last[last.length - perWindow]! + windowMs;
        const pause = earliest - clock.now();
        if (pause > 0) await clock.sleep(Math.ceil(pause));
        given.set(key, [...last, clock.now()].slice(-perWindow));
      });
      queues.set(key, mine);
      return mine;
    },
  };
}

/** CloudTrail allows 2 LookupEvents a second per account and region (CloudTrail API Reference: LookupEvents). One for the whole process; a margin for the clock. */
export const lookupLimiter: Limiter = createLimiter(2, 1_050);
