import { DeleteUserCommand, GetUserCommand } from '@aws-sdk/client-iam';
import { guardedAction } from '../guarded';
import { findIdentity, readIdentity } from './identity';
import { already, assertSame, gone, keepFirst, removed, toJson, whileBusy } from './support';
import { describeParts, readUserParts, removeUserParts } from './user-parts';

const identityMembers = ['id', 'arn', 'createdAt'] as const;

/** Row 3.1. Target: the user (`id` = ARN). Deletes it with everything that hangs on it; IAM refuses otherwise (DeleteConflict). */
export const deleteUser = guardedAction('aws.delete-user', {
  permissions: [
    'iam:GetUser', 'iam:GetLoginProfile', 'iam:ListAccessKeys', 'iam:ListAttachedUserPolicies', 'iam:ListUserPolicies', 'iam:GetUserPolicy', 'iam:ListMFADevices',
    'iam:ListGroupsForUser', 'iam:ListSSHPublicKeys', 'iam:ListSigningCertificates', 'iam:ListServiceSpecificCredentials', 'iam:DeleteLoginProfile',
    'iam:UpdateAccessKey', 'iam:DeleteAccessKey', 'iam:DetachUserPolicy', 'iam:DeleteUserPolicy', 'iam:DeactivateMFADevice', 'iam:DeleteVirtualMFADevice',
    'iam:RemoveUserFromGroup', 'iam:DeleteSSHPublicKey', 'iam:DeleteSigningCertificate', 'iam:DeleteServiceSpecificCredential', 'iam:DeleteUser',
  ],
  async plan(ctx, { target }) {
    const { iam } = ctx.access.clients(target.account);
    const user = await readIdentity(iam, target);
    const parts = await readUserParts(iam, target.name);
    return { needed: true, before: { ...toJson(user), parts: toJson(parts) }, change: [`delete user ${user.arn} (made ${user.createdAt})`, ...describeParts(parts)] };
  },
  async apply(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const user = await findIdentity(iam, 'user', step.target.name);
    if (!user) return already;
    assertSame(step, toJson(user), identityMembers);
    const parts = await readUserParts(iam, user.name);
    const full = await iam.send(new GetUserCommand({ UserName: user.name }));
    const kept = await keepFirst(ctx, step, 'user', { user: toJson(full.User ?? {}), parts: toJson(parts) });
    await whileBusy(async () => {
      // Read again each time: DeleteConflict means that something was added or has not gone yet.
      await removeUserParts(iam, user.name, await readUserParts(iam, user.name));
      await removed(iam.send(new DeleteUserCommand({ UserName: user.name })));
    }, ['DeleteConflictException', 'DeleteConflict', 'EntityTemporarilyUnmodifiableException', 'EntityTemporarilyUnmodifiable', 'ConcurrentModificationException']);
    return { deleted: user.arn, kept };
  },
  async verify(ctx, step) {
    const user = await findIdentity(ctx.access.clients(step.target.account).iam, 'user', step.target.name);
    return { holds: user === null, seen: { exists: user !== null, recreated: user !== null && user.id !== step.before.id } };
  },
  undo: gone('the user, its policies, groups and key ids (secrets are never kept)'),
});

