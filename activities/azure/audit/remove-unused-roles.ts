import type { JsonObject } from '../../../playbook/json';
import { keepFirst } from '../../before';
import { fail } from '../../boundary';
import { guardedAzureAction } from '../define';
import { assertTakable, heldBy } from './held';
import { heldPermissions, suspendUnusedRoles } from './suspend-unused-roles';

/** Row audit.4, the end: what was taken stays away for good. Nothing is deleted any more: the second yes ends the chance to restore. Refused with PLAN_CHANGED when somebody gave it back. */
export const removeUnusedRoles = guardedAzureAction('azure.remove-unused-roles', {
  permissions: heldPermissions,
  async plan(ctx, { action, target, params, because }) {
    const { before, change } = await suspendUnusedRoles.plan(ctx, { action, target, params, because });
    return { needed: true, before, change: change.map((line) => `${line}, for good`) };
  },
  async apply(ctx, step): Promise<JsonObject> {
    const back = await heldBy(ctx, step.target.account, step.target.id);
    if (back.length > 0) throw fail('PLAN_CHANGED', `${step.target.name} has ${back.map((one) => one.text).join(', ')} again: it is not removed`);
    await assertTakable(ctx, step, []);
    return { final: true, kept: await keepFirst(ctx, step, 'roles', step.before) };
  },
  verify: (ctx, step) => suspendUnusedRoles.verify(ctx, step),
  undo: async (_ctx, step) => ({ seen: {}, left: [`${step.target.name} stays without it: give it anew from the evidence under ${step.id}`] }),
});
