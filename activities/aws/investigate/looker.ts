import type { LookupAttributeKey } from '@aws-sdk/client-cloudtrail';
import type { Failed } from '../../check';
import { codeOf, toFailure } from '../../boundary';
import type { AwsAccess } from '../clients';
import { classifyAws } from '../errors';
import { lookupEvents, type LookupOptions } from './lookup-events';
import type { TrailRecord } from './record';

export type { Failed } from '../../check';

export interface Question {
  account: string;
  key: LookupAttributeKey;
  value: string;
  from: Date;
  to: Date;
  maxPages: number;
  /** One region; absent = all that are configured, and the global one. */
  region?: string;
}

/** Asks CloudTrail in every region of an account, each question once; collects what failed, what was cut off, and what could not be read. */
export interface Looker {
  ask(question: Question): Promise<TrailRecord[]>;
  /** All that are configured for the account, and the global one; none, and a failure noted, for an account that is not configured. */
  regionsOf(account: string): string[];
  failed: Failed[];
  truncated: string[];
  unreadable: number;
  lookups: number;
}

export function createLooker(access: AwsAccess, options: LookupOptions = {}): Looker {
  const asked = new Map<string, Promise<TrailRecord[]>>();
  const looker: Looker = { ask, regionsOf, failed: [], truncated: [], unreadable: 0, lookups: 0 };

  function ask(question: Question): Promise<TrailRecord[]> {
    const id = JSON.stringify([question.account, question.region ?? null, question.key, question.value, question.from.getTime(), question.to.getTime()]);
    const known = asked.get(id);
    if (known) return known;
    const answer = inRegions(question);
    asked.set(id, answer);
    return answer;
  }

  async function inRegions(question: Question): Promise<TrailRecord[]> {
    if (question.from >= question.to) return [];
    const regions = question.region ? [question.region] : regionsOf(question.account);
    return (await Promise.all(regions.map((region) => inRegion(question, region)))).flat();
  }

  function regionsOf(account: string): string[] {
    try {
      return [...new Set([...access.regions(account), access.config.globalRegion])];
    } catch (error) {
      note(account, error);
      return [];
    }
  }

  async function inRegion({ account, key, value, from, to, maxPages }: Question, region: string): Promise<TrailRecord[]> {
    try {
      looker.lookups += 1;
      const found = await lookupEvents(access.clients(account, region).cloudtrail, { account, region, attribute: { key, value }, from, to, maxPages }, options);
      looker.unreadable += found.unreadable;
      if (found.truncated) {
        const oldest = found.records.map((one) => one.eventTime).sort()[0] ?? to.toISOString();
        looker.truncated.push(`${account}/${region} ${key} ${value}: only ${found.records.length} events back to ${oldest}`);
      }
      return found.records;
    } catch (error) {
      note(`${account}/${region}`, error);
      return [];
    }
  }

  function note(where: string, error: unknown): void {
    const code = codeOf(toFailure(error, classifyAws)) ?? 'UNEXPECTED';
    if (!looker.failed.some((one) => one.where === where && one.error === code)) looker.failed.push({ where, error: code });
  }
  return looker;
}
