import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import type { Config } from './config/schema';
import { heartbeats } from './heartbeats';
import { secretGuard } from './secret-guard';
import { connectWorker, dataConverter } from './temporal';

/** Longer than the longest activity (`risk.destroy`), so that a deploy cuts nothing off. */
const GRACE = '10m';

export interface RunningRole {
  /** Resolves when it has drained. */
  stop(): Promise<void>;
  /** Rejects when it dies. */
  ended: Promise<void>;
}

/** Starts one worker with what every worker shares: the codec, heartbeats, the secret guard, a graceful end. */
export async function runWorker(config: Config, options: Pick<WorkerOptions, 'taskQueue' | 'activities' | 'workflowBundle'> & Partial<WorkerOptions>): Promise<RunningRole> {
  const connection: NativeConnection = await connectWorker(config);
  const worker = await Worker.create({
    connection, namespace: config.temporal.namespace, dataConverter: dataConverter(config), shutdownGraceTime: GRACE,
    interceptors: { activity: [heartbeats, secretGuard] },
    ...options,
  });
  const ended = worker.run().finally(() => connection.close());
  ended.catch(() => undefined);
  return {
    ended,
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
    },
  };
}
