import { randomUUID } from 'node:crypto';
import { Fault } from '../protocol/faults';
import { isObject, listOf, textOf, type Json } from '../protocol/shapes';
import type { World } from '../world';
import type { Extra, Handler, Handlers } from './types';

/** What one service cost on one day, in US dollars. */
export interface Cost { date: string; service: string; usd: number }

interface Costs { days: Cost[]; anomalies: Json[]; monitors: Map<string, Json>; subscriptions: Map<string, Json> }

const costsOf = (world: World, account: string): Costs => world.shelf<Costs>('costs', account, () => ({ days: [], anomalies: [], monitors: new Map(), subscriptions: new Map() }));
const mine = ({ world, caller }: Extra): Costs => costsOf(world, caller.account);

/** Every bill that the caller may see: the organisation's management account pays, and sees, all of them. */
function visible({ world, caller }: Extra): { account: string; costs: Costs }[] {
  const { organization } = world.estate;
  const others = caller.account === organization.management ? [...organization.parents.keys()].filter((id) => /^\d{12}$/.test(id)) : [];
  return [caller.account, ...others].map((account) => ({ account, costs: costsOf(world, account) }));
}

/** Filters: `And`, `Or`, `Not`, and the dimensions LINKED_ACCOUNT and SERVICE; any other is refused rather than ignored. */
function passes(filter: unknown, one: { account: string; service: string }): boolean {
  if (!isObject(filter)) return true;
  if (Array.isArray(filter.And)) return filter.And.every((part) => passes(part, one));
  if (Array.isArray(filter.Or)) return filter.Or.some((part) => passes(part, one));
  if (filter.Not !== undefined) return !passes(filter.Not, one);
  const dimension = isObject(filter.Dimensions) ? filter.Dimensions : null;
  const value = dimension?.Key === 'LINKED_ACCOUNT' ? one.account : dimension?.Key === 'SERVICE' ? one.service : dimension?.Key === 'RECORD_TYPE' ? 'Usage' : null;
  if (!dimension || value === null) throw new Fault('ValidationException', `The sandbox does not filter costs by ${JSON.stringify(filter)}.`);
  return listOf(dimension.Values).includes(value);
}

/** Gives the account a bill to look at; adds up. */
export function addCosts(world: World, account: string, costs: Cost[]): void {
  costsOf(world, account).days.push(...costs);
}

/** Cost Anomaly Detection finds something. */
export function addAnomaly(world: World, account: string, anomaly: { service: string; region: string; date: string; expectedUsd: number; actualUsd: number }): void {
  const { monitors, anomalies } = costsOf(world, account);
  const impact = anomaly.actualUsd - anomaly.expectedUsd;
  anomalies.push({
    AnomalyId: randomUUID(), AnomalyStartDate: `${anomaly.date}T00:00:00Z`, AnomalyEndDate: `${anomaly.date}T00:00:00Z`, DimensionValue: anomaly.service,
    RootCauses: [{ Service: anomaly.service, Region: anomaly.region, LinkedAccount: account }], AnomalyScore: { MaxScore: 0.9, CurrentScore: 0.9 },
    Impact: { MaxImpact: impact, TotalImpact: impact, TotalActualSpend: anomaly.actualUsd, TotalExpectedSpend: anomaly.expectedUsd, TotalImpactPercentage: anomaly.expectedUsd ? (impact / anomaly.expectedUsd) * 100 : undefined },
    MonitorArn: [...monitors.keys()][0] ?? `arn:aws:ce::${account}:anomalymonitor/default`,
  });
}

const usage: Handler = (extra) => {
  const { input } = extra.call;
  const period = input.TimePeriod as { Start?: string; End?: string } | undefined;
  if (!period?.Start || !period.End) throw new Fault('ValidationException', 'TimePeriod is required.');
  if (period.Start >= period.End) throw new Fault('ValidationException', 'Start date should be before the end date.');
  const monthly = input.Granularity === 'MONTHLY';
  const byService = listOf(input.GroupBy).filter(isObject).some((group) => group.Key === 'SERVICE');
  const metrics = listOf(input.Metrics).map(String);
  const days = visible(extra).flatMap(({ account, costs }) => costs.days.filter((one) => one.date >= period.Start! && one.date < period.End! && passes(input.Filter, { account, service: one.service })));
  const amount = (costs: Cost[]): Json => Object.fromEntries(metrics.map((metric) => [metric, { Amount: costs.reduce((sum, one) => sum + one.usd, 0).toFixed(2), Unit: 'USD' }]));
  const ResultsByTime = periods(period.Start, period.End, monthly).map(({ Start, End }) => {
    const inside = days.filter((one) => one.date >= Start && one.date < End);
    const services = [...new Set(inside.map((one) => one.service))].sort();
    return { TimePeriod: { Start, End }, Estimated: true, Total: byService ? {} : amount(inside), Groups: byService ? services.map((service) => ({ Keys: [service], Metrics: amount(inside.filter((one) => one.service === service)) })) : [] };
  });
  return { ResultsByTime, GroupDefinitions: input.GroupBy, DimensionValueAttributes: [] };
};

function periods(start: string, end: string, monthly: boolean): { Start: string; End: string }[] {
  const out: { Start: string; End: string }[] = [];
  for (let at = new Date(`${start.slice(0, 10)}T00:00:00Z`); at.toISOString().slice(0, 10) < end.slice(0, 10);) {
    const next = monthly ? new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1)) : new Date(at.getTime() + 86_400_000);
    const stop = next.toISOString().slice(0, 10) < end.slice(0, 10) ? next.toISOString().slice(0, 10) : end.slice(0, 10);
    out.push({ Start: at.toISOString().slice(0, 10), End: stop });
    at = next;
  }
  return out;
}

const chosen = (store: Map<string, Json>, arns: unknown): Json[] => (listOf(arns).length ? listOf(arns).map((arn) => store.get(String(arn))).filter((one) => one !== undefined) : [...store.values()]);
const known = (store: Map<string, Json>, arn: unknown, code: string): Json => {
  const found = store.get(String(arn));
  if (!found) throw new Fault(code, 'Not found');
  return found;
};

export const ce: Handlers = {
  GetCostAndUsage: usage,
  GetAnomalies: (extra) => {
    const { input } = extra.call;
    const interval = input.DateInterval as { StartDate: string; EndDate?: string };
    const end = interval.EndDate ?? '9999';
    return { Anomalies: visible(extra).flatMap(({ costs }) => costs.anomalies).filter((one) => String(one.AnomalyEndDate).slice(0, 10) >= interval.StartDate && String(one.AnomalyStartDate).slice(0, 10) <= end && (!input.MonitorArn || one.MonitorArn === input.MonitorArn)) };
  },
  GetAnomalyMonitors: (extra) => ({ AnomalyMonitors: chosen(mine(extra).monitors, extra.call.input.MonitorArnList) }),
  CreateAnomalyMonitor: (extra) => {
    const wanted = extra.call.input.AnomalyMonitor as Json;
    const { monitors } = mine(extra);
    // One dimensional SERVICE monitor an account (Cost Management User Guide, "Monitor types").
    if (wanted.MonitorType === 'DIMENSIONAL' && [...monitors.values()].some((one) => one.MonitorType === 'DIMENSIONAL')) throw new Fault('LimitExceededException', 'Limit exceeded on dimensional spend monitor creation');
    const MonitorArn = `arn:aws:ce::${extra.caller.account}:anomalymonitor/${randomUUID()}`;
    monitors.set(MonitorArn, { ...wanted, MonitorArn, CreationDate: new Date(extra.world.now()).toISOString(), DimensionalValueCount: 0 });
    return { MonitorArn };
  },
  UpdateAnomalyMonitor: (extra) => {
    const monitor = known(mine(extra).monitors, extra.call.input.MonitorArn, 'UnknownMonitorException');
    if (textOf(extra.call.input, 'MonitorName')) monitor.MonitorName = extra.call.input.MonitorName;
    return { MonitorArn: monitor.MonitorArn };
  },
  DeleteAnomalyMonitor: (extra) => {
    known(mine(extra).monitors, extra.call.input.MonitorArn, 'UnknownMonitorException');
    mine(extra).monitors.delete(String(extra.call.input.MonitorArn));
    return {};
  },
  GetAnomalySubscriptions: (extra) => ({ AnomalySubscriptions: chosen(mine(extra).subscriptions, extra.call.input.SubscriptionArnList).filter((one) => !extra.call.input.MonitorArn || listOf(one.MonitorArnList).includes(extra.call.input.MonitorArn)) }),
  CreateAnomalySubscription: (extra) => {
    const wanted = extra.call.input.AnomalySubscription as Json;
    for (const arn of listOf(wanted.MonitorArnList)) known(mine(extra).monitors, arn, 'UnknownMonitorException');
    const SubscriptionArn = `arn:aws:ce::${extra.caller.account}:anomalysubscription/${randomUUID()}`;
    mine(extra).subscriptions.set(SubscriptionArn, { ...wanted, SubscriptionArn, AccountId: extra.caller.account });
    return { SubscriptionArn };
  },
  UpdateAnomalySubscription: (extra) => {
    const { SubscriptionArn, ...rest } = extra.call.input;
    Object.assign(known(mine(extra).subscriptions, SubscriptionArn, 'UnknownSubscriptionException'), rest);
    return { SubscriptionArn };
  },
  DeleteAnomalySubscription: (extra) => {
    known(mine(extra).subscriptions, extra.call.input.SubscriptionArn, 'UnknownSubscriptionException');
    mine(extra).subscriptions.delete(String(extra.call.input.SubscriptionArn));
    return {};
  },
};
