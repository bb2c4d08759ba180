import type { Clients } from '../clients';
import type { Keys } from '../control';
import type { Envelope } from '../gateway/cloudtrail/stream';

/** A credential that the attacker holds, and a call that it could make when it was taken. */
export interface Live {
  /** What it is, in words: `dana.ops' stolen key`. */
  what: string;
  keys: Keys;
  /** Succeeds while the credential can still do harm. */
  probe(clients: Clients): Promise<unknown>;
}

export interface Planted {
  users: string[];
  roles: string[];
  /** Access keys made by the attacker, with whose they are. */
  accessKeys: { user: string; id: string }[];
  policyVersions: { arn: string; version: string; previous: string }[];
  inlinePolicies: { kind: 'user' | 'role'; name: string; policy: string }[];
  changedTrusts: { role: string }[];
  instances: { region: string; id: string }[];
  securityGroups: { region: string; id: string }[];
  /** Ingress rules opened on groups that were there before. */
  rules: { region: string; group: string; port: number }[];
  buckets: string[];
  exposedBuckets: string[];
  functions: { region: string; name: string }[];
  stoppedTrails: { region: string; name: string }[];
  disabledDetectors: { region: string; id: string }[];
  rootKeys: string[];
}

export const nothing = (): Planted => ({ users: [], roles: [], accessKeys: [], policyVersions: [], inlinePolicies: [], changedTrusts: [], instances: [], securityGroups: [], rules: [], buckets: [], exposedBuckets: [], functions: [], stoppedTrails: [], disabledDetectors: [], rootKeys: [] });

export interface Attack {
  scenario: ScenarioName;
  account: string;
  /** ARN of whose credential was used. */
  principal: string;
  sourceIp: string;
  userAgent: string;
  /** ISO, first call. */
  startedAt: string;
  /** What EventBridge delivered, in order: the write events while a trail logged. */
  events: Envelope[];
  /** GuardDuty's finding, in its envelope. */
  finding: Envelope | null;
  planted: Planted;
  live: Live[];
}

export type ScenarioName = 'stolen-admin-key' | 'root-login' | 'cross-account-role' | 'logging-stopped' | 'false-positive' | 'wrong-person' | 'federated';
