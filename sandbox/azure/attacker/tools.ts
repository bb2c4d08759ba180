import type { Azure } from '../start';
import type { Json } from '../protocol/types';
import { Agent, Refused, hostile } from './agent';
import type { AzureLive } from './types';

/** Runs something and returns what the diagnostic settings exported meanwhile. */
export async function during<T>(azure: Azure, run: () => Promise<T>): Promise<{ value: T; events: Json[] }> {
  const events: Json[] = [];
  const stop = azure.exports((record) => events.push(record));
  try {
    return { value: await run(), events };
  } finally {
    stop();
  }
}

/** New things are known everywhere after the lag; attackers wait as well. Throws when it never works. */
export async function patiently<T>(what: string, call: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 20_000; ;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof Refused) || Date.now() > end) throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** `dead`: no token, or one that is not accepted. `denied`: known, but may do nothing of what it could. `alive`: does harm. */
export async function stateOf(azure: Azure, { credential, probe }: AzureLive): Promise<'dead' | 'denied' | 'alive'> {
  const agent = new Agent(azure, credential, hostile);
  try {
    await agent.token(probe.on);
    await (probe.on === 'graph' ? agent.graph(probe.method, probe.path, probe.body) : agent.arm(probe.method, probe.path, probe.body));
    return 'alive';
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return error.status === 403 || error.status === 404 ? 'denied' : 'dead';
  } finally {
    agent.close();
  }
}
