import { randomBytes } from 'node:crypto';
import { startAzureSandbox, type Azure } from '../../../sandbox/azure';
import type { SandboxVault } from '../../../sandbox/vault';

export const AZURE_EMERGENCY = 'entra-emergency';

/** Part of the house: the tenant, and what the roles find in their environment for it. */
export interface AzureHouse {
  azure: Azure;
  secrets: { AZURE_CLIENT_SECRET: string; EVENTHUB_SENDER_KEY: string };
}

/** The counterpart of Entra and Azure, with the emergency application’s secret in the vault. Access tokens live a minute here, not an hour: the list at the end asks what a thief still can. */
export async function startAzureHouse(lagMs: number): Promise<AzureHouse> {
  const azure = await startAzureSandbox({ tenantRoot: true, lags: { directoryMs: lagMs, armMs: lagMs, sessionMs: 3_000, logMs: lagMs }, tokenLifeMs: 60_000 });
  for (const subscription of azure.subscriptions) azure.sim.supportPlans.add(subscription);
  return { azure, secrets: { AZURE_CLIENT_SECRET: azure.world.responder.secret, EVENTHUB_SENDER_KEY: randomBytes(24).toString('base64url') } };
}

export const lendEmergency = ({ azure }: AzureHouse, vault: SandboxVault): Promise<void> => {
  const { appId, secret, secretKeyId } = azure.world.breakGlass;
  return vault.putCredential(AZURE_EMERGENCY, { keyId: secretKeyId, secret, owner: appId });
};

/** `azure` in the sandbox’s `tourniquet.yaml`; no emergency credential where there is no vault. */
export function azureSection({ azure }: AzureHouse, emergencyCredential: string | null = AZURE_EMERGENCY): object {
  const { world } = azure;
  return {
    endpoints: { authority: azure.loginUrl, graph: azure.graphUrl, arm: azure.armUrl, storageSuffix: azure.storageSuffix, caFile: azure.caFile },
    tenants: [{
      id: azure.tenantId, name: 'northwind', clientId: world.responder.appId, servicePrincipalId: world.responder.servicePrincipalId, credential: { kind: 'client-secret', secret: { env: 'AZURE_CLIENT_SECRET' } },
      subscriptions: [{ id: world.estate.production, name: 'production' }, { id: world.estate.platform, name: 'platform' }],
      emergencyCredential, emergencyIdentities: [world.emergency.id, world.breakGlass.servicePrincipalId, world.breakGlass.applicationId],
    }],
    protected: [world.responder.servicePrincipalId, world.responder.applicationId, world.responder.appId],
    budget: { monthlyUsd: 5_000, email: 'finance@example.com' },
    logDestination: { storageAccountId: world.estate.logStorage },
    support: { firstName: 'Soc', lastName: 'Lead', email: 'soc@example.com', country: 'THA' },
  };
}
