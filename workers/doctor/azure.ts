import type { ServicePrincipal, Organization } from '@microsoft/microsoft-graph-types';
import { azureArmRole, azureGraphPermissions } from '../../activities/azure';
import { createAzureAccess, type AzureAccess } from '../../activities/azure/clients';
import type { AzureTenantConfig } from '../../activities/azure/config';
import { ungrantedActions } from '../../activities/azure/self-check';
import { literal } from '../../activities/azure/graph';
import { azureConfig } from '../config/azure';
import { examine, type Diagnosis, type Examine } from './types';

export const examineAzure: Examine = async (config) => {
  const azure = azureConfig(config);
  if (!azure) return [{ what: 'Azure', ok: true, text: 'not configured' }];
  return examineTenants(createAzureAccess(azure));
};

/** Can the responder sign in to each tenant, and may it do all that the actions need, in Graph and in every subscription. */
export async function examineTenants(access: AzureAccess): Promise<Diagnosis[]> {
  return (await Promise.all(access.config.tenants.map((tenant) => examineTenant(access, tenant)))).flat();
}

async function examineTenant(access: AzureAccess, tenant: AzureTenantConfig): Promise<Diagnosis[]> {
  const graph = access.graph(tenant.id);
  const signIn = await examine(`Entra ${tenant.name} (${tenant.id})`, async () => {
    await graph.roles();
    const kind = tenant.credential.kind === 'client-secret' ? 'client secret: it can be copied, use a workload identity, a managed identity or a certificate' : tenant.credential.kind;
    return `signs in as application ${tenant.clientId} (${kind})`;
  });
  if (!signIn.ok) return [signIn];
  const permissions = await examine(`Entra ${tenant.name}: permissions`, async () => {
    const [wanted, granted] = [azureGraphPermissions().permissions, await graph.roles()];
    const missing = wanted.filter((one) => !granted.includes(one));
    if (missing.length > 0) throw new Error(`the responder’s application lacks: ${missing.join(', ')} (grant what \`tourniquet permissions graph\` prints)`);
    const found = await graph.list<Organization>('/organization', { select: 'id,displayName' });
    return `${wanted.length} granted in ${found[0]?.displayName ?? tenant.id}`;
  });
  const emergency = await examine(`Entra ${tenant.name}: emergency accounts`, async () => {
    if (tenant.emergencyIdentities.length === 0) throw new Error('emergencyIdentities is empty: no policy against addresses can be made, and nothing keeps an emergency account from being contained');
    return Promise.resolve(`${tenant.emergencyIdentities.length} protected`);
  });
  const subscriptions = await Promise.all(tenant.subscriptions.map((subscription) => examine(`Azure ${subscription.name} (${subscription.id})`, async () => {
    const [self] = await graph.list<ServicePrincipal>('/servicePrincipals', { filter: `appId eq ${literal(tenant.clientId)}`, select: 'id' });
    const role = azureArmRole();
    const missing = await ungrantedActions(access, tenant.id, subscription.id, self?.id ?? '', role.Actions);
    if (missing.length > 0) throw new Error(`the responder may not: ${missing.join(', ')} (assign the role that \`tourniquet permissions arm\` prints)`);
    return `${role.Actions.length} allowed`;
  })));
  return [signIn, permissions, emergency, ...subscriptions];
}
