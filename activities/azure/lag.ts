import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, toFailure } from '../boundary';
import { classifyAzure } from './errors';

/** Entra and Resource Manager answer from replicas: one that has not heard of a thing yet says 404 (Entra: “Designing for eventual consistency”; ARM: “ResourceNotFound”, replication delay). */
const WAITS_MS = [1_000, 4_000] as const;

/** Does what can be done twice; a 404 counts only when it stays one. What was planned was there a moment ago: “gone” must not be said of it on one replica’s word. */
export async function despiteLag<T>(work: () => Promise<T>, waits: readonly number[] = WAITS_MS): Promise<T> {
  for (const wait of waits) {
    try {
      return await work();
    } catch (error) {
      if (codeOf(toFailure(error, classifyAzure)) !== 'NOT_FOUND') throw error;
    }
    await delay(wait);
  }
  return work();
}

/** The same for a read that answers null. */
export async function seenDespiteLag<T>(read: () => Promise<T | null>): Promise<T | null> {
  const seen = await read();
  if (seen !== null) return seen;
  await delay(WAITS_MS[0]);
  return read();
}
