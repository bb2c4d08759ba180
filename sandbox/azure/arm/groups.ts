import type { Making } from '../graph/routes';
import { Fault, noContent, ok } from '../protocol/types';
import { allows } from './access';
import { arm, armList, resources } from './routes';

export interface Subscription { id: string; subscriptionId: string; displayName: string; state: 'Enabled'; tenantId: string; authorizationSource: 'RoleBased'; managedByTenants: []; subscriptionPolicies: { locationPlacementId: string; quotaId: string; spendingLimit: 'Off' } }

/** Subscriptions and resource groups. */
export function groupRoutes(making: Making): void {
  const { sim } = making;
  const store = resources(sim);
  const subscriptions = sim.shelf<Subscription>('subscriptions');
  making.router.add({
    surface: 'arm', method: 'GET', pattern: '/subscriptions', needs: [],
    handle: async (call) => armList(call, subscriptions.list().filter((one) => allowsAny(one.subscriptionId, call.caller.id))),
  });
  const allowsAny = (subscription: string, principal: string): boolean => allows(sim, principal, 'Microsoft.Resources/subscriptions/read', `/subscriptions/${subscription}`);
  arm(making, 'GET', '/subscriptions/:subscription', { action: 'Microsoft.Resources/subscriptions/read', handle: (call) => {
    const found = subscriptions.seen(call.params['subscription']!);
    if (!found) throw new Fault(404, 'SubscriptionNotFound', `The subscription '${call.params['subscription']}' could not be found.`);
    return ok(found);
  } });
  const groupType = 'Microsoft.Resources/resourceGroups';
  arm(making, 'GET', '/subscriptions/:subscription/resourcegroups', {
    action: 'Microsoft.Resources/subscriptions/resourceGroups/read', scope: (call) => `/subscriptions/${call.params['subscription']}`,
    handle: (call) => armList(call, store.list().filter((one) => one.type === groupType && one.id.toLowerCase().startsWith(`/subscriptions/${call.params['subscription']!.toLowerCase()}/`))),
  });
  const idOf = (subscription: string, name: string): string => `/subscriptions/${subscription}/resourceGroups/${name}`;
  arm(making, 'GET', '/subscriptions/:subscription/resourcegroups/:group', { action: 'Microsoft.Resources/subscriptions/resourceGroups/read', handle: (call) => {
    const found = store.seen(idOf(call.params['subscription']!, call.params['group']!));
    if (!found) throw new Fault(404, 'ResourceGroupNotFound', `Resource group '${call.params['group']}' could not be found.`);
    return ok(found);
  } });
  arm(making, 'PUT', '/subscriptions/:subscription/resourcegroups/:group', { action: 'Microsoft.Resources/subscriptions/resourceGroups/write', handle: (call) => {
    const { subscription, group } = call.params as { subscription: string; group: string };
    const id = idOf(subscription, group);
    const before = store.get(id);
    if (!call.body['location']) throw new Fault(400, 'LocationRequired', 'The location property is required for this definition.');
    const made = store.put(id, { id, name: group, type: groupType, location: call.body['location'] as string, tags: (call.body['tags'] as Record<string, string>) ?? {}, properties: { provisioningState: 'Succeeded' } });
    return ok(made, before ? 200 : 201);
  } });
  arm(making, 'DELETE', '/subscriptions/:subscription/resourcegroups/:group', { action: 'Microsoft.Resources/subscriptions/resourceGroups/delete', handle: (call) => {
    const id = idOf(call.params['subscription']!, call.params['group']!).toLowerCase();
    for (const one of store.truth()) if (one.id.toLowerCase() === id || one.id.toLowerCase().startsWith(`${id}/`)) store.remove(one.id);
    return noContent;
  } });
}
