import type { Notice } from '../activities/contract';
import { caseActivities, risk } from './options';

/** Tells people something that belongs to no incident: an authentic alert that nobody understood. Once per key: the key is in the workflow id. */
export async function notice(input: Notice): Promise<void> {
  await caseActivities(input.title.slice(0, 100), risk.notify).notify(input);
}
