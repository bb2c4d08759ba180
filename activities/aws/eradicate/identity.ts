import {
  AttachGroupPolicyCommand, AttachRolePolicyCommand, AttachUserPolicyCommand, DeleteGroupPolicyCommand, DeleteRolePolicyCommand, DeleteUserPolicyCommand,
  DetachGroupPolicyCommand, DetachRolePolicyCommand, DetachUserPolicyCommand, GetGroupCommand, GetGroupPolicyCommand, GetRoleCommand, GetRolePolicyCommand,
  GetUserCommand, GetUserPolicyCommand, paginateListAttachedGroupPolicies, paginateListAttachedRolePolicies, paginateListAttachedUserPolicies,
  paginateListGroupPolicies, paginateListRolePolicies, paginateListUserPolicies, PutGroupPolicyCommand, PutRolePolicyCommand, PutUserPolicyCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import type { Json, JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import { all, orNull } from './support';

export type IdentityKind = 'user' | 'role' | 'group';

/** What names an identity for good: IAM gives a re-created one of the same name a new id. */
export interface Identity {
  kind: IdentityKind;
  id: string;
  arn: string;
  name: string;
  path: string;
  createdAt: string;
}

/** IAM sends policy documents URL-encoded (IAM API: GetUserPolicy). */
export function documentOf(encoded: string | undefined): JsonObject {
  return JSON.parse(decodeURIComponent(encoded ?? '%7B%7D')) as JsonObject;
}

export function identityKind(target: Target): IdentityKind {
  if (target.kind === 'user' || target.kind === 'role' || target.kind === 'group') return target.kind;
  throw fail('INVALID_INPUT', `target.kind is ${target.kind}, not user, role or group`);
}

/** The identity as IAM has it now, or null. */
export async function findIdentity(iam: IAMClient, kind: IdentityKind, name: string): Promise<Identity | null> {
  const identity = (id?: string, arn?: string, path?: string, createdAt?: Date): Identity => ({
    kind, id: id ?? '', arn: arn ?? '', name, path: path ?? '/', createdAt: createdAt?.toISOString() ?? '',
  });
  if (kind === 'user') {
    const user = (await orNull(iam.send(new GetUserCommand({ UserName: name }))))?.User;
    return user ? identity(user.UserId, user.Arn, user.Path, user.CreateDate) : null;
  }
  if (kind === 'role') {
    const role = (await orNull(iam.send(new GetRoleCommand({ RoleName: name }))))?.Role;
    return role ? identity(role.RoleId, role.Arn, role.Path, role.CreateDate) : null;
  }
  const group = (await orNull(iam.send(new GetGroupCommand({ GroupName: name, MaxItems: 1 }))))?.Group;
  return group ? identity(group.GroupId, group.Arn, group.Path, group.CreateDate) : null;
}

const pathless = (arn: string): string => arn.toLowerCase().replace(/\/.*\//, '/');

/** As above for a step's target. Throws NOT_FOUND, also when another ARN bears the name. */
export async function readIdentity(iam: IAMClient, target: Target): Promise<Identity> {
  const found = await findIdentity(iam, identityKind(target), target.name);
  if (!found) throw fail('NOT_FOUND', `no ${target.kind} ${target.name} in ${target.account}`);
  // CloudTrail's requests name identities without their path; within an account the name alone is unique, whatever the path.
  if (target.id.startsWith('arn:') && pathless(target.id) !== pathless(found.arn)) throw fail('NOT_FOUND', `${target.name} is ${found.arn}, not ${target.id}`);
  return found;
}

export async function attachedPolicies(iam: IAMClient, kind: IdentityKind, name: string): Promise<{ name: string; arn: string }[]> {
  const client = { client: iam };
  const attached =
    kind === 'user' ? await all(paginateListAttachedUserPolicies(client, { UserName: name }), (page) => page.AttachedPolicies)
    : kind === 'role' ? await all(paginateListAttachedRolePolicies(client, { RoleName: name }), (page) => page.AttachedPolicies)
    : await all(paginateListAttachedGroupPolicies(client, { GroupName: name }), (page) => page.AttachedPolicies);
  return attached.map((one) => ({ name: one.PolicyName ?? '', arn: one.PolicyArn ?? '' }));
}

/** The inline policy's document, or null. */
export async function inlinePolicy(iam: IAMClient, kind: IdentityKind, name: string, policy: string): Promise<JsonObject | null> {
  const found =
    kind === 'user' ? await orNull(iam.send(new GetUserPolicyCommand({ UserName: name, PolicyName: policy })))
    : kind === 'role' ? await orNull(iam.send(new GetRolePolicyCommand({ RoleName: name, PolicyName: policy })))
    : await orNull(iam.send(new GetGroupPolicyCommand({ GroupName: name, PolicyName: policy })));
  return found ? documentOf(found.PolicyDocument) : null;
}

export async function inlinePolicies(iam: IAMClient, kind: IdentityKind, name: string): Promise<{ name: string; document: JsonObject }[]> {
  const client = { client: iam };
  const names =
    kind === 'user' ? await all(paginateListUserPolicies(client, { UserName: name }), (page) => page.PolicyNames)
    : kind === 'role' ? await all(paginateListRolePolicies(client, { RoleName: name }), (page) => page.PolicyNames)
    : await all(paginateListGroupPolicies(client, { GroupName: name }), (page) => page.PolicyNames);
  return Promise.all(names.map(async (policy) => ({ name: policy, document: (await inlinePolicy(iam, kind, name, policy)) ?? {} })));
}

export function detach(iam: IAMClient, kind: IdentityKind, name: string, arn: string): Promise<unknown> {
  if (kind === 'user') return iam.send(new DetachUserPolicyCommand({ UserName: name, PolicyArn: arn }));
  if (kind === 'role') return iam.send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn: arn }));
  return iam.send(new DetachGroupPolicyCommand({ GroupName: name, PolicyArn: arn }));
}

export function attach(iam: IAMClient, kind: IdentityKind, name: string, arn: string): Promise<unknown> {
  if (kind === 'user') return iam.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn: arn }));
  if (kind === 'role') return iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn: arn }));
  return iam.send(new AttachGroupPolicyCommand({ GroupName: name, PolicyArn: arn }));
}

export function deleteInline(iam: IAMClient, kind: IdentityKind, name: string, policy: string): Promise<unknown> {
  if (kind === 'user') return iam.send(new DeleteUserPolicyCommand({ UserName: name, PolicyName: policy }));
  if (kind === 'role') return iam.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName: policy }));
  return iam.send(new DeleteGroupPolicyCommand({ GroupName: name, PolicyName: policy }));
}

export function putInline(iam: IAMClient, kind: IdentityKind, name: string, policy: string, document: Json): Promise<unknown> {
  const PolicyDocument = JSON.stringify(document);
  if (kind === 'user') return iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: policy, PolicyDocument }));
  if (kind === 'role') return iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: policy, PolicyDocument }));
  return iam.send(new PutGroupPolicyCommand({ GroupName: name, PolicyName: policy, PolicyDocument }));
}

/** Permissions of the functions above, by what a caller does with them. */
export const identityPermissions = {
  read: ['iam:GetUser', 'iam:GetRole', 'iam:GetGroup'],
  attached: ['iam:ListAttachedUserPolicies', 'iam:ListAttachedRolePolicies', 'iam:ListAttachedGroupPolicies'],
  inline: ['iam:ListUserPolicies', 'iam:ListRolePolicies', 'iam:ListGroupPolicies'],
  getInline: ['iam:GetUserPolicy', 'iam:GetRolePolicy', 'iam:GetGroupPolicy'],
  detach: ['iam:DetachUserPolicy', 'iam:DetachRolePolicy', 'iam:DetachGroupPolicy'],
  attach: ['iam:AttachUserPolicy', 'iam:AttachRolePolicy', 'iam:AttachGroupPolicy'],
  deleteInline: ['iam:DeleteUserPolicy', 'iam:DeleteRolePolicy', 'iam:DeleteGroupPolicy'],
  putInline: ['iam:PutUserPolicy', 'iam:PutRolePolicy', 'iam:PutGroupPolicy'],
} as const;
