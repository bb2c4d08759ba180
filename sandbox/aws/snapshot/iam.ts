import type { Json } from '../gateway/protocol/shapes';
import { documentOf, each, sorted, type Reader, type State } from './types';

/** Users, groups, roles, customer-managed policies and instance profiles with all their parts. */
export async function iamState(read: Reader): Promise<State> {
  const details = (await read('iam', 'GetAccountAuthorizationDetails', { Filter: ['User', 'Group', 'Role', 'LocalManagedPolicy'], MaxItems: 1000 })) ?? {};
  const state: State = {};
  const inline = (list: unknown): Json => Object.fromEntries(each(list).map((one) => [String(one.PolicyName), documentOf(one.PolicyDocument)]));
  const attached = (list: unknown): unknown[] => sorted(each(list).map((one) => one.PolicyArn));
  const tags = (list: unknown): Json => Object.fromEntries(each(list).map((one) => [String(one.Key), one.Value]));
  await Promise.all(each(details.UserDetailList).map(async (user) => {
    const UserName = String(user.UserName);
    const [keys, login, mfa] = await Promise.all([read('iam', 'ListAccessKeys', { UserName }), read('iam', 'GetLoginProfile', { UserName }), read('iam', 'ListMFADevices', { UserName })]);
    state[`iam/user/${UserName}`] = {
      path: user.Path, inline: inline(user.UserPolicyList), attached: attached(user.AttachedManagedPolicies), groups: sorted(Array.isArray(user.GroupList) ? user.GroupList : []), tags: tags(user.Tags),
      keys: Object.fromEntries(each(keys?.AccessKeyMetadata).map((key) => [String(key.AccessKeyId), key.Status])), console: login !== null, mfa: sorted(each(mfa?.MFADevices).map((device) => device.SerialNumber)),
    };
  }));
  for (const group of each(details.GroupDetailList)) state[`iam/group/${String(group.GroupName)}`] = { inline: inline(group.GroupPolicyList), attached: attached(group.AttachedManagedPolicies) };
  for (const role of each(details.RoleDetailList)) {
    state[`iam/role/${String(role.RoleName)}`] = { path: role.Path, trust: documentOf(role.AssumeRolePolicyDocument), inline: inline(role.RolePolicyList), attached: attached(role.AttachedManagedPolicies), boundary: role.PermissionsBoundary ?? null };
  }
  for (const policy of each(details.Policies).filter((one) => !String(one.Arn).startsWith('arn:aws:iam::aws:'))) {
    const versions = each(policy.PolicyVersionList);
    state[`iam/policy/${String(policy.Arn).split('/').at(-1)!}`] = { default: policy.DefaultVersionId, versions: Object.fromEntries(versions.map((one) => [String(one.VersionId), documentOf(one.Document)])) };
  }
  for (const profile of each((await read('iam', 'ListInstanceProfiles'))?.InstanceProfiles)) state[`iam/instance-profile/${String(profile.InstanceProfileName)}`] = { roles: each(profile.Roles).map((role) => role.RoleName) };
  return state;
}

