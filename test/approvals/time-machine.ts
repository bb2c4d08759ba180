import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { queues } from '../../playbook/queues';
import { ensurePython } from '../../sandbox/tools';
import { unhurried } from '../workflows/unhurried';

export const TASK_QUEUE = 'approvals-under-test';

let bundle: Promise<WorkflowBundle> | undefined;

/** A time-skipping server with a worker, fresh for each test: in one shared by all, the clock was seen to stop skipping after some tests. */
export async function timeMachine(activities: object): Promise<{ env: TestWorkflowEnvironment; stop: () => Promise<void> }> {
  bundle ??= install();
  const [{ testServer }, workflowBundle] = await Promise.all([ensurePython(() => undefined), bundle]);
  const env = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path: testServer } } });
  const workers = [
    await Worker.create({ connection: env.nativeConnection, taskQueue: TASK_QUEUE, workflowBundle, ...unhurried }),
    await Worker.create({ connection: env.nativeConnection, taskQueue: queues.case, activities }),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    env,
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await env.teardown();
    },
  };
}

function install(): Promise<WorkflowBundle> {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger, telemetryOptions: { logging: { forward: {}, filter: 'OFF' } } });
  return bundleWorkflowCode({ workflowsPath: require.resolve('./workflows-under-test'), logger });
}
