import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/client';
import { createReceiver } from '../../intake/receiver';
import { SOURCES } from '../../intake/sources';
import { originOf } from '../../playbook/federation';
import { digestOf } from '../../playbook/digest';
import { queues } from '../../playbook/queues';
import type { notice } from '../../workflows';
import type { Config } from '../config/schema';
import { readSecret } from '../config/secret';
import { federationOf } from '../config/settings';
import { createDelivery } from '../deliver';
import { evidenceStore } from '../evidence';
import { serveRole } from '../listen';
import { createLogger } from '../log';
import { ownDoing } from '../own';
import type { RunningRole } from '../run-worker';
import { connectClient } from '../temporal';

/** Alerts in. Holds sender keys and writes evidence; no cloud credential, no Slack token. */
export async function startIntake(config: Config): Promise<RunningRole> {
  const client = await connectClient(config);
  const store = evidenceStore(config);
  const { app } = createReceiver({
    sources: SOURCES,
    senders: config.intake.senders.map(({ id, key, sources }) => ({ id, key: readSecret(key), sources: sources.length > 0 ? sources : ['*'] })),
    limits: { bodyBytes: config.intake.maxBytes },
    keep: (content, kind, contentType) => store.keep(null, kind, content, contentType),
    deliver: createDelivery(client),
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
    // Graph's own records do not say whose they are; with one tenant it is known.
    tenant: config.azure?.tenants.length === 1 ? config.azure.tenants[0]!.id : undefined,
    log: createLogger('intake'),
    now: () => new Date().toISOString(),
  });
  return serveRole(app.fetch, config.intake.listen, () => client.connection.close());
}
