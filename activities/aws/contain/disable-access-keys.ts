import { UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import type { Step } from '../../../playbook/model/plan';
import type { AwsContext } from '../context';
import { defineAwsAction } from '../define';
import { readIdentity } from '../eradicate/identity';
import { removed, texts } from '../eradicate/support';
import { accessKeys, type AccessKey } from '../iam-read';
import { refuseProtected } from '../protect';
import { onlyUsers } from './deny-user';

/**
 * Row 2.1.1. Target: a user; `params.keys`: only these keys (a user who is otherwise honest), none = every key of the user,
 * also one that the attacker makes after the plan.
 */
export const disableAccessKeys = defineAwsAction('aws.disable-access-keys', {
  permissions: ['iam:GetUser', 'iam:ListAccessKeys', 'iam:UpdateAccessKey'],
  async plan(ctx, { target, params }) {
    onlyUsers(target);
    refuseProtected(ctx, target, ...texts(params, 'keys'));
    const { iam } = ctx.access.clients(target.account);
    const [user, keys] = await Promise.all([readIdentity(iam, target), accessKeys(iam, target.name)]);
    refuseProtected(ctx, target, user.arn, ...chosen(keys, params).map((key) => key.id));
    const active = chosen(keys, params).filter((key) => key.active);
    return {
      needed: active.length > 0,
      before: { keys: keys.map((key) => ({ ...key })) },
      change: active.map((key) => `set access key ${key.id} of user ${target.name} Inactive (made ${key.createdAt})`),
    };
  },
  async apply(ctx, step) {
    const active = await stillActive(ctx, step);
    refuseProtected(ctx, step.target, ...active);
    const { iam } = ctx.access.clients(step.target.account);
    await Promise.all(active.map((id) => removed(iam.send(new UpdateAccessKeyCommand({ UserName: step.target.name, AccessKeyId: id, Status: 'Inactive' })))));
    return { disabled: active };
  },
  async verify(ctx, step) {
    const active = await stillActive(ctx, step);
    return { holds: active.length === 0, seen: { active } };
  },
  async undo(ctx, { target, before }) {
    const keys = await accessKeys(ctx.access.clients(target.account).iam, target.name);
    const wereActive = (before.keys as unknown as AccessKey[]).filter((key) => key.active).map((key) => key.id);
    const now = keys.filter((key) => wereActive.includes(key.id) && !key.active).map((key) => key.id);
    return { seen: { inactive: now }, left: now.map((id) => `access key ${id} of ${target.name} stays Inactive, because somebody else may know it: create a new key for the user, then delete it`) };
  },
});

function chosen(keys: readonly AccessKey[], params: Step['params']): AccessKey[] {
  const only = texts(params, 'keys');
  return keys.filter((key) => only.length === 0 || only.includes(key.id));
}

async function stillActive(ctx: AwsContext, { target, params }: Step): Promise<string[]> {
  const keys = await accessKeys(ctx.access.clients(target.account).iam, target.name);
  return chosen(keys, params).filter((key) => key.active).map((key) => key.id);
}
