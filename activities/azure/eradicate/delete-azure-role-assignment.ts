import type { JsonObject } from '../../../playbook/json';
import { atScope } from './by-id';
import { removal } from './removal';

/** Row 3.2. Target: a role assignment that the attacker made, by its id. */
export const deleteAzureRoleAssignment = removal('azure.delete-azure-role-assignment', {
  permissions: ['Microsoft.Authorization/roleAssignments/read', 'Microsoft.Authorization/roleAssignments/delete'],
  ...atScope('roleAssignments'),
  change: (_target, state) => {
    const { roleDefinitionId, principalId, scope } = (state.properties ?? {}) as JsonObject;
    return [`take role ${String(roleDefinitionId).split('/').pop() ?? ''} at ${String(scope)} from ${String(principalId)}`];
  },
});
