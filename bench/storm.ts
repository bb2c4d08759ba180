import { findingFor } from './findings';
import type { BenchHouse } from './house';
import { bareSignal, rate, ready, receiving } from './intake';
import { measure, type Part } from './result';
import { ratios, summarise } from './stats';

const ALERTS = 10_000;
const PRINCIPALS = 500;
/** The bare loop gathers nothing, so its rate needs no more than this share of the storm. */
const BARE_SHARE = 5;

/** 10,000 different alerts over 500 principals, through the receiver, and a fifth of it by the bare loop; then the server is asked how many incidents there are. */
export async function benchStorm(house: BenchHouse, concurrency: number): Promise<Part> {
  const send = receiving(house);
  const storm = (name: string, share: number) => Array.from({ length: ALERTS / share }, (_, index) => ready(findingFor(house.world.production.account, `storm-${name}-${index % (PRINCIPALS / share)}`, index)));
  const bare = storm('bare', BARE_SHARE);
  const real = storm('real', 1);
  const perSecond = { bare: await rate(bare, (item) => bareSignal(house.client, item), concurrency), receiver: await rate(real, (item) => send(item.body), concurrency) };
  const { client } = house;
  const ids = [...new Set(real.map((item) => item.id))];
  let incidents = 0;
  let signals = 0;
  let alerts = 0;
  for (const id of ids) {
    const { events } = await client.workflow.getHandle(id).fetchHistory();
    incidents += 1;
    for (const event of events ?? []) {
      const payloads = event.workflowExecutionSignaledEventAttributes?.input?.payloads;
      if (!payloads) continue;
      signals += 1;
      alerts += (await decoded(house, payloads)).alerts.length;
    }
  }
  const started = await countStarted(house, new Set(ids));
  if (incidents !== PRINCIPALS || started !== PRINCIPALS || alerts !== ALERTS) throw new Error(`the storm came to ${started} incidents with ${alerts} alerts, expected ${PRINCIPALS} with ${ALERTS}`);
  return {
    title: `Storm: ${ALERTS} alerts over ${PRINCIPALS} principals, ${concurrency} at a time`,
    rows: [
      measure('bare loop', 'alerts/s', summarise([perSecond.bare])), measure('receiver', 'alerts/s', summarise([perSecond.receiver])),
      measure('receiver / bare loop', '×', ratios([perSecond.receiver], [perSecond.bare])), measure('incidents', 'exactly', summarise([started])), measure('signal events', 'events', summarise([signals])),
    ],
    notes: [`${alerts} alerts are in the ${started} incidents’ histories, in ${signals} signals (the bare loop needs one for each; its rate is over ${bare.length} alerts)`],
    details: { perSecond, incidents: started, signals, alerts },
  };
}

type Payloads = Parameters<NonNullable<BenchHouse['client']['options']['loadedDataConverter']['payloadCodecs'][number]>['decode']>[0];

async function decoded({ client }: BenchHouse, payloads: readonly unknown[]): Promise<{ alerts: unknown[] }> {
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  let plain = payloads as Payloads;
  for (const codec of [...payloadCodecs].reverse()) plain = await codec.decode(plain);
  return payloadConverter.fromPayload<{ alerts: unknown[] }>(plain[0]!);
}

/** How many runs the server has of these ids: two runs of one id would be counted twice. Visibility lags; asks until it has at least one each. */
async function countStarted({ client }: BenchHouse, ids: ReadonlySet<string>): Promise<number> {
  for (let tries = 0; ; tries += 1) {
    let count = 0;
    for await (const { workflowId } of client.workflow.list({ query: "WorkflowType = 'incident'", pageSize: 1000 })) if (ids.has(workflowId)) count += 1;
    if (count >= ids.size || tries >= 30) return count;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
