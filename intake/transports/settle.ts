import type { Handling } from '../pipeline';
import type { Metrics } from '../metrics';

/**
 * Whether a transport may take its message for done: only when Temporal has every alert that was worth one. What was not understood is done too: it is kept, counted and told,
 * and would be no better the next time.
 */
export function settled(handling: Handling): boolean {
  if (handling.kind === 'evidence-unavailable') return false;
  return handling.kind === 'undecodable' || !handling.results.some(({ status }) => status === 'failed');
}

/** Counts what became of a body that a transport brought. */
export function countHandling(metrics: Metrics, transport: string, handling: Handling): void {
  if (handling.kind === 'handled') for (const { status } of handling.results) metrics.count(transport, status);
  else metrics.count(transport, handling.kind === 'undecodable' ? 'rejected' : 'failed');
}

/** 1 s, 2 s, 4 s … at most 5 minutes. */
export const backOffSeconds = (attempt: number): number => Math.min(300, 2 ** Math.min(Math.max(attempt, 1) - 1, 9));

/** Resolves after that long, or at once when it is told to stop. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
