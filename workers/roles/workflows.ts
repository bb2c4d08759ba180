import { bundlePath } from '../bundle';
import type { Config } from '../config/schema';
import { runWorker, type RunningRole } from '../run-worker';
import { queues } from '../../playbook/queues';

/** Workflow code only; no credential but Temporal's own. */
export function startWorkflows(config: Config): Promise<RunningRole> {
  return runWorker(config, { taskQueue: queues.workflows, workflowBundle: { codePath: bundlePath } });
}
