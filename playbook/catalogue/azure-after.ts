import { destructive, reversible, type CatalogueEntry } from './types';

/** Eradication, recovery and the permission audit in Entra and Azure, in the playbook's order. */
export const azureAfter = {
  // 3 eradication: what runs before who started it, grants before who has them, identities last
  'azure.delete-function': destructive('3.6', 'Keep the definition, then delete the attacker’s function app or Logic App'),
  'azure.delete-vm': destructive('3.3', 'Snapshot the disks, then delete the attacker’s virtual machine'),
  'azure.delete-nsg-rule': destructive('3.5', 'Delete the attacker’s security group or its rule'),
  'azure.delete-container': destructive('3.4', 'Keep deleted containers for a month, then delete the attacker’s container'),
  'azure.delete-storage-account': destructive('3.4', 'Keep listing and contents, then delete the attacker’s storage account'),
  'azure.delete-azure-role-assignment': destructive('3.2', 'Delete the Azure role assignment that the attacker made'),
  'azure.delete-role-definition': destructive('3.2', 'Delete the attacker’s custom role'),
  'azure.remove-grant': destructive('3.2', 'Remove the app role, consent or ownership that the attacker gave'),
  'azure.restore-conditional-access': reversible('3.2', 'Put back the Conditional Access policy that the attacker changed', 'dual'),
  'azure.delete-policy': destructive('3.2', 'Delete the attacker’s Conditional Access policy'),
  'azure.delete-partner': destructive('3.2', 'Delete the attacker’s trust in another organisation'),
  'azure.remove-group-member': destructive('3.2', 'Remove the member that the attacker added'),
  'azure.delete-application': destructive('3.1', 'Delete the attacker’s application'),
  'azure.delete-user': destructive('3.1', 'Delete the attacker’s user'),
  'azure.delete-group': destructive('3.1', 'Delete the attacker’s group'),
  // 4 recovery
  'azure.enforce-mfa': reversible('4.1', 'Require MFA of everybody by Conditional Access', 'approve'),
  'azure.apply-least-privilege': reversible('4.2', 'Reduce Azure roles to what was used', 'approve'),
  'azure.enable-defender': reversible('4.3', 'Switch Defender for Cloud plans on', 'approve'),
  'azure.export-activity-log': reversible('4.4', 'Export the Activity Log to storage that cannot be changed', 'approve'),
  'azure.set-budget': reversible('4.5', 'Set a budget with alerts', 'approve'),
  'azure.alert-cost-anomalies': reversible('4.5', 'Have unusual cost told to finance', 'approve'),
  'azure.deny-owner-assignment': reversible('4.6', 'Deny new owners by Azure Policy', 'approve'),
  'azure.lift-deny': reversible('4.2', 'Let the identity work again', 'approve'),
  // the permission audit: no incident, nobody's haste
  'azure.suspend-unused-roles': reversible('audit.4', 'Take away the roles that nobody uses, with what gives them back', 'approve'),
  'azure.disable-unused-application': reversible('audit.4', 'Disable the application that nobody uses', 'approve'),
  'azure.remove-unused-roles': destructive('audit.4', 'Let the roles that nobody uses stay away for good', 'approve'),
  'azure.remove-unused-application': destructive('audit.4', 'Delete the application that nobody uses, after its quarantine', 'approve'),
} as const satisfies Record<string, CatalogueEntry>;
