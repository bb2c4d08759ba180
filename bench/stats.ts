/** A median with its spread; what is reported is never one lucky run. */
export interface Summary {
  n: number;
  median: number;
  /** 25th and 75th percentile. */
  q1: number;
  q3: number;
  min: number;
  max: number;
}

/** Throws on an empty list: a benchmark without runs has no number. */
export function summarise(values: readonly number[]): Summary {
  if (values.length === 0) throw new Error('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  return { n: sorted.length, median: quantile(sorted, 0.5), q1: quantile(sorted, 0.25), q3: quantile(sorted, 0.75), min: sorted[0]!, max: sorted[sorted.length - 1]! };
}

/** Linear interpolation between the closest ranks. */
function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  return sorted[low]! + (sorted[Math.min(low + 1, sorted.length - 1)]! - sorted[low]!) * (at - low);
}

/** a/b round by round: what the machine did in one round is in both. */
export function ratios(a: readonly number[], b: readonly number[]): Summary {
  return summarise(a.map((value, index) => value / b[index]!));
}

/** The order of a round: each arm is first, second, … equally often. */
export function rotated<T>(arms: readonly T[], round: number): T[] {
  const by = round % arms.length;
  return [...arms.slice(by), ...arms.slice(0, by)];
}
