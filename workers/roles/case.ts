import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import { createCampaignActivities } from '../../activities/campaign';
import { createHandOver } from '../../activities/hand-over';
import { createAuditCaseActivities } from '../../activities/audit/case';
import { createCaseActivities } from '../../activities/case';
import { createJitCaseActivities } from '../../activities/jit/case';
import { createNotifyActivities, folderLedger, memoryLedger } from '../../activities/notify';
import { createRegisters } from '../../activities/registers';
import { createGrantPort } from '../../approvals/grants';
import { createReviewPort } from '../../approvals/reviews';
import { digestOf } from '../../playbook/digest';
import { originOf } from '../../playbook/federation';
import { queues } from '../../playbook/queues';
import type { campaign } from '../../workflows';
import { joinCampaignSignal, type CampaignMember } from '../../workflows/messages';
import { auditSettings, ownerRules } from '../config/audit';
import { grantableRoles } from '../config/jit';
import type { Config } from '../config/schema';
import { federationOf, incidentSettings } from '../config/settings';
import { createDelivery } from '../deliver';
import { evidenceStore } from '../evidence';
import { createLogger } from '../log';
import { directoryOf, notifyConfig } from '../notify';
import { onCallDirectory } from '../on-call';
import { leasesOf } from '../personal-leases';
import { runWorker, type RunningRole } from '../run-worker';
import { connectClient, isRunning } from '../temporal';
import { ticketSystem } from '../tickets';
import { join } from 'node:path';

/** Evidence, tickets and people; no cloud credential. */
export async function startCase(config: Config): Promise<RunningRole> {
  const client = await connectClient(config);
  const log = createLogger('case');
  const store = evidenceStore(config);
  const campaignId = `cmp-${digestOf(config.organisation).slice(0, 20)}`;
  const ledger = config.evidence.kind === 'folder' ? folderLedger(join(config.evidence.path, '..', 'delivered')) : memoryLedger();
  const activities = {
    ...createCaseActivities({ store, registers: createRegisters(config.registers), tickets: ticketSystem(config), settings: incidentSettings(config), people: config.people, federation: federationOf(config), leases: leasesOf(config, client), now: () => new Date() }),
    ...createNotifyActivities({ config: notifyConfig(config), directory: onCallDirectory(config, directoryOf(config), (why) => log.warn({ why }, 'the on-call rota cannot be read')), ledger, evidence: store }),
    ...createHandOver({ deliver: createDelivery(client), origin: (principal) => originOf(principal, config.people, federationOf(config)) }),
    ...createCampaignActivities({
      knownAddresses: config.registers.knownUses.flatMap((use) => use.from),
      signal: async (member) => {
        await client.workflow.signalWithStart<typeof campaign, [CampaignMember]>('campaign', {
          taskQueue: queues.workflows, workflowId: campaignId, workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE, workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
          args: [{ members: [], told: [] }], signal: joinCampaignSignal, signalArgs: [member], staticSummary: 'Several accounts are one major incident',
        });
      },
    }),
    ...createJitCaseActivities({
      roles: grantableRoles(config), people: directoryOf(config).people, settings: { approvals: incidentSettings(config).approvals, consoleUrl: config.console?.url ?? null },
      isOpen: (incident) => isRunning(client, incident), block: createGrantPort(client).block,
    }),
    ...createAuditCaseActivities({ settings: auditSettings(config), owners: ownerRules(config), people: directoryOf(config).people, start: createReviewPort(client).start }),
  };
  const role = await runWorker(config, { taskQueue: queues.case, activities });
  void role.ended.finally(() => client.connection.close()).catch(() => undefined);
  return role;
}
