import {
  CreateAnomalyMonitorCommand, CreateAnomalySubscriptionCommand, DeleteAnomalyMonitorCommand, DeleteAnomalySubscriptionCommand, GetAnomalyMonitorsCommand,
  GetAnomalySubscriptionsCommand, type AnomalyMonitor, type AnomalySubscription, type CostExplorerClient,
} from '@aws-sdk/client-cost-explorer';

/** A day's mail for anomalies of this many dollars and more. */
const leastUsd = 10;

export interface AnomalyState {
  /** ARN of the account's monitor over all services; an account can have one. */
  monitor: string | null;
  /** ARN of a subscription of that monitor that mails the address. */
  subscription: string | null;
}

export async function readAnomalies(ce: CostExplorerClient, email: string): Promise<AnomalyState> {
  const monitors: AnomalyMonitor[] = [];
  let token: string | undefined;
  do {
    const page = await ce.send(new GetAnomalyMonitorsCommand({ NextPageToken: token }));
    monitors.push(...(page.AnomalyMonitors ?? []));
    token = page.NextPageToken;
  } while (token);
  const monitor = monitors.find((one) => one.MonitorType === 'DIMENSIONAL' && one.MonitorDimension === 'SERVICE')?.MonitorArn ?? null;
  if (!monitor) return { monitor, subscription: null };
  const subscriptions: AnomalySubscription[] = [];
  do {
    const page = await ce.send(new GetAnomalySubscriptionsCommand({ MonitorArn: monitor, NextPageToken: token }));
    subscriptions.push(...(page.AnomalySubscriptions ?? []));
    token = page.NextPageToken;
  } while (token);
  const mails = (one: AnomalySubscription) => one.Subscribers?.some((subscriber) => subscriber.Type === 'EMAIL' && subscriber.Address === email) ?? false;
  return { monitor, subscription: subscriptions.find(mails)?.SubscriptionArn ?? null };
}

export const anomalyDifferences = (state: AnomalyState, email: string): string[] => [
  ...(state.monitor ? [] : ['watch the cost of every service for anomalies']),
  ...(state.subscription ? [] : [`mail ${email} a day’s anomalies from ${leastUsd} USD`]),
];

export async function ensureAnomalies(ce: CostExplorerClient, email: string): Promise<AnomalyState> {
  const state = await readAnomalies(ce, email);
  const monitor = state.monitor ?? (await ce.send(new CreateAnomalyMonitorCommand({ AnomalyMonitor: { MonitorName: 'tourniquet-services', MonitorType: 'DIMENSIONAL', MonitorDimension: 'SERVICE' } }))).MonitorArn ?? '';
  if (state.subscription) return state;
  const made = await ce.send(
    new CreateAnomalySubscriptionCommand({
      AnomalySubscription: {
        SubscriptionName: 'tourniquet-anomalies', MonitorArnList: [monitor], Frequency: 'DAILY', Subscribers: [{ Type: 'EMAIL', Address: email }],
        ThresholdExpression: { Dimensions: { Key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE', MatchOptions: ['GREATER_THAN_OR_EQUAL'], Values: [String(leastUsd)] } },
      },
    }),
  );
  return { monitor, subscription: made.SubscriptionArn ?? null };
}

/** Removes what is there now and was not before. */
export async function dropAnomalies(ce: CostExplorerClient, email: string, before: AnomalyState): Promise<void> {
  const now = await readAnomalies(ce, email);
  if (now.subscription && !before.subscription) await ce.send(new DeleteAnomalySubscriptionCommand({ SubscriptionArn: now.subscription }));
  if (now.monitor && !before.monitor) await ce.send(new DeleteAnomalyMonitorCommand({ MonitorArn: now.monitor }));
}
