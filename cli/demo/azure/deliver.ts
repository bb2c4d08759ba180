import type { AzureAttack } from '../../../sandbox/azure';
import type { House } from '../house';
import { send } from '../send';

type Record = AzureAttack['events'][number];

const sourceOf = ({ category }: Record): string => (category === 'AuditLogs' ? 'entra-audit' : /SignInLogs$/.test(String(category)) ? 'entra-signin' : 'azure-activity');

/** What the Event Hub would deliver: the attack’s records, and from then on everything that happens. Returns how to stop. */
export async function deliverAzure(house: House, attack: AzureAttack, say: (line: string) => void): Promise<() => void> {
  const post = (record: Record) => send(house, sourceOf(record), { records: [record] }, 'EVENTHUB_SENDER_KEY');
  const stop = house.azure!.azure.exports((record) => void post(record).catch(() => undefined));
  const answers = await Promise.all(attack.events.map(post));
  const incidents = new Set(answers.flatMap(({ body }) => (body.incident ? [body.incident] : [])));
  say(`Intake: ${answers.filter(({ status }) => status === 202).length} accepted, ${answers.filter(({ body }) => body.status === 'ignored').length} ignored; incidents: ${[...incidents].join(', ') || 'none'}`);
  return stop;
}
