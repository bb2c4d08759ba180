import { DeleteLoginProfileCommand, GetLoginProfileCommand } from '@aws-sdk/client-iam';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import type { AwsContext } from '../context';
import { defineAwsAction } from '../define';
import { readIdentity } from '../eradicate/identity';
import { orNull, removed } from '../eradicate/support';
import { refuseProtected } from '../protect';
import { onlyUsers } from './deny-user';

/** Row 2.1.1. Target: a user. IAM gives a password back to nobody, so this can be replaced but not restored. */
export const removeLoginProfile = defineAwsAction('aws.remove-login-profile', {
  permissions: ['iam:GetUser', 'iam:GetLoginProfile', 'iam:DeleteLoginProfile'],
  async plan(ctx, { target }) {
    onlyUsers(target);
    refuseProtected(ctx, target);
    const [user, profile] = await Promise.all([readIdentity(ctx.access.clients(target.account).iam, target), readProfile(ctx, target)]);
    refuseProtected(ctx, target, user.arn);
    return { needed: profile !== null, before: { profile }, change: profile ? [`delete the console password of user ${target.name} (set ${String(profile.createdAt)})`] : [] };
  },
  async apply(ctx, { target }) {
    refuseProtected(ctx, target);
    return { deleted: await removed(ctx.access.clients(target.account).iam.send(new DeleteLoginProfileCommand({ UserName: target.name }))) };
  },
  async verify(ctx, { target }) {
    const profile = await readProfile(ctx, target);
    return { holds: profile === null, seen: { profile } };
  },
  async undo(ctx, { target, before }) {
    const profile = await readProfile(ctx, target);
    const left = before.profile && !profile ? [`the console password of ${target.name} cannot be restored: give the user a new one (CreateLoginProfile, to be changed at the first sign-in)`] : [];
    return { seen: { profile }, left };
  },
});

async function readProfile(ctx: AwsContext, target: Target): Promise<JsonObject | null> {
  const found = (await orNull(ctx.access.clients(target.account).iam.send(new GetLoginProfileCommand({ UserName: target.name }))))?.LoginProfile;
  return found ? { createdAt: found.CreateDate?.toISOString() ?? null, resetRequired: found.PasswordResetRequired ?? false } : null;
}
