import { readFileSync } from 'node:fs';
import { defaultAzureNames, endpointsOf, type AzureConfig, type AzureCredentialConfig } from '../../activities/azure/config';
import type { Config } from './schema';
import { readSecret } from './secret';

/** What the Azure side needs; null when it is not configured. */
export function azureConfig(config: Config): AzureConfig | null {
  const { azure } = config;
  if (!azure) return null;
  return {
    tenants: azure.tenants.map(({ id, name, clientId, credential, subscriptions, emergencyIdentities }) => ({ id, name, clientId, credential: credentialOf(credential), subscriptions, emergencyIdentities })),
    endpoints: endpointsOf(azure.cloud, { ...azure.endpoints, ca: azure.endpoints.caFile ? readFileSync(azure.endpoints.caFile, 'utf8') : null }), protected: azure.protected, knownAddresses: config.registers.knownUses.flatMap((use) => use.from),
    betaReports: azure.betaReports, names: defaultAzureNames, billing: { monthlyBudgetUsd: azure.budget.monthlyUsd, email: azure.budget.email }, logDestination: azure.logDestination, support: azure.support,
  };
}

/** The secret is read when a token is asked for, so that a delivered file may be replaced while the worker runs. */
export function credentialOf(credential: NonNullable<Config['azure']>['tenants'][number]['credential']): AzureCredentialConfig {
  if (credential.kind !== 'client-secret') return credential;
  const { secret } = credential;
  return { kind: 'client-secret', secret: () => readSecret(secret) };
}
