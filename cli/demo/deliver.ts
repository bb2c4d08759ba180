import type { Attack } from '../../sandbox/aws';
import type { Check } from './checks';
import type { House } from './house';
import { send } from './send';

/** An attack that was played: what to deliver, and what to ask at the end. */
export interface Played {
  events: readonly unknown[];
  sourceIp: string;
  /** Returns how to stop the stream. */
  deliver(): Promise<() => void>;
  check(): Promise<Check[]>;
}

/** What EventBridge would deliver: the attack’s events, GuardDuty’s finding, and from then on everything that happens. */
export async function deliverAws(house: House, attack: Attack, say: (line: string) => void): Promise<() => void> {
  const stopStream = house.aws.eventStream((event) => void send(house, 'cloudtrail', event).catch(() => undefined));
  const answers = await Promise.all(attack.events.map((event) => send(house, 'cloudtrail', event)));
  if (attack.finding) answers.push(await send(house, 'guardduty', attack.finding));
  const incidents = new Set(answers.flatMap(({ body }) => (body.incident ? [body.incident] : [])));
  say(`Intake: ${answers.filter(({ status }) => status === 202).length} accepted, ${answers.filter(({ body }) => body.status === 'ignored').length} ignored; incidents: ${[...incidents].join(', ') || 'none'}`);
  return stopStream;
}
