import type { Classification } from '../../playbook/model/verdict';
import { classify } from '../../playbook/triage/classify';
import { ACCOUNT, OTHER, parsed, record, roleIdentity, rootIdentity, userIdentity } from './events';

/** Pairs of what is worth an incident and what only looks like it: an event name does not carry the difference. */
type Row = [name: string, raw: Record<string, unknown>, expected: 'alert' | 'quiet', code?: string];
const doc = (...statements: unknown[]): string => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const allow = (principal: unknown, more: Record<string, unknown> = {}): Record<string, unknown> => ({ Effect: 'Allow', Principal: principal, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*', ...more });
const everyone = (condition: Record<string, unknown>) => bucket(allow('*', { Condition: condition }));
const bucket = (...statements: unknown[]) => record('s3', 'PutBucketPolicy', { bucketName: 'b', bucketPolicy: { Version: '2012-10-17', Statement: statements } });
const ingress = (ranges: Record<string, unknown>, from: number | null = 22, to = from, protocol = 'tcp') =>
  record('ec2', 'AuthorizeSecurityGroupIngress', { groupId: 'sg-1', ipPermissions: { items: [{ ipProtocol: protocol, ...(from === null ? {} : { fromPort: from, toPort: to }), groups: {}, ipRanges: {}, ipv6Ranges: {}, prefixListIds: {}, ...ranges }] } });
const v4 = (...cidrs: string[]) => ({ ipRanges: { items: cidrs.map((cidrIp) => ({ cidrIp })) } });
const v6 = (cidrIpv6: string) => ({ ipv6Ranges: { items: [{ cidrIpv6 }] } });
const trust = (principal: unknown, condition?: unknown, action = 'sts:AssumeRole') => doc({ Effect: 'Allow', Principal: principal, Action: action, ...(condition ? { Condition: condition } : {}) });
const newTrust = (text: string) => record('iam', 'UpdateAssumeRolePolicy', { roleName: 'r', policyDocument: text });
const byCloudFormation = { userIdentity: roleIdentity('deployer', 'AWSCloudFormation', { invokedBy: 'cloudformation.amazonaws.com' }), sourceIPAddress: 'cloudformation.amazonaws.com', userAgent: 'cloudformation.amazonaws.com' };
const bySlr = { userIdentity: roleIdentity('AWSServiceRoleForAutoScaling', 'AutoScaling', { sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${ACCOUNT}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`, accountId: ACCOUNT, userName: 'AWSServiceRoleForAutoScaling' }, attributes: {} }, invokedBy: 'autoscaling.amazonaws.com' }) };
const sso = { userIdentity: roleIdentity('AWSReservedSSO_Admin_0123456789abcdef', 'ada@example.com') };
const login = (identity: Record<string, unknown>, result: string, more: Record<string, unknown> = {}) =>
  record('signin', 'ConsoleLogin', null, { eventType: 'AwsConsoleSignIn', userIdentity: identity, responseElements: { ConsoleLogin: result }, additionalEventData: { MFAUsed: 'No', LoginTo: 'https://console.aws.amazon.com', MobileVersion: 'No' }, ...more });
const denied = { errorCode: 'AccessDenied', errorMessage: 'User is not authorized' };
const ours = 'o-a1b2c3d4e5';

const rows: Row[] = [
  // 1.1.1
  ['root signs in', login(rootIdentity(), 'Success'), 'alert', 'root-login'],
  ['root signs in with a second factor', login(rootIdentity(), 'Success', { additionalEventData: { MFAUsed: 'Yes' } }), 'alert', 'root-login'],
  ['root is refused', login(rootIdentity(), 'Failure', { errorMessage: 'Failed authentication' }), 'alert', 'root-login-failed'],
  ['root by a service', record('iam', 'CreateServiceLinkedRole', {}, { userIdentity: rootIdentity({ invokedBy: 'autoscaling.amazonaws.com' }) }), 'quiet'],
  ['root makes a key', record('iam', 'CreateAccessKey', null, { userIdentity: rootIdentity() }), 'alert'],
  ['root of a GovCloud account', login({ ...rootIdentity(), arn: `arn:aws-us-gov:iam::${ACCOUNT}:root` }, 'Success'), 'alert', 'root-login'],
  // sign-ins
  ['a user without a second factor', login(userIdentity(), 'Success'), 'alert', 'login-without-mfa'],
  ['a user with a named second factor', login(userIdentity(), 'Success', { additionalEventData: { MFAUsed: 'Yes', MFAIdentifier: `arn:aws:iam::${ACCOUNT}:mfa/mallory` } }), 'quiet'],
  ['a user mistypes', login(userIdentity(), 'Failure', { errorMessage: 'Failed authentication' }), 'quiet'],
  ['somebody through Identity Center', login(roleIdentity('AWSReservedSSO_Admin_0123456789abcdef', 'ada'), 'Success'), 'quiet', 'sso-login'],
  ['somebody through SAML', login(roleIdentity(), 'Success', { additionalEventData: { MFAUsed: 'No', SamlProviderArn: `arn:aws:iam::${ACCOUNT}:saml-provider/okta` } }), 'quiet'],
  // 1.1.2
  ['a user is made', record('iam', 'CreateUser', { userName: 'x' }), 'alert', 'high-risk-call'],
  ['a user is made in upper case of nothing', record('iam', 'CreateUser', { userName: 'x' }, { eventSource: 'IAM.amazonaws.com' }), 'alert'],
  ['a user could not be made', record('iam', 'CreateUser', { userName: 'x' }, denied), 'quiet', 'attempt-failed'],
  ['a user exists already', record('iam', 'CreateUser', { userName: 'x' }, { errorCode: 'EntityAlreadyExistsException' }), 'quiet', 'attempt-failed'],
  ['a stack makes a user', record('iam', 'CreateUser', { userName: 'x' }, byCloudFormation), 'quiet', 'by-stack'],
  ['a stack makes a key', record('iam', 'CreateAccessKey', { userName: 'x' }, byCloudFormation), 'alert'],
  ['who says to be a stack and is not', record('iam', 'CreateUser', { userName: 'x' }, { userAgent: 'cloudformation.amazonaws.com' }), 'alert'],
  ['a password for somebody else', record('iam', 'CreateLoginProfile', { userName: 'bob', passwordResetRequired: false }), 'alert', 'foreign-credential'],
  ['a password for oneself', record('iam', 'UpdateLoginProfile', { userName: 'mallory' }), 'quiet'],
  ['a service-linked role', record('iam', 'CreateServiceLinkedRole', { aWSServiceName: 'x.amazonaws.com' }), 'quiet'],
  ['a role for a service', record('iam', 'CreateRole', { roleName: 'r', assumeRolePolicyDocument: trust({ Service: 'lambda.amazonaws.com' }) }), 'alert', 'new-role'],
  ['a stack makes a role for a service', record('iam', 'CreateRole', { roleName: 'r', assumeRolePolicyDocument: trust({ Service: 'lambda.amazonaws.com' }) }, byCloudFormation), 'quiet', 'by-stack'],
  ['a stack makes a role for a stranger', record('iam', 'CreateRole', { roleName: 'r', assumeRolePolicyDocument: trust({ AWS: `arn:aws:iam::${OTHER}:root` }) }, byCloudFormation), 'alert', 'trust-outside'],
  ['users are listed', record('iam', 'ListUsers', null, { readOnly: true }), 'quiet'],
  // 1.1.3
  ['AdministratorAccess to a user', record('iam', 'AttachUserPolicy', { userName: 'x', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }), 'alert', 'grants-admin'],
  ['the same in China', record('iam', 'AttachUserPolicy', { userName: 'x', policyArn: 'arn:aws-cn:iam::aws:policy/AdministratorAccess' }), 'alert', 'grants-admin'],
  ['ReadOnlyAccess to a user', record('iam', 'AttachUserPolicy', { userName: 'x', policyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }), 'quiet'],
  ['SecurityAudit to a role', record('iam', 'AttachRolePolicy', { roleName: 'x', policyArn: 'arn:aws:iam::aws:policy/SecurityAudit' }), 'quiet'],
  ['what a function needs', record('iam', 'AttachRolePolicy', { roleName: 'x', policyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole' }), 'quiet'],
  ['IAMFullAccess to a group', record('iam', 'AttachGroupPolicy', { groupName: 'x', policyArn: 'arn:aws:iam::aws:policy/IAMFullAccess' }), 'alert', 'grants-admin'],
  ['refused', record('iam', 'AttachUserPolicy', { userName: 'x', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }, denied), 'quiet', 'attempt-failed'],
  ['an inline star', record('iam', 'PutRolePolicy', { roleName: 'r', policyName: 'p', policyDocument: doc({ Effect: 'Allow', Action: '*', Resource: '*' }) }), 'alert', 'grants-admin'],
  ['an inline star in lower case', record('iam', 'PutRolePolicy', { roleName: 'r', policyName: 'p', policyDocument: JSON.stringify({ statement: { effect: 'allow', action: ['*'], resource: ['*'] } }) }), 'alert', 'grants-admin'],
  ['an inline NotAction', record('iam', 'PutUserPolicy', { userName: 'u', policyName: 'p', policyDocument: doc({ Effect: 'Allow', NotAction: 'aws-portal:*', Resource: '*' }) }), 'alert', 'grants-admin'],
  ['an inline iam:*', record('iam', 'PutUserPolicy', { userName: 'u', policyName: 'p', policyDocument: doc({ Effect: 'Allow', Action: 'iam:*', Resource: '*' }) }), 'alert', 'grants-admin'],
  ['an inline PassRole on everything', record('iam', 'PutUserPolicy', { userName: 'u', policyName: 'p', policyDocument: doc({ Effect: 'Allow', Action: ['iam:Pass*'], Resource: '*' }) }), 'alert', 'grants-escalation'],
  ['an inline reader', record('iam', 'PutRolePolicy', { roleName: 'r', policyName: 'p', policyDocument: doc({ Effect: 'Allow', Action: ['s3:Get*', 's3:List*'], Resource: '*' }) }), 'quiet'],
  ['an inline deny of everything', record('iam', 'PutRolePolicy', { roleName: 'r', policyName: 'p', policyDocument: doc({ Effect: 'Deny', Action: '*', Resource: '*' }) }), 'quiet'],
  ['a URL-encoded admin version', record('iam', 'CreatePolicyVersion', { policyArn: `arn:aws:iam::${ACCOUNT}:policy/p`, setAsDefault: true, policyDocument: encodeURIComponent(doc({ Effect: 'Allow', Action: '*:*', Resource: '*' })) }), 'alert', 'grants-admin'],
  ['an older version is the default again', record('iam', 'SetDefaultPolicyVersion', { policyArn: `arn:aws:iam::${ACCOUNT}:policy/p`, versionId: 'v1' }), 'alert'],
  ['somebody into a group', record('iam', 'AddUserToGroup', { groupName: 'admins', userName: 'x' }), 'alert'],
  ['a policy taken off', record('iam', 'DetachUserPolicy', { userName: 'x', policyArn: 'arn:aws:iam::aws:policy/AmazonS3FullAccess' }), 'quiet', 'rights-removed'],
  ['a boundary taken off', record('iam', 'DeleteRolePermissionsBoundary', { roleName: 'x' }), 'alert'],
  ['policies simulated', record('iam', 'SimulatePrincipalPolicy', {}, { readOnly: true }), 'quiet'],
  // 1.1.4
  ['a key for somebody else', record('iam', 'CreateAccessKey', { userName: 'bob' }), 'alert', 'foreign-credential'],
  ['a key for oneself', record('iam', 'CreateAccessKey', { userName: 'mallory' }), 'quiet', 'own-credential'],
  ['a key for oneself, unnamed', record('iam', 'CreateAccessKey', null), 'quiet', 'own-credential'],
  ['a key by a role', record('iam', 'CreateAccessKey', { userName: 'bob' }, { userIdentity: roleIdentity() }), 'alert'],
  ['a key by somebody of Identity Center', record('iam', 'CreateAccessKey', { userName: 'svc' }, sso), 'alert'],
  ['a key, at the limit', record('iam', 'CreateAccessKey', { userName: 'bob' }, { errorCode: 'LimitExceededException' }), 'quiet'],
  ['a key switched off', record('iam', 'UpdateAccessKey', { userName: 'bob', accessKeyId: 'AKIAEXAMPLE', status: 'Inactive' }), 'quiet'],
  ['a key switched on', record('iam', 'UpdateAccessKey', { userName: 'bob', accessKeyId: 'AKIAEXAMPLE', status: 'Active' }), 'alert'],
  ['keys listed', record('iam', 'ListAccessKeys', { userName: 'bob' }, { readOnly: true }), 'quiet'],
  // 1.1.5
  ['a public bucket', bucket(allow('*')), 'alert', 'policy-public'],
  ['the same by AWS star', bucket(allow({ AWS: ['*'] })), 'alert', 'policy-public'],
  ['the same by canonical star and a list', bucket(allow({ AWS: [`arn:aws:iam::${ACCOUNT}:root`, '*'] })), 'alert', 'policy-public'],
  ['everybody but one', record('s3', 'PutBucketPolicy', { bucketName: 'b', bucketPolicy: { Statement: [{ Effect: 'Allow', NotPrincipal: { AWS: `arn:aws:iam::${ACCOUNT}:user/x` }, Action: 's3:*', Resource: '*' }] } }), 'alert', 'policy-public'],
  ['a deny to everybody', bucket({ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }), 'quiet'],
  ['deny everybody but one', bucket({ Effect: 'Deny', NotPrincipal: { AWS: `arn:aws:iam::${ACCOUNT}:role/x` }, Action: 's3:*', Resource: '*' }), 'quiet'],
  ['CloudFront by its distribution', bucket(allow({ Service: 'cloudfront.amazonaws.com' }, { Condition: { StringEquals: { 'AWS:SourceArn': `arn:aws:cloudfront::${ACCOUNT}:distribution/E1` } } })), 'quiet'],
  ['CloudFront by its old identity', bucket(allow({ AWS: 'arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1ABC' })), 'quiet'],
  ['the log delivery', bucket(allow({ Service: 'cloudtrail.amazonaws.com' }, { Action: 's3:PutObject' })), 'quiet'],
  ['the own account', bucket(allow({ AWS: `arn:aws:iam::${ACCOUNT}:root` })), 'quiet', 'policy-closed'],
  ['the own account by its id', bucket(allow({ AWS: ACCOUNT })), 'quiet', 'policy-closed'],
  ['a stranger', bucket(allow({ AWS: `arn:aws:iam::${OTHER}:root` })), 'alert', 'policy-outside'],
  ['everybody of one endpoint', everyone({ StringEquals: { 'aws:SourceVpce': 'vpce-0a1b' } }), 'quiet'],
  ['everybody of one VPC, key in capitals', everyone({ stringequals: { 'AWS:SOURCEVPC': 'vpc-0a1b' } }), 'quiet'],
  ['everybody from private addresses', everyone({ IpAddress: { 'aws:SourceIp': ['10.0.0.0/8'] } }), 'quiet'],
  ['everybody from one office', everyone({ IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }), 'quiet'],
  ['everybody from anywhere', everyone({ IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }), 'alert', 'policy-public'],
  ['everybody from one half and the other', everyone({ IpAddress: { 'aws:SourceIp': ['0.0.0.0/1', '128.0.0.0/1'] } }), 'alert', 'policy-public'],
  ['everybody from anywhere in IPv6', everyone({ IpAddress: { 'aws:SourceIp': '::/0' } }), 'alert', 'policy-public'],
  ['everybody but one address', everyone({ NotIpAddress: { 'aws:SourceIp': '198.51.100.1/32' } }), 'alert', 'policy-public'],
  ['everybody over TLS', everyone({ Bool: { 'aws:SecureTransport': 'true' } }), 'alert', 'policy-public'],
  ['everybody with a referer', everyone({ StringLike: { 'aws:Referer': 'https://example.com/*' } }), 'alert', 'policy-public'],
  ['everybody of an organisation, if they say so', everyone({ StringEqualsIfExists: { 'aws:PrincipalOrgID': ours } }), 'alert', 'policy-public'],
  ['everybody but an organisation', everyone({ StringNotEquals: { 'aws:PrincipalOrgID': ours } }), 'alert', 'policy-public'],
  ['everybody of any account', everyone({ StringLike: { 'aws:PrincipalAccount': '*' } }), 'alert', 'policy-public'],
  ['everybody of the own account', everyone({ StringEquals: { 'aws:PrincipalAccount': ACCOUNT } }), 'quiet'],
  ['everybody of an organisation that nobody said is ours', everyone({ StringEquals: { 'aws:PrincipalOrgID': ours } }), 'alert', 'policy-outside'],
  ['a bucket policy refused', { ...bucket(allow('*')), ...denied }, 'quiet', 'attempt-failed'],
  ['a bucket policy taken away', record('s3', 'DeleteBucketPolicy', { bucketName: 'b' }), 'quiet'],
  ['ACL public-read', record('s3', 'PutBucketAcl', { bucketName: 'b', 'x-amz-acl': ['public-read'] }), 'alert', 'acl-public'],
  ['ACL private', record('s3', 'PutBucketAcl', { bucketName: 'b', 'x-amz-acl': ['private'] }), 'quiet'],
  ['ACL log-delivery-write', record('s3', 'PutBucketAcl', { bucketName: 'b', 'x-amz-acl': ['log-delivery-write'] }), 'quiet'],
  ['ACL by grant to all', record('s3', 'PutBucketAcl', { bucketName: 'b', AccessControlPolicy: { AccessControlList: { Grant: [{ Grantee: { 'xsi:type': 'Group', URI: 'http://acs.amazonaws.com/groups/global/AllUsers' }, Permission: 'READ' }] } } }), 'alert', 'acl-public'],
  ['ACL by grant to a person', record('s3', 'PutBucketAcl', { bucketName: 'b', AccessControlPolicy: { AccessControlList: { Grant: { Grantee: { ID: 'abc' }, Permission: 'FULL_CONTROL' } } } }), 'quiet'],
  ['block public access made whole', record('s3', 'PutBucketPublicAccessBlock', { bucketName: 'b', PublicAccessBlockConfiguration: { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true } }), 'quiet'],
  ['block public access broken', record('s3', 'PutBucketPublicAccessBlock', { bucketName: 'b', PublicAccessBlockConfiguration: { BlockPublicAcls: 'false', IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true } }), 'alert'],
  ['a snapshot for all', record('ec2', 'ModifySnapshotAttribute', { snapshotId: 'snap-1', attributeType: 'CREATE_VOLUME_PERMISSION', createVolumePermission: { add: { items: [{ group: 'all' }] } } }), 'alert', 'shared-with-all'],
  ['a snapshot taken back', record('ec2', 'ModifySnapshotAttribute', { snapshotId: 'snap-1', createVolumePermission: { remove: { items: [{ group: 'all' }] } } }), 'quiet'],
  ['an image for oneself', record('ec2', 'ModifyImageAttribute', { imageId: 'ami-1', launchPermission: { add: { items: [{ userId: ACCOUNT }] } } }), 'quiet'],
  ['an image for an organisation that nobody said is ours', record('ec2', 'ModifyImageAttribute', { imageId: 'ami-1', launchPermission: { add: { items: [{ organizationArn: `arn:aws:organizations::${ACCOUNT}:organization/${ours}` }] } } }), 'alert', 'shared-outside'],
  ['a stack closes a bucket', record('s3', 'PutBucketPolicy', { bucketName: 'b', bucketPolicy: { Statement: [allow({ AWS: `arn:aws:iam::${ACCOUNT}:role/x` })] } }, byCloudFormation), 'quiet'],
  // 1.1.6
  ['SSH to the world', ingress(v4('0.0.0.0/0')), 'alert', 'open-to-world'],
  ['SSH to the world in IPv6', ingress(v6('::/0')), 'alert', 'open-to-world'],
  ['SSH to the world in long IPv6', ingress(v6('0:0:0:0:0:0:0:0/0')), 'alert', 'open-to-world'],
  ['SSH to half of the world', ingress(v4('0.0.0.0/1', '128.0.0.0/1')), 'alert', 'open-to-world'],
  ['everything to the world', ingress(v4('0.0.0.0/0'), null, null, '-1'), 'alert', 'open-to-world'],
  ['all of TCP to the world', ingress(v4('0.0.0.0/0'), 0, 65535), 'alert', 'open-to-world'],
  ['a range with RDP to the world', ingress(v4('0.0.0.0/0'), 3000, 4000), 'alert', 'open-to-world'],
  ['SSH to a few private addresses', ingress(v4('10.1.0.0/16')), 'quiet'],
  ['SSH to the carrier’s private range', ingress(v4('100.64.0.0/10')), 'quiet'],
  ['SSH to private IPv6', ingress(v6('fd00::/8')), 'quiet'],
  ['SSH to another group', ingress({ groups: { items: [{ groupId: 'sg-2', userId: ACCOUNT }] } }), 'quiet'],
  ['SSH to a prefix list', ingress({ prefixListIds: { items: [{ prefixListId: 'pl-1' }] } }), 'quiet'],
  ['the web to one office', ingress(v4('203.0.113.0/24'), 443), 'quiet'],
  ['ping to the world', ingress(v4('0.0.0.0/0'), 8, -1, 'icmp'), 'quiet', 'ping-only'],
  ['a duplicate rule', { ...ingress(v4('0.0.0.0/0')), errorCode: 'Client.InvalidPermission.Duplicate' }, 'quiet'],
  ['a dry run', { ...ingress(v4('0.0.0.0/0')), errorCode: 'Client.DryRunOperation' }, 'quiet'],
  ['the way out', record('ec2', 'AuthorizeSecurityGroupEgress', { groupId: 'sg-1', ipPermissions: { items: [{ ipProtocol: '-1', ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } }] } }), 'quiet'],
  ['taken back', record('ec2', 'RevokeSecurityGroupIngress', { groupId: 'sg-1', ipPermissions: { items: [{ ipProtocol: '-1', ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } }] } }), 'quiet'],
  ['the flat form', record('ec2', 'AuthorizeSecurityGroupIngress', { groupId: 'sg-1', cidrIp: '0.0.0.0/0', fromPort: '3389', toPort: '3389', ipProtocol: 'tcp' }), 'alert'],
  ['a list instead of items', record('ec2', 'AuthorizeSecurityGroupIngress', { groupId: 'sg-1', ipPermissions: [{ ipProtocol: 'TCP', fromPort: 22, toPort: 22, ipRanges: [{ cidrIp: '0.0.0.0/0' }] }] }), 'alert'],
  // 1.1.7
  ['a miner’s instances', record('ec2', 'RunInstances', { instanceType: 'p4d.24xlarge', minCount: 8, maxCount: 8 }), 'alert', 'costly-compute'],
  ['an instance', record('ec2', 'RunInstances', { instancesSet: { items: [{ imageId: 'ami-1', minCount: 1, maxCount: 1 }] }, instanceType: 't3.micro' }), 'alert', 'new-compute'],
  ['the autoscaler', record('ec2', 'RunInstances', { instanceType: 'm5.large' }, bySlr), 'quiet', 'aws-service'],
  ['a dry run of instances', record('ec2', 'RunInstances', { instanceType: 'p4d.24xlarge' }, { errorCode: 'Client.DryRunOperation' }), 'quiet', 'dry-run'],
  ['instances refused', record('ec2', 'RunInstances', { instanceType: 't3.micro' }, { errorCode: 'Client.UnauthorizedOperation' }), 'quiet'],
  ['a node group of EKS', record('ec2', 'RunInstances', { instanceType: 'm5.large' }, { userIdentity: roleIdentity('AWSServiceRoleForAmazonEKSNodegroup', 'EKS', { invokedBy: 'eks-nodegroup.amazonaws.com' }) }), 'quiet'],
  ['instances stopped', record('ec2', 'StopInstances', { instancesSet: { items: [{ instanceId: 'i-1' }] } }), 'quiet'],
  ['instances described', record('ec2', 'DescribeInstances', {}, { readOnly: true }), 'quiet'],
  // 1.1.8
  ['trust to a stranger', newTrust(trust({ AWS: `arn:aws:iam::${OTHER}:root` })), 'alert', 'trust-outside'],
  ['trust to a stranger with an external id', newTrust(trust({ AWS: OTHER }, { StringEquals: { 'sts:ExternalId': 'x' } })), 'alert', 'trust-outside'],
  ['trust to everybody', newTrust(trust('*')), 'alert', 'trust-outside'],
  ['trust to everybody of an organisation that nobody said is ours', newTrust(trust({ AWS: '*' }, { StringEquals: { 'aws:PrincipalOrgID': ours } })), 'alert', 'trust-outside'],
  ['trust to a service', newTrust(trust({ Service: 'ec2.amazonaws.com' })), 'quiet'],
  ['trust to own SAML', newTrust(trust({ Federated: `arn:aws:iam::${ACCOUNT}:saml-provider/okta` }, { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } }, 'sts:AssumeRoleWithSAML')), 'quiet'],
  ['trust to one repository', newTrust(trust({ Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com` }, { StringEquals: { 'token.actions.githubusercontent.com:sub': 'repo:acme/app:ref:refs/heads/main' } }, 'sts:AssumeRoleWithWebIdentity')), 'alert', 'trust-oidc'],
  ['trust to every repository there is', newTrust(trust({ Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com` }, { StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' } }, 'sts:AssumeRoleWithWebIdentity')), 'alert', 'trust-outside'],
  ['a deny in the trust', newTrust(doc({ Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' })), 'quiet'],
  ['an admin role taken from outside', record('sts', 'AssumeRole', { roleArn: `arn:aws:iam::${ACCOUNT}:role/OrgAdmin`, roleSessionName: 's' }, { userIdentity: { type: 'AWSAccount', principalId: 'AROAX:s', accountId: OTHER } }), 'alert'],
  ['an everyday role', record('sts', 'AssumeRole', { roleArn: `arn:aws:iam::${ACCOUNT}:role/app`, roleSessionName: 's' }, { userIdentity: roleIdentity() }), 'quiet'],
  ['a service takes its role', record('sts', 'AssumeRole', { roleArn: `arn:aws:iam::${ACCOUNT}:role/AdminLambda`, roleSessionName: 's' }, { userIdentity: { type: 'AWSService', invokedBy: 'lambda.amazonaws.com' } }), 'quiet'],
  ['who am I', record('sts', 'GetCallerIdentity', null, { readOnly: true }), 'quiet'],
  // 1.1.9
  ['the trail stopped', record('cloudtrail', 'StopLogging', { name: 'main' }), 'alert'],
  ['the trail deleted by a stack', record('cloudtrail', 'DeleteTrail', { name: 'main' }, byCloudFormation), 'alert'],
  ['the trail not stopped', record('cloudtrail', 'StopLogging', { name: 'main' }, denied), 'quiet', 'attempt-failed'],
  ['no such trail', record('cloudtrail', 'DeleteTrail', { name: 'x' }, { errorCode: 'TrailNotFoundException' }), 'quiet'],
  ['the trail started', record('cloudtrail', 'StartLogging', { name: 'main' }), 'quiet'],
  ['the trail made multi-region', record('cloudtrail', 'UpdateTrail', { name: 'main', isMultiRegionTrail: true }), 'quiet'],
  ['the trail made single-region', record('cloudtrail', 'UpdateTrail', { name: 'main', isMultiRegionTrail: false }), 'alert'],
  ['selectors without writes', record('cloudtrail', 'PutEventSelectors', { trailName: 'main', eventSelectors: [{ readWriteType: 'ReadOnly', includeManagementEvents: true }] }), 'alert'],
  ['selectors with data events', record('cloudtrail', 'PutEventSelectors', { trailName: 'main', eventSelectors: [{ readWriteType: 'All', includeManagementEvents: true, dataResources: [{ type: 'AWS::S3::Object', values: ['arn:aws:s3'] }] }] }), 'quiet'],
  ['the detector deleted', record('guardduty', 'DeleteDetector', { detectorId: 'd' }), 'alert'],
  ['the detector suspended', record('guardduty', 'UpdateDetector', { detectorId: 'd', enable: false }), 'alert'],
  ['the detector’s frequency', record('guardduty', 'UpdateDetector', { detectorId: 'd', enable: true, findingPublishingFrequency: 'FIFTEEN_MINUTES' }), 'quiet'],
  ['flow logs deleted', record('ec2', 'DeleteFlowLogs', { DeleteFlowLogsRequest: { FlowLogId: 'fl-1' } }), 'alert'],
  ['status asked', record('cloudtrail', 'GetTrailStatus', { name: 'main' }, { readOnly: true }), 'quiet'],
  // beyond the table
  ['start scripts that it may not read', record('ec2', 'DescribeInstanceAttribute', { attribute: 'userData', instanceId: 'i-1' }, { errorCode: 'Client.UnauthorizedOperation', readOnly: true }), 'alert', 'start-script-refused'],
  ['a start script shown', record('ec2', 'DescribeInstanceAttribute', { attribute: 'userData', instanceId: 'i-1' }, { readOnly: true }), 'quiet'],
  ['many secrets decrypted by a long-term key', record('ssm', 'GetParameters', { names: Array.from({ length: 9 }, (_, i) => `/p/${i}`), withDecryption: true }, { readOnly: true }), 'alert', 'secrets-in-bulk'],
  ['many secrets decrypted by a workload', record('ssm', 'GetParameters', { names: Array.from({ length: 9 }, (_, i) => `/p/${i}`), withDecryption: true }, { readOnly: true, userIdentity: roleIdentity() }), 'quiet'],
  ['one secret', record('secretsmanager', 'GetSecretValue', { secretId: 's' }, { readOnly: true }), 'quiet'],
];

const judged = (raw: unknown): Classification => classify(parsed(raw));

// Jest would take a shorter row for a callback style test.
test.each(rows.map(([name, raw, expected, code]) => ({ name, raw, expected, code })))('$name: $expected', ({ raw, expected, code }) => {
  const is = judged(raw);
  expect([is.status === 'alert' ? 'alert' : 'quiet', is.reasons[0]?.code]).toEqual([expected, code ?? is.reasons[0]?.code]);
});

test.each([
  { name: 'bucket', raw: everyone({ StringEquals: { 'aws:PrincipalOrgID': ours } }) },
  { name: 'bucket by path', raw: everyone({ 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': `${ours}/r-ab12/*` } }) },
  { name: 'trust', raw: newTrust(trust({ AWS: '*' }, { StringEquals: { 'aws:PrincipalOrgID': ours } })) },
  { name: 'image', raw: record('ec2', 'ModifyImageAttribute', { imageId: 'ami-1', launchPermission: { add: { items: [{ organizationArn: `arn:aws:organizations::${ACCOUNT}:organization/${ours}` }] } } }) },
])('the own organisation is let in ($name): only when the configuration says which it is', ({ raw }) => {
  const alert = parsed(raw);
  const own = (id: string) => classify({ ...alert, facts: { ...alert.facts, ownOrganizations: [id] } }).status;
  expect([classify(alert).status, own(ours), own('o-zzzzzzzzzz')]).toEqual(['alert', 'ignored', 'alert']);
});
