import { awsProvider } from '../../activities/aws';
import { awsAudit } from '../../activities/aws/audit';
import { createAwsAccess } from '../../activities/aws/clients';
import type { AwsContext } from '../../activities/aws/context';
import { awsGrantExecutors } from '../../activities/aws/jit';
import { createAuditActivities } from '../../activities/audit/provider';
import { fail } from '../../activities/boundary';
import { createGrantActivities } from '../../activities/jit/executor';
import { createProviderActivities, type ProviderDeps } from '../../activities/provider';
import { queues } from '../../playbook/queues';
import { originOf } from '../../playbook/federation';
import { approvalProof } from '../approval-proof';
import { createBackstopActivities, startBackstop } from '../backstop';
import type { Config } from '../config/schema';
import { awsConfig, federationOf } from '../config/settings';
import { createDelivery } from '../deliver';
import { evidenceStore } from '../evidence';
import { ownDoing } from '../own';
import { runWorker, type RunningRole } from '../run-worker';
import { connectClient } from '../temporal';

/** The AWS worker: responder roles only, no vault. Its base credential comes from the SDK's default chain. */
export async function startAws(config: Config): Promise<RunningRole> {
  const aws = awsConfig(config);
  if (!aws) throw fail('INVALID_CONFIG', 'aws: the AWS worker needs an account');
  const client = await connectClient(config);
  const access = createAwsAccess(aws, undefined);
  const evidence = evidenceStore(config);
  const now = () => new Date();
  const deps: ProviderDeps<AwsContext> = {
    evidence, approvals: approvalProof(client), now,
    withContext: ({ incident, caseKey }, use) => use({ access, incident, caseKey, evidence, now, vault: null }),
  };
  const activities = {
    ...createProviderActivities(awsProvider, deps),
    ...createGrantActivities('aws', awsGrantExecutors, { ...deps, classify: awsProvider.classify, withContext: (input, use) => deps.withContext({ ...input, lease: null }, use) }),
    ...createAuditActivities(awsAudit, { evidence, withContext: (input, use) => deps.withContext({ ...input, lease: null }, use) }),
    ...createBackstopActivities({
      access, keep: (content, kind, contentType) => evidence.keep(null, kind, content, contentType), deliver: createDelivery(client), own: ownDoing(config, client),
      origin: (principal) => originOf(principal, config.people, federationOf(config)), organizations: config.aws?.organizations,
    }),
  };
  await startBackstop(client, config);
  const role = await runWorker(config, { taskQueue: queues.cloud('aws'), activities });
  void role.ended.finally(() => client.connection.close()).catch(() => undefined);
  return role;
}
