import type { AwsAction } from '../define';
import { blockIpNetworkAcl } from './block-ip-network-acl';
import { blockIpSecurityGroup } from './block-ip-security-group';
import { blockIpWaf } from './block-ip-waf';
import { closePublicBucket } from './close-public-bucket';
import { cutRoleTrust } from './cut-role-trust';
import { denyPermissionSet } from './deny-permission-set';
import { denyUser } from './deny-user';
import { disableAccessKeys } from './disable-access-keys';
import { isolateFunction } from './isolate-function';
import { isolateInstance } from './isolate-instance';
import { removeAccountAssignment } from './remove-account-assignment';
import { removeLoginProfile } from './remove-login-profile';
import { removeRogueMfa } from './remove-rogue-mfa';
import { restoreLogging } from './restore-logging';
import { revokeRoleSessions } from './revoke-role-sessions';
import { rotateAccessKeys } from './rotate-access-keys';

/** Rows 2.1.1 to 2.1.5, in the playbook's order. */
export const containActions: AwsAction[] = [
  denyUser, disableAccessKeys, removeLoginProfile, removeRogueMfa,
  revokeRoleSessions, cutRoleTrust, removeAccountAssignment, denyPermissionSet,
  rotateAccessKeys,
  blockIpSecurityGroup, blockIpNetworkAcl, blockIpWaf, isolateInstance, isolateFunction, closePublicBucket,
  restoreLogging,
];
