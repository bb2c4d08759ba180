import { AttachUserPolicyCommand } from '@aws-sdk/client-iam';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import { defineAwsAction, type Verified } from '../define';
import { attachedPolicies, deleteInline, detach, findIdentity, inlinePolicy, putInline, readIdentity } from '../eradicate/identity';
import { removed, sameDocument } from '../eradicate/support';
import { refuseProtected } from '../protect';

const denyAll: JsonObject = { Version: '2012-10-17', Statement: [{ Sid: 'TourniquetDenyAll', Effect: 'Deny', Action: '*', Resource: '*' }] };

/** AWS's own deny-everything policy: the way out when the attacker has filled the user's 2,048 characters of inline policy. */
const managedDeny = (target: Target): string => `arn:${target.id.split(':')[1] ?? 'aws'}:iam::aws:policy/AWSDenyAll`;

/** A user, and not something that only looks like one. Throws NOT_SUPPORTED. */
export function onlyUsers(target: Target): void {
  if (target.kind !== 'user') throw fail('NOT_SUPPORTED', `${target.name} is a ${target.kind}: there is no IAM user to act on, decide by hand`);
}

/**
 * Row 2.1.1. Target: a user. An explicit deny beats every allow at once, and also binds sessions that the user got from
 * GetSessionToken and GetFederationToken, which outlive a disabled key (IAM User Guide: “Disabling permissions for temporary security credentials”).
 */
export const denyUser = defineAwsAction('aws.deny-user', {
  permissions: [
    'iam:GetUser', 'iam:GetUserPolicy', 'iam:PutUserPolicy', 'iam:DeleteUserPolicy', 'iam:ListAttachedUserPolicies', 'iam:AttachUserPolicy', 'iam:DetachUserPolicy',
  ],
  async plan(ctx, { target }) {
    onlyUsers(target);
    refuseProtected(ctx, target);
    const { iam } = ctx.access.clients(target.account);
    const [user, policy, attached] = await Promise.all([readIdentity(iam, target), ourPolicy(ctx, target), denyAttached(ctx, target)]);
    refuseProtected(ctx, target, user.arn, user.id);
    const needed = !sameDocument(policy, denyAll) && !attached;
    return {
      needed, before: { policy, attached },
      change: needed ? [`put inline policy ${ctx.access.config.names.denyPolicy} on user ${target.name}: deny every action on every resource`] : [],
    };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    refuseProtected(ctx, target);
    const { iam } = ctx.access.clients(target.account);
    const { denyPolicy } = ctx.access.config.names;
    try {
      await putInline(iam, 'user', target.name, denyPolicy, denyAll);
      return { policy: denyPolicy };
    } catch (error) {
      if (!(error instanceof Error && /^LimitExceeded/.test(error.name))) throw error;
      await iam.send(new AttachUserPolicyCommand({ UserName: target.name, PolicyArn: managedDeny(target) }));
      return { policy: managedDeny(target), because: 'no room for an inline policy' };
    }
  },
  async verify(ctx, { target }): Promise<Verified> {
    const policy = await ourPolicy(ctx, target);
    if (sameDocument(policy, denyAll)) return { holds: true, seen: { policy } };
    const { iam } = ctx.access.clients(target.account);
    if (!(await findIdentity(iam, 'user', target.name))) return { holds: true, seen: { exists: false } };
    const attached = await denyAttached(ctx, target);
    return { holds: attached, seen: { policy, attached } };
  },
  async undo(ctx, { target, before }) {
    refuseProtected(ctx, target);
    const { iam } = ctx.access.clients(target.account);
    const { denyPolicy } = ctx.access.config.names;
    if (before.policy) await putInline(iam, 'user', target.name, denyPolicy, before.policy);
    else await removed(deleteInline(iam, 'user', target.name, denyPolicy));
    if (!before.attached) await removed(detach(iam, 'user', target.name, managedDeny(target)));
    return { seen: { policy: await ourPolicy(ctx, target) }, left: [] };
  },
});

function ourPolicy(ctx: AwsContext, target: Target): Promise<JsonObject | null> {
  return inlinePolicy(ctx.access.clients(target.account).iam, 'user', target.name, ctx.access.config.names.denyPolicy);
}

async function denyAttached(ctx: AwsContext, target: Target): Promise<boolean> {
  const attached = await attachedPolicies(ctx.access.clients(target.account).iam, 'user', target.name);
  return attached.some((policy) => policy.arn === managedDeny(target));
}
