import type { ConditionalAccessPolicy } from '@microsoft/microsoft-graph-types';
import { canonicalJson, type Json, type JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { assertSame, keepFirst } from '../../before';
import { fail } from '../../boundary';
import { plain } from '../../check';
import { policyPermissions } from '../contain/conditional-access';
import type { AzureContext } from '../context';
import { guardedAzureAction, type Verified } from '../define';
import { orNull } from '../errors';
import { at } from '../graph';

/** What a policy does; the rest is the directory's own (Graph v1.0: conditionalAccessPolicy, “Update”). */
const MEMBERS = ['displayName', 'state', 'conditions', 'grantControls', 'sessionControls'] as const;

/** True when a record's former value is a whole policy: half of one would be written as if the rest were empty. */
export function isPolicy(value: Json | undefined): value is JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  return /^(enabled|disabled|enabledForReportingButNotEnforced)$/.test(String(value.state)) && typeof value.displayName === 'string' && isObject(value.conditions) && (isObject(value.grantControls) || isObject(value.sessionControls));
}

/**
 * Row 3.2. Target: a Conditional Access policy that was there before; `params.previous`: the whole of it before the attacker's first change, as the audit log has it
 * (`modifiedProperties`, `ConditionalAccessPolicy`, `oldValue`). Written only over what was planned: a change in between is PLAN_CHANGED. Undo puts back what was found, and says so.
 */
export const restoreConditionalAccess = guardedAzureAction('azure.restore-conditional-access', {
  permissions: policyPermissions,
  async plan(ctx, { target, params }) {
    const [previous, policy] = [previousOf(params), written(await ctx.access.graph(target.account).get<ConditionalAccessPolicy>(pathOf(target)))];
    const differs = differences(policy, previous);
    return { needed: differs.length > 0, before: { policy }, change: differs.map((member) => `put ${member} of Conditional Access policy “${target.name}” back: ${canonicalJson(previous[member] ?? null)} instead of ${canonicalJson(policy[member] ?? null)}`) };
  },
  async apply(ctx, step): Promise<JsonObject> {
    const graph = ctx.access.graph(step.target.account);
    const [previous, policy] = [previousOf(step.params), written(await graph.get<ConditionalAccessPolicy>(pathOf(step.target)))];
    if (differences(policy, previous).length === 0) return { already: true };
    assertSame(step, { policy }, ['policy']);
    const kept = await keepFirst(ctx, step, 'state', policy);
    await graph.patch(pathOf(step.target), previous);
    return { restored: step.target.id, kept };
  },
  async verify(ctx, { target, params }): Promise<Verified> {
    const found = await read(ctx, target);
    return { holds: found !== null && differences(found, previousOf(params)).length === 0, seen: { policy: found } };
  },
  async undo(ctx, { target, before }) {
    if (!isObject(before.policy)) throw fail('UNDO_IMPOSSIBLE', `what policy ${target.name} was before is not known`);
    await ctx.access.graph(target.account).patch(pathOf(target), before.policy);
    return { seen: { policy: await read(ctx, target) }, left: [] };
  },
});

const pathOf = (target: Target): string => at`/identity/conditionalAccess/policies/${target.id}`;

async function read(ctx: AzureContext, target: Target): Promise<JsonObject | null> {
  const found = await orNull(ctx.access.graph(target.account).get<ConditionalAccessPolicy>(pathOf(target)));
  return found && written(found);
}

function previousOf({ previous }: JsonObject): JsonObject {
  if (!isPolicy(previous)) throw fail('INVALID_INPUT', 'params.previous (the policy before the attacker) is missing or not a whole policy');
  return written(previous);
}

/** The members that are written, without what Graph only answers with: annotations, and all but the id of an authentication strength. */
function written(policy: object): JsonObject {
  const whole = plain(policy) as JsonObject;
  return Object.fromEntries(MEMBERS.map((member) => [member, bare(whole[member] ?? null)]));
}

function bare(value: Json, name = ''): Json {
  if (Array.isArray(value)) return value.map((one) => bare(one));
  if (!isObject(value)) return value;
  if (name === 'authenticationStrength') return { id: value.id ?? null };
  return Object.fromEntries(Object.entries(value).filter(([member]) => !member.includes('@odata') || member === '@odata.type').map(([member, one]) => [member, bare(one, member)]));
}

const differences = (policy: JsonObject, wanted: JsonObject): (typeof MEMBERS)[number][] => MEMBERS.filter((member) => canonicalJson(told(policy[member] ?? null)) !== canonicalJson(told(wanted[member] ?? null)));

/** Nothing said is the same as nothing meant: null, an empty list and an empty object say nothing; lists are sets. */
function told(value: Json): Json | undefined {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((one) => told(one) ?? null).sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
  if (!isObject(value)) return value;
  const members = Object.entries(value).flatMap(([name, one]) => { const said = told(one); return said === undefined ? [] : [[name, said] as const]; });
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
