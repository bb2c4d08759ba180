import type { AzureAction } from '../define';
import { contactSupport } from './contact-support';
import { requireAdminMfa } from './require-admin-mfa';
import { rotateAdminPassword } from './rotate-admin-password';

/** Section 2.2; its audits are checks. */
export const rootActions: readonly AzureAction[] = [requireAdminMfa, rotateAdminPassword, contactSupport];
