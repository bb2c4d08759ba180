import type { AzureAction } from '../define';
import { disableUser } from './disable-user';
import { revokeSessions } from './revoke-sessions';

/** Section 2.1, in the playbook's order. */
export const containActions: readonly AzureAction[] = [disableUser, revokeSessions];
