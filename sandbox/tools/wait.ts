import { setTimeout as delay } from 'node:timers/promises';

/** Asks `condition` until it answers something other than null, or throws `late()` after `timeoutMs`. Errors of `condition` pass through. */
export async function waitFor<T>(condition: () => Promise<T | null>, timeoutMs: number, late: () => Error): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await condition();
    if (answer !== null) return answer;
    if (Date.now() > end) throw late();
    await delay(50);
  }
}
