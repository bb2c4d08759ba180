import { GetAnomaliesCommand, GetCostAndUsageCommand, type CostExplorerClient, type Expression } from '@aws-sdk/client-cost-explorer';
import type { AwsCase, AwsContext } from '../../context';
import { DAY_MS, RECENT_DAYS, round, SPIKE_RULE, spikesIn, USUAL_DAYS, type DayCost } from '../../../spikes';
import { createReader, defineCheck, plain, type Look } from '../check';

/** 1.2.8: billing alerts and spikes. Cost Explorer is some hours to a day behind. */
export const billing = defineCheck('1.2.8-billing', ['ce:GetAnomalies', 'ce:GetCostAndUsage'], look);
/** 2.2.5: the same question for a root compromise. */
export const rootBilling = defineCheck('2.2.5-billing', ['ce:GetAnomalies', 'ce:GetCostAndUsage'], look);

async function look(ctx: AwsContext, { principal }: AwsCase): Promise<Look> {
  const now = ctx.now();
  const today = now.toISOString().slice(0, 10);
  const day = (back: number): string => new Date(Date.parse(today) - back * DAY_MS).toISOString().slice(0, 10);
  // A member account may be refused its own costs: the payer sees them all.
  const client = (ctx.access.management() ?? ctx.access.clients(principal.account)).costExplorer;
  const filter: Expression = { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [principal.account] } };
  const reader = createReader();
  const [days, anomalies] = await Promise.all([
    reader.read('ce:GetCostAndUsage', () => costs(client, { Start: day(RECENT_DAYS - 1 + USUAL_DAYS), End: new Date(Date.parse(today) + DAY_MS).toISOString().slice(0, 10) }, filter)),
    reader.read('ce:GetAnomalies', () => anomaliesOf(client, day(RECENT_DAYS - 1 + USUAL_DAYS), today, principal.account)),
  ]);
  const spikes = days ? spikesIn(days, today) : [];
  const fresh = anomalies ?? [];
  const found = spikes.length > 0 || fresh.length > 0;
  const latest = days?.[days.length - 1];
  return {
    found,
    summary: found
      ? [
          ...spikes.slice(0, 3).map((one) => `${one.service} on ${one.day}: ${one.cost} USD, usually ${one.usual}`),
          ...fresh.slice(0, 3).map((one) => `cost anomaly ${one.id}: ${one.impact} USD more than expected${one.service ? ` in ${one.service}` : ''} since ${one.start}`),
        ].join('; ')
      : days ? `no spike in ${days.length} days${latest ? ` (latest ${latest.day}: ${round(latest.total)} USD)` : ''}` : 'costs were not seen',
    facts: { spike: found, rule: SPIKE_RULE, spikes: spikes.slice(0, 20).map((one) => ({ ...one })), anomalies: fresh.slice(0, 20), days: (days ?? []).map((one) => ({ day: one.day, total: round(one.total) })), account: principal.account },
    notes: ['Cost Explorer is up to a day behind'], failed: reader.failed, raw: plain({ days, anomalies }),
  };
}

async function costs(client: CostExplorerClient, period: { Start: string; End: string }, filter: Expression): Promise<DayCost[]> {
  const byDay = new Map<string, DayCost>();
  let token: string | undefined;
  do {
    const page = await client.send(new GetCostAndUsageCommand({
      TimePeriod: period, Granularity: 'DAILY', Metrics: ['UnblendedCost'], GroupBy: [{ Type: 'DIMENSION', Key: 'SERVICE' }], Filter: filter, NextPageToken: token,
    }));
    for (const one of page.ResultsByTime ?? []) {
      const day = one.TimePeriod?.Start ?? '';
      const known = byDay.get(day) ?? { day, total: 0, services: {} };
      for (const group of one.Groups ?? []) {
        const amount = Number(group.Metrics?.UnblendedCost?.Amount ?? 0);
        known.services[group.Keys?.[0] ?? ''] = (known.services[group.Keys?.[0] ?? ''] ?? 0) + amount;
        known.total += amount;
      }
      if (!one.Groups?.length) known.total += Number(one.Total?.UnblendedCost?.Amount ?? 0);
      byDay.set(day, known);
    }
    token = page.NextPageToken;
  } while (token);
  return [...byDay.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}

async function anomaliesOf(client: CostExplorerClient, from: string, to: string, account: string) {
  const found = await client.send(new GetAnomaliesCommand({ DateInterval: { StartDate: from, EndDate: to }, MaxResults: 100 }));
  return (found.Anomalies ?? [])
    // The payer's monitors see every account; one without a root cause may be any account's.
    .filter((one) => !one.RootCauses?.length || one.RootCauses.some((cause) => !cause.LinkedAccount || cause.LinkedAccount === account))
    .map((one) => ({
      id: one.AnomalyId ?? '', start: one.AnomalyStartDate ?? from, end: one.AnomalyEndDate ?? null, impact: round(one.Impact?.TotalImpact ?? 0), service: one.RootCauses?.[0]?.Service ?? null,
      region: one.RootCauses?.[0]?.Region ?? null,
    }));
}
