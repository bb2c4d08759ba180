import { createAzureAccess } from '../../activities/azure/clients';
import { defaultAzureNames, endpointsOf, type AzureConfig } from '../../activities/azure/config';
import { containActions } from '../../activities/azure/contain';
import type { AzureContext, RotatedSecretVault } from '../../activities/azure/context';
import type { AzureAction } from '../../activities/azure/define';
import { classifyAzure } from '../../activities/azure/errors';
import { isData } from '../../activities/azure/permissions';
import { rootActions } from '../../activities/azure/root';
import { planProposals } from '../../activities/actions';
import type { EvidenceSink } from '../../activities/evidence/sink';
import type { Json } from '../../playbook/json';
import type { Proposal, Refusal, Step } from '../../playbook/model/plan';
import { incident } from '../containment/contract';
import { startAzureSandbox, type Azure, type AzureOptions } from '../../sandbox/azure';
import type { RoleDefinition } from '../../sandbox/azure/arm/access';
import { grantPermissions } from '../../sandbox/azure/world/applications';
import { assign } from '../../sandbox/azure/world/estate';
import { idOf } from '../../sandbox/azure/state/sim';

export const actions: AzureAction[] = [...containActions, ...rootActions];
export const actionOf = (id: string): AzureAction => actions.find((action) => action.id === id)!;

export interface Bed {
  azure: Azure;
  tenant: string;
  kept: { kind: string; content: Json }[];
  vault: RotatedSecretVault & { secrets: Map<string, { user: string; secret: string }>; failing: boolean };
  config: AzureConfig;
  context(change?: { config?: Partial<AzureConfig>; now?: () => Date; vault?: null }): AzureContext;
  plan(proposal: Proposal, ctx?: AzureContext): Promise<Step | Refusal>;
  /** The responder has exactly these from now on, and a new token; null = everything. */
  permit(permissions: readonly string[] | null): void;
  stop(): Promise<void>;
}

/** The sandbox tenant and the responder's own application in it: what the actions may do is decided by the sandbox from what the application was granted. */
export async function makeBed(options: AzureOptions = {}): Promise<Bed> {
  const azure = await startAzureSandbox(options);
  const { world, sim, tenantId: tenant } = azure;
  const secrets: Bed['vault']['secrets'] = new Map();
  const vault: Bed['vault'] = {
    secrets, failing: false,
    storeRotatedKey: async (key) => {
      if (vault.failing) throw new Error('the vault is away');
      secrets.set(key.accessKeyId, { user: key.user, secret: key.secret });
    },
    holdsRotatedKey: async ({ accessKeyId }) => secrets.has(accessKeyId),
  };
  const kept: Bed['kept'] = [];
  const evidence: EvidenceSink = {
    keep: async (_case, kind, content) => {
      kept.push({ kind, content: content as Json });
      return { key: `raw/${kept.length}`, sha256: '0'.repeat(64), bytes: 1 };
    },
    read: () => Promise.reject(new Error('not read here')),
    record: async () => undefined,
  };
  const config: AzureConfig = {
    tenants: [{
      id: tenant, name: 'northwind', clientId: world.responder.appId, credential: { kind: 'client-secret', secret: () => world.responder.secret },
      subscriptions: [{ id: world.estate.production, name: 'production' }, { id: world.estate.platform, name: 'platform' }], emergencyIdentities: [world.emergency.id],
    }],
    endpoints: endpointsOf('public', { authority: azure.loginUrl, graph: azure.graphUrl, arm: azure.armUrl, storageSuffix: azure.storageSuffix, ca: azure.ca }),
    protected: [], knownAddresses: ['203.0.113.0/24'], names: defaultAzureNames, billing: { monthlyBudgetUsd: 100, email: 'a@example.com' }, logDestination: { storageAccountId: null, workspaceId: null },
    support: { firstName: 'Soc', lastName: 'Lead', email: 'soc@northwind.example', country: 'THA', timezone: 'UTC', language: 'en-US' },
  };
  // Entra's own diagnostic settings are under the tenant's root.
  assign(sim, world.responder.servicePrincipalId, 'ServicePrincipal', idOf('role Tourniquet responder'), '/');
  let access = createAzureAccess(config);
  const every = sim.shelf<{ id: string; appId: string; appRoles?: { value?: string }[] }>('servicePrincipals').truth().find((one) => one.appId.startsWith('00000003-'))!.appRoles!.map((role) => role.value!);
  const context: Bed['context'] = (change = {}) => ({
    access: change.config ? { ...access, config: { ...config, ...change.config } } : access, incident, caseKey: `${incident}.1`, evidence, vault: change.vault === null ? null : vault, now: change.now ?? (() => new Date()),
  });
  return {
    azure, tenant, kept, vault, config, context,
    plan: async (proposal, ctx = context()) => {
      const { steps, refused } = await planProposals(actions, ctx, [proposal], classifyAzure);
      return steps[0] ?? refused[0]!;
    },
    permit(permissions) {
      const grants = sim.shelf<{ id: string; principalId: string }>('appRoleAssignments');
      for (const one of grants.truth()) if (one.principalId === world.responder.servicePrincipalId) grants.remove(one.id);
      grantPermissions(sim, world.responder.servicePrincipalId, permissions?.filter((one) => !one.includes('/')).filter((one) => every.includes(one)) ?? every);
      const role = sim.shelf<RoleDefinition>('armRoleDefinitions').get(idOf('role Tourniquet responder'))!;
      const actionsNow = permissions === null ? ['*'] : permissions.filter((one) => one.includes('/'));
      sim.shelf<RoleDefinition>('armRoleDefinitions').put(role.name, { ...role, properties: { ...role.properties, permissions: [{ actions: actionsNow.filter((one) => !isData(one)), notActions: [], dataActions: permissions === null ? ['*'] : actionsNow.filter(isData), notDataActions: [] }] } });
      access = createAzureAccess(config);
    },
    stop: () => azure.stop(),
  };
}

/** The step, or the test fails with why it was refused. */
