import fc from 'fast-check';
import { awsKin } from '../../playbook/risk/aws';
import { RISK_TABLE, awsKinOf, riskRowOf } from '../../playbook/risk-table';
import { classify } from '../../playbook/triage/classify';
import { awsTests } from '../../playbook/triage/aws/tests';
import type { Alert } from '../../playbook/model/alert';
import { ACCOUNT, OTHER, alertOf, policy, record, parsed, roleIdentity, rootIdentity, signIn, userIdentity } from './events';

type Case = [name: string, alert: Alert, status: string, event: string | null, risk?: string, code?: string];
const ok = 'alert';
const no = 'ignored';
const world = { groupId: 'sg-0a1b2c3d', ipPermissions: { items: [{ ipProtocol: 'tcp', fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } }] } };
const range = (cidrIp: string, port: number) => ({ groupId: 'sg-0a1b2c3d', ipPermissions: { items: [{ ipProtocol: 'tcp', fromPort: port, toPort: port, ipRanges: { items: [{ cidrIp }] } }] } });
const trust = (Principal: unknown) => policy({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' });
const failed = { errorCode: 'AccessDenied', errorMessage: 'not authorized' };
const byService = (service: string) => ({ userIdentity: { type: 'AWSService', invokedBy: `${service}.amazonaws.com` }, sourceIPAddress: `${service}.amazonaws.com` });

const cases: Case[] = [
  // the nine rows
  ['root console sign-in', signIn(rootIdentity(), { MFAUsed: 'Yes', MFAIdentifier: `arn:aws:iam::${ACCOUNT}:mfa/root` }), ok, 'root-login', 'critical'],
  ['CreateUser', alertOf('iam', 'CreateUser', { userName: 'backup-svc' }), ok, 'create-user', 'high'],
  ['AttachUserPolicy, administrator', alertOf('iam', 'AttachUserPolicy', { userName: 'backup-svc', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }), ok, 'attach-policy', 'critical'],
  ['CreateAccessKey for somebody else', alertOf('iam', 'CreateAccessKey', { userName: 'backup-svc' }), ok, 'create-access-key', 'medium'],
  ['PutBucketPolicy, public', alertOf('s3', 'PutBucketPolicy', { bucketName: 'payroll', bucketPolicy: { Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' }] } }), ok, 'storage-exposure', 'critical'],
  ['AuthorizeSecurityGroupIngress, SSH to the world', alertOf('ec2', 'AuthorizeSecurityGroupIngress', world), ok, 'network-exposure', 'high'],
  ['RunInstances', alertOf('ec2', 'RunInstances', { instanceType: 'm6i.large', instancesSet: { items: [{ imageId: 'ami-0a', minCount: 1, maxCount: 1 }] } }), ok, 'run-instances', 'medium'],
  ['CreateRole that another account may assume', alertOf('iam', 'CreateRole', { roleName: 'audit-sync', assumeRolePolicyDocument: trust({ AWS: `arn:aws:iam::${OTHER}:root` }) }), ok, 'cross-account-role', 'critical'],
  ['StopLogging', alertOf('cloudtrail', 'StopLogging', { name: 'main' }), ok, 'logging-disabled', 'critical'],

  // failed, dry, by AWS itself
  ['CreateUser refused', alertOf('iam', 'CreateUser', { userName: 'x' }, failed), no, 'create-user', 'low', 'attempt-failed'],
  ['StopLogging refused', alertOf('cloudtrail', 'StopLogging', { name: 'main' }, failed), no, 'logging-disabled', 'low', 'attempt-failed'],
  ['LeaveOrganization refused: the attempt tells', alertOf('organizations', 'LeaveOrganization', null, failed), ok, 'attach-policy', 'critical', 'attempt-matters'],
  ['RunInstances, dry run', alertOf('ec2', 'RunInstances', { instanceType: 'p4d.24xlarge' }, { errorCode: 'Client.DryRunOperation' }), no, 'run-instances', 'low', 'dry-run'],
  ['RunInstances of a GPU refused', alertOf('ec2', 'RunInstances', { instanceType: 'p3.16xlarge' }, { errorCode: 'Client.UnauthorizedOperation' }), ok, 'run-instances', 'medium', 'costly-compute-tried'],
  ['RunInstances beyond the limit', alertOf('ec2', 'RunInstances', { instanceType: 'c6i.large' }, { errorCode: 'Client.VcpuLimitExceeded' }), ok, 'run-instances', 'medium', 'compute-limit-hit'],
  ['RunInstances of a small one refused', alertOf('ec2', 'RunInstances', { instanceType: 't3.micro' }, { errorCode: 'Client.UnauthorizedOperation' }), no, 'run-instances'],
  ['RunInstances by Auto Scaling', alertOf('ec2', 'RunInstances', { instanceType: 'm6i.large' }, { userIdentity: { ...roleIdentity('AWSServiceRoleForAutoScaling', 'AutoScaling'), invokedBy: 'autoscaling.amazonaws.com' } }), no, null, 'info', 'aws-service'],
  ['AttachUserPolicy through CloudFormation is still theirs', alertOf('iam', 'AttachUserPolicy', { userName: 'x', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }, { userIdentity: { ...roleIdentity(), invokedBy: 'cloudformation.amazonaws.com' } }), ok, 'attach-policy'],
  ['a start script read', alertOf('ec2', 'DescribeInstanceAttribute', { attribute: 'userData', instanceId: 'i-1' }, { readOnly: true }), no, 'other-high-risk'],
  ['a start script not to be read', alertOf('ec2', 'DescribeInstanceAttribute', { attribute: 'userData', instanceId: 'i-1' }, { readOnly: true, errorCode: 'Client.UnauthorizedOperation' }), ok, 'other-high-risk'],
  ['a service event', alertOf('kms', 'ScheduleKeyDeletion', null, { eventType: 'AwsServiceEvent', userIdentity: { accountId: ACCOUNT, invokedBy: 'AWS Internal' } }), no, null, 'info', 'aws-service'],

  // identities and rights
  ['CreateAccessKey for oneself', alertOf('iam', 'CreateAccessKey', { userName: 'mallory' }), no, 'create-access-key', 'low', 'own-credential'],
  ['CreateAccessKey without a name is for oneself', alertOf('iam', 'CreateAccessKey', null), no, 'create-access-key', 'low', 'own-credential'],
  ['CreateAccessKey by a role', alertOf('iam', 'CreateAccessKey', { userName: 'ada' }, { userIdentity: roleIdentity() }), ok, 'create-access-key'],
  ['UpdateAccessKey, off', alertOf('iam', 'UpdateAccessKey', { userName: 'ada', status: 'Inactive' }), no, 'create-access-key', 'low', 'key-disabled'],
  ['UpdateAccessKey, on for somebody else', alertOf('iam', 'UpdateAccessKey', { userName: 'ada', status: 'Active' }), ok, 'create-access-key'],
  ['CreateLoginProfile for somebody else', alertOf('iam', 'CreateLoginProfile', { userName: 'ada' }), ok, 'create-user', 'high', 'foreign-credential'],
  ['UpdateLoginProfile of oneself', alertOf('iam', 'UpdateLoginProfile', { userName: 'mallory' }), no, 'create-user'],
  ['DeactivateMFADevice', alertOf('iam', 'DeactivateMFADevice', { userName: 'ada' }), ok, 'attach-policy', 'high'],
  ['AttachRolePolicy, reading', alertOf('iam', 'AttachRolePolicy', { roleName: 'app', policyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }), no, 'attach-policy', 'low', 'grants-reading'],
  ['AttachRolePolicy, own policy', alertOf('iam', 'AttachRolePolicy', { roleName: 'app', policyArn: `arn:aws:iam::${ACCOUNT}:policy/app` }), ok, 'attach-policy', 'high', 'customer-policy'],
  ['AttachUserPolicy, quarantine by AWS', alertOf('iam', 'AttachUserPolicy', { userName: 'mallory', policyArn: 'arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3' }), ok, 'threat-finding', 'high', 'key-quarantined-by-aws'],
  ['DetachUserPolicy, quarantine', alertOf('iam', 'DetachUserPolicy', { userName: 'mallory', policyArn: 'arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3' }), ok, 'attach-policy', 'critical', 'guard-removed'],
  ['DeleteUserPolicy, our deny', alertOf('iam', 'DeleteUserPolicy', { userName: 'mallory', policyName: 'TourniquetDenyAll' }), ok, 'attach-policy', 'critical', 'guard-removed'],
  ['DetachRolePolicy, any other', alertOf('iam', 'DetachRolePolicy', { roleName: 'app', policyArn: 'arn:aws:iam::aws:policy/AmazonS3FullAccess' }), no, 'attach-policy', 'low', 'rights-removed'],
  ['PutUserPolicy, escalating', alertOf('iam', 'PutUserPolicy', { userName: 'x', policyName: 'p', policyDocument: policy({ Effect: 'Allow', Action: 'iam:PutUserPolicy', Resource: '*' }) }), ok, 'attach-policy', 'high', 'grants-escalation'],
  ['PutRolePolicy, deny only', alertOf('iam', 'PutRolePolicy', { roleName: 'x', policyName: 'p', policyDocument: policy({ Effect: 'Deny', Action: '*', Resource: '*' }) }), no, 'attach-policy', 'low', 'grants-nothing'],
  ['PutRolePolicy, unreadable', alertOf('iam', 'PutRolePolicy', { roleName: 'x', policyName: 'p', policyDocument: '{"Statement":' }), ok, 'attach-policy', 'high', 'policy-unreadable'],
  ['PutUserPolicy without parameters', alertOf('iam', 'PutUserPolicy', null), no, 'attach-policy', 'low', 'nothing-written'],
  ['PutUserPolicy whose request CloudTrail left out', alertOf('iam', 'PutUserPolicy', { omitted: true, originalSize: 204800, reason: 'exceeds' }), ok, 'attach-policy', 'medium', 'request-omitted'],
  ['CreatePolicy, administrator, attached to nobody', alertOf('iam', 'CreatePolicy', { policyName: 'p', policyDocument: policy({ Effect: 'Allow', Action: '*', Resource: '*' }) }), ok, 'attach-policy', 'medium'],
  ['CreatePolicy, ordinary', alertOf('iam', 'CreatePolicy', { policyName: 'p', policyDocument: policy({ Effect: 'Allow', Action: 's3:PutObject', Resource: '*' }) }), no, 'attach-policy', 'low', 'not-in-effect'],
  ['CreatePolicyVersion, in effect', alertOf('iam', 'CreatePolicyVersion', { policyArn: `arn:aws:iam::${ACCOUNT}:policy/p`, setAsDefault: true, policyDocument: policy({ Effect: 'Allow', Action: '*', Resource: '*' }) }), ok, 'attach-policy', 'critical'],
  ['DeleteRolePermissionsBoundary', alertOf('iam', 'DeleteRolePermissionsBoundary', { roleName: 'x' }), ok, 'attach-policy', 'high', 'boundary-removed'],
  ['CreateRole for a service', alertOf('iam', 'CreateRole', { roleName: 'app', assumeRolePolicyDocument: trust({ Service: 'lambda.amazonaws.com' }) }), ok, 'create-user', 'medium', 'new-role'],
  ['UpdateAssumeRolePolicy to a service', alertOf('iam', 'UpdateAssumeRolePolicy', { roleName: 'app', policyDocument: trust({ Service: 'lambda.amazonaws.com' }) }), no, 'cross-account-role', 'low', 'trust-closed'],
  ['UpdateAssumeRolePolicy to anybody with an external id', alertOf('iam', 'UpdateAssumeRolePolicy', { roleName: 'app', policyDocument: policy({ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole', Condition: { StringEquals: { 'sts:ExternalId': 'a' } } }) }), ok, 'cross-account-role', 'critical'],
  ['AssumeRole by a service', alertOf('sts', 'AssumeRole', { roleArn: `arn:aws:iam::${ACCOUNT}:role/Admin` }, byService('lambda')), no, null, 'info', 'aws-service'],
  ['AssumeRole, everyday', alertOf('sts', 'AssumeRole', { roleArn: `arn:aws:iam::${ACCOUNT}:role/app` }, { readOnly: true }), no, 'cross-account-role', 'low', 'role-assumed'],
  ['AssumeRole of an administrator from outside', alertOf('sts', 'AssumeRole', { roleArn: `arn:aws:iam::${ACCOUNT}:role/OrganizationAccountAccessRole` }, { readOnly: true, userIdentity: { type: 'AWSAccount', principalId: 'AIDAXXXXXXXXEXAMPLE9', accountId: OTHER } }), ok, 'cross-account-role', 'medium', 'admin-role-from-outside'],
  ['GetFederationToken', alertOf('sts', 'GetFederationToken', { name: 'x' }), ok, 'create-access-key'],
  ['CreateTrustAnchor', alertOf('rolesanywhere', 'CreateTrustAnchor', { name: 'x' }), ok, 'cross-account-role', 'high'],

  // root
  ['root fails to sign in', signIn(rootIdentity(), { MFAUsed: 'No' }, 'Failure'), ok, 'root-login', 'high', 'root-login-failed'],
  ['root writes', alertOf('s3', 'PutBucketVersioning', { bucketName: 'b', VersioningConfiguration: { Status: 'Enabled' } }, { userIdentity: rootIdentity() }), ok, 'root-login', 'critical', 'root-used'],
  ['root’s console reads', alertOf('iam', 'ListAccessKeys', null, { userIdentity: rootIdentity({ accessKeyId: 'ASIAQ3EGRYKZ7EXAMPLE' }), readOnly: true }), no, 'root-login', 'low', 'root-looks'],
  ['a long-term key of root reads', alertOf('iam', 'ListAccessKeys', null, { userIdentity: rootIdentity({ accessKeyId: 'AKIAQ3EGRYKZ7EXAMPLE' }), readOnly: true }), ok, 'root-login', 'critical', 'root-key-used'],
  ['root, service-linked role', alertOf('iam', 'CreateServiceLinkedRole', { aWSServiceName: 'x' }, { userIdentity: rootIdentity() }), no, 'root-login', 'low', 'root-not-used'],
  ['AWS for root', alertOf('iam', 'CreateUser', { userName: 'x' }, { userIdentity: rootIdentity({ invokedBy: 'support.amazonaws.com' }) }), no, null, 'info', 'aws-service'],
  ['root through the console', alertOf('iam', 'CreateUser', { userName: 'x' }, { userIdentity: rootIdentity({ invokedBy: 'signin.amazonaws.com' }) }), ok, 'root-login', 'critical'],
  ['AssumeRoot', alertOf('sts', 'AssumeRoot', { targetPrincipal: OTHER }), ok, 'root-login', 'critical'],

  // sign-ins
  ['IAM user without MFA', signIn(userIdentity(), { MFAUsed: 'No' }), ok, 'suspicious-signin', 'medium', 'login-without-mfa'],
  ['IAM user with a named device', signIn(userIdentity(), { MFAUsed: 'Yes', MFAIdentifier: `arn:aws:iam::${ACCOUNT}:mfa/mallory` }), no, 'suspicious-signin', 'info', 'login-with-mfa'],
  ['refused second factor', signIn(userIdentity(), { MFAUsed: 'Yes' }, 'Failure'), ok, 'suspicious-signin', 'high', 'second-factor-refused'],
  ['wrong password', signIn(userIdentity(), { MFAUsed: 'No' }, 'Failure'), no, 'suspicious-signin', 'info', 'login-failed'],
  ['SAML', signIn(roleIdentity(), { MFAUsed: 'No', SamlProviderArn: `arn:aws:iam::${ACCOUNT}:saml-provider/okta` }), no, 'suspicious-signin', 'info', 'federated-login'],
  ['Identity Center', signIn(roleIdentity('AWSReservedSSO_Ops_0123456789abcdef', 'ada@example.com'), { MFAUsed: 'No' }), no, 'suspicious-signin', 'info', 'sso-login'],
  ['console out of a role’s keys', signIn(roleIdentity(), { MFAUsed: 'No' }), ok, 'suspicious-signin', 'medium', 'console-from-role-keys'],
  ['GetSigninToken outside Identity Center', alertOf('signin', 'GetSigninToken', null, { userIdentity: roleIdentity() }), ok, 'create-access-key'],
  ['GetSigninToken by Identity Center’s portal', alertOf('signin', 'GetSigninToken', null, { userIdentity: roleIdentity('AWSReservedSSO_Ops_0123456789abcdef', 'ada') }), no, 'create-access-key', 'low', 'sso-portal'],

  // exposure
  ['bucket policy for another account', alertOf('s3', 'PutBucketPolicy', { bucketName: 'b', bucketPolicy: policy({ Effect: 'Allow', Principal: { AWS: OTHER }, Action: 's3:*', Resource: '*' }) }), ok, 'storage-exposure', 'high', 'policy-outside'],
  ['bucket policy for a service', alertOf('s3', 'PutBucketPolicy', { bucketName: 'b', bucketPolicy: policy({ Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' }, Action: 's3:*', Resource: '*' }) }), no, 'storage-exposure', 'low', 'policy-closed'],
  ['PutBucketAcl, private', alertOf('s3', 'PutBucketAcl', { bucketName: 'b', 'x-amz-acl': ['private'] }), no, 'storage-exposure', 'low', 'acl-closed'],
  ['PutBucketAcl, public', alertOf('s3', 'PutBucketAcl', { bucketName: 'b', 'x-amz-acl': ['public-read-write'] }), ok, 'storage-exposure', 'critical'],
  ['DeleteBucketPublicAccessBlock', alertOf('s3', 'DeleteBucketPublicAccessBlock', { bucketName: 'b' }), ok, 'storage-exposure', 'high'],
  ['PutBucketPublicAccessBlock, all on', alertOf('s3', 'PutBucketPublicAccessBlock', { bucketName: 'b', PublicAccessBlockConfiguration: { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true } }), no, 'storage-exposure'],
  ['PutBucketPublicAccessBlock, one off', alertOf('s3', 'PutBucketPublicAccessBlock', { bucketName: 'b', PublicAccessBlockConfiguration: { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: false, RestrictPublicBuckets: true } }), ok, 'storage-exposure', 'high'],
  ['snapshot to everybody', alertOf('ec2', 'ModifySnapshotAttribute', { snapshotId: 'snap-1', createVolumePermission: { add: { items: [{ group: 'all' }] } } }), ok, 'storage-exposure', 'critical'],
  ['snapshot to another account', alertOf('ec2', 'ModifySnapshotAttribute', { snapshotId: 'snap-1', createVolumePermission: { add: { items: [{ userId: OTHER }] } } }), ok, 'storage-exposure', 'high'],
  ['snapshot to the own account', alertOf('ec2', 'ModifySnapshotAttribute', { snapshotId: 'snap-1', createVolumePermission: { add: { items: [{ userId: ACCOUNT }] } } }), no, 'storage-exposure'],
  ['snapshot taken back', alertOf('ec2', 'ModifySnapshotAttribute', { snapshotId: 'snap-1', createVolumePermission: { remove: { items: [{ group: 'all' }] } } }), no, 'storage-exposure'],
  ['database snapshot to everybody', alertOf('rds', 'ModifyDBSnapshotAttribute', { dBSnapshotIdentifier: 's', attributeName: 'restore', valuesToAdd: ['all'] }), ok, 'storage-exposure', 'critical'],
  ['key policy for everybody', alertOf('kms', 'PutKeyPolicy', { keyId: 'k', policy: policy({ Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }) }), ok, 'storage-exposure', 'high'],
  ['queue attributes without a policy', alertOf('sqs', 'SetQueueAttributes', { queueUrl: 'q', attributes: { VisibilityTimeout: '30' } }), no, 'storage-exposure', 'low', 'no-policy'],
  ['queue policy for everybody', alertOf('sqs', 'SetQueueAttributes', { queueUrl: 'q', attributes: { Policy: policy({ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sqs:*', Resource: '*' }) } }), ok, 'storage-exposure', 'high'],
  ['function for everybody', alertOf('lambda', 'AddPermission20150331v2', { functionName: 'f', action: 'lambda:InvokeFunction', principal: '*' }), ok, 'storage-exposure', 'critical'],
  ['function for a service', alertOf('lambda', 'AddPermission20150331v2', { functionName: 'f', principal: 's3.amazonaws.com', sourceAccount: ACCOUNT }), no, 'storage-exposure'],
  ['function address without authentication', alertOf('lambda', 'CreateFunctionUrlConfig', { functionName: 'f', authType: 'NONE' }), ok, 'storage-exposure', 'high'],
  ['function address for signed callers', alertOf('lambda', 'CreateFunctionUrlConfig', { functionName: 'f', authType: 'AWS_IAM' }), no, 'storage-exposure', 'low', 'not-public'],
  ['web server to the world', alertOf('ec2', 'AuthorizeSecurityGroupIngress', range('0.0.0.0/0', 443)), ok, 'network-exposure', 'medium', 'web-to-world'],
  ['SSH to one address of the internet', alertOf('ec2', 'AuthorizeSecurityGroupIngress', range('198.51.100.7/32', 22)), ok, 'network-exposure', 'medium'],
  ['SSH inside', alertOf('ec2', 'AuthorizeSecurityGroupIngress', range('10.0.0.0/8', 22)), no, 'network-exposure', 'low', 'not-opened'],
  ['network ACL to the world', alertOf('ec2', 'CreateNetworkAclEntry', { networkAclId: 'acl-1', ruleAction: 'allow', egress: false, cidrBlock: '0.0.0.0/0', aclProtocol: '-1' }), ok, 'network-exposure', 'medium'],
  ['network ACL, outbound', alertOf('ec2', 'CreateNetworkAclEntry', { networkAclId: 'acl-1', ruleAction: 'allow', egress: true, cidrBlock: '0.0.0.0/0', aclProtocol: '-1' }), no, 'network-exposure', 'low', 'not-opened'],
  ['peering with another account', alertOf('ec2', 'CreateVpcPeeringConnection', { vpcId: 'vpc-1', peerVpcId: 'vpc-2', peerOwnerId: OTHER }), ok, 'network-exposure'],
  ['peering inside', alertOf('ec2', 'CreateVpcPeeringConnection', { vpcId: 'vpc-1', peerVpcId: 'vpc-2', peerOwnerId: ACCOUNT }), no, 'network-exposure'],
  ['GPU instances', alertOf('ec2', 'RunInstances', { instanceType: 'g5.48xlarge' }), ok, 'run-instances', 'high', 'costly-compute'],
  ['many instances', alertOf('ec2', 'RunInstances', { instanceType: 't3.large', instancesSet: { items: [{ maxCount: 40 }] } }), ok, 'run-instances', 'high'],

  // tracks
  ['UpdateTrail to one region', alertOf('cloudtrail', 'UpdateTrail', { name: 'main', isMultiRegionTrail: false }), ok, 'logging-disabled', 'critical'],
  ['UpdateTrail to more', alertOf('cloudtrail', 'UpdateTrail', { name: 'main', isMultiRegionTrail: true, enableLogFileValidation: true }), no, 'logging-disabled'],
  ['PutEventSelectors, no writes', alertOf('cloudtrail', 'PutEventSelectors', { trailName: 'main', eventSelectors: [{ readWriteType: 'ReadOnly', includeManagementEvents: true }] }), ok, 'logging-disabled', 'critical'],
  ['PutEventSelectors, whole', alertOf('cloudtrail', 'PutEventSelectors', { trailName: 'main', eventSelectors: [{ readWriteType: 'All', includeManagementEvents: true, dataResources: [] }] }), no, 'logging-disabled'],
  ['PutEventSelectors, advanced without management', alertOf('cloudtrail', 'PutEventSelectors', { trailName: 'main', advancedEventSelectors: [{ fieldSelectors: [{ field: 'eventCategory', equals: ['Data'] }] }] }), ok, 'logging-disabled'],
  ['GuardDuty suspended', alertOf('guardduty', 'UpdateDetector', { detectorId: 'd', enable: false }), ok, 'logging-disabled', 'critical'],
  ['GuardDuty kept', alertOf('guardduty', 'UpdateDetector', { detectorId: 'd', enable: true }), no, 'logging-disabled'],
  ['DeleteFlowLogs', alertOf('ec2', 'DeleteFlowLogs', { DeleteFlowLogsRequest: { FlowLogId: 'fl-1' } }), ok, 'logging-disabled', 'critical'],
  ['our own alert route removed', alertOf('events', 'DeleteRule', { name: 'tourniquet' }), ok, 'logging-disabled', 'high'],
  ['a subscription of a topic removed', alertOf('sns', 'Unsubscribe', { subscriptionArn: 'arn:aws:sns:us-east-1:111111111111:security:1f0e' }), ok, 'logging-disabled', 'medium'],
  ['a subscription that could not be removed', alertOf('sns', 'Unsubscribe', { subscriptionArn: 'arn:aws:sns:us-east-1:111111111111:security:1f0e' }, { errorCode: 'AuthorizationErrorException' }), no, 'logging-disabled'],
  ['subscribing blinds nobody', alertOf('sns', 'Subscribe', { protocol: 'https' }), no, null],
  ['trail bucket emptied by a rule', alertOf('s3', 'PutBucketLifecycle', { bucketName: 'acme-cloudtrail', LifecycleConfiguration: { Rule: { Status: 'Enabled', Expiration: { Days: 1 }, Prefix: '' } } }), ok, 'logging-disabled', 'high'],
  ['uploads expire', alertOf('s3', 'PutBucketLifecycle', { bucketName: 'acme-app', LifecycleConfiguration: { Rule: { Status: 'Enabled', Expiration: { Days: 1 }, Prefix: 'tmp/' } } }), no, 'logging-disabled'],

  ['PutBucketLogging, off', alertOf('s3', 'PutBucketLogging', { bucketName: 'b', BucketLoggingStatus: { xmlns: 'http://s3.amazonaws.com/doc/2006-03-01/' } }), ok, 'logging-disabled', 'high'],
  ['PutBucketLogging, on', alertOf('s3', 'PutBucketLogging', { bucketName: 'b', BucketLoggingStatus: { LoggingEnabled: { TargetBucket: 'logs', TargetPrefix: 'b/' } } }), no, 'logging-disabled'],
  ['logs kept for a day', alertOf('logs', 'PutRetentionPolicy', { logGroupName: '/aws/app', retentionInDays: 1 }), ok, 'logging-disabled', 'high'],
  ['logs kept for a month', alertOf('logs', 'PutRetentionPolicy', { logGroupName: '/aws/app', retentionInDays: 30 }), no, 'logging-disabled'],

  // beyond the table
  ['versioning suspended', alertOf('s3', 'PutBucketVersioning', { bucketName: 'b', VersioningConfiguration: { Status: 'Suspended' } }), ok, 'other-high-risk', 'medium'],
  ['versioning on', alertOf('s3', 'PutBucketVersioning', { bucketName: 'b', VersioningConfiguration: { Status: 'Enabled' } }), no, 'other-high-risk'],
  ['secrets read by a filter', alertOf('secretsmanager', 'BatchGetSecretValue', { filters: [{ key: 'all', values: ['prod'] }] }, { readOnly: true }), ok, 'other-high-risk', 'medium'],
  ['secrets read by name', alertOf('secretsmanager', 'BatchGetSecretValue', { secretIdList: ['app/db'] }, { readOnly: true }), no, 'other-high-risk'],
  ['function code replaced', alertOf('lambda', 'UpdateFunctionCode20150331v2', { functionName: 'f', dryRun: false }), ok, 'other-high-risk', 'medium'],
  ['function settings changed', alertOf('lambda', 'UpdateFunctionConfiguration20150331v2', { functionName: 'f', timeout: 30 }), no, 'other-high-risk', 'low', 'settings-changed'],
  ['function layers changed', alertOf('lambda', 'UpdateFunctionConfiguration20150331v2', { functionName: 'f', layers: [`arn:aws:lambda:eu-central-1:${OTHER}:layer:x:1`] }), ok, 'other-high-risk', 'medium', 'layers-changed'],
  ['instance resized', alertOf('ec2', 'ModifyInstanceAttribute', { instanceId: 'i-1', instanceType: { value: 'm6i.large' } }), no, 'other-high-risk', 'low', 'instance-kept'],
  ['start script changed', alertOf('ec2', 'ModifyInstanceAttribute', { instanceId: 'i-1', userData: '<sensitiveDataRemoved>' }), ok, 'other-high-risk', 'high'],
  ['traffic mirror tried', alertOf('ec2', 'CreateTrafficMirrorSession', {}, { errorCode: 'Client.InvalidParameter' }), ok, 'other-high-risk', 'medium', 'attempt-matters'],
  ['deletion protection off', alertOf('rds', 'ModifyDBInstance', { dBInstanceIdentifier: 'd', deletionProtection: false }), ok, 'other-high-risk', 'high'],
  ['database grown', alertOf('rds', 'ModifyDBInstance', { dBInstanceIdentifier: 'd', allocatedStorage: 500 }), no, 'other-high-risk'],
  ['database on the internet', alertOf('rds', 'ModifyDBInstance', { dBInstanceIdentifier: 'd', publiclyAccessible: true }), ok, 'network-exposure', 'high'],
  ['object rewritten under a customer key', alertOf('s3', 'CopyObject', { bucketName: 'b', key: 'k', 'x-amz-copy-source': 'b/k', 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }), ok, 'other-high-risk', 'high'],
  ['object copied under a customer key', alertOf('s3', 'CopyObject', { bucketName: 'b', key: 'k', 'x-amz-copy-source': 'a/k', 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }), no, 'storage-exposure'],
  ['shell on hosts', alertOf('ssm', 'SendCommand', { documentName: 'AWS-RunShellScript', instanceIds: ['i-1'] }), ok, 'other-high-risk'],
  ['agent update on hosts', alertOf('ssm', 'SendCommand', { documentName: 'AWS-UpdateSSMAgent' }), no, 'other-high-risk'],
  ['a tool that tries keys out', alertOf('sts', 'GetCallerIdentity', null, { readOnly: true, userAgent: 'TruffleHog/3.63' }), ok, 'other-high-risk'],
  ['an everyday read', alertOf('ec2', 'DescribeInstances', {}, { readOnly: true }), no, null, 'info', 'not-high-risk'],
  ['a high-risk name of another service', alertOf('dynamodb', 'CreateUser', {}), no, null, 'info', 'not-high-risk'],
];

// Jest would take a shorter row for a callback style test.
test.each(cases.map(([name, alert, status, event, risk, code]) => ({ name, alert, status, event, risk, code })))('$name', ({ alert, status, event, risk, code }) => {
  const got = classify(alert);
  expect({ status: got.status, event: got.event }).toEqual({ status, event });
  if (risk) expect(got.risk).toBe(risk);
  if (code) expect(got.reasons.map((one) => one.code)).toContain(code);
  expect(got.reasons.length).toBeGreaterThan(0);
  for (const reason of got.reasons) expect(reason.source).toBe('event');
});

test('an alert has techniques; what is ignored has none', () => {
  for (const [, alert] of cases) {
    const { status, techniques } = classify(alert);
    if (status === 'alert') expect(techniques.length).toBeGreaterThan(0);
    else expect(techniques).toEqual([]);
    for (const technique of techniques) expect(technique).toMatch(/^T\d{4}(\.\d{3})?$/);
  }
});

test('every test of the tables has an event that fires it; all but those that always fire have one that does not', () => {
  const seen: Record<string, Set<string>> = {};
  for (const [, alert, status, event] of cases) {
    if (event === null || (alert.outcome === 'failure' && alert.event !== 'DescribeInstanceAttribute') || alert.dryRun || alert.principal?.kind === 'root') continue;
    for (const kin of awsKinOf(alert.service!.split('.')[0]!, alert.event.replace(/20\d{6}(v\d)?$/, ''))) (seen[kin.test] ??= new Set()).add(status);
  }
  const alwaysFires = ['always', 'instances'];
  const got = Object.keys(awsTests).map((name) => [name, ...[...(seen[name] ?? [])].sort()].join(' '));
  expect(got).toEqual(Object.keys(awsTests).map((name) => [name, ok, ...(alwaysFires.includes(name) ? [] : [no])].join(' ')));
});

test('the table: nine rows, each with both names, and every entry sound', () => {
  expect(RISK_TABLE.filter(({ row }) => row.startsWith('1.1.')).map(({ row }) => row)).toEqual(['1.1.1', '1.1.2', '1.1.3', '1.1.4', '1.1.5', '1.1.6', '1.1.7', '1.1.8', '1.1.9']);
  for (const kin of awsKin) {
    expect(riskRowOf(kin.event)).toBeDefined();
    expect(kin.calls.length).toBeGreaterThan(0);
    expect(new Set(kin.calls).size).toBe(kin.calls.length);
    for (const technique of kin.techniques) expect(technique).toMatch(/^T\d{4}(\.\d{3})?$/);
    if (kin.event !== 'other-high-risk') expect(kin.techniques.length).toBeGreaterThan(0);
  }
});

test('padding a request cannot hide an opening', () => {
  const padding = Array.from({ length: 2000 }, (_, index) => ({ ipProtocol: 'tcp', fromPort: 1, toPort: 1, ipRanges: { items: [{ cidrIp: `10.0.${index >> 8}.${index & 255}/32` }] } }));
  const alert = alertOf('ec2', 'AuthorizeSecurityGroupIngress', { groupId: 'sg-1', ipPermissions: { items: [...padding, world.ipPermissions.items[0]] } });
  expect(classify(alert)).toMatchObject({ status: 'alert', reasons: [{ code: 'request-omitted' }] });
});

test('without an identity an alert says so', () => {
  const alert = parsed(record('iam', 'CreateUser', { userName: 'x' }, { userIdentity: undefined }));
  expect(classify(alert).reasons.map(({ code }) => code)).toContain('no-principal');
});

test('any call with any parameters gets an answer, and the same one twice', () => {
  const calls = awsKin.flatMap((kin) => kin.calls.map((call) => [kin.service, call] as const));
  fc.assert(
    fc.property(fc.constantFrom(...calls), fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 }), fc.constantFrom(userIdentity(), rootIdentity(), roleIdentity(), undefined), ([service, call], request, identity) => {
      const alert = alertOf(service, call, request, { userIdentity: identity });
      const first = classify(alert);
      expect(['alert', 'ignored']).toContain(first.status);
      expect(classify(alert)).toEqual(first);
    }),
    { numRuns: 500 },
  );
});
