import type { Credentials } from './auth/credentials';
import type { Estate } from './auth/estate';
import type { EventHistory } from './cloudtrail/history';
import type { Recorded } from './cloudtrail/record';
import type { Trails } from './cloudtrail/stream';
import type { Throttler } from './throttle';
import type { Upstream } from './upstream';

/** Root of one account, which no API can make: its password, MFA and own keys. */
export interface RootState { password: boolean; mfa: string | null; keys: { id: string; status: string; createdAt: Date }[] }

/** All state of the gateway itself; what AWS state there is besides lives in the emulator. */
export interface World {
  now(): number;
  credentials: Credentials;
  estate: Estate;
  history: EventHistory;
  trails: Trails;
  throttler: Throttler;
  upstream: Upstream;
  /** Document of a managed policy's default version, AWS's own or the account's; null when there is none. */
  managed(arn: string, account: string): Promise<object | null>;
  /** The decision for an identity of this account by ARN, without making the call; null when there is no such identity. */
  simulatePrincipal(arn: string, account: string, action: string, resource: string, context: Record<string, string | string[]>): Promise<'allowed' | 'explicitDeny' | 'implicitDeny' | null>;
  /** The decision of documents alone, for nobody in particular. */
  simulateDocuments(documents: readonly object[], account: string, action: string, resource: string, context: Record<string, string | string[]>): Promise<'allowed' | 'explicitDeny' | 'implicitDeny'>;
  /** Centralised root access: `RootCredentialsManagement`, `RootSessions`. */
  rootFeatures: Set<string>;
  roots: Map<string, RootState>;
  /** Small stores of the services that the emulator lacks, by name and account (and region). */
  shelf<T>(name: string, account: string, make: () => T): T;
  /** Accounts without a support plan answer SubscriptionRequiredException. */
  supportPlans: Set<string>;
  record(recorded: Recorded): void;
  say(line: string): void;
}

export const rootOf = (world: Pick<World, 'roots'>, account: string): RootState => {
  let root = world.roots.get(account);
  if (!root) world.roots.set(account, (root = { password: true, mfa: null, keys: [] }));
  return root;
};

