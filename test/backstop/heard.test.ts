import type { Client } from '@temporalio/client';
import { BACKSTOP, createHeard } from '../../workers/backstop';

type Sent = { source: string; account: string; at: string };

function client(fail = false): { client: Client; sent: Sent[]; ids: string[] } {
  const [sent, ids]: [Sent[], string[]] = [[], []];
  const getHandle = (id: string) => {
    ids.push(id);
    return { signal: (_signal: unknown, one: Sent) => (fail ? Promise.reject(new Error('no such workflow')) : Promise.resolve(void sent.push(one))) };
  };
  return { client: { workflow: { getHandle } } as unknown as Client, sent, ids };
}

test('one sign of life a minute for each source and account', () => {
  const { client: to, sent, ids } = client();
  let now = Date.parse('2026-11-20T12:00:00Z');
  const heard = createHeard(to, () => now);
  for (let second = 0; second < 120; second += 1, now += 1_000) heard('cloudtrail', '111111111111');
  heard('guardduty', '111111111111');
  heard('cloudtrail', '222222222222');
  expect(sent.map(({ source, account, at }) => [source, account, at])).toEqual([
    ['cloudtrail', '111111111111', '2026-11-20T12:00:00.000Z'], ['cloudtrail', '111111111111', '2026-11-20T12:01:00.000Z'],
    ['guardduty', '111111111111', '2026-11-20T12:02:00.000Z'], ['cloudtrail', '222222222222', '2026-11-20T12:02:00.000Z'],
  ]);
  expect(new Set(ids)).toEqual(new Set([BACKSTOP]));
});

test('a backstop that is off disturbs nobody, and hostile account names do not fill the memory', async () => {
  const unhandled = jest.fn();
  process.on('unhandledRejection', unhandled);
  const { client: to } = client(true);
  const heard = createHeard(to, () => 1_000_000);
  for (let n = 0; n < 6_000; n += 1) heard('generic', `made-up-${n}`);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});
