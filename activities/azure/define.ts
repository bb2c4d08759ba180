import { azureCatalogue, type AzureActionId } from '../../playbook/catalogue';
import type { JsonObject } from '../../playbook/json';
import type { Step, Target } from '../../playbook/model/plan';
import type { Action } from '../action';
import type { AzureContext } from './context';
import { namingWhatLacks } from './lacking';
import { despiteLag } from './lag';
import { refuseProtected } from './protect';

export type AzureAction = Action<AzureContext>;

/** What `verify` answers; named so that several return statements agree on it. */
export type Verified = { holds: boolean; seen: JsonObject };

/** What `undo` answers. */
export type Undone = { seen: JsonObject; left: string[] };

/** Joins an action's code to its line in the catalogue, so that row, title and tier are written once. `apply` is repeated while a replica lags; a refusal names the permission that is missing. */
export function defineAzureAction(id: AzureActionId, behaviour: Pick<AzureAction, 'permissions' | 'plan' | 'apply' | 'verify' | 'undo'>): AzureAction {
  const { permissions, plan, apply, verify, undo } = behaviour;
  const naming = <T extends { target: Target }, R>(run: (ctx: AzureContext, input: T) => Promise<R>) => (ctx: AzureContext, input: T): Promise<R> => namingWhatLacks(ctx, input.target.account, permissions, () => run(ctx, input));
  return { id, ...azureCatalogue[id], permissions, plan: naming(plan), apply: naming((ctx, step: Step) => despiteLag(() => apply(ctx, step))), verify: naming<Step, Verified>(verify), undo: naming<Step, Undone>(undo) };
}

/** As `defineAzureAction`, for targets that must not be protected: refused at planning, and again where it would act. */
export function guardedAzureAction(id: AzureActionId, behaviour: Parameters<typeof defineAzureAction>[1]): AzureAction {
  const guarded = <T extends { target: Target }, R>(run: (ctx: AzureContext, input: T) => Promise<R>) => async (ctx: AzureContext, input: T): Promise<R> => {
    refuseProtected(ctx, input.target);
    return run(ctx, input);
  };
  return defineAzureAction(id, { ...behaviour, plan: guarded(behaviour.plan), apply: guarded<Step, JsonObject>(behaviour.apply), undo: guarded<Step, Undone>(behaviour.undo) });
}
