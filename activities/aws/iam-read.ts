import { GetRoleCommand, paginateListAccessKeys, paginateListMFADevices, type IAMClient } from '@aws-sdk/client-iam';
import type { JsonObject } from '../../playbook/json';
import type { Target } from '../../playbook/model/plan';
import { fail } from '../boundary';
import { documentOf } from './eradicate/identity';
import { all, orNull } from './eradicate/support';

export interface AccessKey {
  id: string;
  active: boolean;
  createdAt: string;
}

/** The user's keys (two at most); none when the user is gone. */
export async function accessKeys(iam: IAMClient, user: string): Promise<AccessKey[]> {
  const keys = await orNull(all(paginateListAccessKeys({ client: iam }, { UserName: user }), (page) => page.AccessKeyMetadata));
  return (keys ?? []).map((key) => ({ id: key.AccessKeyId ?? '', active: key.Status === 'Active', createdAt: key.CreateDate?.toISOString() ?? '' }));
}

/** MFA devices that are enabled for the user; none when the user is gone. */
export async function mfaDevices(iam: IAMClient, user: string): Promise<{ serial: string; enabledAt: string }[]> {
  const devices = await orNull(all(paginateListMFADevices({ client: iam }, { UserName: user }), (page) => page.MFADevices));
  return (devices ?? []).map((device) => ({ serial: device.SerialNumber ?? '', enabledAt: device.EnableDate?.toISOString() ?? '' }));
}

export interface RoleRead {
  name: string;
  arn: string;
  path: string;
  maxSessionSeconds: number;
  trust: JsonObject;
}

/** The role and its trust policy, or null. */
export async function findRole(iam: IAMClient, name: string): Promise<RoleRead | null> {
  const role = (await orNull(iam.send(new GetRoleCommand({ RoleName: name }))))?.Role;
  if (!role) return null;
  return { name, arn: role.Arn ?? '', path: role.Path ?? '/', maxSessionSeconds: role.MaxSessionDuration ?? 3600, trust: documentOf(role.AssumeRolePolicyDocument) };
}

/** As above for a step that writes to the role. Throws NOT_FOUND, and NOT_SUPPORTED for roles that only AWS may change. */
export async function changeableRole(iam: IAMClient, target: Target): Promise<RoleRead> {
  const role = await findRole(iam, target.name);
  if (!role) throw fail('NOT_FOUND', `no role ${target.name} in ${target.account}`);
  const why = unchangeable(role.arn);
  if (why) throw fail('NOT_SUPPORTED', why);
  return role;
}

/** Why a role cannot be written to, or null (IAM User Guide: “Revoking IAM role temporary security credentials”; service-linked roles). */
export function unchangeable(roleArn: string): string | null {
  if (/:role\/aws-service-role\//.test(roleArn)) return `${roleArn} is a service-linked role: only the AWS service may change it, and its sessions cannot be revoked`;
  if (/:role\/aws-reserved\/sso\.amazonaws\.com\//.test(roleArn)) return `${roleArn} belongs to IAM Identity Center: it is changed through its permission set`;
  return null;
}

export interface Statement {
  Sid?: string;
  Effect?: string;
  Principal?: string | Record<string, string | string[]>;
  Condition?: Record<string, Record<string, unknown>>;
  [key: string]: unknown;
}

/** The statements of a policy document, which may be one object or a list. */
export function statementsOf(document: JsonObject | null): Statement[] {
  const statements = document?.Statement;
  return (Array.isArray(statements) ? statements : statements ? [statements] : []) as Statement[];
}

/** Everyone a statement names, whatever the kind: ARNs, account ids, services, `*`. */
export function principalsOf(statement: Statement): string[] {
  const { Principal: principal } = statement;
  if (principal === undefined) return [];
  return typeof principal === 'string' ? [principal] : Object.values(principal).flat();
}

/** AWS services that may assume the role. */
export function trustedServices(trust: JsonObject): string[] {
  return statementsOf(trust)
    .filter((statement) => statement.Effect === 'Allow')
    .flatMap((statement) => (statement.Principal && typeof statement.Principal === 'object' ? [statement.Principal.Service ?? []].flat() : []));
}
