import { azureAfter } from './azure-after';
import { destructive, human, reversible, type CatalogueEntry } from './types';

/** Every Azure and Entra action, in the playbook's order. Tiers are floors: planning may raise one (an identity that workloads use), never lower it. */
export const azureCatalogue = {
  // 2.1 containment: deny and disable first, then password, methods, roles and grants; sessions are revoked after all of them
  'azure.deny-sign-in': reversible('2.1.1', 'Block the user’s sign-in by Conditional Access', 'automatic'),
  'azure.disable-user': reversible('2.1.1', 'Disable the user', 'automatic'),
  'azure.reset-password': reversible('2.1.1', 'Reset the user’s password', 'automatic'),
  'azure.remove-auth-methods': reversible('2.1.1', 'Remove authentication methods that the attacker registered', 'automatic'),
  'azure.disable-devices': reversible('2.1.1', 'Disable devices that the attacker registered', 'automatic'),
  'azure.disable-service-principal': reversible('2.1.1', 'Disable the service principal', 'automatic'),
  'azure.remove-directory-roles': reversible('2.1.1', 'Take the directory roles away', 'automatic'),
  'azure.remove-app-access': reversible('2.1.1', 'Take app roles and consents away', 'automatic'),
  'azure.remove-azure-roles': reversible('2.1.1', 'Take the Azure role assignments away', 'automatic'),
  'azure.revoke-sessions': reversible('2.1.2', 'Revoke the user’s sign-in sessions', 'automatic'),
  'azure.remove-app-credentials': reversible('2.1.3', 'Remove the application’s secrets, certificates and federated credentials', 'automatic'),
  'azure.rotate-app-credentials': reversible('2.1.3', 'Rotate the application’s credentials into the vault', 'approve', { queue: 'break-glass' }),
  'azure.rotate-storage-keys': destructive('2.1.3', 'Regenerate the storage account’s keys and revoke its delegation keys', 'approve'),
  'azure.block-ip-nsg': reversible('2.1.4', 'Block the address in the network security group', 'approve'),
  'azure.block-ip-conditional-access': reversible('2.1.4', 'Block sign-ins from the address by Conditional Access', 'approve'),
  'azure.block-ip-waf': reversible('2.1.4', 'Block the address in the WAF policy', 'approve'),
  'azure.isolate-vm': reversible('2.1.4', 'Isolate the virtual machine', 'approve'),
  'azure.isolate-function': reversible('2.1.4', 'Stop the function app', 'approve'),
  'azure.isolate-logic-app': reversible('2.1.4', 'Disable the logic app', 'approve'),
  'azure.close-public-container': reversible('2.1.4', 'Close the container to the public', 'automatic'),
  'azure.restore-diagnostics': reversible('2.1.5', 'Put the diagnostic settings back', 'automatic'),
  // 2.2 Global Admin
  'azure.require-admin-mfa': human('2.2.1', 'Put a hardware key on the administrator'),
  'azure.rotate-admin-password': human('2.2.2', 'Change the administrator’s password'),
  'azure.contact-support': destructive('2.2.6', 'Report the compromise to Microsoft support', 'automatic'),
  // 3 eradication and 4 recovery
  ...azureAfter,
} as const satisfies Record<string, CatalogueEntry>;

export type AzureActionId = keyof typeof azureCatalogue;
