import { CreateTrailCommand, DeleteTrailCommand, GetEventSelectorsCommand, GetTrailCommand, GetTrailStatusCommand, PutEventSelectorsCommand, StartLoggingCommand, StopLoggingCommand, UpdateTrailCommand } from '@aws-sdk/client-cloudtrail';
import {
  AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand, DescribeIamInstanceProfileAssociationsCommand, DescribeImagesCommand, DescribeInstancesCommand, DescribeNetworkAclsCommand, DescribeSecurityGroupRulesCommand,
  DescribeVpcsCommand, DeleteNetworkAclEntryCommand, ModifyInstanceMetadataOptionsCommand, RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateAccessKeyCommand, CreateLoginProfileCommand, CreateRoleCommand, CreateUserCommand, CreateVirtualMFADeviceCommand, DeleteRolePolicyCommand, DeleteUserPolicyCommand, EnableMFADeviceCommand, GetLoginProfileCommand, GetRoleCommand,
  GetRolePolicyCommand, GetUserPolicyCommand, ListAccessKeysCommand, ListAttachedUserPoliciesCommand, ListMFADevicesCommand, ListUserPoliciesCommand, PutRolePolicyCommand, PutUserPolicyCommand, UpdateAccessKeyCommand, UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateFunctionCommand, GetFunctionConcurrencyCommand, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, DeletePublicAccessBlockCommand, GetBucketAclCommand, GetBucketPolicyCommand, GetPublicAccessBlockCommand, PutBucketAclCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { CreateAccountAssignmentCommand, CreatePermissionSetCommand, GetInlinePolicyForPermissionSetCommand, ListAccountAssignmentsCommand, ProvisionPermissionSetCommand, PutInlinePolicyToPermissionSetCommand } from '@aws-sdk/client-sso-admin';
import { CreateWebACLCommand, GetIPSetCommand, ListIPSetsCommand, UpdateIPSetCommand } from '@aws-sdk/client-wafv2';
import { iamTarget, proposal, regional } from '../../activities/aws/contain/targets';
import type { Proposal } from '../../playbook/model/plan';
import { zipOf } from '../../sandbox/aws/world/zip';
import type { ContractCase } from '../containment/contract';
import type { Bed } from './bed';

export type Case = ContractCase<Bed>;

export const attackerIp = '185.220.101.77';
let serial = 0;
export const fresh = (stem: string): string => `${stem}-${(serial += 1)}`;
const orNull = <T>(read: Promise<T>): Promise<T | null> => read.catch(() => null);
export const doc = (value: object): string => JSON.stringify(value);
export const allow = (principal: object | string, more: object = {}) => ({ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole', ...more });
export const trust = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements });

export async function user({ home, account }: Bed, name = fresh('mallory')): Promise<Proposal['target']> {
  await home.iam.send(new CreateUserCommand({ UserName: name }));
  return iamTarget('user', account, name);
}

export async function role({ home, account }: Bed, document: object): Promise<Proposal['target']> {
  const name = fresh('app');
  await home.iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: doc(document) }));
  return iamTarget('role', account, name);
}

const lookUser = async ({ home }: Bed, { target }: Proposal): Promise<unknown> => {
  const of = { UserName: target.name };
  const [inline, attached, keys, login, mfa] = await Promise.all([
    home.iam.send(new ListUserPoliciesCommand(of)), home.iam.send(new ListAttachedUserPoliciesCommand(of)), home.iam.send(new ListAccessKeysCommand(of)), orNull(home.iam.send(new GetLoginProfileCommand(of))), home.iam.send(new ListMFADevicesCommand(of)),
  ]);
  const documents = await Promise.all((inline.PolicyNames ?? []).map((PolicyName) => home.iam.send(new GetUserPolicyCommand({ ...of, PolicyName }))));
  return {
    inline: documents.map((one) => one.PolicyDocument), attached: attached.AttachedPolicies, keys: keys.AccessKeyMetadata?.map((key) => [key.AccessKeyId, key.Status]),
    login: login?.LoginProfile?.CreateDate ?? null, mfa: mfa.MFADevices?.map((device) => device.SerialNumber),
  };
};

const lookRole = async ({ home, world }: Bed, { target }: Proposal): Promise<unknown> => {
  void world;
  const [found, policy] = await Promise.all([home.iam.send(new GetRoleCommand({ RoleName: target.name })), orNull(home.iam.send(new GetRolePolicyCommand({ RoleName: target.name, PolicyName: 'TourniquetRevokeOlderSessions' })))]);
  return { trust: found.Role?.AssumeRolePolicyDocument, policy: policy?.PolicyDocument ?? null };
};

const byName = (_bed: Bed, { target }: Proposal): string => target.name;
const byId = (_bed: Bed, { target }: Proposal): string => target.id;

export async function group({ home }: Bed, rules: object[]): Promise<string> {
  const vpc = (await home.ec2.send(new DescribeVpcsCommand({}))).Vpcs![0]!.VpcId!;
  const { GroupId } = await home.ec2.send(new CreateSecurityGroupCommand({ VpcId: vpc, GroupName: fresh('web'), Description: 'web' }));
  await home.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: rules }));
  return GroupId!;
}

export async function permissionSet({ top, world }: Bed, inline: object | null): Promise<string> {
  const InstanceArn = world.identityCenter.instanceArn;
  const { PermissionSet } = await top.ssoAdmin.send(new CreatePermissionSetCommand({ InstanceArn, Name: fresh('Support') }));
  const PermissionSetArn = PermissionSet!.PermissionSetArn!;
  if (inline) await top.ssoAdmin.send(new PutInlinePolicyToPermissionSetCommand({ InstanceArn, PermissionSetArn, InlinePolicy: doc(inline) }));
  await top.ssoAdmin.send(new ProvisionPermissionSetCommand({ InstanceArn, PermissionSetArn, TargetType: 'ALL_PROVISIONED_ACCOUNTS' }));
  return PermissionSetArn;
}

export async function assign({ top, world, account }: Bed, PermissionSetArn: string): Promise<void> {
  const { instanceArn: InstanceArn, userId: PrincipalId } = world.identityCenter;
  await top.ssoAdmin.send(new CreateAccountAssignmentCommand({ InstanceArn, PermissionSetArn, PrincipalId, PrincipalType: 'USER', TargetId: account, TargetType: 'AWS_ACCOUNT' }));
}

export async function trail({ home, world }: Bed): Promise<Proposal['target']> {
  const Name = fresh('audit');
  const made = await home.cloudtrail.send(new CreateTrailCommand({ Name, S3BucketName: world.names.logBucket, IsMultiRegionTrail: true, EnableLogFileValidation: true, IncludeGlobalServiceEvents: true }));
  await home.cloudtrail.send(new StartLoggingCommand({ Name }));
  return regional('trail', made.TrailARN!.split(':')[4]!, 'us-east-1', made.TrailARN!);
}

const lookTrail = async ({ home }: Bed, { target }: Proposal): Promise<unknown> => {
  const Name = target.id;
  const found = await orNull(home.cloudtrail.send(new GetTrailCommand({ Name })));
  if (!found) return null;
  const [status, selectors] = await Promise.all([home.cloudtrail.send(new GetTrailStatusCommand({ Name })), home.cloudtrail.send(new GetEventSelectorsCommand({ TrailName: Name }))]);
  return { ...found.Trail, logging: status.IsLogging, selectors: selectors.EventSelectors };
};

export const cases: Case[] = [
  {
    action: 'aws.deny-user', name: 'a user with a policy of the owner’s', left: null, protect: byName, look: lookUser,
    arrange: async (bed) => {
      const target = await user(bed);
      await bed.home.iam.send(new PutUserPolicyCommand({ UserName: target.name, PolicyName: 'work', PolicyDocument: doc({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }) }));
      return proposal('aws.deny-user', target, 'test');
    },
    attackerUndoes: ({ home }, { target }) => home.iam.send(new DeleteUserPolicyCommand({ UserName: target.name, PolicyName: 'TourniquetDenyAll' })),
  },
  {
    action: 'aws.disable-access-keys', name: 'both keys of a user', left: /stays Inactive.*create a new key/, protect: (bed, { target }) => `arn:aws:iam::${bed.account}:user/${target.name}`, look: lookUser,
    arrange: async (bed) => {
      const target = await user(bed);
      for (let n = 0; n < 2; n += 1) await bed.home.iam.send(new CreateAccessKeyCommand({ UserName: target.name }));
      return proposal('aws.disable-access-keys', target, 'test');
    },
    attackerUndoes: async ({ home }, { target }) => {
      const keys = await home.iam.send(new ListAccessKeysCommand({ UserName: target.name }));
      await home.iam.send(new UpdateAccessKeyCommand({ UserName: target.name, AccessKeyId: keys.AccessKeyMetadata![0]!.AccessKeyId, Status: 'Active' }));
    },
  },
  {
    action: 'aws.remove-login-profile', name: 'a console password', left: /cannot be restored/, protect: byName, look: lookUser,
    arrange: async (bed) => {
      const target = await user(bed);
      await bed.home.iam.send(new CreateLoginProfileCommand({ UserName: target.name, Password: 'Long-enough-for-all-1' }));
      return proposal('aws.remove-login-profile', target, 'test');
    },
    attackerUndoes: ({ home }, { target }) => home.iam.send(new CreateLoginProfileCommand({ UserName: target.name, Password: 'Long-enough-for-all-2' })),
  },
  {
    action: 'aws.remove-rogue-mfa', name: 'a device enrolled since the first alert', left: /cannot be enrolled again/, protect: byName, look: lookUser,
    arrange: async (bed) => {
      const target = await user(bed);
      const since = new Date(Date.now() - 60_000).toISOString();
      const made = await bed.home.iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: fresh('rogue') }));
      await bed.home.iam.send(new EnableMFADeviceCommand({ UserName: target.name, SerialNumber: made.VirtualMFADevice!.SerialNumber, AuthenticationCode1: '123456', AuthenticationCode2: '654321' }));
      return proposal('aws.remove-rogue-mfa', target, 'test', { since });
    },
  },
  {
    action: 'aws.revoke-role-sessions', name: 'a role of people, undone after its sessions have expired', left: null, protect: byName, look: lookRole, undoAfterMs: 13 * 3600_000,
    arrange: async (bed) => proposal('aws.revoke-role-sessions', await role(bed, trust(allow({ AWS: bed.world.ada.arn }))), 'test'),
    attackerUndoes: ({ home }, { target }) => home.iam.send(new DeleteRolePolicyCommand({ RoleName: target.name, PolicyName: 'TourniquetRevokeOlderSessions' })),
  },
  {
    action: 'aws.revoke-role-sessions', name: 'a role with an earlier cut-off, undone at once', left: /stay revoked; new sessions work/, protect: byName, look: lookRole,
    arrange: async (bed) => {
      const target = await role(bed, trust(allow({ Service: ['ec2.amazonaws.com', 'lambda.amazonaws.com'] })));
      const older = { Version: '2012-10-17', Statement: [{ Sid: 'TourniquetRevokeOlderSessions', Effect: 'Deny', Action: '*', Resource: '*', Condition: { DateLessThan: { 'aws:TokenIssueTime': '2026-01-01T00:00:00Z' } } }] };
      await bed.home.iam.send(new PutRolePolicyCommand({ RoleName: target.name, PolicyName: 'TourniquetRevokeOlderSessions', PolicyDocument: doc(older) }));
      return proposal('aws.revoke-role-sessions', target, 'test');
    },
  },
  {
    action: 'aws.cut-role-trust', name: 'an outside account beside our own people', left: null, protect: byName, look: lookRole,
    arrange: async (bed) => proposal('aws.cut-role-trust', await role(bed, trust(allow({ AWS: ['arn:aws:iam::999988887777:root', bed.world.ada.arn] }), allow({ Service: 'ec2.amazonaws.com' }))), 'test', { principals: ['999988887777'] }),
    attackerUndoes: ({ home, world }, { target }) => home.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: target.name, PolicyDocument: doc(trust(allow({ AWS: ['arn:aws:iam::999988887777:root', world.ada.arn] }), allow({ Service: 'ec2.amazonaws.com' }))) })),
  },
  {
    action: 'aws.remove-account-assignment', name: 'a person’s own assignment', left: null, protect: ({ world }) => world.identityCenter.userId,
    arrange: async (bed) => {
      const { instanceArn, userId } = bed.world.identityCenter;
      const set = await permissionSet(bed, null);
      await assign(bed, set);
      return proposal('aws.remove-account-assignment', regional('account-assignment', bed.account, 'us-east-1', `${set}/${userId}`, 'Support for lena'), 'test', { instanceArn, permissionSetArn: set, userId });
    },
    look: async ({ top, account }, { params }) => (await top.ssoAdmin.send(new ListAccountAssignmentsCommand({ InstanceArn: params.instanceArn as string, PermissionSetArn: params.permissionSetArn as string, AccountId: account }))).AccountAssignments,
    attackerUndoes: (bed, { params }) => assign(bed, params.permissionSetArn as string),
  },
  {
    action: 'aws.deny-permission-set', name: 'a set with an inline policy of its own', left: null, protect: ({ world }) => world.identityCenter.userId,
    arrange: async (bed) => {
      const { instanceArn, userId } = bed.world.identityCenter;
      const set = await permissionSet(bed, { Version: '2012-10-17', Statement: [{ Sid: 'Own', Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }] });
      return proposal('aws.deny-permission-set', regional('permission-set', bed.world.management.account, 'us-east-1', set, 'Support'), 'test', { instanceArn, userId, throughGroup: false });
    },
    look: async ({ top }, { target, params }) => (await top.ssoAdmin.send(new GetInlinePolicyForPermissionSetCommand({ InstanceArn: params.instanceArn as string, PermissionSetArn: target.id }))).InlinePolicy,
    attackerUndoes: ({ top }, { target, params }) => top.ssoAdmin.send(new PutInlinePolicyToPermissionSetCommand({ InstanceArn: params.instanceArn as string, PermissionSetArn: target.id, InlinePolicy: doc({ Version: '2012-10-17', Statement: [{ Sid: 'Own', Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }] }) })),
  },
  {
    action: 'aws.deny-permission-set', name: 'a set without one, through a group', left: null, protect: byId,
    arrange: async (bed) => {
      const { instanceArn, userId } = bed.world.identityCenter;
      return proposal('aws.deny-permission-set', regional('permission-set', bed.world.management.account, 'us-east-1', await permissionSet(bed, null), 'Support'), 'test', { instanceArn, userId, throughGroup: true });
    },
    look: async ({ top }, { target, params }) => (await top.ssoAdmin.send(new GetInlinePolicyForPermissionSetCommand({ InstanceArn: params.instanceArn as string, PermissionSetArn: target.id }))).InlinePolicy || null,
  },
  {
    action: 'aws.rotate-access-keys', name: 'a user to whom the attacker gave a second key', left: /stay Inactive/, protect: byName, look: lookUser,
    arrange: async (bed) => {
      const target = await user(bed);
      await bed.home.iam.send(new CreateAccessKeyCommand({ UserName: target.name }));
      const rogue = await bed.home.iam.send(new CreateAccessKeyCommand({ UserName: target.name }));
      return proposal('aws.rotate-access-keys', target, 'test', { compromised: [rogue.AccessKey!.AccessKeyId!] });
    },
  },
  {
    action: 'aws.block-ip-security-group', name: 'the address, its /24, and rules that must stay', left: null, protect: byId,
    arrange: async (bed) => {
      const id = await group(bed, [
        { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: `${attackerIp}/32`, Description: 'helpdesk' }, { CidrIp: '185.220.101.0/24' }] },
        { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '0.0.0.0/0' }, { CidrIp: '185.220.0.0/16' }] },
      ]);
      return proposal('aws.block-ip-security-group', regional('security-group', bed.account, 'us-east-1', id), 'test', { address: attackerIp });
    },
    look: async ({ home }, { target }) => {
      const { SecurityGroupRules } = await home.ec2.send(new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [target.id] }] }));
      return SecurityGroupRules!.map((rule) => [rule.IsEgress, rule.IpProtocol, rule.FromPort, rule.ToPort, rule.CidrIpv4, rule.Description ?? ''].join(' ')).sort();
    },
    attackerUndoes: ({ home }, { target }) => home.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: target.id, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: `${attackerIp}/32`, Description: 'helpdesk' }] }] })),
  },
  {
    action: 'aws.block-ip-network-acl', name: 'the VPC’s own list', left: null, protect: byId,
    arrange: async (bed) => {
      const { NetworkAcls } = await bed.home.ec2.send(new DescribeNetworkAclsCommand({}));
      return proposal('aws.block-ip-network-acl', regional('network-acl', bed.account, 'us-east-1', NetworkAcls![0]!.NetworkAclId!), 'test', { address: attackerIp });
    },
    look: async ({ home }, { target }) => (await home.ec2.send(new DescribeNetworkAclsCommand({ NetworkAclIds: [target.id] }))).NetworkAcls![0]!.Entries!.map((entry) => [entry.Egress, entry.RuleNumber, entry.RuleAction, entry.CidrBlock].join(' ')).sort(),
    attackerUndoes: ({ home }, { target }) => home.ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId: target.id, Egress: false, RuleNumber: 99 })),
  },
  {
    action: 'aws.block-ip-waf', name: 'an account with a web ACL and no set yet', left: null, protect: byName,
    arrange: async (bed) => {
      await bed.home.wafv2.send(new CreateWebACLCommand({ Name: fresh('site'), Scope: 'REGIONAL', DefaultAction: { Allow: {} }, Rules: [], VisibilityConfig: { SampledRequestsEnabled: false, CloudWatchMetricsEnabled: false, MetricName: 'site' } }));
      return proposal('aws.block-ip-waf', regional('waf-ip-set', bed.account, 'us-east-1', 'REGIONAL/tourniquet-blocked-addresses-ipv4', 'tourniquet-blocked-addresses-ipv4'), 'test', { address: attackerIp, scope: 'REGIONAL' });
    },
    look: async ({ home }) => {
      const { IPSets } = await home.wafv2.send(new ListIPSetsCommand({ Scope: 'REGIONAL' }));
      return Promise.all((IPSets ?? []).map(async (set) => [set.Name, (await home.wafv2.send(new GetIPSetCommand({ Scope: 'REGIONAL', Name: set.Name, Id: set.Id }))).IPSet!.Addresses]));
    },
    attackerUndoes: async ({ home }) => {
      const set = (await home.wafv2.send(new ListIPSetsCommand({ Scope: 'REGIONAL' }))).IPSets![0]!;
      await home.wafv2.send(new UpdateIPSetCommand({ Scope: 'REGIONAL', Name: set.Name, Id: set.Id, LockToken: set.LockToken, Addresses: [] }));
    },
  },
  {
    action: 'aws.isolate-instance', name: 'an instance with a profile', left: /stays for the next time/, protect: byId,
    arrange: async (bed) => {
      const { Images } = await bed.home.ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
      const made = await bed.home.ec2.send(new RunInstancesCommand({ ImageId: Images![0]!.ImageId, MinCount: 1, MaxCount: 1, IamInstanceProfile: { Name: bed.world.names.appRole } }));
      return proposal('aws.isolate-instance', regional('instance', bed.account, 'us-east-1', made.Instances![0]!.InstanceId!), 'test');
    },
    look: async ({ home }, { target }) => {
      const [seen, profiles] = await Promise.all([home.ec2.send(new DescribeInstancesCommand({ InstanceIds: [target.id] })), home.ec2.send(new DescribeIamInstanceProfileAssociationsCommand({}))]);
      const instance = seen.Reservations![0]!.Instances![0]!;
      const profile = profiles.IamInstanceProfileAssociations?.find((one) => one.InstanceId === target.id && one.State === 'associated');
      return { groups: instance.NetworkInterfaces!.map((one) => one.Groups!.map((member) => member.GroupId).sort()), profile: profile?.IamInstanceProfile?.Arn ?? null, endpoint: instance.MetadataOptions?.HttpEndpoint ?? null };
    },
    attackerUndoes: ({ home }, { target }) => home.ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: target.id, HttpEndpoint: 'enabled' })),
  },
  {
    action: 'aws.isolate-function', name: 'a function with reserved concurrency', left: null, protect: byName,
    arrange: async (bed) => {
      const FunctionName = fresh('worker');
      const made = await bed.home.lambda.send(new CreateFunctionCommand({ FunctionName, Runtime: 'nodejs20.x', Role: `arn:aws:iam::${bed.account}:role/orders-function`, Handler: 'index.handler', Code: { ZipFile: zipOf('index.js', 'exports.handler = async () => 1;') } }));
      await bed.home.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 7 }));
      return proposal('aws.isolate-function', regional('function', bed.account, 'us-east-1', made.FunctionArn!, FunctionName), 'test');
    },
    look: async ({ home }, { target }) => (await home.lambda.send(new GetFunctionConcurrencyCommand({ FunctionName: target.name }))).ReservedConcurrentExecutions ?? null,
    attackerUndoes: ({ home }, { target }) => home.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: target.name, ReservedConcurrentExecutions: 50 })),
  },
  {
    action: 'aws.isolate-function', name: 'a function without', left: null, protect: byId,
    arrange: async (bed) => {
      const FunctionName = fresh('worker');
      const made = await bed.home.lambda.send(new CreateFunctionCommand({ FunctionName, Runtime: 'nodejs20.x', Role: `arn:aws:iam::${bed.account}:role/orders-function`, Handler: 'index.handler', Code: { ZipFile: zipOf('index.js', 'exports.handler = async () => 1;') } }));
      return proposal('aws.isolate-function', regional('function', bed.account, 'us-east-1', made.FunctionArn!, FunctionName), 'test');
    },
    look: async ({ home }, { target }) => (await home.lambda.send(new GetFunctionConcurrencyCommand({ FunctionName: target.name }))).ReservedConcurrentExecutions ?? null,
  },
  {
    action: 'aws.close-public-bucket', name: 'a bucket opened by policy, access list and block', left: null, protect: (_bed, { target }) => `arn:aws:s3:::${target.name}`,
    arrange: async (bed) => {
      const Bucket = fresh('orders-export');
      await bed.home.s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }));
      await bed.home.s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
      const own = { Sid: 'Own', Effect: 'Allow', Principal: { AWS: bed.world.ada.arn }, Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` };
      const open = { Sid: 'Open', Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` };
      await bed.home.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: doc({ Version: '2012-10-17', Statement: [own, open] }) }));
      await bed.home.s3.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read' }));
      return proposal('aws.close-public-bucket', regional('bucket', bed.account, 'us-east-1', `arn:aws:s3:::${Bucket}`, Bucket), 'test');
    },
    look: async ({ home }, { target }) => {
      const of = { Bucket: target.name };
      const [block, policy, acl] = await Promise.all([orNull(home.s3.send(new GetPublicAccessBlockCommand(of))), orNull(home.s3.send(new GetBucketPolicyCommand(of))), home.s3.send(new GetBucketAclCommand(of))]);
      return { block: block?.PublicAccessBlockConfiguration ?? null, policy: policy?.Policy ? (JSON.parse(policy.Policy) as object) : null, grants: acl.Grants };
    },
    attackerUndoes: ({ home }, { target }) => home.s3.send(new DeletePublicAccessBlockCommand({ Bucket: target.name })),
  },
  {
    action: 'aws.close-public-bucket', name: 'a bucket with nothing but a public statement, its block still on in part', left: null, protect: byName,
    arrange: async (bed) => {
      const Bucket = fresh('orders-export');
      await bed.home.s3.send(new CreateBucketCommand({ Bucket }));
      await bed.home.s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
      await bed.home.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: doc({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 's3:*', Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`] }] }) }));
      return proposal('aws.close-public-bucket', regional('bucket', bed.account, 'us-east-1', `arn:aws:s3:::${Bucket}`, Bucket), 'test');
    },
    look: async ({ home }, { target }) => {
      const of = { Bucket: target.name };
      const [block, policy] = await Promise.all([orNull(home.s3.send(new GetPublicAccessBlockCommand(of))), orNull(home.s3.send(new GetBucketPolicyCommand(of)))]);
      return { block: block?.PublicAccessBlockConfiguration ?? null, policy: policy?.Policy ? (JSON.parse(policy.Policy) as object) : null };
    },
  },
  {
    action: 'aws.restore-logging', name: 'a trail stopped, narrowed and moved', left: /never turns an audit trail off/, protect: () => '', look: lookTrail,
    arrange: async (bed) => {
      const target = await trail(bed);
      await bed.home.s3.send(new CreateBucketCommand({ Bucket: fresh('attackers-bucket') }));
      await bed.home.cloudtrail.send(new UpdateTrailCommand({ Name: target.id, IsMultiRegionTrail: false, EnableLogFileValidation: false, S3BucketName: `attackers-bucket-${serial}` }));
      await bed.home.cloudtrail.send(new PutEventSelectorsCommand({ TrailName: target.id, EventSelectors: [{ ReadWriteType: 'ReadOnly', IncludeManagementEvents: false, DataResources: [] }] }));
      await bed.home.cloudtrail.send(new StopLoggingCommand({ Name: target.id }));
      return proposal('aws.restore-logging', target, 'test', { wanted: { multiRegion: true, validation: true, bucket: bed.world.names.logBucket, managementEvents: true }, unknown: ['KMS key'] });
    },
    attackerUndoes: ({ home }, { target }) => home.cloudtrail.send(new StopLoggingCommand({ Name: target.id })),
  },
  {
    action: 'aws.restore-logging', name: 'a trail deleted', left: /never turns an audit trail off/, protect: () => '', look: lookTrail,
    arrange: async (bed) => {
      const target = await trail(bed);
      await bed.home.cloudtrail.send(new DeleteTrailCommand({ Name: target.id }));
      return proposal('aws.restore-logging', target, 'test', { wanted: {}, unknown: [] });
    },
    attackerUndoes: ({ home }, { target }) => home.cloudtrail.send(new DeleteTrailCommand({ Name: target.id })),
  },
];
