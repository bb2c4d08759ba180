import {
  CreateBudgetCommand, CreateNotificationCommand, CreateSubscriberCommand, DeleteBudgetCommand, DescribeBudgetCommand, paginateDescribeNotificationsForBudget,
  paginateDescribeSubscribersForNotification, UpdateBudgetCommand, type Budget, type BudgetsClient, type Notification,
} from '@aws-sdk/client-budgets';
import { all, orNull, removed } from '../eradicate/support';

export const budgetName = 'tourniquet-monthly-cost';
const thresholds = [80, 100] as const;

export interface BudgetState {
  limitUsd: number;
  /** Percent of the limit at which the address is mailed, ascending. */
  mailedAt: number[];
}

const notificationAt = (threshold: number): Notification => ({ NotificationType: 'ACTUAL', ComparisonOperator: 'GREATER_THAN', Threshold: threshold, ThresholdType: 'PERCENTAGE' });
const isOurs = (notification: Notification) => notification.NotificationType === 'ACTUAL' && notification.ComparisonOperator === 'GREATER_THAN' && notification.ThresholdType !== 'ABSOLUTE_VALUE';

/** The monthly budget and when it mails `email`, or null when there is no such budget. */
export async function readBudget(budgets: BudgetsClient, account: string, email: string): Promise<BudgetState | null> {
  const of = { AccountId: account, BudgetName: budgetName };
  const budget = (await orNull(budgets.send(new DescribeBudgetCommand(of))))?.Budget;
  if (!budget) return null;
  const notifications = (await all(paginateDescribeNotificationsForBudget({ client: budgets }, of), (page) => page.Notifications)).filter(isOurs);
  const mailed = await Promise.all(
    notifications.map(async (Notification) => {
      const subscribers = await all(paginateDescribeSubscribersForNotification({ client: budgets }, { ...of, Notification }), (page) => page.Subscribers);
      return subscribers.some((one) => one.SubscriptionType === 'EMAIL' && one.Address === email) ? [Notification.Threshold ?? 0] : [];
    }),
  );
  return { limitUsd: Number(budget.BudgetLimit?.Amount ?? 0), mailedAt: mailed.flat().sort((a, b) => a - b) };
}

export const budgetDifferences = (state: BudgetState | null, limitUsd: number, email: string): string[] => [
  ...(state === null ? [`make budget ${budgetName}: ${limitUsd} USD a month`] : state.limitUsd !== limitUsd ? [`set budget ${budgetName} to ${limitUsd} USD a month (now ${state.limitUsd})`] : []),
  ...thresholds.filter((threshold) => !state?.mailedAt.includes(threshold)).map((threshold) => `mail ${email} at ${threshold} % of it`),
];

const budgetOf = (limitUsd: number): Budget => ({ BudgetName: budgetName, BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: String(limitUsd), Unit: 'USD' } });

/** Makes or completes the budget; what is there and right is left alone. */
export async function ensureBudget(budgets: BudgetsClient, account: string, limitUsd: number, email: string): Promise<void> {
  const of = { AccountId: account, BudgetName: budgetName };
  const state = await readBudget(budgets, account, email);
  const subscriber = { SubscriptionType: 'EMAIL' as const, Address: email };
  if (!state) {
    const NotificationsWithSubscribers = thresholds.map((threshold) => ({ Notification: notificationAt(threshold), Subscribers: [subscriber] }));
    await budgets.send(new CreateBudgetCommand({ AccountId: account, Budget: budgetOf(limitUsd), NotificationsWithSubscribers }));
    return;
  }
  if (state.limitUsd !== limitUsd) await budgets.send(new UpdateBudgetCommand({ AccountId: account, NewBudget: budgetOf(limitUsd) }));
  const there = await all(paginateDescribeNotificationsForBudget({ client: budgets }, of), (page) => page.Notifications);
  for (const threshold of thresholds.filter((one) => !state.mailedAt.includes(one))) {
    const known = there.find((one) => isOurs(one) && one.Threshold === threshold);
    if (known) await budgets.send(new CreateSubscriberCommand({ ...of, Notification: known, Subscriber: subscriber }));
    else await budgets.send(new CreateNotificationCommand({ ...of, Notification: notificationAt(threshold), Subscribers: [subscriber] }));
  }
}

export const setLimit = (budgets: BudgetsClient, account: string, limitUsd: number) => budgets.send(new UpdateBudgetCommand({ AccountId: account, NewBudget: budgetOf(limitUsd) }));
export const dropBudget = (budgets: BudgetsClient, account: string) => removed(budgets.send(new DeleteBudgetCommand({ AccountId: account, BudgetName: budgetName })));
