import { defineAwsAction } from '../define';
import { readRoot, rootIsEmpty } from './account-summary';

/**
 * Row 2.2.1. Target: an account. A person does it: root's MFA has no API. Proof is IAM's own account summary; a device that IAM lists as virtual
 * does not count, because the row wants hardware (IAM User Guide: “Multi-factor authentication for AWS account root user”).
 */
export const requireRootMfa = defineAwsAction('aws.require-root-mfa', {
  permissions: ['iam:GetAccountSummary', 'iam:ListVirtualMFADevices'],
  async plan(ctx, { target }) {
    const root = await readRoot(ctx, target.account);
    const needed = !root.hardware && !rootIsEmpty(root);
    return {
      needed, before: root,
      change: needed ? [
        `Sign in to account ${target.account} as root at https://console.aws.amazon.com/ (“Root user”)`,
        'Open the account menu, “Security credentials”, “Multi-factor authentication (MFA)”',
        'Remove every device that is not in your own safe: the attacker may have enrolled one',
        '“Assign MFA device”, type “Passkey or security key” (FIDO2) or “Hardware TOTP token”, with a key that stays in the safe; a second one as spare',
        root.mfa ? 'Remove the virtual device: an app’s seed can be copied' : 'Sign out and in again to prove it',
      ] : [],
    };
  },
  apply: async (_ctx, step) => ({ waitingFor: 'a person', instructions: step.change }),
  async verify(ctx, { target }) {
    const root = await readRoot(ctx, target.account);
    return { holds: root.hardware || rootIsEmpty(root), seen: root };
  },
  undo: async (_ctx, step) => ({ seen: {}, left: [`root of ${step.target.account} keeps its MFA device: take it away by hand if it is not wanted`] }),
});
