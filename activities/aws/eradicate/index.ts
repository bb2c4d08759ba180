import type { AwsAction } from '../define';
import { deleteAccessKey } from './delete-access-key';
import { deleteBucket } from './delete-bucket';
import { deleteFunction } from './delete-function';
import { deleteGroup } from './delete-group';
import { deleteInlinePolicy } from './delete-inline-policy';
import { deletePolicy } from './delete-policy';
import { deleteRole } from './delete-role';
import { deleteSecurityGroup } from './delete-security-group';
import { deleteUser } from './delete-user';
import { detachPolicy } from './detach-policy';
import { removeFunctionPermission } from './remove-function-permission';
import { removeGroupMember } from './remove-group-member';
import { restoreBucketPolicy } from './restore-bucket-policy';
import { restorePolicyVersion } from './restore-policy-version';
import { restoreTrust } from './restore-trust';
import { revokeSecurityGroupRule } from './revoke-security-group-rule';
import { terminateInstance } from './terminate-instance';

/** Section 3, rows 3.1 to 3.6. */
export const eradicateActions: AwsAction[] = [
  deleteUser, deleteRole, deleteGroup, deleteAccessKey, detachPolicy, deleteInlinePolicy, deletePolicy, restorePolicyVersion, restoreTrust, removeGroupMember,
  restoreBucketPolicy, terminateInstance, deleteBucket, revokeSecurityGroupRule, deleteSecurityGroup, deleteFunction, removeFunctionPermission,
];
