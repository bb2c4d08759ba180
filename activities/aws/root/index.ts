import type { AwsAction } from '../define';
import { contactSupport } from './contact-support';
import { removeRootCredentials } from './remove-root-credentials';
import { requireRootMfa } from './require-root-mfa';
import { rotateRootPassword } from './rotate-root-password';

/** Rows 2.2.1, 2.2.2 and 2.2.6, in the playbook's order. */
export const rootActions: AwsAction[] = [requireRootMfa, rotateRootPassword, removeRootCredentials, contactSupport];
