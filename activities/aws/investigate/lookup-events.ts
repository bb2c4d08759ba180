import { setTimeout as wait } from 'node:timers/promises';
import { LookupEventsCommand, type CloudTrailClient, type LookupAttributeKey } from '@aws-sdk/client-cloudtrail';
import { codeOf, toFailure } from '../../boundary';
import { classifyAws } from '../errors';
import { lookupLimiter, type Limiter } from './limiter';
import { parseRecord, type TrailRecord } from './record';

/** CloudTrail's event history holds 90 days of management events; data events are never in it. */
export const HISTORY_MS = 90 * 24 * 3_600_000;
const PAGE = 50;
const THROTTLE_TRIES = 6;

export interface Lookup {
  account: string;
  region: string;
  /** CloudTrail takes one attribute a call. */
  attribute: { key: LookupAttributeKey; value: string };
  from: Date;
  to: Date;
  /** 50 events each, newest first. */
  maxPages: number;
}

export interface LookedUpEvents {
  records: TrailRecord[];
  /** True when older events than these were left unread. */
  truncated: boolean;
  /** Events whose record could not be parsed. */
  unreadable: number;
  pages: number;
}

export interface LookupOptions {
  limiter?: Limiter;
  sleep?(ms: number): Promise<unknown>;
}

/** Reads CloudTrail's event history, newest first. Errors: those of the table (THROTTLED after six tries, ACCESS_DENIED, …). */
export async function lookupEvents(client: Pick<CloudTrailClient, 'send'>, lookup: Lookup, options: LookupOptions = {}): Promise<LookedUpEvents> {
  const from = new Date(Math.max(lookup.from.getTime(), lookup.to.getTime() - HISTORY_MS));
  const result: LookedUpEvents = { records: [], truncated: false, unreadable: 0, pages: 0 };
  let token: string | undefined;
  do {
    const page = await unthrottled(lookup, options, () =>
      client.send(new LookupEventsCommand({
        LookupAttributes: [{ AttributeKey: lookup.attribute.key, AttributeValue: lookup.attribute.value }], StartTime: from, EndTime: lookup.to, MaxResults: PAGE, NextToken: token,
      })),
    );
    for (const event of page.Events ?? []) {
      const record = parseRecord(event.CloudTrailEvent ?? '', lookup.account);
      if (record) result.records.push(record);
      else result.unreadable += 1;
    }
    result.pages += 1;
    token = page.NextToken;
  } while (token && result.pages < lookup.maxPages);
  result.truncated = token !== undefined;
  return result;
}

/** Another process may share the account's two requests a second: a throttled page is asked for again, later each time. */
async function unthrottled<T>(lookup: Lookup, { limiter = lookupLimiter, sleep = wait }: LookupOptions, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    await limiter.turn(`${lookup.account}/${lookup.region}`);
    try {
      return await call();
    } catch (error) {
      const failure = toFailure(error, classifyAws);
      if (codeOf(failure) !== 'THROTTLED' || attempt >= THROTTLE_TRIES) throw failure;
      await sleep(Math.min(500 * 2 ** attempt, 8_000));
    }
  }
}
