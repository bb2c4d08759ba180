import { randomBytes, randomUUID } from 'node:crypto';
import { observe } from '../auth/observe';
import { mint, type Credential } from '../auth/credentials';
import { Fault } from '../protocol/faults';
import { isObject, listOf, textOf, type Json } from '../protocol/shapes';
import type { World } from '../world';
import type { Afters, Extra, Handler, Handlers } from './types';

const admin = 'us-east-1';
const path = '/aws-reserved/sso.amazonaws.com/';
interface Provisioned { role: string; account: string; permissionSet: string }

const provisioned = (world: World): Map<string, Provisioned> => world.shelf('sso-roles', 'all', () => new Map<string, Provisioned>());
const key = (account: string, permissionSet: string): string => `${account}/${permissionSet}`;

/** IAM as Identity Center's own service does it: past the callers' permissions, and seen by authorisation. */
async function asService(world: World, account: string, operation: string, input: Json): Promise<Json> {
  const output = await world.upstream.ask('iam', operation, input, account);
  observe('iam', operation, { estate: world.estate, credentials: world.credentials, account, input, output, now: world.now(), region: admin });
  return output;
}

/** Makes, or brings up to date, the role `AWSReservedSSO_<set>_<hash>` that a permission set becomes in an account. */
async function provision(world: World, owner: string, instance: string, permissionSet: string, account: string): Promise<void> {
  const ask = (operation: string): Promise<Json> => world.upstream.ask('sso', operation, { InstanceArn: instance, PermissionSetArn: permissionSet }, owner, admin);
  const { PermissionSet } = await ask('DescribePermissionSet');
  const inline = textOf(await ask('GetInlinePolicyForPermissionSet'), 'InlinePolicy');
  const managed = listOf((await ask('ListManagedPoliciesInPermissionSet')).AttachedManagedPolicies).filter(isObject).map((one) => String(one.Arn));
  let known = provisioned(world).get(key(account, permissionSet));
  if (!known) {
    known = { account, permissionSet, role: `AWSReservedSSO_${String((PermissionSet as Json).Name)}_${randomBytes(8).toString('hex')}` };
    const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Federated: `arn:aws:iam::${account}:saml-provider/AWSSSO_DO_NOT_DELETE` }, Action: ['sts:AssumeRoleWithSAML', 'sts:TagSession'], Condition: { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } } }] };
    await asService(world, account, 'CreateRole', { RoleName: known.role, Path: path, AssumeRolePolicyDocument: JSON.stringify(trust) });
    provisioned(world).set(key(account, permissionSet), known);
  }
  const RoleName = known.role;
  const attached = listOf((await world.upstream.ask('iam', 'ListAttachedRolePolicies', { RoleName }, account)).AttachedPolicies).filter(isObject).map((one) => String(one.PolicyArn));
  for (const PolicyArn of managed.filter((arn) => !attached.includes(arn))) await asService(world, account, 'AttachRolePolicy', { RoleName, PolicyArn });
  for (const PolicyArn of attached.filter((arn) => !managed.includes(arn))) await asService(world, account, 'DetachRolePolicy', { RoleName, PolicyArn });
  const has = listOf((await world.upstream.ask('iam', 'ListRolePolicies', { RoleName }, account)).PolicyNames).includes('AwsSSOInlinePolicy');
  if (inline) await asService(world, account, 'PutRolePolicy', { RoleName, PolicyName: 'AwsSSOInlinePolicy', PolicyDocument: inline });
  else if (has) await asService(world, account, 'DeleteRolePolicy', { RoleName, PolicyName: 'AwsSSOInlinePolicy' });
}

/** With the last assignment the role goes, and with it the access of every session of it. */
async function unprovision(world: World, account: string, permissionSet: string): Promise<void> {
  const known = provisioned(world).get(key(account, permissionSet));
  if (!known) return;
  const RoleName = known.role;
  for (const one of listOf((await world.upstream.ask('iam', 'ListAttachedRolePolicies', { RoleName }, account)).AttachedPolicies).filter(isObject)) await asService(world, account, 'DetachRolePolicy', { RoleName, PolicyArn: one.PolicyArn });
  for (const PolicyName of listOf((await world.upstream.ask('iam', 'ListRolePolicies', { RoleName }, account)).PolicyNames)) await asService(world, account, 'DeleteRolePolicy', { RoleName, PolicyName });
  await asService(world, account, 'DeleteRole', { RoleName });
  provisioned(world).delete(key(account, permissionSet));
}

const statuses = ({ world, caller }: Extra): Map<string, Json> => world.shelf('sso-provisioning', caller.account, () => new Map<string, Json>());

const provisionSet: Handler = async (extra) => {
  const { call, caller, world } = extra;
  const instance = String(call.input.InstanceArn);
  const permissionSet = String(call.input.PermissionSetArn);
  const targets = call.input.TargetType === 'AWS_ACCOUNT' ? [String(call.input.TargetId)] : [...provisioned(world).values()].filter((one) => one.permissionSet === permissionSet).map((one) => one.account);
  for (const account of targets) if (provisioned(world).has(key(account, permissionSet))) await provision(world, caller.account, instance, permissionSet, account);
  const status = { Status: 'SUCCEEDED', RequestId: randomUUID(), AccountId: textOf(call.input, 'TargetId'), PermissionSetArn: permissionSet, CreatedDate: new Date(world.now()) };
  statuses(extra).set(status.RequestId, status);
  return { PermissionSetProvisioningStatus: status };
};

/** Whether the role in the account has the set's newest inline policy (API reference, ListPermissionSetsProvisionedToAccount, "ProvisioningStatus"). */
async function isNewest({ world, ask }: Extra, instance: string, { role, account, permissionSet }: Provisioned): Promise<boolean> {
  const wanted = textOf(await ask('GetInlinePolicyForPermissionSet', { InstanceArn: instance, PermissionSetArn: permissionSet }), 'InlinePolicy') ?? '';
  const has = world.estate.account(account).roles.get(role)?.inline.get('AwsSSOInlinePolicy');
  return JSON.stringify(has ?? null) === JSON.stringify(wanted === '' ? null : JSON.parse(wanted));
}

export const sso: Handlers = {
  /** moto keeps what was provisioned to the caller's own account only. */
  ListAccountsForProvisionedPermissionSet: ({ call, world }) => ({ AccountIds: [...provisioned(world).values()].filter((one) => one.permissionSet === call.input.PermissionSetArn).map((one) => one.account) }),
  ListPermissionSetsProvisionedToAccount: async (extra) => {
    const { call, world } = extra;
    const here = [...provisioned(world).values()].filter((one) => one.account === call.input.AccountId);
    const wanted = call.input.ProvisioningStatus;
    const newest = await Promise.all(here.map((one) => isNewest(extra, String(call.input.InstanceArn), one)));
    return { PermissionSets: here.filter((_one, index) => wanted === undefined || newest[index] === (wanted === 'LATEST_PERMISSION_SET_PROVISIONED')).map((one) => one.permissionSet) };
  },
  ProvisionPermissionSet: provisionSet,
  DescribePermissionSetProvisioningStatus: (extra) => {
    const found = statuses(extra).get(String(extra.call.input.ProvisionPermissionSetRequestId));
    if (!found) throw new Fault('ResourceNotFoundException', 'The provisioning request was not found.');
    return { PermissionSetProvisioningStatus: found };
  },
};

export const ssoAfter: Afters = {
  CreateAccountAssignment: ({ call, caller, world }) => provision(world, caller.account, String(call.input.InstanceArn), String(call.input.PermissionSetArn), String(call.input.TargetId)),
  DeleteAccountAssignment: async ({ call, world, ask }) => {
    const left = await ask('ListAccountAssignments', { InstanceArn: call.input.InstanceArn, PermissionSetArn: call.input.PermissionSetArn, AccountId: call.input.TargetId });
    if (!listOf(left.AccountAssignments).length) await unprovision(world, String(call.input.TargetId), String(call.input.PermissionSetArn));
  },
};

/** Roles that Identity Center owns can be changed through it only (IAM API reference, UnmodifiableEntity). */
const reserved: Handler = ({ call }) => {
  if (String(call.input.RoleName).startsWith('AWSReservedSSO_')) throw new Fault('UnmodifiableEntity', 'Cannot perform the operation on the protected role - this role is only modifiable by AWS.');
  return null;
};
export const iamReserved: Handlers = Object.fromEntries(['AttachRolePolicy', 'DetachRolePolicy', 'PutRolePolicy', 'DeleteRolePolicy', 'UpdateAssumeRolePolicy', 'DeleteRole', 'UpdateRole', 'PutRolePermissionsBoundary', 'DeleteRolePermissionsBoundary'].map((operation) => [operation, reserved]));

/** A person signs in to an account through Identity Center. Throws when no assignment gives them the permission set there. */
export async function signIn(world: World, owner: string, who: { instance: string; userId: string; userName: string; account: string; permissionSet: string }): Promise<Credential> {
  const { AccountAssignments } = await world.upstream.ask('sso', 'ListAccountAssignments', { InstanceArn: who.instance, PermissionSetArn: who.permissionSet, AccountId: who.account }, owner, admin);
  if (!listOf(AccountAssignments).filter(isObject).some((one) => one.PrincipalId === who.userId)) throw new Error(`${who.userName} has no such assignment in ${who.account}`);
  world.estate.settle();
  const known = provisioned(world).get(key(who.account, who.permissionSet));
  const role = known ? world.estate.account(who.account).roles.get(known.role) : undefined;
  if (!role) throw new Error(`the permission set is not provisioned in ${who.account}`);
  const issuedAt = Math.floor(world.now() / 1000) * 1000;
  const credential: Credential = { ...mint({ kind: 'role', account: who.account, role: role.name, id: role.id, session: who.userName }, { issuedAt, expiresAt: issuedAt + 3_600_000, mfa: true }), userId: who.userId };
  world.credentials.add(credential);
  return credential;
}
