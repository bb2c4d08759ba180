import type { Config } from '../config/schema';
import { examineAws } from './aws';
import { examineAzure } from './azure';
import { examineEvidence, examineSlack } from './people';
import { examinePasskeys } from './passkeys';
import { examineTemporal } from './temporal';
import type { Diagnosis } from './types';
import { examineVault } from './vault';

export type { Diagnosis } from './types';

/** Every dependency and permission, side by side, before anything happens. */
export async function diagnose(config: Config): Promise<Diagnosis[]> {
  const all = await Promise.all([examineTemporal, examineEvidence, examineSlack, examineVault, examinePasskeys, examineAws, examineAzure].map((look) => look(config)));
  return all.flat();
}
