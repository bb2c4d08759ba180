/** Forked: every worker that containment needs, for the bare workflow and for Tourniquet, in one process: the same layout for both arms. */
import { bundleWorkflowCode, DefaultLogger, Runtime } from '@temporalio/worker';
import type { ProviderId } from '../playbook/model/principal';
import { queues } from '../playbook/queues';
import { approvalProof } from '../workers/approval-proof';
import { loadConfig } from '../workers/config/load';
import { evidenceStore } from '../workers/evidence';
import { startCase } from '../workers/roles/case';
import { startWorkflows } from '../workers/roles/workflows';
import { runWorker } from '../workers/run-worker';
import { connectClient } from '../workers/temporal';
import { callsOf, type Calls } from './calls';
import { answering, cpuMs } from './child';

export const BARE_QUEUE = 'bench-bare';

/** Said after each applied action. */
export interface Applied {
  incident: string;
  action: string;
  /** CPU of the process up to here, in milliseconds. */
  cpu: number;
}

/** Says when an action was applied and verified, and what the process had spent by then. */
function reporting(activities: Calls): Calls {
  return Object.fromEntries(Object.entries(activities).map(([name, run]) => [name, !name.endsWith('.apply') ? run : async (input: never) => {
    const result = await run(input);
    process.send!({ event: { incident: (input as { incident: string }).incident, action: name.slice(0, -'.apply'.length), cpu: cpuMs() } satisfies Applied });
    return result;
  }]));
}

/** Errors only: a busy log would be measured too. */
const quiet = new DefaultLogger('ERROR');

async function main(configFile: string, cloud: ProviderId): Promise<void> {
  Runtime.install({ logger: quiet });
  const config = loadConfig(configFile);
  const client = await connectClient(config);
  const activities = callsOf(cloud, config, { evidence: evidenceStore(config), approvals: approvalProof(client) });
  const { code } = await bundleWorkflowCode({ workflowsPath: require.resolve('./bare-workflow'), failureConverterPath: require.resolve('../workers/failure-converter'), logger: quiet });
  await Promise.all([
    runWorker(config, { taskQueue: BARE_QUEUE, workflowBundle: { code } }),
    startWorkflows(config),
    startCase(config),
    runWorker(config, { taskQueue: queues.cloud(cloud), activities: reporting(activities) }),
  ]);
  answering({ ready: () => true, cpu: () => cpuMs() });
}

if (require.main === module) void main(...(process.argv.slice(2) as [string, ProviderId])).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
