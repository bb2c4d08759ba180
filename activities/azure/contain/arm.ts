import { fail } from '../../boundary';
import type { Target } from '../../../playbook/model/plan';
import type { ArmClients } from '../clients';
import type { AzureContext } from '../context';
import { parseResourceId, type ResourceId } from './targets';

/** How often a long-running operation is looked at; ARM's own Retry-After comes first. */
export const polling = { updateIntervalInMs: 500 };

/** Every item of a paged ARM list. */
export async function pages<T>(list: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of list) all.push(one);
  return all;
}

/** The clients of a resource's own subscription, and what its id says. Throws INVALID_INPUT for another type of resource, INVALID_CONFIG for a foreign subscription. */
export function armFor(ctx: AzureContext, target: Pick<Target, 'account' | 'id'>, ...types: readonly string[]): { arm: ArmClients; at: ResourceId } {
  const at = parseResourceId(target.id);
  if (!types.some((type) => type.toLowerCase() === at.type)) throw fail('INVALID_INPUT', `${target.id.slice(0, 200)} is no ${types.join(' or ')}`);
  return { arm: ctx.access.arm(target.account, at.subscription), at };
}
