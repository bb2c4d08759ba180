import { placed } from './by-id';
import { removal } from './removal';

/** Row 3.6. Target: a function app or Logic App that the attacker made. Its definition and settings are kept; a function app’s code is in its storage account, which stays. */
export const deleteFunction = removal('azure.delete-function', {
  permissions: ['Microsoft.Web/sites/read', 'Microsoft.Web/sites/delete', 'Microsoft.Logic/workflows/read', 'Microsoft.Logic/workflows/delete'],
  ...placed('microsoft.web/sites', 'microsoft.logic/workflows'),
  change: (target) => [`keep the definition of ${target.name}, then delete it`],
});
