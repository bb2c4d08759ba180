const units: [string, number][] = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1_000]];

/** `2 min 5 s`: the two largest units; below ten seconds with a tenth. */
export function duration(ms: number): string {
  if (ms < 10_000) return `${(Math.round(ms / 100) / 10).toString()} s`;
  const start = units.findIndex(([, size]) => ms >= size);
  const [large, small] = [units[start]!, units[start + 1]];
  const count = small ? Math.floor(ms / large[1]) : Math.round(ms / large[1]);
  const rest = small ? Math.floor((ms % large[1]) / small[1]) : 0;
  return `${count} ${large[0]}${rest > 0 ? ` ${rest} ${small![0]}` : ''}`;
}

/** `2026-03-01 10:00:05 UTC`; what is no time is shown as it is. */
export function clockTime(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
