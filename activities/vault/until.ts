import { setTimeout as delay } from 'node:timers/promises';

export interface Patience {
  /** How long a condition may take to come true. */
  boundMs: number;
  /** First pause; doubles up to 2 s. */
  firstMs?: number;
  /** Called before each look: the activity's heartbeat. */
  onLook?: () => void;
}

/** Looks until `look` answers something other than null; throws `late()` after the bound. Cloud identity systems lag by seconds. */
export async function until<T>(patience: Patience, look: () => Promise<T | null>, late: () => Error): Promise<T> {
  const end = Date.now() + patience.boundMs;
  for (let pause = patience.firstMs ?? 100; ; pause = Math.min(pause * 2, 2000)) {
    patience.onLook?.();
    const seen = await look();
    if (seen !== null) return seen;
    if (Date.now() + pause > end) throw late();
    await delay(pause);
  }
}
