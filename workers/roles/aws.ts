import { awsProvider } from '../../activities/aws';
import { createAwsAccess } from '../../activities/aws/clients';
import type { AwsContext } from '../../activities/aws/context';
import { awsGrantExecutors } from '../../activities/aws/jit';
import { createGrantActivities } from '../../activities/jit/executor';
import { createProviderActivities, type ProviderDeps } from '../../activities/provider';
import { queues } from '../../playbook/queues';
import { approvalProof } from '../approval-proof';
import type { Config } from '../config/schema';
import { awsConfig } from '../config/settings';
import { evidenceStore } from '../evidence';
import { runWorker, type RunningRole } from '../run-worker';
import { connectClient } from '../temporal';

/** The AWS worker: responder roles only, no vault. Its base credential comes from the SDK's default chain. */
export async function startAws(config: Config): Promise<RunningRole> {
  const client = await connectClient(config);
  const access = createAwsAccess(awsConfig(config), undefined);
  const evidence = evidenceStore(config);
  const now = () => new Date();
  const deps: ProviderDeps<AwsContext> = {
    evidence, approvals: approvalProof(client), now,
    withContext: ({ incident, caseKey }, use) => use({ access, incident, caseKey, evidence, now, vault: null }),
  };
  const activities = {
    ...createProviderActivities(awsProvider, deps),
    ...createGrantActivities('aws', awsGrantExecutors, { ...deps, classify: awsProvider.classify, withContext: (input, use) => deps.withContext({ ...input, lease: null }, use) }),
  };
  const role = await runWorker(config, { taskQueue: queues.cloud('aws'), activities });
  void role.ended.finally(() => client.connection.close()).catch(() => undefined);
  return role;
}
