import { WebSiteManagementClient } from '@azure/arm-appservice';
import { AuthorizationManagementClient } from '@azure/arm-authorization';
import { ComputeManagementClient } from '@azure/arm-compute';
import { ConsumptionManagementClient } from '@azure/arm-consumption';
import { FrontDoorManagementClient } from '@azure/arm-frontdoor';
import { LogicManagementClient } from '@azure/arm-logic';
import { MonitorClient } from '@azure/arm-monitor';
import { NetworkManagementClient } from '@azure/arm-network';
import { PolicyClient } from '@azure/arm-policy';
import { ResourceManagementClient } from '@azure/arm-resources';
import { SecurityCenter } from '@azure/arm-security';
import { StorageManagementClient } from '@azure/arm-storage';
import { MicrosoftSupport } from '@azure/arm-support';
import type { TokenCredential } from '@azure/identity';
import { fail } from '../boundary';
import { armBearer, refusalInFull, shortWaitsOnly } from './arm-pipeline';
import type { AzureConfig, AzureTenantConfig } from './config';
import { createGraph, type Graph } from './graph';
import { responderCredential, secretCredential, tokensOf, type Tokens } from './tokens';

const constructors = {
  compute: ComputeManagementClient, network: NetworkManagementClient, authorization: AuthorizationManagementClient, storage: StorageManagementClient, monitor: MonitorClient,
  web: WebSiteManagementClient, logic: LogicManagementClient, frontDoor: FrontDoorManagementClient, security: SecurityCenter, consumption: ConsumptionManagementClient,
  policy: PolicyClient, resources: ResourceManagementClient, support: MicrosoftSupport,
} as const;

export type ArmClients = { readonly [K in keyof typeof constructors]: InstanceType<(typeof constructors)[K]> };

/** Graph per tenant and ARM per subscription under the responder's application, made on first use and kept. */
export interface AzureAccess {
  readonly config: AzureConfig;
  /** Throws INVALID_CONFIG for a tenant that is not configured. */
  tenant(id: string): AzureTenantConfig;
  graph(tenant: string): Graph;
  /** Throws INVALID_CONFIG for a subscription that is not configured for the tenant. */
  arm(tenant: string, subscription: string): ArmClients;
  /** Ids of the tenant's configured subscriptions. */
  subscriptions(tenant: string): string[];
  /** For services without a client library here (Resource Graph's query, data planes). */
  tokens(tenant: string): Tokens;
}

/** Under the responder's own credential of each tenant. */
export function createAzureAccess(config: AzureConfig): AzureAccess {
  return accessWith(config, (tenant) => responderCredential(config, tenant));
}

/** Acts directly with one application's secret: the leased emergency credential, or one under proof. */
export function createDirectAzureAccess(config: AzureConfig, credential: { clientId: string; secret: string }): AzureAccess {
  return accessWith(config, (tenant) => secretCredential(config, tenant.id, credential.clientId, credential.secret));
}

function accessWith(config: AzureConfig, credentialFor: (tenant: AzureTenantConfig) => TokenCredential): AzureAccess {
  const { endpoints } = config;
  const tokens = new Map<string, Tokens>();
  const graphs = new Map<string, Graph>();
  const arms = new Map<string, ArmClients>();
  const tenant = (id: string): AzureTenantConfig => {
    const found = config.tenants.find((one) => one.id === id.toLowerCase());
    if (!found) throw fail('INVALID_CONFIG', `tenant ${id} is not in tourniquet.yaml (azure.tenants)`);
    return found;
  };
  const tokensFor = (id: string): Tokens => kept(tokens, id.toLowerCase(), () => tokensOf(() => credentialFor(tenant(id))));
  return {
    config, tenant, tokens: tokensFor,
    graph: (id) => kept(graphs, id.toLowerCase(), () => createGraph(endpoints, tokensFor(id))),
    arm(id, subscription) {
      const known = tenant(id).subscriptions.find((one) => one.id === subscription.toLowerCase());
      if (!known) throw fail('INVALID_CONFIG', `subscription ${subscription} is not in tourniquet.yaml (azure.tenants[].subscriptions)`);
      return kept(arms, known.id, () => lazyClients(config, known.id, tokensFor(id)));
    },
    subscriptions: (id) => tenant(id).subscriptions.map((one) => one.id),
  };
}

function kept<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** What every ARM client gets. Its own bearer policy is satisfied with an empty token: ours comes after it and replaces it. */
function lazyClients({ endpoints }: AzureConfig, subscription: string, tokens: Tokens): ArmClients {
  const placeholder: TokenCredential = { getToken: async () => ({ token: '-', expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const policies = [armBearer(endpoints.armAudience, tokens), shortWaitsOnly, refusalInFull];
  const options = {
    endpoint: endpoints.arm, ...(endpoints.ca ? { tlsOptions: { ca: endpoints.ca } } : {}), retryOptions: { maxRetries: 3, maxRetryDelayInMs: 4_000 },
    additionalPolicies: policies.map((policy) => ({ policy, position: 'perRetry' as const })),
  };
  const made: Partial<Record<keyof ArmClients, unknown>> = {};
  const clients = {} as Record<keyof ArmClients, unknown>;
  for (const name of Object.keys(constructors) as (keyof ArmClients)[]) {
    Object.defineProperty(clients, name, {
      enumerable: true,
      get: () => (made[name] ??= new (constructors[name] as unknown as new (credential: TokenCredential, subscription: string, options: object) => unknown)(placeholder, subscription, options)),
    });
  }
  return clients as unknown as ArmClients;
}
