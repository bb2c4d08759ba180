import type { JsonObject } from '../../../../playbook/json';
import { DAY_MS, RECENT_DAYS, round, SPIKE_RULE, spikesIn, USUAL_DAYS, type DayCost } from '../../../spikes';
import { armJson } from '../../arm-rest';
import type { AzureCase, AzureContext } from '../../context';
import { createReader, defineCheck, each, plain, type Look } from '../check';

/** Cost Management refuses a second question within seconds of the first and says when to come back; the pipeline waits. */
const PERMISSIONS = ['Microsoft.CostManagement/query/read'] as const;

/** 1.2.8: billing alerts and spikes. */
export const billing = defineCheck('1.2.8-billing', PERMISSIONS, look);
/** 2.2.5: the same question when a Global Administrator is compromised. */
export const rootBilling = defineCheck('2.2.5-billing', PERMISSIONS, look);

async function look(ctx: AzureContext, { principal }: AzureCase): Promise<Look> {
  const today = ctx.now().toISOString().slice(0, 10);
  const from = new Date(Date.parse(today) - (RECENT_DAYS - 1 + USUAL_DAYS) * DAY_MS).toISOString().slice(0, 10);
  const reader = createReader();
  const subscriptions = ctx.access.subscriptions(principal.account);
  const answers = await each(subscriptions, 1, async (subscription) => ({ subscription, days: await reader.read(`subscription ${subscription} costs`, () => costs(ctx, principal.account, subscription, from, today)) }));
  const spikes = answers.flatMap(({ subscription, days }) => (days ? spikesIn(days, today).map((one) => ({ ...one, subscription })) : []));
  const known = answers.flatMap(({ days }) => days ?? []);
  const latest = known.map((one) => one.day).sort().pop();
  return {
    found: spikes.length > 0,
    summary: spikes.length > 0 ? spikes.slice(0, 3).map((one) => `${one.service} on ${one.day} in ${one.subscription}: ${one.cost}, usually ${one.usual}`).join('; ')
      : known.length > 0 ? `no spike in ${subscriptions.length} subscriptions (latest ${latest}: ${round(known.filter((one) => one.day === latest).reduce((sum, one) => sum + one.total, 0))})` : 'no costs were seen',
    facts: { spike: spikes.length > 0, rule: SPIKE_RULE, spikes: spikes.slice(0, 20).map((one) => ({ ...one })), account: principal.account, days: answers.flatMap(({ subscription, days }) => (days ?? []).map((one) => ({ subscription, day: one.day, total: round(one.total) }))).slice(0, 200) },
    notes: ['Cost Management is 8 to 24 hours behind', 'amounts are in the subscription’s own currency'], failed: reader.failed, raw: plain(answers),
  };
}

/** Daily actual cost by service. Source: Cost Management REST, Query – Usage. */
async function costs(ctx: AzureContext, tenant: string, subscription: string, from: string, to: string): Promise<DayCost[]> {
  const question = { type: 'ActualCost', timeframe: 'Custom', timePeriod: { from: `${from}T00:00:00Z`, to: `${to}T23:59:59Z` }, dataset: { granularity: 'Daily', aggregation: { totalCost: { name: 'Cost', function: 'Sum' } }, grouping: [{ type: 'Dimension', name: 'ServiceName' }] } };
  const byDay = new Map<string, DayCost>();
  let token: string | null = null;
  do {
    const path: string = `/subscriptions/${subscription}/providers/Microsoft.CostManagement/query${token ? `?$skiptoken=${encodeURIComponent(token)}` : ''}`;
    const page: JsonObject = await armJson(ctx, tenant, subscription, 'POST', path, '2023-11-01', question);
    add(byDay, (page.properties ?? {}) as JsonObject);
    const next: unknown = ((page.properties ?? {}) as JsonObject).nextLink;
    token = typeof next === 'string' && next !== '' ? new URL(next).searchParams.get('$skiptoken') : null;
  } while (token);
  return [...byDay.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** Rows are columns by position; the order is told with the answer. */
function add(byDay: Map<string, DayCost>, { columns, rows }: JsonObject): void {
  const names = ((columns ?? []) as JsonObject[]).map((one) => String(one.name));
  for (const row of (rows ?? []) as (string | number)[][]) {
    const cell = (name: string): string | number => row[names.indexOf(name)] ?? '';
    const day = String(cell('UsageDate')).replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
    const known = byDay.get(day) ?? { day, total: 0, services: {} };
    const cost = Number(cell('Cost'));
    const service = String(cell('ServiceName'));
    known.total += cost;
    known.services[service] = (known.services[service] ?? 0) + cost;
    byDay.set(day, known);
  }
}
