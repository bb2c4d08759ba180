import { fail } from '../../boundary';
import { defineAwsAction } from '../define';
import { deleteAccessKey } from '../eradicate/delete-access-key';
import { already, text } from '../eradicate/support';
import { exemptPermissions } from './exempt';
import { findKey, proposableKey } from './unused-key';

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
