import { CreateUserCommand } from '@aws-sdk/client-identitystore';
import { AttachManagedPolicyToPermissionSetCommand, CreateAccountAssignmentCommand, CreatePermissionSetCommand, ListInstancesCommand } from '@aws-sdk/client-sso-admin';
import type { Clients } from '../clients';
import { readOnly } from './policies';
import type { AwsWorld } from './types';

/** Identity Center in the management account: one permission set, one person assigned to production. */
export async function makeIdentityCenter({ ssoAdmin, identityStore }: Clients, account: string): Promise<AwsWorld['identityCenter']> {
  const { Instances } = await ssoAdmin.send(new ListInstancesCommand({}));
  const instanceArn = Instances![0]!.InstanceArn!;
  const identityStoreId = Instances![0]!.IdentityStoreId!;
  const { PermissionSet } = await ssoAdmin.send(new CreatePermissionSetCommand({ InstanceArn: instanceArn, Name: 'Support', SessionDuration: 'PT1H' }));
  const permissionSetArn = PermissionSet!.PermissionSetArn!;
  await ssoAdmin.send(new AttachManagedPolicyToPermissionSetCommand({ InstanceArn: instanceArn, PermissionSetArn: permissionSetArn, ManagedPolicyArn: readOnly }));
  const { UserId } = await identityStore.send(new CreateUserCommand({
    IdentityStoreId: identityStoreId, UserName: 'lena.support', DisplayName: 'Lena Support', Name: { GivenName: 'Lena', FamilyName: 'Support' }, Emails: [{ Value: 'lena@example.com', Primary: true }],
  }));
  await ssoAdmin.send(new CreateAccountAssignmentCommand({ InstanceArn: instanceArn, PermissionSetArn: permissionSetArn, PrincipalId: UserId, PrincipalType: 'USER', TargetId: account, TargetType: 'AWS_ACCOUNT' }));
  return { instanceArn, identityStoreId, permissionSetArn, permissionSet: 'Support', userId: UserId!, userName: 'lena.support', account };
}
