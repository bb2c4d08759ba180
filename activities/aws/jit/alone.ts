const last = new Map<string, Promise<unknown>>();

/** Runs one piece of work at a time for each key, in this process, in the order they came. */
export function alone<T>(key: string, work: () => Promise<T>): Promise<T> {
  const mine = (last.get(key) ?? Promise.resolve()).then(work, work);
  last.set(key, mine);
  void mine.catch(() => undefined).finally(() => {
    if (last.get(key) === mine) last.delete(key);
  });
  return mine;
}
