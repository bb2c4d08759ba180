import type { AzureAction } from '../define';
import { blockIpConditionalAccess } from './block-ip-conditional-access';
import { blockIpNsg } from './block-ip-nsg';
import { blockIpWaf } from './block-ip-waf';
import { closePublicContainer } from './close-public-container';
import { denySignIn } from './deny-sign-in';
import { disableDevices } from './disable-devices';
import { disableServicePrincipal } from './disable-service-principal';
import { disableUser } from './disable-user';
import { isolateFunction } from './isolate-function';
import { isolateLogicApp } from './isolate-logic-app';
import { isolateVm } from './isolate-vm';
import { removeAppAccess } from './remove-app-access';
import { removeAppCredentials } from './remove-app-credentials';
import { removeAuthMethods } from './remove-auth-methods';
import { removeAzureRoles } from './remove-azure-roles';
import { removeDirectoryRoles } from './remove-directory-roles';
import { resetPassword } from './reset-password';
import { restoreDiagnostics } from './restore-diagnostics';
import { revokeSessions } from './revoke-sessions';
import { rotateAppCredentials } from './rotate-app-credentials';
import { rotateStorageKeys } from './rotate-storage-keys';

/** Section 2.1, in the playbook's order. */
export const containActions: readonly AzureAction[] = [
  denySignIn, disableUser, resetPassword, removeAuthMethods, disableDevices, disableServicePrincipal, removeDirectoryRoles, removeAppAccess, removeAzureRoles, revokeSessions,
  removeAppCredentials, rotateAppCredentials, rotateStorageKeys, blockIpNsg, blockIpConditionalAccess, blockIpWaf, isolateVm, isolateFunction, isolateLogicApp, closePublicContainer, restoreDiagnostics,
];
