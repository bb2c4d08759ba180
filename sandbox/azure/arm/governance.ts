import type { Making } from '../graph/routes';
import { Fault, ok, type Call, type Json } from '../protocol/types';
import { resourceType } from './engine';
import { start } from './operations';
import { arm, armList, resources, type Resource } from './routes';

export interface Cost { subscription: string; date: string; service: string; usd: number }
const DEFENDER = ['VirtualMachines', 'SqlServers', 'AppServices', 'StorageAccounts', 'KeyVaults', 'Arm', 'Containers', 'CloudPosture'];

/** Defender plans, budgets and costs, Azure Policy, locks, support tickets, and the list of all resources. */
export function governanceRoutes(making: Making): void {
  const { sim } = making;
  const store = resources(sim);
  const pricing = 'Microsoft.Security/pricings';
  const planOf = (call: Call, name: string): Resource => {
    const id = `/subscriptions/${call.params['subscription']}/providers/${pricing}/${name}`;
    return store.seen(id) ?? { id, name, type: pricing, properties: { pricingTier: 'Free', freeTrialRemainingTime: 'PT0S', enforce: 'False' } };
  };
  // Plans are always there: a subscription that never chose has the free tier.
  for (const scope of ['/subscriptions/:subscription']) {
    arm(making, 'GET', `${scope}/providers/${pricing}`, { action: `${pricing}/read`, handle: (call) => ok({ value: DEFENDER.map((name) => planOf(call, name)) }) });
    arm(making, 'GET', `${scope}/providers/${pricing}/:name`, { action: `${pricing}/read`, handle: (call) => ok(planOf(call, call.params['name']!)) });
    arm(making, 'PUT', `${scope}/providers/${pricing}/:name`, { action: `${pricing}/write`, handle: (call) => {
      const before = planOf(call, call.params['name']!);
      const properties = (call.body['properties'] ?? {}) as Json;
      if (!/^(Free|Standard)$/.test(String(properties['pricingTier']))) throw new Fault(400, 'InvalidInput', 'pricingTier must be Free or Standard.');
      return ok(store.put(before.id, { ...before, properties: { ...before.properties, ...properties, ...(properties['pricingTier'] === 'Standard' && { enablementTime: sim.iso() }) } }));
    } });
  }
  resourceType(making, { type: 'Microsoft.Security/alerts', subscription: true, methods: ['list'] });
  resourceType(making, { type: 'Microsoft.Consumption/budgets', extension: true, make: (_sim, properties) => {
    for (const needed of ['amount', 'timeGrain', 'category', 'timePeriod']) if (properties[needed] === undefined) throw new Fault(400, '400', `The property ${needed} is required.`);
    return { currentSpend: { amount: 0, unit: 'USD' }, ...properties };
  } });
  costRoutes(making);
  // Source: Cost Management REST, Scheduled Actions – Create Or Update By Scope.
  resourceType(making, { type: 'Microsoft.CostManagement/scheduledActions', extension: true, make: (sim, properties, id, _before, call) => {
    for (const needed of ['displayName', 'notification', 'schedule', 'status', 'viewId']) if (properties[needed] === undefined) throw new Fault(400, 'BadRequest', `The property ${needed} is required.`);
    const { startDate, endDate } = properties['schedule'] as { startDate?: string; endDate?: string };
    if (!(Date.parse(endDate ?? '') > Math.max(Date.parse(startDate ?? ''), sim.now()))) throw new Fault(400, 'BadRequest', 'The schedule must end after it starts, and not in the past.');
    const scope = id.slice(0, id.toLowerCase().indexOf('/providers/microsoft.costmanagement'));
    if (call.body['kind'] === 'InsightAlert' && String(properties['viewId']).toLowerCase() !== `${scope}/providers/microsoft.costmanagement/views/ms:dailyanomalybyresourcegroup`.toLowerCase()) throw new Fault(400, 'BadRequest', 'An anomaly alert needs the anomaly view of its subscription.');
    return { scope: scope.replace(/^\//, ''), ...properties };
  } });
  resourceType(making, { type: 'Microsoft.Authorization/policyAssignments', extension: true, make: (_sim, properties) => {
    if (!properties['policyDefinitionId']) throw new Fault(400, 'InvalidPolicyAssignment', 'policyDefinitionId is required.');
    return { enforcementMode: 'Default', ...properties };
  } });
  resourceType(making, { type: 'Microsoft.Authorization/policyDefinitions', extension: true });
  resourceType(making, { type: 'Microsoft.Authorization/locks', extension: true });
  resourceType(making, { type: 'Microsoft.ManagedIdentity/userAssignedIdentities' });
  resourceType(making, { type: 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials', child: true });
  supportRoutes(making);
  const all = (call: Call, prefix: string) => {
    const filter = call.query.get('$filter') ?? '';
    const wanted = [...filter.matchAll(/resourceType eq '([^']+)'/gi)].map((one) => one[1]!.toLowerCase());
    if (filter && wanted.length === 0) throw new Fault(400, 'InvalidFilterInQueryString', `Invalid $filter '${filter}' specified in the query string.`);
    return armList(call, store.list().filter((one) => one.id.toLowerCase().startsWith(`${prefix.toLowerCase()}/`) && /\/resourceGroups\/[^/]+\/providers\/[^/]+\/[^/]+\/[^/]+$/i.test(one.id) && (wanted.length === 0 || wanted.includes(one.type.toLowerCase()))).map(({ id, name, type, location, tags, kind, sku, identity }) => ({ id, name, type, location, tags, kind, sku, identity })));
  };
  arm(making, 'GET', '/subscriptions/:subscription/resources', { action: 'Microsoft.Resources/subscriptions/resources/read', handle: (call) => all(call, `/subscriptions/${call.params['subscription']}`) });
  arm(making, 'GET', '/subscriptions/:subscription/resourceGroups/:group/resources', { action: 'Microsoft.Resources/subscriptions/resourceGroups/resources/read', handle: (call) => all(call, `/subscriptions/${call.params['subscription']}/resourceGroups/${call.params['group']}`) });
}

function costRoutes(making: Making): void {
  const { sim } = making;
  const costs = (call: Call): Cost[] => sim.shelf<Cost>('costs').list().filter((one) => call.url.pathname.toLowerCase().startsWith(`/subscriptions/${one.subscription.toLowerCase()}/`));
  arm(making, 'GET', '/:scope*/providers/Microsoft.Consumption/usageDetails', { action: 'Microsoft.Consumption/usageDetails/read', handle: (call) => armList(call, costs(call).map((one, index) => ({
    id: `${call.url.pathname}/${index}`, name: String(index), type: 'Microsoft.Consumption/usageDetails', kind: 'legacy', properties: { date: `${one.date}T00:00:00.0000000Z`, cost: one.usd, billingCurrency: 'USD', consumedService: one.service, subscriptionId: one.subscription, quantity: 1, product: one.service },
  })), 1000) });
  /** Daily or total cost, grouped by service when asked. Source: Cost Management REST, Query – Usage. */
  arm(making, 'POST', '/:scope*/providers/Microsoft.CostManagement/query', { action: 'Microsoft.CostManagement/query/read', silent: true, handle: (call) => {
    const dataset = (call.body['dataset'] ?? {}) as { granularity?: string; grouping?: { name: string }[] };
    const period = (call.body['timePeriod'] ?? {}) as { from?: string; to?: string };
    if (call.body['timeframe'] !== 'Custom' || !period.from || !period.to) throw new Fault(400, 'BadRequest', 'The sandbox answers a custom time frame only.');
    const [from, to] = [period.from.slice(0, 10), period.to.slice(0, 10)];
    const [daily, grouped] = [dataset.granularity === 'Daily', (dataset.grouping ?? []).map((one) => one.name)];
    const sums = new Map<string, { usd: number; row: unknown[] }>();
    for (const one of costs(call)) {
      if (one.date < from || one.date > to) continue;
      const row = [...(daily ? [Number(one.date.replaceAll('-', ''))] : []), ...grouped.map((name) => (name === 'ServiceName' ? one.service : '')), 'USD'];
      const sum = sums.get(JSON.stringify(row)) ?? { usd: 0, row };
      sums.set(JSON.stringify(row), { row, usd: sum.usd + one.usd });
    }
    const columns = [{ name: 'Cost', type: 'Number' }, ...(daily ? [{ name: 'UsageDate', type: 'Number' }] : []), ...grouped.map((name) => ({ name, type: 'String' })), { name: 'Currency', type: 'String' }];
    return ok({ id: `${call.url.pathname}`, name: 'query', type: 'Microsoft.CostManagement/query', properties: { nextLink: null, columns, rows: [...sums.values()].map(({ usd, row }) => [Math.round(usd * 100) / 100, ...row]) } });
  } });
}

function supportRoutes(making: Making): void {
  const { sim } = making;
  const type = 'Microsoft.Support/supportTickets';
  const plan = (call: Call): void => {
    if (!sim.supportPlans.has(call.params['subscription'] ?? '')) throw new Fault(403, 'InvalidSupportPlan', 'The subscription does not have a support plan that allows technical support tickets.');
  };
  arm(making, 'POST', '/subscriptions/:subscription/providers/Microsoft.Support/checkNameAvailability', { action: 'Microsoft.Support/checkNameAvailability/action', silent: true, handle: (call) => ok({ nameAvailable: !resources(sim).get(`/subscriptions/${call.params['subscription']}/providers/${type}/${String(call.body['name'])}`), reason: '', message: '' }) });
  making.router.add({ surface: 'arm', method: 'GET', pattern: '/providers/Microsoft.Support/services', needs: [], handle: (call) => armList(call, [{ id: '/providers/Microsoft.Support/services/00000000-0000-0000-0000-000000000001', name: '00000000-0000-0000-0000-000000000001', type: 'Microsoft.Support/services', properties: { displayName: 'Subscription management', resourceTypes: [] } }]) });
  making.router.add({ surface: 'arm', method: 'GET', pattern: '/providers/Microsoft.Support/services/:service/problemClassifications', needs: [], handle: (call) => armList(call, [{ id: `/providers/Microsoft.Support/services/${call.params['service']}/problemClassifications/00000000-0000-0000-0000-000000000002`, name: '00000000-0000-0000-0000-000000000002', type: 'Microsoft.Support/problemClassifications', properties: { displayName: 'My subscription was compromised' } }]) });
  resourceType(making, { type, subscription: true, methods: ['get', 'list'] });
  arm(making, 'PUT', `/subscriptions/:subscription/providers/${type}/:name`, { action: `${type}/write`, handle: (call) => {
    plan(call);
    const id = decodeURIComponent(call.url.pathname);
    if (resources(sim).get(id)) throw new Fault(409, 'Conflict', 'A support ticket with this name exists already.');
    const properties = (call.body['properties'] ?? {}) as Json;
    for (const needed of ['title', 'description', 'severity', 'serviceId', 'problemClassificationId', 'contactDetails']) if (!properties[needed]) throw new Fault(400, 'BadRequest', `The property ${needed} is required.`);
    return start(sim, call, { answer: 'accept', effect: () => resources(sim).put(id, { id, name: call.params['name']!, type, properties: { ...properties, supportTicketId: `24${String(sim.now()).slice(-10)}`, status: 'Open', createdDate: sim.iso() } }) });
  } });
}
