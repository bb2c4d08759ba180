import type { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { createLimiter } from '../../activities/aws/investigate/limiter';
import { lookupEvents, type Lookup } from '../../activities/aws/investigate/lookup-events';
import { account, recordJson } from './support';

const at = new Date('2026-11-20T12:00:00Z');
const lookup: Lookup = { account, region: 'us-east-1', attribute: { key: 'AccessKeyId', value: 'AKIA1' }, from: new Date('2026-11-20T00:00:00Z'), to: at, maxPages: 3 };
const free = { limiter: createLimiter(1_000, 1), sleep: async () => undefined };

/** Answers pages in turn; an Error is thrown. */
function trail(...pages: ({ records: unknown[]; more?: boolean } | Error)[]): { client: Pick<CloudTrailClient, 'send'>; asked: LookupEventsCommand['input'][] } {
  const asked: LookupEventsCommand['input'][] = [];
  const send = async (command: LookupEventsCommand) => {
    const page = pages[asked.length]!;
    asked.push(command.input);
    if (page instanceof Error) throw page;
    return { Events: page.records.map((record) => ({ CloudTrailEvent: typeof record === 'string' ? record : JSON.stringify(record) })), NextToken: page.more ? `t${asked.length}` : undefined };
  };
  return { client: { send } as unknown as Pick<CloudTrailClient, 'send'>, asked };
}
const named = (name: string, message = 'x') => Object.assign(new Error(message), { name });

test('pages to the end, one attribute a call', async () => {
  const { client, asked } = trail({ records: [recordJson('A')], more: true }, { records: [recordJson('B'), 'garbage'] });
  const seen = await lookupEvents(client, lookup, free);
  expect(seen.records.map((one) => one.eventName)).toEqual(['A', 'B']);
  expect(seen).toMatchObject({ truncated: false, unreadable: 1, pages: 2 });
  expect(asked.map((one) => [one.NextToken, one.LookupAttributes])).toEqual([[undefined, [{ AttributeKey: 'AccessKeyId', AttributeValue: 'AKIA1' }]], ['t1', [{ AttributeKey: 'AccessKeyId', AttributeValue: 'AKIA1' }]]]);
});

test('stops at the page limit, and says that it did', async () => {
  const { client, asked } = trail({ records: [], more: true }, { records: [], more: true }, { records: [recordJson('A')], more: true });
  expect((await lookupEvents(client, lookup, free)).truncated).toBe(true);
  expect(asked).toHaveLength(3);
});

test('never asks for more than 90 days', async () => {
  const { client, asked } = trail({ records: [] });
  await lookupEvents(client, { ...lookup, from: new Date(0) }, free);
  expect(asked[0]!.StartTime).toEqual(new Date('2026-08-22T12:00:00Z'));
});

test('a throttled page is asked for again, later each time; after six tries it is an error', async () => {
  const pauses: number[] = [];
  const options = { ...free, sleep: async (ms: number) => void pauses.push(ms) };
  const { client } = trail(named('ThrottlingException'), named('ThrottlingException'), { records: [recordJson('A')] });
  expect((await lookupEvents(client, lookup, options)).records).toHaveLength(1);
  expect(pauses).toEqual([1_000, 2_000]);
  const never = trail(...Array.from({ length: 6 }, () => named('ThrottlingException')));
  await expect(lookupEvents(never.client, lookup, free)).rejects.toMatchObject({ type: 'THROTTLED' });
  expect(never.asked).toHaveLength(6);
});

test.each([['AccessDeniedException', 'ACCESS_DENIED'], ['ExpiredTokenException', 'CREDENTIALS_INVALID'], ['Whatever', 'UNEXPECTED']])('%s is %s, at once', async (name, type) => {
  const { client, asked } = trail(named(name));
  await expect(lookupEvents(client, lookup, free)).rejects.toMatchObject({ type });
  expect(asked).toHaveLength(1);
});

test('no more than two a second for one account and region; others do not wait for it', async () => {
  let now = 0;
  const waiting: { at: number; go: () => void }[] = [];
  const clock = { now: () => now, sleep: (ms: number) => new Promise<void>((go) => void waiting.push({ at: now + ms, go })) };
  const limiter = createLimiter(2, 1_000, clock);
  const turns: [string, number][] = [];
  const all = ['a', 'a', 'a', 'b', 'a', 'a'].map((key) => limiter.turn(key).then(() => void turns.push([key, now])));
  for (; turns.length < all.length; ) {
    await new Promise((resolve) => setImmediate(resolve));
    const next = waiting.sort((one, other) => one.at - other.at).shift();
    if (!next) continue;
    now = next.at;
    next.go();
  }
  await Promise.all(all);
  expect(turns.filter(([key]) => key === 'b')).toEqual([['b', 0]]);
  const times = turns.filter(([key]) => key === 'a').map(([, time]) => time);
  expect(times).toEqual([0, 0, 1_000, 1_000, 2_000]);
  for (const time of times) expect(times.filter((one) => one >= time && one < time + 1_000).length).toBeLessThanOrEqual(2);
});
