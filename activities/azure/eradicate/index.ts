import type { AzureAction } from '../define';
import { deleteApplication } from './delete-application';
import { deleteAzureRoleAssignment } from './delete-azure-role-assignment';
import { deleteContainer } from './delete-container';
import { deleteFunction } from './delete-function';
import { deleteGroup } from './delete-group';
import { deleteNsgRule } from './delete-nsg-rule';
import { deletePartner } from './delete-partner';
import { deletePolicy } from './delete-policy';
import { deleteRoleDefinition } from './delete-role-definition';
import { deleteStorageAccount } from './delete-storage-account';
import { deleteUser } from './delete-user';
import { deleteVm } from './delete-vm';
import { removeGrant } from './remove-grant';
import { removeGroupMember } from './remove-group-member';
import { restoreConditionalAccess } from './restore-conditional-access';

/** Section 3, in the order in which things can go. */
export const eradicateActions: readonly AzureAction[] = [
  deleteFunction, deleteVm, deleteNsgRule, deleteContainer, deleteStorageAccount, deleteAzureRoleAssignment, deleteRoleDefinition, removeGrant, restoreConditionalAccess, deletePolicy, deletePartner, removeGroupMember, deleteApplication, deleteUser, deleteGroup,
];
