import { planProposals } from '../../activities/actions';
import { codeOf, toFailure } from '../../activities/boundary';
import type { AzureAction } from '../../activities/azure/define';
import { classifyAzure } from '../../activities/azure/errors';
import type { Proposal } from '../../playbook/model/plan';
import type { Azure } from '../../sandbox/azure';
import type { RoleDefinition } from '../../sandbox/azure/arm/access';
import { idOf } from '../../sandbox/azure/state/sim';
import { bed, type Bed } from '../azure-investigate/support';

/** Declared, and not asked for by the counterpart: each with why Azure wants it all the same. */
const beyond: Record<string, string> = {
  'Microsoft.CostManagement/query/read': 'an anomaly alert is sent with the access that its maker has then (Cost Management: create an anomaly alert)',
  'Microsoft.Storage/storageAccounts/listKeys/action': 'a linked scope: the setting names the account (Azure Monitor: diagnostic settings, permissions)',
  'Microsoft.Compute/disks/beginGetAccess/action': 'a linked scope: the snapshot names the disk that it copies',
  'Microsoft.Compute/disks/read': 'the same',
};

/** Refusing these is not shown here: what an earlier life leaves behind (a snapshot, a retention, a container, a role assignment of the same name) stands in the way. */
const notShown: Record<string, readonly string[]> = {
  'azure.delete-vm': ['Microsoft.Compute/snapshots/write'],
  'azure.delete-container': ['Microsoft.Storage/storageAccounts/blobServices/write'],
  'azure.delete-azure-role-assignment': ['Microsoft.Authorization/roleAssignments/delete'],
  'azure.apply-least-privilege': ['Microsoft.Authorization/roleAssignments/delete', 'Microsoft.Insights/eventtypes/values/read'],
  'azure.export-activity-log': ['containers/read', 'containers/write', 'containers/immutabilityPolicies/write', 'containers/immutabilityPolicies/delete'].map((one) => `Microsoft.Storage/storageAccounts/blobServices/${one}`),
};

/** What ARM alone must allow. */
export const armOf = (action: AzureAction): string[] => [...new Set(action.permissions)].filter((one) => one.includes('/'));
export const enforced = (action: AzureAction): string[] => armOf(action).filter((one) => !(one in beyond) && !notShown[action.id]?.includes(one));

/** The responder’s role in Azure has exactly these actions while `use` runs; null = all. What Graph grants it stays. */
async function withRole<T>(azure: Azure, actions: readonly string[], use: () => Promise<T>): Promise<T> {
  const roles = azure.sim.shelf<RoleDefinition>('armRoleDefinitions');
  const role = roles.get(idOf('role Tourniquet responder'))!;
  roles.put(role.name, { ...role, properties: { ...role.properties, permissions: [{ actions: [...actions], notActions: [], dataActions: [], notDataActions: [] }] } });
  try {
    return await use();
  } finally {
    roles.put(role.name, role);
  }
}

/** The whole life of a step while the role has exactly these: null, or the error-table code of the first call that is refused. */
export function life(azure: Azure, action: AzureAction, wish: Proposal, actions: readonly string[], options: Parameters<typeof bed>[1] = {}): Promise<string | null> {
  const { ctx }: Bed = bed(azure, options);
  return withRole(azure, actions, async () => {
    try {
      const { steps, refused } = await planProposals([action], ctx, [wish], classifyAzure);
      if (!steps[0]) return refused[0]!.code;
      if (!steps[0].needed) return 'NOT_NEEDED';
      await action.apply(ctx, steps[0]);
      if (!(await action.verify(ctx, steps[0])).holds) return 'NOT_IN_EFFECT';
      await action.undo(ctx, steps[0]);
      return null;
    } catch (error) {
      return codeOf(toFailure(error, classifyAzure));
    }
  });
}
