import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/client';
import { createReviewPort } from '../../approvals/reviews';
import { createReceiver } from '../../intake/receiver';
import { originOf } from '../../playbook/federation';
import { digestOf } from '../../playbook/digest';
import { queues } from '../../playbook/queues';
import type { notice } from '../../workflows';
import type { Config } from '../config/schema';
import { readSecret } from '../config/secret';
import { federationOf } from '../config/settings';
import { createHeard } from '../backstop';
import { createBursts } from '../bursts';
import { createDelivery } from '../deliver';
import { evidenceStore } from '../evidence';
import { startHubs } from '../intake/hubs';
import { sourcesWith } from '../intake/mappings';
import { entraIdentityOf, tenantOf } from '../intake/people';
import { startQueues } from '../intake/queues';
import { addRoutes } from '../intake/routes';
import { serveRole } from '../listen';
import { createLogger } from '../log';
import { ownDoing } from '../own';
import type { RunningRole } from '../run-worker';
import { connectClient } from '../temporal';

/** Alerts in. Holds sender keys and writes evidence; no Slack token, and of the clouds at most what reads the configured queues, log files, hubs and signals. */
export async function startIntake(config: Config): Promise<RunningRole> {
  const client = await connectClient(config);
  const store = evidenceStore(config);
  const sources = sourcesWith(config.intake.mappings);
  const { app, receiving } = createReceiver({
    sources,
    senders: config.intake.senders.map(({ id, key, sources: ids, keyInPath }) => ({ id, key: readSecret(key), sources: ids.length > 0 ? ids : ['*'], keyInPath })),
    limits: { bodyBytes: config.intake.maxBytes },
    keep: (content, kind, contentType) => store.keep(null, kind, content, contentType),
    deliver: createDelivery(client),
    part: createBursts(client),
    origin: (principal) => originOf(principal, config.people, federationOf(config)),
    own: ownDoing(config, client),
    notice: async (one) => {
      await client.workflow
        .start<typeof notice>('notice', { taskQueue: queues.workflows, workflowId: `ntc-${digestOf(one.key).slice(0, 20)}`, workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE, args: [{ caseKey: null, ...one }], staticSummary: one.title.slice(0, 200) })
        .catch((error: unknown) => {
          // The same record again was told of already.
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        });
    },
    review: async (subject, alert) => (await createReviewPort(client).start({ subject, requester: null, finding: alert.id })).review,
    // Graph's own records do not say whose they are; with one tenant it is known.
    tenant: tenantOf(config),
    personOf: entraIdentityOf(config),
    organizations: config.aws?.organizations,
    emergencyIdentities: config.azure?.tenants.flatMap((tenant) => tenant.emergencyIdentities.map((id) => id.toLowerCase())),
    clouds: (['aws', 'azure'] as const).filter((cloud) => config[cloud] !== null),
    heard: createHeard(client),
    log: createLogger('intake'),
    now: () => new Date().toISOString(),
  });
  addRoutes(app, config, sources, receiving);
  const pulling = [...startQueues(config.intake, sources, receiving), ...startHubs(config, sources, receiving)];
  return serveRole(app.fetch, config.intake.listen, async () => {
    await Promise.all(pulling.map((one) => one.stop()));
    await client.connection.close();
  });
}
