interface Waiting<T> {
  item: T;
  done(): void;
  failed(error: unknown): void;
}

/**
 * While one batch to a key is under way, what else comes for it gathers and goes with the next: a storm costs few calls. Each promise resolves only when
 * its item was sent, and is rejected with what `send` threw.
 */
export function inBatches<T>(most: number, send: (key: string, batch: T[]) => Promise<void>): (key: string, item: T) => Promise<void> {
  const queued = new Map<string, Waiting<T>[]>();
  const busy = new Set<string>();
  const take = (key: string): Waiting<T>[] => {
    const batch = queued.get(key)?.splice(0, most) ?? [];
    if (queued.get(key)?.length === 0) queued.delete(key);
    return batch;
  };
  const run = async (key: string): Promise<void> => {
    busy.add(key);
    for (let batch = take(key); batch.length > 0; batch = take(key)) {
      try {
        await send(key, batch.map(({ item }) => item));
        for (const one of batch) one.done();
      } catch (error) {
        for (const one of batch) one.failed(error);
      }
    }
    busy.delete(key);
  };
  return (key, item) =>
    new Promise<void>((done, failed) => {
      const waiting = queued.get(key) ?? [];
      waiting.push({ item, done, failed });
      queued.set(key, waiting);
      if (!busy.has(key)) void run(key);
    });
}
