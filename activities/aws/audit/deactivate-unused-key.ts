import { UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import { defineAwsAction } from '../define';
import { inlinePolicy } from '../eradicate/identity';
import { already, assertSame, keepFirst, text } from '../eradicate/support';
import { exemptPermissions } from './exempt';
import { findKey, proposableKey } from './unused-key';

const setStatus = (ctx: AwsContext, target: Target, user: string, Status: 'Active' | 'Inactive'): Promise<unknown> =>
  ctx.access.clients(target.account).iam.send(new UpdateAccessKeyCommand({ UserName: user, AccessKeyId: target.id, Status }));

/** Row audit.4. Target: an unused access key (`id` = key id); `params.user`: whose it is. */
export const deactivateUnusedKey = defineAwsAction('aws.deactivate-unused-key', {
  permissions: [...exemptPermissions, 'iam:ListAccessKeys', 'iam:UpdateAccessKey'],
  async plan(ctx, { target, params }) {
    const key = await proposableKey(ctx, target, params);
    return { needed: key.status === 'Active', before: key, change: key.status === 'Active' ? [`deactivate access key ${key.id} of user ${key.user} (made ${key.createdAt})`] : [] };
  },
  async apply(ctx, step) {
    const key = await proposableKey(ctx, step.target, step.params);
    assertSame(step, key, ['id', 'user', 'createdAt']);
    if (key.status !== 'Active') return already;
    const kept = await keepFirst(ctx, step, 'unused-key', step.before);
    await setStatus(ctx, step.target, key.user, 'Inactive');
    return { deactivated: key.id, kept };
  },
  async verify(ctx, { target, params }) {
    const key = await findKey(ctx, target, text(params, 'user'));
    return { holds: key?.status !== 'Active', seen: { status: key?.status ?? 'gone' } };
  },
  async undo(ctx, { target, params, before }) {
    const user = text(params, 'user');
    const key = await findKey(ctx, target, user);
    if (!key || key.createdAt !== before.createdAt) throw fail('UNDO_IMPOSSIBLE', `${target.id} is gone: there is nothing to restore`);
    // A key of somebody who is under attack now is not given back.
    const contained = await inlinePolicy(ctx.access.clients(target.account).iam, 'user', user, ctx.access.config.names.denyPolicy);
    if (contained) throw fail('UNDO_IMPOSSIBLE', `user ${user} is being contained by an incident: its key stays inactive`);
    if (before.status === 'Active') await setStatus(ctx, target, user, 'Active');
    return { seen: { status: (await findKey(ctx, target, user))?.status ?? 'gone' }, left: [] };
  },
});
