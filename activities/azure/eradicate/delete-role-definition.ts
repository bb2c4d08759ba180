import type { JsonObject } from '../../../playbook/json';
import { atScope } from './by-id';
import { removal } from './removal';

/** Row 3.2. Target: a custom Azure role that the attacker made. ARM refuses while somebody still has it. */
export const deleteRoleDefinition = removal('azure.delete-role-definition', {
  permissions: ['Microsoft.Authorization/roleDefinitions/read', 'Microsoft.Authorization/roleDefinitions/delete'],
  ...atScope('roleDefinitions'),
  change: (target, state) => [`delete custom role ${String(((state.properties ?? {}) as JsonObject).roleName ?? target.name)}`],
});
