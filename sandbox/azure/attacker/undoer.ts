import type { User } from '@microsoft/microsoft-graph-types';
import { setTimeout as delay } from 'node:timers/promises';
import type { Azure } from '../start';
import { Agent, Refused, type Credential } from './agent';

export interface Undoer {
  /** What it managed to undo, in order. */
  undone: readonly string[];
  /** True when nothing of it is accepted any more. */
  beaten(): boolean;
  stop(): Promise<void>;
}

/** An on-premises directory that synchronises: whoever is enabled there is enabled here again at the next run, until somebody disables them there (`beaten` stays false). */
export function synchronise(azure: Azure, user: string, everyMs = 100): Undoer {
  const users = azure.sim.shelf<User>('users');
  return loop(everyMs, (undone) => {
    const one = users.get(user);
    if (one && one.accountEnabled === false) {
      users.put(user, { ...one, accountEnabled: true, onPremisesLastSyncDateTime: azure.sim.iso() });
      undone.push(`synchronisation enabled ${one.userPrincipalName ?? user} again`);
    }
    return Promise.resolve(true);
  });
}

/** An attacker who fights back: as long as one credential works, the identity is enabled again, its policy switched off again, and logging with it. */
export function fightBack(azure: Azure, victim: string, credentials: readonly Credential[], everyMs = 100): Undoer {
  const agents = credentials.map((credential) => new Agent(azure, credential));
  const undo = loop(everyMs, async (undone) => {
    let allowed = false;
    for (const agent of agents) {
      const attempt = async (what: string, call: () => Promise<unknown>): Promise<void> => {
        try {
          await call();
          allowed = true;
          if (what) undone.push(what);
        } catch (error) {
          // Refused: the next round tries again. Anything else is the sandbox’s own fault.
          if (!(error instanceof Refused)) throw error;
        }
      };
      await attempt('', async () => {
        const { accountEnabled } = await agent.graph<{ accountEnabled: boolean }>('GET', `/users/${victim}?$select=accountEnabled`);
        if (!accountEnabled) await attempt(`enabled ${victim}`, () => agent.graph('PATCH', `/users/${victim}`, { accountEnabled: true }));
      });
    }
    return allowed;
  });
  return {
    ...undo,
    stop: async () => {
      await undo.stop();
      for (const agent of agents) agent.close();
    },
  };
}

function loop(everyMs: number, round: (undone: string[]) => Promise<boolean>): Undoer {
  const undone: string[] = [];
  const ended = new AbortController();
  let allowed = true;
  const running = (async () => {
    while (!ended.signal.aborted) {
      allowed = await round(undone);
      await delay(everyMs, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  })();
  return {
    undone, beaten: () => !allowed,
    stop: async () => {
      ended.abort();
      await running;
    },
  };
}
