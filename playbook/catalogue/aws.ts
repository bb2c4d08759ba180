import { destructive, human, reversible, type CatalogueEntry } from './types';

/** Every AWS action, in the playbook's order. Tiers are floors: planning may raise one (a role that workloads use), never lower it. */
export const awsCatalogue = {
  // 2.1 containment: deny first, then keys, login, sessions, network, logging
  'aws.deny-user': reversible('2.1.1', 'Deny everything to the user', 'automatic'),
  'aws.disable-access-keys': reversible('2.1.1', 'Disable the user’s access keys', 'automatic'),
  'aws.remove-login-profile': reversible('2.1.1', 'Remove the user’s console password', 'automatic'),
  'aws.remove-rogue-mfa': reversible('2.1.1', 'Remove MFA devices that the attacker enrolled', 'automatic'),
  'aws.revoke-role-sessions': reversible('2.1.2', 'Revoke the role’s sessions', 'automatic'),
  'aws.cut-role-trust': reversible('2.1.2', 'Cut the attacker out of the role’s trust policy', 'automatic'),
  'aws.remove-account-assignment': reversible('2.1.2', 'Remove the Identity Center assignment', 'automatic'),
  'aws.deny-permission-set': reversible('2.1.2', 'Deny the person in the permission set', 'automatic'),
  'aws.rotate-access-keys': reversible('2.1.3', 'Rotate the affected user’s access keys into the vault', 'approve', { queue: 'break-glass' }),
  'aws.block-ip-security-group': reversible('2.1.4', 'Take the address out of security groups', 'approve'),
  'aws.block-ip-network-acl': reversible('2.1.4', 'Block the address in the network ACL', 'approve'),
  'aws.block-ip-waf': reversible('2.1.4', 'Block the address in the WAF', 'approve'),
  'aws.isolate-instance': reversible('2.1.4', 'Isolate the instance', 'approve'),
  'aws.isolate-function': reversible('2.1.4', 'Stop the function from running', 'approve'),
  'aws.close-public-bucket': reversible('2.1.4', 'Close the bucket to the public', 'automatic'),
  'aws.restore-logging': reversible('2.1.5', 'Turn the audit trail back on', 'automatic'),
  // 2.2 root
  'aws.require-root-mfa': human('2.2.1', 'Put a hardware MFA on root'),
  'aws.rotate-root-password': human('2.2.2', 'Change the root password'),
  'aws.remove-root-credentials': destructive('2.2.2', 'Remove the member account’s root credentials', 'break-glass'),
  'aws.contact-support': destructive('2.2.6', 'Report the compromise to AWS Support', 'automatic'),
  // 3 eradication
  'aws.delete-user': destructive('3.1', 'Delete the attacker’s user'),
  'aws.delete-role': destructive('3.1', 'Delete the attacker’s role'),
  'aws.delete-group': destructive('3.1', 'Delete the attacker’s group'),
  'aws.delete-access-key': destructive('3.1', 'Delete the attacker’s access key'),
  'aws.detach-policy': destructive('3.2', 'Detach the policy that the attacker attached'),
  'aws.delete-inline-policy': destructive('3.2', 'Remove the inline policy that the attacker wrote'),
  'aws.delete-policy': destructive('3.2', 'Delete the attacker’s managed policy'),
  'aws.restore-policy-version': destructive('3.2', 'Put the managed policy back to its earlier version'),
  'aws.restore-trust': destructive('3.2', 'Put the role’s trust policy back'),
  'aws.remove-group-member': destructive('3.2', 'Remove the member that the attacker added'),
  'aws.restore-bucket-policy': destructive('3.2', 'Put the bucket’s policy and public access block back'),
  'aws.terminate-instance': destructive('3.3', 'Snapshot, then terminate the attacker’s instance'),
  'aws.delete-bucket': destructive('3.4', 'Keep the evidence, then delete the attacker’s bucket'),
  'aws.revoke-security-group-rule': destructive('3.5', 'Revoke the security-group rule that the attacker opened'),
  'aws.delete-security-group': destructive('3.5', 'Delete the attacker’s security group'),
  'aws.delete-function': destructive('3.6', 'Keep the code, then delete the attacker’s function'),
  'aws.remove-function-permission': destructive('3.6', 'Remove the permission that the attacker added to the function'),
  // 4 recovery (4.7, the 72 h watch, is the workflow's own)
  'aws.enforce-mfa': reversible('4.1', 'Deny people without MFA', 'approve'),
  'aws.apply-least-privilege': reversible('4.2', 'Replace broad policies by what was last used', 'approve'),
  'aws.enable-guardduty': reversible('4.3', 'Enable GuardDuty', 'approve'),
  'aws.protect-trail': reversible('4.4', 'Multi-region trail with log validation', 'approve'),
  'aws.set-billing-alarms': reversible('4.5', 'Budget alarm and cost-anomaly detection', 'approve'),
  'aws.scp-deny-root': reversible('4.6', 'Service control policy against root use', 'approve'),
  'aws.lift-deny': destructive('4.2', 'Lift the deny after the identity is rebuilt', 'approve'),
  // the permission audit: no incident, nobody's haste
  'aws.quarantine-unused': reversible('audit.4', 'Deny everything to what nobody uses', 'approve'),
  'aws.deactivate-unused-key': reversible('audit.4', 'Deactivate the access key that nobody uses', 'approve'),
  'aws.narrow-policy': reversible('audit.4', 'Narrow the policy to what is used', 'approve'),
  'aws.remove-unused': destructive('audit.4', 'Remove what nobody uses, after its quarantine', 'approve'),
  'aws.remove-unused-key': destructive('audit.4', 'Remove the access key that nobody uses, after its quarantine', 'approve'),
} as const satisfies Record<string, CatalogueEntry>;

export type AwsActionId = keyof typeof awsCatalogue;
