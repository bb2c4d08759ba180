import { caseActivities, risk } from '../options';
import type { PersonalInput } from './messages';

/** Into the case's record: what happened, never what was shown. */
export async function record(input: PersonalInput, key: string, text: string, data: object): Promise<void> {
  await caseActivities('Record').record({ caseKey: input.id, entries: [{ key: `${input.id}/${key}`, at: new Date().toISOString(), kind: 'lease', text, data: JSON.parse(JSON.stringify(data)) as Record<string, never> }] });
}

/** To people; one who cannot be reached holds nothing up. */
export async function tell(input: PersonalInput, key: string, level: 'info' | 'warn' | 'page', title: string, lines: string[]): Promise<void> {
  await caseActivities(title.slice(0, 200), risk.notify).notify({ caseKey: input.id, key: `${input.id}/${key}`, level, title, lines }).catch(() => undefined);
}
