import { randomUUID } from 'node:crypto';
import type { Json } from '../protocol/shapes';
import type { Recorded, TrailRecord } from './record';

/** An EventBridge event (EventBridge User Guide, "Events from AWS services"). */
export interface Envelope extends Json {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: Json;
}

export function envelopeOf({ record, account, region }: Pick<Recorded, 'record' | 'account' | 'region'>): Envelope {
  const signIn = record.eventSource === 'signin.amazonaws.com';
  return {
    version: '0', id: randomUUID(),
    'detail-type': signIn ? 'AWS Console Sign In via CloudTrail' : 'AWS API Call via CloudTrail',
    source: signIn ? 'aws.signin' : `aws.${record.eventSource.split('.')[0]}`,
    account, time: record.eventTime, region, resources: [], detail: record,
  };
}

interface Trail { account: string; region: string; multiRegion: boolean; organization: boolean; logging: boolean; name: string }

/** Which trails log where: EventBridge gets management events only while one does (CloudTrail User Guide, "EventBridge integration"). */
export class Trails {
  readonly #trails = new Map<string, Trail>();
  constructor(private readonly management: () => string | null, private readonly inOrganization: (account: string) => boolean) {}

  observe(operation: string, account: string, region: string, input: Json): void {
    const name = String(input.Name ?? '').split('/').at(-1)!;
    const home = /^arn:aws:cloudtrail:([^:]+):(\d{12}):/.exec(String(input.Name ?? ''));
    const key = home ? `${home[2]}/${home[1]}/${name}` : this.#find(account, region, name);
    const trail = this.#trails.get(key);
    if (operation === 'CreateTrail') {
      this.#trails.set(`${account}/${region}/${name}`, { account, region, name, logging: false, multiRegion: input.IsMultiRegionTrail === true, organization: input.IsOrganizationTrail === true });
    } else if (!trail) return;
    else if (operation === 'DeleteTrail') this.#trails.delete(key);
    else if (operation === 'StartLogging') trail.logging = true;
    else if (operation === 'StopLogging') trail.logging = false;
    else if (operation === 'UpdateTrail') {
      if (typeof input.IsMultiRegionTrail === 'boolean') trail.multiRegion = input.IsMultiRegionTrail;
      if (typeof input.IsOrganizationTrail === 'boolean') trail.organization = input.IsOrganizationTrail;
    }
  }

  #find(account: string, region: string, name: string): string {
    const exact = `${account}/${region}/${name}`;
    if (this.#trails.has(exact)) return exact;
    return [...this.#trails].find(([, trail]) => trail.account === account && trail.name === name && trail.multiRegion)?.[0] ?? exact;
  }

  /** Does some trail log events of this account and region now. Events of global services arrive in us-east-1. */
  logs(account: string, region: string): boolean {
    return [...this.#trails.values()].some((trail) => trail.logging && (trail.multiRegion || trail.region === region) && (trail.account === account || (trail.organization && trail.account === this.management() && this.inOrganization(account))));
  }
}

export const delivered = (record: TrailRecord): boolean => record.managementEvent && !record.readOnly;
