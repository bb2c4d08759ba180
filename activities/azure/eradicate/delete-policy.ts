import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { at } from '../graph';
import { readObject } from './deleted-items';
import { removal } from './removal';

/** Row 3.2. Target: a Conditional Access policy or named location that the attacker made; `params.object`. */
export const deletePolicy = removal('azure.delete-policy', {
  permissions: ['Policy.Read.All', 'Policy.ReadWrite.ConditionalAccess'],
  read: (ctx, target, params) => readObject(ctx, target, policyPath(target, params)),
  change: (target, _state, params) => [`delete ${params.object === 'named-location' ? 'named location' : 'Conditional Access policy'} ${target.name}`],
  remove: (ctx, target, params) => ctx.access.graph(target.account).delete(policyPath(target, params)),
});

const policyPath = (target: Target, params: JsonObject): string => `/identity/conditionalAccess/${params.object === 'named-location' ? 'namedLocations' : 'policies'}${at`/${target.id}`}`;
