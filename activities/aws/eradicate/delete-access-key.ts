import { DeleteAccessKeyCommand, GetAccessKeyLastUsedCommand, paginateListAccessKeys, UpdateAccessKeyCommand, type IAMClient } from '@aws-sdk/client-iam';
import { fail } from '../../boundary';
import { guardedAction } from '../guarded';
import { already, all, assertSame, gone, keepFirst, orNull, text, toJson } from './support';

/** The key's metadata, or null; a user that is gone has no keys. */
async function findKey(iam: IAMClient, user: string, id: string) {
  const keys = (await orNull(all(paginateListAccessKeys({ client: iam }, { UserName: user }), (page) => page.AccessKeyMetadata))) ?? [];
  const key = keys.find((one) => one.AccessKeyId === id);
  return key ? { id, user, status: key.Status ?? '', createdAt: key.CreateDate?.toISOString() ?? '' } : null;
}

/** Row 3.1. A key that the attacker made for a user that stays. Target: the key (`id` = key id); `params.user`: whose it is. Disabled before it is deleted. */
export const deleteAccessKey = guardedAction('aws.delete-access-key', {
  permissions: ['iam:ListAccessKeys', 'iam:GetAccessKeyLastUsed', 'iam:UpdateAccessKey', 'iam:DeleteAccessKey'],
  async plan(ctx, { target, params }) {
    const key = await findKey(ctx.access.clients(target.account).iam, text(params, 'user'), target.id);
    if (!key) throw fail('NOT_FOUND', `user ${text(params, 'user')} has no access key ${target.id}`);
    return { needed: true, before: key, change: [`delete access key ${key.id} of user ${key.user} (made ${key.createdAt}, ${key.status})`] };
  },
  async apply(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const user = text(step.params, 'user');
    const key = await findKey(iam, user, step.target.id);
    if (!key) return already;
    assertSame(step, key, ['id', 'user', 'createdAt']);
    const lastUsed = await orNull(iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: key.id })));
    const kept = await keepFirst(ctx, step, 'access-key', { key, lastUsed: toJson(lastUsed?.AccessKeyLastUsed ?? {}) });
    await iam.send(new UpdateAccessKeyCommand({ UserName: user, AccessKeyId: key.id, Status: 'Inactive' }));
    await iam.send(new DeleteAccessKeyCommand({ UserName: user, AccessKeyId: key.id }));
    return { deleted: key.id, kept };
  },
  async verify(ctx, step) {
    const key = await findKey(ctx.access.clients(step.target.account).iam, text(step.params, 'user'), step.target.id);
    return { holds: key === null, seen: { exists: key !== null } };
  },
  undo: gone('when the key was made and last used (its secret is known to AWS and the attacker only)'),
});
