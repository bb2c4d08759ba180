import { Fault } from '../protocol/faults';
import { listOf, textOf, type Json } from '../protocol/shapes';
import type { Recorded } from './record';

const perPlace = 200_000;

/** CloudTrail's event history: management events of 90 days, per account and region, there whether or not a trail logs. */
export class EventHistory {
  readonly #events = new Map<string, Recorded[]>();
  /** How long after the call an event can be looked up. */
  lagMs: number;

  constructor(private readonly now: () => number, lagMs: number) {
    this.lagMs = lagMs;
  }

  add(recorded: Recorded): void {
    const key = `${recorded.account}/${recorded.region}`;
    const events = this.#events.get(key);
    if (!events) this.#events.set(key, [recorded]);
    else {
      events.push(recorded);
      if (events.length > perPlace) events.splice(0, events.length - perPlace);
    }
  }

  /** Makes everything recorded so far older, as if the clock had run on since. */
  backdate(ms: number): void {
    const earlier = (time: string): string => new Date(Date.parse(time) - ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
    for (const recorded of [...this.#events.values()].flat()) {
      recorded.at -= ms;
      recorded.record.eventTime = earlier(recorded.record.eventTime);
      const attributes = (recorded.record.userIdentity.sessionContext as { attributes?: { creationDate: string } } | undefined)?.attributes;
      if (attributes) attributes.creationDate = earlier(attributes.creationDate);
    }
  }

  all(account?: string): Recorded[] {
    return [...this.#events].filter(([key]) => !account || key.startsWith(`${account}/`)).flatMap(([, events]) => events).sort((a, b) => a.at - b.at);
  }

  /** LookupEvents (CloudTrail API reference): newest first, one attribute, 50 a page. */
  lookUp(account: string, region: string, input: Json): Json {
    const attributes = listOf(input.LookupAttributes) as { AttributeKey?: string; AttributeValue?: string }[];
    if (attributes.length > 1) throw new Fault('InvalidLookupAttributesException', 'You can specify only one lookup attribute.');
    const [attribute] = attributes;
    const max = typeof input.MaxResults === 'number' ? input.MaxResults : 50;
    if (max < 1 || max > 50) throw new Fault('InvalidMaxResultsException', 'The maximum number of results must be between 1 and 50.');
    const from = timeOf(input.StartTime) ?? this.now() - 90 * 86_400_000;
    const to = timeOf(input.EndTime) ?? this.now();
    if (from > to) throw new Fault('InvalidTimeRangeException', 'The start time must come before the end time.');
    const visible = this.now() - this.lagMs;
    // A page's token names the event after which it goes on, so that new events do not shift the pages.
    const token = textOf(input, 'NextToken');
    const events = this.#events.get(`${account}/${region}`) ?? [];
    const matches = events.filter((one) => one.at <= visible && one.at >= from && one.at <= to + 999 && (!attribute || matchesAttribute(one, attribute.AttributeKey ?? '', attribute.AttributeValue ?? ''))).reverse();
    const start = token ? matches.findIndex((one) => one.record.eventID === token) + 1 : 0;
    if (token && start === 0) throw new Fault('InvalidNextTokenException', 'Invalid next token.');
    const page = matches.slice(start, start + max);
    return { Events: page.map(shown), ...(start + max < matches.length ? { NextToken: page.at(-1)!.record.eventID } : {}) };
  }
}

const timeOf = (value: unknown): number | null => (typeof value === 'number' ? value * 1000 : typeof value === 'string' ? Date.parse(value) : null);

function matchesAttribute({ record, resources }: Recorded, key: string, value: string): boolean {
  switch (key) {
    case 'EventId': return record.eventID === value;
    case 'EventName': return record.eventName === value;
    case 'EventSource': return record.eventSource === value;
    case 'ReadOnly': return String(record.readOnly) === value;
    case 'Username': return userName(record.userIdentity) === value;
    case 'AccessKeyId': return record.userIdentity.accessKeyId === value;
    case 'ResourceName': return resources.some((one) => one.ResourceName === value);
    case 'ResourceType': return resources.some((one) => one.ResourceType === value);
    default: throw new Fault('InvalidLookupAttributesException', `Unknown lookup attribute ${key}.`);
  }
}

/** The user's name, the role session's, or `root`. */
function userName(identity: Json): string | undefined {
  if (identity.type === 'Root' || identity.type === 'AssumedRoot') return 'root';
  if (identity.type === 'AssumedRole') return String(identity.principalId).split(':')[1];
  return typeof identity.userName === 'string' ? identity.userName : undefined;
}

function shown({ record, resources }: Recorded): Json {
  return {
    EventId: record.eventID, EventName: record.eventName, ReadOnly: String(record.readOnly), EventTime: new Date(record.eventTime), EventSource: record.eventSource,
    ...(typeof record.userIdentity.accessKeyId === 'string' ? { AccessKeyId: record.userIdentity.accessKeyId } : {}),
    ...(userName(record.userIdentity) ? { Username: userName(record.userIdentity) } : {}),
    Resources: resources, CloudTrailEvent: JSON.stringify(record),
  };
}
