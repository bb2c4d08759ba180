import {
  DeleteInstanceProfileCommand, DeleteRoleCommand, GetInstanceProfileCommand, GetRoleCommand, paginateListInstanceProfilesForRole, RemoveRoleFromInstanceProfileCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import type { JsonObject } from '../../../playbook/json';
import { fail } from '../../boundary';
import { guardedAction } from '../guarded';
import { refuseDependents } from './dependents';
import { attachedPolicies, deleteInline, detach, documentOf, findIdentity, inlinePolicies, readIdentity } from './identity';
import { already, all, assertSame, gone, keepFirst, orNull, removed, texts, toJson, whileBusy } from './support';

async function readRoleParts(iam: IAMClient, role: string) {
  const [full, attached, inline, profiles] = await Promise.all([
    orNull(iam.send(new GetRoleCommand({ RoleName: role }))),
    attachedPolicies(iam, 'role', role),
    inlinePolicies(iam, 'role', role),
    all(paginateListInstanceProfilesForRole({ client: iam }, { RoleName: role }), (page) => page.InstanceProfiles),
  ]);
  return { trust: documentOf(full?.Role?.AssumeRolePolicyDocument), attached, inline, profiles: profiles.map((profile) => profile.InstanceProfileName ?? '') };
}

/**
 * Row 3.1. Target: the role (`id` = ARN). `params.instanceProfiles`: profiles that the attacker made; only these are deleted, and only when empty.
 * `params.functions` (ARNs), `params.instances`: the attacker's workloads; any other that acts under the role refuses it (STILL_IN_USE).
 * Roles of AWS services (`/aws-service-role/`, `/aws-reserved/`) are refused: NOT_SUPPORTED.
 */
export const deleteRole = guardedAction('aws.delete-role', {
  permissions: [
    'lambda:ListFunctions', 'ec2:DescribeInstances', 'iam:GetRole', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies', 'iam:GetRolePolicy', 'iam:ListInstanceProfilesForRole', 'iam:DetachRolePolicy',
    'iam:DeleteRolePolicy', 'iam:RemoveRoleFromInstanceProfile', 'iam:GetInstanceProfile', 'iam:DeleteInstanceProfile', 'iam:DeleteRole',
  ],
  async plan(ctx, { target, params }) {
    const { iam } = ctx.access.clients(target.account);
    const role = await readIdentity(iam, target);
    if (/^\/aws-(service-role|reserved)\//.test(role.path)) throw fail('NOT_SUPPORTED', `${role.arn} belongs to an AWS service and is removed through that service`);
    await refuseDependents(ctx, 'aws.delete-role', target, params);
    const parts = await readRoleParts(iam, target.name);
    const ours = texts(params, 'instanceProfiles');
    return {
      needed: true,
      before: { ...toJson(role), parts: toJson(parts) },
      change: [
        `delete role ${role.arn} (made ${role.createdAt})`,
        ...parts.attached.map((policy) => `detach ${policy.arn} from it`),
        ...parts.inline.map((policy) => `delete its inline policy ${policy.name}`),
        ...parts.profiles.map((profile) => `take it out of instance profile ${profile}${ours.includes(profile) ? ', and delete that profile' : ''}`),
      ],
    };
  },
  async apply(ctx, step): Promise<JsonObject> {
    const { iam } = ctx.access.clients(step.target.account);
    const role = await findIdentity(iam, 'role', step.target.name);
    const ours = texts(step.params, 'instanceProfiles');
    if (!role) return { ...already, profilesDeleted: await deleteEmptyProfiles(iam, ours) };
    assertSame(step, toJson(role), ['id', 'arn', 'createdAt']);
    await refuseDependents(ctx, 'aws.delete-role', step.target, step.params);
    const kept = await keepFirst(ctx, step, 'role', { role: toJson(role), parts: toJson(await readRoleParts(iam, role.name)) });
    await whileBusy(async () => {
      const parts = await readRoleParts(iam, role.name);
      for (const policy of parts.attached) await removed(detach(iam, 'role', role.name, policy.arn));
      for (const policy of parts.inline) await removed(deleteInline(iam, 'role', role.name, policy.name));
      for (const profile of parts.profiles) await removed(iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: profile, RoleName: role.name })));
      await removed(iam.send(new DeleteRoleCommand({ RoleName: role.name })));
    }, ['DeleteConflictException', 'DeleteConflict', 'ConcurrentModificationException', 'EntityTemporarilyUnmodifiableException']);
    return { deleted: role.arn, profilesDeleted: await deleteEmptyProfiles(iam, ours), kept };
  },
  async verify(ctx, step) {
    const role = await findIdentity(ctx.access.clients(step.target.account).iam, 'role', step.target.name);
    return { holds: role === null, seen: { exists: role !== null, recreated: role !== null && role.id !== step.before.id } };
  },
  undo: gone('the role, its trust and its policies'),
});

async function deleteEmptyProfiles(iam: IAMClient, names: readonly string[]): Promise<string[]> {
  const deleted: string[] = [];
  for (const name of names) {
    const profile = (await orNull(iam.send(new GetInstanceProfileCommand({ InstanceProfileName: name }))))?.InstanceProfile;
    if (!profile || (profile.Roles ?? []).length > 0) continue;
    if (await removed(iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: name })))) deleted.push(name);
  }
  return deleted;
}
