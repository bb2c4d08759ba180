import type { ServicePrincipal, Organization } from '@microsoft/microsoft-graph-types';
import { azureArmRole, azureGraphPermissions, azureJitArmRole, azureJitGraphPermissions } from '../../activities/azure';
import { createAzureAccess, type AzureAccess } from '../../activities/azure/clients';
import type { AzureTenantConfig } from '../../activities/azure/config';
import { checkAzureRole } from '../../activities/azure/jit/arm';
import { checkEntraRole } from '../../activities/azure/jit/entra';
import { ungrantedActions } from '../../activities/azure/self-check';
import { literal } from '../../activities/azure/graph';
import type { Entitlement } from '../../playbook/jit/model';
import { azureConfig } from '../config/azure';
import { grantableRoles } from '../config/jit';
import { examine, type Diagnosis, type Examine } from './types';

export const examineAzure: Examine = async (config) => {
  const azure = azureConfig(config);
  if (!azure) return [{ what: 'Azure', ok: true, text: 'not configured' }];
  return examineTenants(createAzureAccess(azure), grantableRoles(config).map((role) => role.entitlement));
};

/** Can the responder sign in to each tenant, and may it do all that the actions need, in Graph and in every subscription. */
export async function examineTenants(access: AzureAccess, grantable: readonly Entitlement[] = []): Promise<Diagnosis[]> {
  return (await Promise.all(access.config.tenants.map(async (tenant) => {
    const found = await examineTenant(access, tenant);
    // Without a sign-in there is nothing more to see.
    return found[0]!.ok ? [...found, ...(await examineJit(access, tenant, grantable.filter((one) => one.account === tenant.id)))] : found;
  }))).flat();
}

/** May the responder give the configured just-in-time roles by PIM, and are they called what the approver reads. What PIM itself demands of an assignment (its role settings) is seen when one is asked for. */
async function examineJit(access: AzureAccess, tenant: AzureTenantConfig, grantable: readonly Entitlement[]): Promise<Diagnosis[]> {
  const ofAzure = grantable.flatMap((one) => (one.kind === 'azure-role' ? [one] : []));
  const kinds = [...new Set(grantable.map((one) => one.kind))];
  if (kinds.length === 0) return [];
  const graph = access.graph(tenant.id);
  const permissions = examine(`Entra ${tenant.name}: just-in-time access`, async () => {
    const [wanted, granted] = [azureJitGraphPermissions(kinds).permissions, await graph.roles()];
    const missing = wanted.filter((one) => !granted.includes(one));
    if (missing.length > 0) throw new Error(`the responder’s application lacks: ${missing.join(', ')} (grant what \`tourniquet permissions graph --jit\` prints)`);
    for (const one of grantable) await (one.kind === 'entra-role' ? checkEntraRole({ access }, { entitlement: one }) : checkAzureRole({ access }, { entitlement: one }));
    return `${grantable.length} roles are what the configuration calls them`;
  });
  const subscriptions = [...new Set(ofAzure.map((one) => one.scope.split('/')[2]!))].map((subscription) => examine(`Azure ${subscription}: just-in-time access`, async () => {
    const actions = azureJitArmRole().Actions;
    const missing = await ungrantedActions(access, tenant.id, subscription, await ownId(access, tenant), actions);
    if (missing.length > 0) throw new Error(`the responder may not: ${missing.join(', ')} (assign the role that \`tourniquet permissions arm --jit\` prints)`);
    return `${actions.length} allowed`;
  }));
  return Promise.all([permissions, ...subscriptions]);
}

async function ownId(access: AzureAccess, tenant: AzureTenantConfig): Promise<string> {
  const [self] = await access.graph(tenant.id).list<ServicePrincipal>('/servicePrincipals', { filter: `appId eq ${literal(tenant.clientId)}`, select: 'id' });
  return self?.id ?? '';
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
    const role = azureArmRole();
    const missing = await ungrantedActions(access, tenant.id, subscription.id, await ownId(access, tenant), role.Actions, role.DataActions);
    if (missing.length > 0) throw new Error(`the responder may not: ${missing.join(', ')} (assign the role that \`tourniquet permissions arm\` prints)`);
    return `${role.Actions.length + role.DataActions.length} allowed`;
  })));
  return [signIn, permissions, emergency, ...subscriptions];
}
