export const DAY_MS = 24 * 3_600_000;
export const RECENT_DAYS = 3;
export const USUAL_DAYS = 14;
/** Stated in every finding, so that a reader can judge it. */
export const SPIKE_RULE = `a day of the last ${RECENT_DAYS} costs at least twice the median of the ${USUAL_DAYS} before and 20 USD more (in all, or of one service), or the cloud’s own anomaly detection says so`;
const FACTOR = 2;
const FLOOR_USD = 20;

export interface DayCost {
  /** `YYYY-MM-DD`. */
  day: string;
  total: number;
  services: Record<string, number>;
}

export interface Spike {
  service: string;
  day: string;
  cost: number;
  usual: number;
}

/** The spikes by the rule; `today` splits the recent days from those they are compared with. */
export function spikesIn(days: readonly DayCost[], today: string): Spike[] {
  const recentFrom = new Date(Date.parse(today) - (RECENT_DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
  const recent = days.filter((one) => one.day >= recentFrom);
  const usual = days.filter((one) => one.day < recentFrom);
  const services = [...new Set(recent.flatMap((one) => Object.keys(one.services)))];
  const of = (service: string | null): Spike[] => {
    const cost = (one: DayCost): number => (service === null ? one.total : (one.services[service] ?? 0));
    const base = median(usual.map(cost));
    return recent.filter((one) => cost(one) >= base * FACTOR && cost(one) - base >= FLOOR_USD).map((one) => ({ service: service ?? 'all services', day: one.day, cost: round(cost(one)), usual: round(base) }));
  };
  return [null, ...services].flatMap(of).sort((a, b) => b.cost - b.usual - (a.cost - a.usual));
}

function median(values: number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** To the cent. */
export const round = (value: number): number => Math.round(value * 100) / 100;
