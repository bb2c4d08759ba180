import type { AzureActionId } from '../../../playbook/catalogue';
import type { JsonObject } from '../../../playbook/json';
import type { Step, Target } from '../../../playbook/model/plan';
import { keepFirst } from '../../before';
import { fail } from '../../boundary';
import type { AzureContext } from '../context';
import { guardedAzureAction, type AzureAction, type Undone, type Verified } from '../define';
import { gone } from '../errors';
import { seenDespiteLag } from '../lag';

export interface Removal {
  permissions: readonly string[];
  /** The whole of it as it is now, for the evidence; null when it is not there. */
  read(ctx: AzureContext, target: Target, params: JsonObject): Promise<JsonObject | null>;
  /** Throws when it must not go: asked at planning, and again before anything is destroyed. */
  refuse?(ctx: AzureContext, target: Target, state: JsonObject, params: JsonObject): Promise<void>;
  /** What a person reads before saying yes. */
  change(target: Target, state: JsonObject, params: JsonObject): string[];
  /** Everything that has to be kept before, beside the state itself. */
  keep?(ctx: AzureContext, step: Step, state: JsonObject): Promise<JsonObject>;
  remove(ctx: AzureContext, target: Target, params: JsonObject): Promise<unknown>;
  /** Where the cloud can give it back. */
  restore?(ctx: AzureContext, step: Step): Promise<Undone>;
}

/** What tells a thing from another of the same name: these must be as they were planned. */
const IDENTITY = ['id', 'appId', 'createdDateTime', 'creationTime', 'vmId', 'principalId', 'roleDefinitionId'];

/** An action of section 3: what is there is kept as evidence first, then removed, and seen to be gone. */
export function removal(id: AzureActionId, one: Removal): AzureAction {
  return guardedAzureAction(id, {
    permissions: one.permissions,
    async plan(ctx, { target, params }) {
      const state = await one.read(ctx, target, params);
      if (state) await one.refuse?.(ctx, target, state, params);
      return { needed: state !== null, before: { state, ...identityOf(state ?? {}) }, change: state ? one.change(target, state, params) : [] };
    },
    async apply(ctx, step): Promise<JsonObject> {
      const state = await (step.before.state === null ? one.read(ctx, step.target, step.params) : seenDespiteLag(() => one.read(ctx, step.target, step.params)));
      if (!state) return { already: true };
      const [planned, now] = [step.before, identityOf(state)];
      const other = IDENTITY.filter((member) => planned[member] !== undefined && planned[member] !== now[member]);
      if (other.length > 0) throw fail('PLAN_CHANGED', `${step.target.name} is not the one that was planned (${other.join(', ')} differs)`);
      await one.refuse?.(ctx, step.target, state, step.params);
      const kept = await keepFirst(ctx, step, 'state', state);
      const besides = (await one.keep?.(ctx, step, state)) ?? {};
      await gone(one.remove(ctx, step.target, step.params));
      return { removed: step.target.id, kept, ...besides };
    },
    async verify(ctx, { target, params }): Promise<Verified> {
      const state = await one.read(ctx, target, params);
      return { holds: state === null, seen: { exists: state !== null } };
    },
    undo: async (ctx, step) => (await one.restore?.(ctx, step)) ?? { seen: {}, left: [`${step.target.name} was removed and does not come back by itself: its state is in the evidence of this incident under ${step.id}`] },
  });
}

function identityOf(state: JsonObject): JsonObject {
  const properties = (state.properties ?? {}) as JsonObject;
  return Object.fromEntries(IDENTITY.flatMap((member) => {
    const value = state[member] ?? properties[member];
    // ARM writes ids in either case.
    return typeof value === 'string' ? [[member, value.toLowerCase()]] : [];
  }));
}
