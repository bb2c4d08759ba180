import type { AwsAction } from '../define';
import { defineAwsAction } from '../define';
import { deleteRole } from '../eradicate/delete-role';
import { deleteUser } from '../eradicate/delete-user';
import { findIdentity } from '../eradicate/identity';
import type { AwsContext } from '../context';
import type { Step, Target } from '../../../playbook/model/plan';
import { already } from '../eradicate/support';
import { assertProposable, exemptPermissions } from './exempt';
import { assertQuarantined, kindOf, quarantineUnused, windowOf } from './quarantine-unused';

const deletion = (target: Target): AwsAction => (kindOf(target) === 'role' ? deleteRole : deleteUser);

/**
 * Row audit.4, the end. Target: a role or user that is still in quarantine. Its state is kept first; what still works under the role (functions, instances) refuses it.
 * Errors: PROTECTED_PRINCIPAL, STILL_IN_USE, PLAN_CHANGED.
 */
export const removeUnused = defineAwsAction('aws.remove-unused', {
  permissions: [...new Set([...deleteRole.permissions, ...deleteUser.permissions, ...exemptPermissions, ...quarantineUnused.permissions.filter((one) => /^iam:(List|Get)/.test(one))])],
  async plan(ctx, proposal) {
    await assertProposable(ctx, proposal.target, proposal.target.name, windowOf(proposal.params));
    return deletion(proposal.target).plan(ctx, proposal);
  },
  async apply(ctx: AwsContext, step: Step) {
    const { target } = step;
    if (!(await findIdentity(ctx.access.clients(target.account).iam, kindOf(target), target.name))) return already;
    await assertProposable(ctx, target, target.name, windowOf(step.params));
    await assertQuarantined(ctx, target);
    return deletion(target).apply(ctx, step);
  },
  verify: (ctx, step) => deletion(step.target).verify(ctx, step),
  undo: (ctx, step) => deletion(step.target).undo(ctx, step),
});
