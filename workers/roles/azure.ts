import { azureProvider } from '../../activities/azure';
import { azureAudit } from '../../activities/azure/audit';
import { createAzureAccess } from '../../activities/azure/clients';
import type { AzureContext } from '../../activities/azure/context';
import { azureGrantExecutors } from '../../activities/azure/jit';
import { fail } from '../../activities/boundary';
import { createAuditActivities } from '../../activities/audit/provider';
import { createGrantActivities } from '../../activities/jit/executor';
import { createProviderActivities, type ProviderDeps } from '../../activities/provider';
import { queues } from '../../playbook/queues';
import { approvalProof } from '../approval-proof';
import { azureConfig } from '../config/azure';
import type { Config } from '../config/schema';
import { evidenceStore } from '../evidence';
import { runWorker, type RunningRole } from '../run-worker';
import { connectClient } from '../temporal';

/** The Azure worker: the responder's application only, no vault. */
export async function startAzure(config: Config): Promise<RunningRole> {
  const azure = azureConfig(config);
  if (!azure) throw fail('INVALID_CONFIG', 'azure: the Azure worker needs a tenant');
  const client = await connectClient(config);
  const access = createAzureAccess(azure);
  const evidence = evidenceStore(config);
  const now = () => new Date();
  const deps: ProviderDeps<AzureContext> = {
    evidence, approvals: approvalProof(client), now,
    withContext: ({ incident, caseKey }, use) => use({ access, incident, caseKey, evidence, now, vault: null }),
  };
  const activities = {
    ...createProviderActivities(azureProvider, deps),
    ...createGrantActivities('azure', azureGrantExecutors, { ...deps, classify: azureProvider.classify, withContext: (input, use) => deps.withContext({ ...input, lease: null }, use) }),
    ...createAuditActivities(azureAudit, { evidence, withContext: (input, use) => deps.withContext({ ...input, lease: null }, use) }),
  };
  const role = await runWorker(config, { taskQueue: queues.cloud('azure'), activities });
  void role.ended.finally(() => client.connection.close()).catch(() => undefined);
  return role;
}
