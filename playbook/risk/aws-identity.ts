import { kinOf } from './kin';
import type { Kin } from './types';

const root = kinOf('root-login', 'root-activity', 'critical');
const user = kinOf('create-user', 'new-identity', 'high');
const policy = kinOf('attach-policy', 'permission-change', 'high');
const key = kinOf('create-access-key', 'access-key-created', 'medium');
const trust = kinOf('cross-account-role', 'permission-change', 'critical');

/** Rows 1.1.1 to 1.1.4 and 1.1.8: identities, rights, credentials, trust. */
export const identityKin: Kin[] = [
  // 1.1.1: root itself is recognised by who acts; these calls are root's power by another way
  root('sts', ['T1078.004', 'T1548.005'], ['AssumeRoot']),
  root('iam', ['T1098'], ['EnableOrganizationsRootSessions', 'EnableOrganizationsRootCredentialsManagement', 'DisableOrganizationsRootSessions', 'DisableOrganizationsRootCredentialsManagement'], { risk: 'high' }),
  root('signin', ['T1098', 'T1078.004'], ['PasswordRecoveryRequested', 'PasswordRecoveryCompleted', 'PasswordUpdated', 'EmailUpdated', 'MfaDeviceDeleted', 'AccountRecoveryRequested'], { failureMatters: true }),

  // 1.1.2 new identities
  user('iam', ['T1136.003'], ['CreateUser']),
  user('iam', ['T1098', 'T1136.003'], ['CreateLoginProfile'], { test: 'other-than-actor' }),
  user('iam', ['T1098'], ['UpdateLoginProfile'], { test: 'other-than-actor', type: 'permission-change' }),
  user('identitystore', ['T1136.003'], ['CreateUser', 'CreateGroup'], { risk: 'high' }),
  user('sso-directory', ['T1136.003'], ['CreateUser', 'CreateBearerToken', 'CreateProvisioningTenant']),
  user('sso', ['T1136.003'], ['CreateManagedApplicationInstance', 'CreateApplication', 'CreateInstance'], { risk: 'medium' }),
  user('organizations', ['T1136.003', 'T1583'], ['CreateAccount', 'CreateGovCloudAccount', 'InviteAccountToOrganization', 'AcceptHandshake'], { risk: 'medium' }),
  user('transfer', ['T1136.003'], ['CreateUser'], { risk: 'medium' }),

  // 1.1.3 rights given
  policy('iam', ['T1098.003'], ['AttachUserPolicy', 'AttachRolePolicy', 'AttachGroupPolicy'], { test: 'attached-policy' }),
  policy('iam', ['T1098.003'], ['PutUserPolicy', 'PutRolePolicy', 'PutGroupPolicy'], { test: 'identity-policy' }),
  policy('iam', ['T1098.003'], ['CreatePolicyVersion'], { test: 'managed-policy-written' }),
  policy('iam', ['T1098.003'], ['CreatePolicy'], { test: 'managed-policy-written', risk: 'medium' }),
  policy('iam', ['T1098.003'], ['SetDefaultPolicyVersion', 'AddUserToGroup']),
  policy('iam', ['T1098.003', 'T1548.005'], ['AddRoleToInstanceProfile'], { risk: 'medium' }),
  policy('iam', ['T1098', 'T1562'], ['DeleteUserPermissionsBoundary', 'DeleteRolePermissionsBoundary', 'PutUserPermissionsBoundary', 'PutRolePermissionsBoundary'], { test: 'policy-removed' }),
  policy('iam', ['T1562', 'T1098'], ['DeleteUserPolicy', 'DeleteRolePolicy', 'DeleteGroupPolicy', 'DetachUserPolicy', 'DetachRolePolicy', 'DetachGroupPolicy', 'DeletePolicy', 'DeletePolicyVersion'], { test: 'policy-removed', risk: 'critical' }),
  policy('iam', ['T1556.006'], ['DeactivateMFADevice', 'DeleteVirtualMFADevice']),
  policy('iam', ['T1556.006', 'T1098.005'], ['EnableMFADevice', 'ResyncMFADevice'], { test: 'other-than-actor' }),
  policy('iam', ['T1556'], ['DeleteAccountPasswordPolicy', 'UpdateAccountPasswordPolicy'], { risk: 'medium' }),
  policy('sso', ['T1098.003'], ['CreateAccountAssignment', 'CreateApplicationAssignment', 'CreatePermissionSet', 'ProvisionPermissionSet', 'PutInlinePolicyToPermissionSet', 'PutPermissionsBoundaryToPermissionSet', 'DeletePermissionsBoundaryFromPermissionSet', 'AttachCustomerManagedPolicyReferenceToPermissionSet']),
  policy('sso', ['T1098.003'], ['AttachManagedPolicyToPermissionSet'], { test: 'attached-policy' }),
  policy('identitystore', ['T1098.003'], ['CreateGroupMembership']),
  policy('sso-directory', ['T1098.003'], ['AddMemberToGroup', 'UpdatePassword', 'UpdateMfaDeviceManagementForDirectory', 'DeleteMfaDeviceForUser', 'CreateVirtualMfaDevice', 'RegisterVirtualMfaDevice']),
  policy('sso', ['T1556.006'], ['UpdateMfaDeviceManagementForDirectory', 'PutMfaDeviceManagementForDirectory', 'DeleteMfaDeviceForUser']),
  policy('organizations', ['T1098', 'T1562'], ['DetachPolicy', 'DeletePolicy', 'UpdatePolicy', 'DisablePolicyType', 'AttachPolicy', 'RegisterDelegatedAdministrator', 'MoveAccount', 'DeleteResourcePolicy', 'PutResourcePolicy']),
  policy('organizations', ['T1562', 'T1666'], ['LeaveOrganization', 'RemoveAccountFromOrganization', 'CloseAccount', 'DeleteOrganization'], { risk: 'critical', failureMatters: true }),
  policy('cognito-identity', ['T1098.003'], ['SetIdentityPoolRoles'], { risk: 'medium' }),
  policy('eks', ['T1098.003'], ['CreateAccessEntry', 'AssociateAccessPolicy'], { risk: 'medium' }),
  policy('lakeformation', ['T1098.003'], ['PutDataLakeSettings'], { risk: 'medium' }),

  // 1.1.4 credentials
  key('iam', ['T1098.001'], ['CreateAccessKey', 'UpdateAccessKey', 'CreateServiceSpecificCredential', 'ResetServiceSpecificCredential', 'UploadSSHPublicKey', 'UploadSigningCertificate'], { test: 'other-than-actor' }),
  key('sts', ['T1550.001', 'T1098.001'], ['GetFederationToken']),
  key('lightsail', ['T1098.001'], ['CreateBucketAccessKey', 'DownloadDefaultKeyPair', 'GetInstanceAccessDetails', 'GetRelationalDatabaseMasterUserPassword']),
  key('signin', ['T1550.001', 'T1538'], ['GetSigninToken'], { test: 'login-token', type: 'other' }),

  // 1.1.8 trust beyond the account
  trust('iam', ['T1136.003', 'T1098.003'], ['CreateRole'], { test: 'role-trust', type: 'new-identity' }),
  trust('iam', ['T1098.003', 'T1199'], ['UpdateAssumeRolePolicy'], { test: 'role-trust' }),
  trust('sts', ['T1078.004', 'T1199'], ['AssumeRole'], { test: 'assume-role', risk: 'medium' }),
  trust('iam', ['T1484.002'], ['CreateSAMLProvider', 'UpdateSAMLProvider', 'CreateOpenIDConnectProvider', 'AddClientIDToOpenIDConnectProvider', 'UpdateOpenIDConnectProviderThumbprint', 'DeleteSAMLProvider'], { risk: 'high' }),
  trust('rolesanywhere', ['T1098.001', 'T1484.002'], ['CreateTrustAnchor', 'UpdateTrustAnchor', 'EnableTrustAnchor', 'CreateProfile', 'UpdateProfile', 'EnableProfile', 'ImportCrl', 'DisableCrl', 'DeleteCrl'], { risk: 'high' }),
  trust('sso', ['T1484.002'], ['AssociateDirectory', 'EnableExternalIdPConfigurationForDirectory', 'DisableExternalIdPConfigurationForDirectory', 'CreateExternalIdPConfigurationForDirectory', 'UpdateExternalIdPConfigurationForDirectory', 'ImportExternalIdPCertificate', 'CreateTrustedTokenIssuer', 'UpdateTrustedTokenIssuer'], { risk: 'high' }),
  trust('sso-directory', ['T1484.002'], ['EnableExternalIdPConfigurationForDirectory', 'DisableExternalIdPConfigurationForDirectory', 'CreateExternalIdPConfigurationForDirectory', 'UpdateExternalIdPConfigurationForDirectory', 'ImportExternalIdPCertificate'], { risk: 'high' }),
  trust('ram', ['T1537'], ['CreateResourceShare', 'AssociateResourceShare', 'EnableSharingWithAwsOrganization'], { test: 'outside-account', risk: 'high' }),
];
