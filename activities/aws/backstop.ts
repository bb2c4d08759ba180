import { DescribeTrailsCommand, GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail';
import { GetDetectorCommand, paginateListDetectors } from '@aws-sdk/client-guardduty';
import type { Json } from '../../playbook/json';
import type { Watchers } from '../../playbook/blindness';
import { codeOf, toFailure } from '../boundary';
import type { AwsAccess } from './clients';
import { classifyAws } from './errors';
import { lookupEvents, type LookupOptions } from './investigate/lookup-events';

export const backstopPermissions = ['cloudtrail:LookupEvents', 'cloudtrail:DescribeTrails', 'cloudtrail:GetTrailStatus', 'guardduty:ListDetectors', 'guardduty:GetDetector'] as const;

/** All that changes something, and the reads that the playbook watches: LookupEvents takes one attribute a call. */
const ATTRIBUTES = [
  { key: 'ReadOnly', value: 'false' }, { key: 'EventName', value: 'GetSecretValue' }, { key: 'EventName', value: 'GetParameters' }, { key: 'EventName', value: 'DescribeInstanceAttribute' },
] as const;
/** 5,000 events an attribute: 50 s at two requests a second. What is older is asked for by the next call. */
const PAGES = 100;

export interface Window {
  account: string;
  region: string;
  /** ISO. */
  from: string;
  to: string;
}

export interface WindowRead {
  records: Json[];
  /** Set when there was more than one call may read: everything before it is still to be read. */
  unreadBefore: string | null;
  unreadable: number;
}

/** CloudTrail's event history of one account and region: there whether or not a trail logs. Errors: those of the table. */
export async function readWindow(access: AwsAccess, { account, region, from, to }: Window, options: LookupOptions & { pages?: number } = {}): Promise<WindowRead> {
  const client = access.clients(account, region).cloudtrail;
  const read: WindowRead = { records: [], unreadBefore: null, unreadable: 0 };
  for (const attribute of ATTRIBUTES) {
    const found = await lookupEvents(client, { account, region, attribute, from: new Date(from), to: new Date(to), maxPages: options.pages ?? PAGES }, options);
    read.records.push(...found.records.map((record) => record.raw));
    read.unreadable += found.unreadable;
    const oldest = found.records.at(-1)?.eventTime;
    if (found.truncated && oldest && (read.unreadBefore === null || oldest > read.unreadBefore)) read.unreadBefore = oldest;
  }
  return read;
}

/** Trails at home in this region and detectors, as they are now. Never throws: what could not be read is in `failed`. */
export async function lookAtWatchers(access: AwsAccess, { account, region }: { account: string; region: string }): Promise<Watchers> {
  const { cloudtrail, guardduty } = access.clients(account, region);
  const watchers: Watchers = { trails: {}, detectors: {}, failed: [] };
  const attempt = async (what: 'trails' | 'detectors', read: () => Promise<void>): Promise<void> => {
    try {
      await read();
    } catch (error) {
      watchers.failed.push({ what, error: codeOf(toFailure(error, classifyAws)) ?? 'UNEXPECTED' });
    }
  };
  await attempt('trails', async () => {
    const { trailList = [] } = await cloudtrail.send(new DescribeTrailsCommand({ includeShadowTrails: false }));
    for (const { TrailARN: arn, HomeRegion: home } of trailList) {
      if (arn && home === region) watchers.trails[arn] = (await cloudtrail.send(new GetTrailStatusCommand({ Name: arn }))).IsLogging === true;
    }
  });
  await attempt('detectors', async () => {
    for await (const page of paginateListDetectors({ client: guardduty }, {})) {
      for (const id of page.DetectorIds ?? []) watchers.detectors[id] = (await guardduty.send(new GetDetectorCommand({ DetectorId: id }))).Status === 'ENABLED';
    }
  });
  return watchers;
}
