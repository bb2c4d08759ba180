import type { Json } from '../protocol/types';
import type { Credential } from './agent';

export type AzureScenarioName = 'global-admin-login' | 'rogue-service-principal' | 'logging-dark';

/** Something that the attacker can still come back with, and what it would do. */
export interface AzureLive {
  what: string;
  credential: Credential;
  /** A call that does harm, for Graph or ARM. */
  probe: { on: 'graph' | 'arm'; method: string; path: string; body?: object };
}

export interface AzurePlanted {
  users: { id: string; upn: string }[];
  applications: { id: string; appId: string; servicePrincipalId: string; name: string }[];
  /** Secrets added to applications that were there before. */
  secrets: { applicationId: string; keyId: string }[];
  federatedCredentials: { applicationId: string; id: string }[];
  /** Names of rules, in the group. */
  rules: string[];
  /** Resource ids. */
  machines: string[];
  /** Containers made public. */
  containers: string[];
  methods: { user: string; id: string }[];
}

export interface AzureAttack {
  scenario: AzureScenarioName;
  tenant: string;
  /** Object id of the identity that acted, and its name. */
  principal: string;
  name: string;
  sourceIp: string;
  startedAt: string;
  /** Records as the Event Hub has them. */
  events: Json[];
  planted: AzurePlanted;
  live: AzureLive[];
}

export const nothing = (): AzurePlanted => ({ users: [], applications: [], secrets: [], federatedCredentials: [], rules: [], machines: [], containers: [], methods: [] });
