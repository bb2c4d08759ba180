/** Requests a second and burst, per account and region. */
export interface Rate { perSecond: number; burst: number }

/** By service (`iam`) or operation (`cloudtrail.LookupEvents`); what is not listed is not limited. */
export type Throttle = Record<string, Rate>;

/** LookupEvents is limited to two a second per account and region (CloudTrail API reference, LookupEvents). */
export const defaultThrottle: Throttle = { 'cloudtrail.LookupEvents': { perSecond: 2, burst: 2 } };

/** Token buckets, filled by the clock. */
export class Throttler {
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  rates: Throttle;

  constructor(private readonly now: () => number, rates: Throttle) {
    this.rates = rates;
  }

  /** Takes a token from every bucket that the call falls in; false when one is empty. */
  take(service: string, operation: string, account: string, region: string): boolean {
    const names = [service, `${service}.${operation}`].filter((name) => Object.hasOwn(this.rates, name));
    const buckets = names.map((name) => this.#bucket(`${name}/${account}/${region}`, this.rates[name]!));
    if (buckets.some((bucket) => bucket.tokens < 1)) return false;
    for (const bucket of buckets) bucket.tokens -= 1;
    return true;
  }

  #bucket(key: string, rate: Rate): { tokens: number; at: number } {
    const now = this.now();
    const bucket = this.#buckets.get(key) ?? { tokens: rate.burst, at: now };
    bucket.tokens = Math.min(rate.burst, bucket.tokens + ((now - bucket.at) / 1000) * rate.perSecond);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
