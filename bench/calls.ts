import type { ApprovalProof } from '../activities/actions';
import { awsProvider } from '../activities/aws';
import { createAwsAccess } from '../activities/aws/clients';
import { azureProvider } from '../activities/azure';
import { createAzureAccess } from '../activities/azure/clients';
import type { EvidenceSink } from '../activities/evidence/sink';
import { createProviderActivities } from '../activities/provider';
import type { ProviderId } from '../playbook/model/principal';
import { azureConfig } from '../workers/config/azure';
import type { Config } from '../workers/config/schema';
import { awsConfig } from '../workers/config/settings';
import { awsOneAtATime, azureOneAtATime } from './one-at-a-time';

export type Calls = Record<string, (input: never) => Promise<unknown>>;

interface Deps {
  evidence: EvidenceSink;
  approvals: ApprovalProof;
  /** One call of the cloud after the other. */
  serial?: boolean;
}

/** A provider's activities, as its worker makes them. */
export function callsOf(id: ProviderId, config: Config, { evidence, approvals, serial = false }: Deps): Calls {
  const now = (): Date => new Date();
  const deps = { evidence, approvals, now };
  const shared = { evidence, now, vault: null };
  if (id === 'azure') {
    const made = createAzureAccess(azureConfig(config)!);
    const access = serial ? azureOneAtATime(made) : made;
    return createProviderActivities(azureProvider, { ...deps, withContext: ({ incident, caseKey }, use) => use({ ...shared, access, incident, caseKey }) });
  }
  const made = createAwsAccess(awsConfig(config)!, undefined);
  const access = serial ? awsOneAtATime(made) : made;
  return createProviderActivities(awsProvider, { ...deps, withContext: ({ incident, caseKey }, use) => use({ ...shared, access, incident, caseKey }) });
}
