import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import { plain } from '../../check';
import { polling } from '../contain/arm';
import { parseResourceId } from '../contain/targets';
import type { AzureContext } from '../context';
import { orNull } from '../errors';
import type { Removal } from './removal';

/** Read and deleted by id, with the version of each type. */
const VERSIONS: Readonly<Record<string, string>> = {
  'microsoft.web/sites': '2024-04-01', 'microsoft.logic/workflows': '2019-05-01', 'microsoft.compute/virtualmachines': '2024-07-01', 'microsoft.network/networksecuritygroups': '2024-05-01', 'microsoft.storage/storageaccounts': '2023-05-01',
};
const AUTHORIZATION = '2022-04-01';

const clientOf = (ctx: AzureContext, target: Target, subscription: string) => ctx.access.arm(target.account, subscription).resources.resources;

/** Of one of these types, by its id. */
export function placed(...types: string[]): Pick<Removal, 'read' | 'remove'> {
  const at = (target: Target): { subscription: string; version: string } => {
    const found = parseResourceId(target.id);
    if (!types.includes(found.type)) throw fail('INVALID_INPUT', `${target.id.slice(0, 200)} is no ${types.join(' or ')}`);
    return { subscription: found.subscription, version: VERSIONS[found.type]! };
  };
  return {
    read: async (ctx, target) => plain(await orNull(clientOf(ctx, target, at(target).subscription).getById(target.id, at(target).version))) as JsonObject | null,
    remove: (ctx, target) => clientOf(ctx, target, at(target).subscription).beginDeleteByIdAndWait(target.id, at(target).version, polling),
  };
}

/** Role assignments and definitions are at any scope, `/` included: reached through any subscription of the tenant. */
export function atScope(type: 'roleAssignments' | 'roleDefinitions'): Pick<Removal, 'read' | 'remove'> {
  const client = (ctx: AzureContext, target: Target) => {
    if (!new RegExp(`^(/[^?#%\\\\]{1,800})?/providers/Microsoft\\.Authorization/${type}/[0-9a-f-]{36}$`, 'i').test(target.id)) throw fail('INVALID_INPUT', `${target.id.slice(0, 200)} is none of ${type}`);
    const own = /^\/subscriptions\/([^/]+)/i.exec(target.id)?.[1]?.toLowerCase();
    return clientOf(ctx, target, own ?? ctx.access.subscriptions(target.account)[0]!);
  };
  return {
    read: async (ctx, target) => plain(await orNull(client(ctx, target).getById(target.id, AUTHORIZATION))) as JsonObject | null,
    remove: (ctx, target) => client(ctx, target).beginDeleteByIdAndWait(target.id, AUTHORIZATION, polling),
  };
}
