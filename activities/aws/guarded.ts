import type { AwsActionId } from '../../playbook/catalogue';
import type { JsonObject } from '../../playbook/json';
import type { Target } from '../../playbook/model/plan';
import type { AwsContext } from './context';
import { defineAwsAction, type AwsAction } from './define';
import { refuseProtected } from './protect';

/** As `defineAwsAction`, for actions whose target (and `params.user`) must not be protected: refused at planning, and again where it would act. */
export function guardedAction(id: AwsActionId, behaviour: Parameters<typeof defineAwsAction>[1]): AwsAction {
  const guard = (ctx: AwsContext, { target, params }: { target: Target; params: JsonObject }) =>
    refuseProtected(ctx, target, ...(typeof params.user === 'string' ? [params.user] : []));
  return defineAwsAction(id, {
    ...behaviour,
    async plan(ctx, proposal) {
      guard(ctx, proposal);
      return behaviour.plan(ctx, proposal);
    },
    async apply(ctx, step) {
      guard(ctx, step);
      return behaviour.apply(ctx, step);
    },
    async undo(ctx, step) {
      guard(ctx, step);
      return behaviour.undo(ctx, step);
    },
  });
}
