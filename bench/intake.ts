import type { Client } from '@temporalio/client';
import { createReceiver } from '../intake/receiver';
import { guardduty } from '../intake/guardduty';
import { SOURCES } from '../intake/sources';
import type { Alert } from '../playbook/model/alert';
import { incidentIdOf, type Principal } from '../playbook/model/principal';
import { queues } from '../playbook/queues';
import { readSecret } from '../workers/config/secret';
import { createDelivery } from '../workers/deliver';
import { evidenceStore } from '../workers/evidence';
import { createLogger } from '../workers/log';
import { ownDoing } from '../workers/own';
import { alertsSignal } from '../workflows/messages';
import { findingFor } from './findings';
import type { BenchHouse } from './house';
import { atLeast, measure, type Part } from './result';
import { ratios, rotated, summarise } from './stats';

const CONCURRENCY = 32;
const ARMS = ['bare loop', 'bare loop again', 'receiver'] as const;

export type Send = (body: string) => Promise<void>;

/** The receiver as the intake role builds it, called in this process: key, limits, evidence on disk, parsing, classification, delivery. */
export function receiving(house: BenchHouse): Send {
  const { config, client } = house;
  const store = evidenceStore(config);
  const sender = config.intake.senders[0]!;
  const key = readSecret(sender.key);
  process.env['TOURNIQUET_LOG_LEVEL'] = 'fatal';
  const { app } = createReceiver({
    sources: SOURCES, senders: [{ id: sender.id, key, sources: ['*'] }], limits: { bodyBytes: config.intake.maxBytes },
    keep: (content, kind, contentType) => store.keep(null, kind, content, contentType),
    deliver: createDelivery(client), own: ownDoing(config, client), notice: () => Promise.resolve(), log: createLogger('bench'), now: () => new Date().toISOString(),
  });
  return async (body) => {
    const response = await app.request('/alerts/guardduty', { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body });
    if (response.status !== 202) throw new Error(`intake answered ${response.status}: ${await response.text()}`);
  };
}

export interface Ready {
  body: string;
  id: string;
  principal: Principal;
  alert: Alert;
}

export function ready(body: string): Ready {
  const [parsed] = guardduty.parse(JSON.parse(body));
  if (!parsed || !('alert' in parsed) || !parsed.alert.principal) throw new Error('the generated finding was not understood');
  return { body, id: incidentIdOf(parsed.alert.principal), principal: parsed.alert.principal, alert: parsed.alert };
}

/** The call that intake cannot do without, with everything else taken away. */
export const bareSignal = (client: Client, { id, principal, alert }: Ready): Promise<unknown> =>
  client.workflow.signalWithStart('incident', { taskQueue: queues.workflows, workflowId: id, args: [{ incident: id, principal }], signal: alertsSignal, signalArgs: [{ principal, alerts: [alert] }] });

/** Alerts a second. */
export async function rate<T>(items: readonly T[], send: (item: T) => Promise<unknown>, concurrency = CONCURRENCY): Promise<number> {
  let next = 0;
  const from = performance.now();
  await Promise.all(Array.from({ length: concurrency }, async () => {
    for (let at = next++; at < items.length; at = next++) await send(items[at]!);
  }));
  return items.length / ((performance.now() - from) / 1000);
}

/** Each alert is of another principal, so that nothing can be gathered into one signal: the receiver's worst case. No worker runs meanwhile. */
export async function benchIntake(house: BenchHouse, rounds: number, perRound: number, say: (line: string) => void): Promise<Part> {
  const send = receiving(house);
  const measured = new Map<(typeof ARMS)[number], number[]>(ARMS.map((arm) => [arm, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const arm of rotated(ARMS, round + 1)) {
      const items = Array.from({ length: perRound }, (_, index) => ready(findingFor(house.world.production.account, `intake-${round}-${ARMS.indexOf(arm)}-${index}`, index)));
      const reached = arm === 'receiver' ? await rate(items, (item) => send(item.body)) : await rate(items, (item) => bareSignal(house.client, item));
      if (round >= 0) measured.get(arm)!.push(reached);
    }
    say(round < 0 ? 'intake: warming up' : `intake: round ${round + 1} of ${rounds}`);
  }
  const of = (arm: (typeof ARMS)[number]): number[] => measured.get(arm)!;
  return {
    title: `Intake: ${perRound} alerts of as many principals, ${CONCURRENCY} at a time`,
    rows: [
      ...ARMS.map((arm) => measure(arm, 'alerts/s', summarise(of(arm)))),
      measure('A/A: bare loop again / bare loop', '×', ratios(of('bare loop again'), of('bare loop'))),
      atLeast('receiver / bare loop', 0.9, ratios(of('receiver'), of('bare loop'))),
    ],
    notes: ['the receiver also keeps each body as evidence on disk, parses and classifies it; the loop only signals'],
    details: { measured: Object.fromEntries(measured) },
  };
}
