import { GetAccountAuthorizationDetailsCommand, type GroupDetail, type ManagedPolicyDetail, type RoleDetail, type UserDetail } from '@aws-sdk/client-iam';
import { grantsAdmin, managedGrantOf } from '../../../playbook/policy-grants';
import { deniesEverything, policyDocument } from '../../../playbook/policy-diff';
import type { AwsContext } from '../context';
import { pages } from './check';

export interface AccountIdentities {
  users: UserDetail[];
  roles: RoleDetail[];
  groups: GroupDetail[];
  policies: ManagedPolicyDetail[];
}

const kept = new WeakMap<object, Map<string, Promise<AccountIdentities>>>();

/** Every user, role, group and managed policy of an account (GetAccountAuthorizationDetails, paginated), once a minute for the checks that want it. */
export function accountIdentities(ctx: AwsContext, account: string): Promise<AccountIdentities> {
  const byAccount = kept.get(ctx.access) ?? new Map<string, Promise<AccountIdentities>>();
  kept.set(ctx.access, byAccount);
  const id = `${account}/${Math.floor(ctx.now().getTime() / 60_000)}`;
  const known = byAccount.get(id);
  if (known) return known;
  byAccount.clear();
  const made = read(ctx, account);
  byAccount.set(id, made);
  made.catch(() => byAccount.delete(id));
  return made;
}

async function read(ctx: AwsContext, account: string): Promise<AccountIdentities> {
  const all: AccountIdentities = { users: [], roles: [], groups: [], policies: [] };
  const { iam } = ctx.access.clients(account);
  for await (const page of pages((Marker) => iam.send(new GetAccountAuthorizationDetailsCommand({ Marker, MaxItems: 500 })), (one) => (one.IsTruncated ? one.Marker : undefined))) {
    all.users.push(...(page.UserDetailList ?? []));
    all.roles.push(...(page.RoleDetailList ?? []));
    all.groups.push(...(page.GroupDetailList ?? []));
    all.policies.push(...(page.Policies ?? []));
  }
  return all;
}

/** Is a user or role an administrator by what is attached, inline or inherited; a Deny of everything takes it back. */
export function isAdmin(identity: UserDetail | RoleDetail, all: AccountIdentities): boolean {
  const groups = 'GroupList' in identity ? all.groups.filter((group) => (identity as UserDetail).GroupList?.includes(group.GroupName ?? '')) : [];
  const inline = [
    ...((identity as UserDetail).UserPolicyList ?? []), ...((identity as RoleDetail).RolePolicyList ?? []), ...groups.flatMap((group) => group.GroupPolicyList ?? []),
  ].map((one) => policyDocument(one.PolicyDocument));
  const arns = [...(identity.AttachedManagedPolicies ?? []), ...groups.flatMap((group) => group.AttachedManagedPolicies ?? [])].map((one) => one.PolicyArn ?? '');
  const documents = [...inline, ...arns.map((arn) => documentOf(arn, all))];
  if (documents.some((one) => one !== null && deniesEverything(one))) return false;
  return documents.some((one) => one !== null && grantsAdmin(one) === true) || arns.some((arn) => managedGrantOf(arn)?.level === 'admin');
}

function documentOf(arn: string, all: AccountIdentities) {
  const policy = all.policies.find((one) => one.Arn === arn);
  return policyDocument(policy?.PolicyVersionList?.find((one) => one.IsDefaultVersion)?.Document);
}
