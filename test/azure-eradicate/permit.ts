import { planProposals } from '../../activities/actions';
import { isData } from '../../activities/azure/permissions';
import { codeOf, toFailure } from '../../activities/boundary';
import type { AzureAction } from '../../activities/azure/define';
import { classifyAzure } from '../../activities/azure/errors';
import type { Proposal } from '../../playbook/model/plan';
import type { Azure } from '../../sandbox/azure';
import type { RoleDefinition } from '../../sandbox/azure/arm/access';
import { grantPermissions } from '../../sandbox/azure/world/applications';
import { idOf } from '../../sandbox/azure/state/sim';
import { bed, type Bed } from '../azure-investigate/support';

/** Declared, and not asked for by the counterpart: each with why Microsoft wants it all the same. */
const beyond: Record<string, string> = {
  'Microsoft.CostManagement/query/read': 'an anomaly alert is sent with the access that its maker has then (Cost Management: create an anomaly alert)',
  'Microsoft.Storage/storageAccounts/listKeys/action': 'a linked scope: the setting names the account (Azure Monitor: diagnostic settings, permissions)',
  'Microsoft.Compute/disks/beginGetAccess/action': 'a linked scope: the snapshot names the disk that it copies',
  'Microsoft.Compute/disks/read': 'the same',
};

/** What must be refused without it. */
export const enforced = (action: AzureAction): string[] => [...new Set(action.permissions)].filter((one) => !(one in beyond));

/** While `use` runs, the responder has exactly these: application permissions, and what its role in Azure allows. */
async function withOnly<T>({ sim, world }: Azure, permissions: readonly string[], use: () => Promise<T>): Promise<T> {
  const roles = sim.shelf<RoleDefinition>('armRoleDefinitions');
  const role = roles.get(idOf('role Tourniquet responder'))!;
  const arm = permissions.filter((one) => one.includes('/'));
  roles.put(role.name, { ...role, properties: { ...role.properties, permissions: [{ actions: arm.filter((one) => !isData(one)), notActions: [], dataActions: arm.filter(isData), notDataActions: [] }] } });
  const grants = sim.shelf<{ id: string; principalId: string }>('appRoleAssignments');
  const own = () => grants.truth().filter((one) => one.principalId === world.responder.servicePrincipalId);
  const before = own();
  before.forEach((one) => grants.remove(one.id));
  grantPermissions(sim, world.responder.servicePrincipalId, permissions.filter((one) => !one.includes('/')));
  try {
    return await use();
  } finally {
    own().forEach((one) => grants.remove(one.id));
    before.forEach((one) => grants.put(one.id, one));
    roles.put(role.name, role);
  }
}

/** The whole life of a step while the responder has exactly these: null, or code and message of the first thing that is refused. */
export function life(azure: Azure, action: AzureAction, wish: Proposal, permissions: readonly string[], options: Parameters<typeof bed>[1] = {}): Promise<{ code: string | null; message: string } | null> {
  const { ctx }: Bed = bed(azure, options);
  return withOnly(azure, permissions, async () => {
    try {
      const { steps, refused } = await planProposals([action], ctx, [wish], classifyAzure);
      if (!steps[0]) return refused[0]!;
      if (!steps[0].needed) return { code: 'NOT_NEEDED', message: '' };
      await action.apply(ctx, steps[0]);
      if (!(await action.verify(ctx, steps[0])).holds) return { code: 'NOT_IN_EFFECT', message: '' };
      await action.undo(ctx, steps[0]);
      return null;
    } catch (error) {
      const failure = toFailure(error, classifyAzure);
      return { code: codeOf(failure), message: failure.message };
    }
  });
}
