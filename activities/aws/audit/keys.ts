import { UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import { defineAwsAction } from '../define';
import { deleteAccessKey } from '../eradicate/delete-access-key';
import { inlinePolicy } from '../eradicate/identity';
import { already, assertSame, keepFirst, text } from '../eradicate/support';
import { accessKeys } from '../iam-read';
import { assertProposable, exemptPermissions } from './exempt';
import { windowOf } from './quarantine';

async function findKey(ctx: AwsContext, target: Target, user: string): Promise<{ id: string; user: string; status: string; createdAt: string } | null> {
  const key = (await accessKeys(ctx.access.clients(target.account).iam, user)).find((one) => one.id === target.id);
  return key ? { id: key.id, user, status: key.active ? 'Active' : 'Inactive', createdAt: key.createdAt } : null;
}

/** The key, which must be one that the audit may touch. Throws as `assertProposable`. */
async function proposableKey(ctx: AwsContext, target: Target, params: JsonObject): Promise<{ id: string; user: string; status: string; createdAt: string }> {
  const user = text(params, 'user');
  const key = await findKey(ctx, target, user);
  if (!key) throw fail('NOT_FOUND', `user ${user} has no access key ${target.id}`);
  await assertProposable(ctx, target, user, windowOf(params), key);
  return key;
}

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

/** Row audit.4, the end: only a key that is still inactive. */
export const removeUnusedKey = defineAwsAction('aws.remove-unused-key', {
  permissions: [...new Set([...deleteAccessKey.permissions, ...exemptPermissions])],
  async plan(ctx, proposal) {
    await proposableKey(ctx, proposal.target, proposal.params);
    return deleteAccessKey.plan(ctx, proposal);
  },
  async apply(ctx, step) {
    const key = await findKey(ctx, step.target, text(step.params, 'user'));
    if (!key) return already;
    await proposableKey(ctx, step.target, step.params);
    if (key.status === 'Active') throw fail('PLAN_CHANGED', `${key.id} is active again: it is not removed`);
    return deleteAccessKey.apply(ctx, step);
  },
  verify: (ctx, step) => deleteAccessKey.verify(ctx, step),
  undo: (ctx, step) => deleteAccessKey.undo(ctx, step),
});
