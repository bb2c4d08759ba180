import {
  ListAttachedGroupPoliciesCommand, ListAttachedRolePoliciesCommand, ListAttachedUserPoliciesCommand, ListGroupPoliciesCommand, ListGroupsForUserCommand, ListRolePoliciesCommand,
  ListUserPoliciesCommand, type AttachedPolicy, type IAMClient,
} from '@aws-sdk/client-iam';
import { grantsAdmin, managedGrantOf } from '../../playbook/policy-grants';
import { inlineDocument, managedDocument } from './investigate/policy-reader';

export const adminRightsPermissions = [
  'iam:ListAttachedUserPolicies', 'iam:ListUserPolicies', 'iam:ListGroupsForUser', 'iam:ListAttachedGroupPolicies', 'iam:ListGroupPolicies', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies',
  'iam:GetUserPolicy', 'iam:GetGroupPolicy', 'iam:GetRolePolicy', 'iam:GetPolicy', 'iam:GetPolicyVersion',
] as const;

/**
 * Does something that is attached, inline or inherited give administrator rights. Denies are left out on purpose: the question is what the identity could do
 * before it was contained. Throws SDK errors (NoSuchEntity when it is gone).
 */
export async function hasAdminRights(iam: IAMClient, kind: 'user' | 'role', name: string): Promise<boolean> {
  if (kind === 'role') {
    const [attached, inline] = await Promise.all([iam.send(new ListAttachedRolePoliciesCommand({ RoleName: name })), iam.send(new ListRolePoliciesCommand({ RoleName: name }))]);
    return anyAdmin(iam, attached.AttachedPolicies, inline.PolicyNames, 'role', name);
  }
  const [attached, inline, groups] = await Promise.all([
    iam.send(new ListAttachedUserPoliciesCommand({ UserName: name })), iam.send(new ListUserPoliciesCommand({ UserName: name })), iam.send(new ListGroupsForUserCommand({ UserName: name })),
  ]);
  const answers = await Promise.all([
    anyAdmin(iam, attached.AttachedPolicies, inline.PolicyNames, 'user', name),
    ...(groups.Groups ?? []).map(async ({ GroupName }) => {
      const [policies, names] = await Promise.all([iam.send(new ListAttachedGroupPoliciesCommand({ GroupName })), iam.send(new ListGroupPoliciesCommand({ GroupName }))]);
      return anyAdmin(iam, policies.AttachedPolicies, names.PolicyNames, 'group', GroupName!);
    }),
  ]);
  return answers.includes(true);
}

/** Does the managed policy give administrator rights; AWS's own are known by name, without a call. */
export async function policyIsAdmin(iam: IAMClient, policyArn: string): Promise<boolean> {
  const known = managedGrantOf(policyArn);
  return known ? known.level === 'admin' : grantsAdmin((await managedDocument(iam, policyArn)).document) === true;
}

async function anyAdmin(iam: IAMClient, attached: AttachedPolicy[] | undefined, inline: string[] | undefined, kind: 'user' | 'role' | 'group', name: string): Promise<boolean> {
  const answers = await Promise.all([
    ...(attached ?? []).map((one) => policyIsAdmin(iam, one.PolicyArn ?? '')),
    ...(inline ?? []).map(async (policy) => grantsAdmin(await inlineDocument(iam, kind, name, policy)) === true),
  ]);
  return answers.includes(true);
}
