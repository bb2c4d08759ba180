import { Fault } from '../protocol/faults';
import { isObject, listOf, type Json } from '../protocol/shapes';
import type { Extra, Handlers } from './types';

interface Notification { notification: Json; subscribers: Json[] }
interface Budget { budget: Json; notifications: Notification[] }

const all = ({ world, call }: Extra): Map<string, Budget> => world.shelf('budgets', String(call.input.AccountId), () => new Map<string, Budget>());
const one = (extra: Extra): Budget => {
  const found = all(extra).get(String(extra.call.input.BudgetName));
  if (!found) throw new Fault('NotFoundException', `Unable to get budget: ${String(extra.call.input.BudgetName)} - the budget doesn't exist.`);
  return found;
};
/** A notification is named by its type, operator and threshold. */
const same = (a: Json, b: unknown): boolean => isObject(b) && a.NotificationType === b.NotificationType && a.ComparisonOperator === b.ComparisonOperator && Number(a.Threshold) === Number(b.Threshold);
const notification = (extra: Extra): Notification => {
  const found = one(extra).notifications.find(({ notification: known }) => same(known, extra.call.input.Notification ?? extra.call.input.OldNotification));
  if (!found) throw new Fault('NotFoundException', 'Unable to get notification: the notification does not exist.');
  return found;
};
const whole = (given: Json, account: string): Json => ({ TimeUnit: 'MONTHLY', CalculatedSpend: { ActualSpend: { Amount: '0', Unit: 'USD' } }, ...given, LastUpdatedTime: new Date(), AccountId: undefined, BudgetArn: `arn:aws:budgets::${account}:budget/${String(given.BudgetName)}` });
const shown = ({ budget }: Budget): Json => ({ ...budget, BudgetArn: undefined, AccountId: undefined });

/** moto lacks UpdateBudget and subscribers, so the whole small service is here. */
export const budgets: Handlers = {
  CreateBudget: (extra) => {
    const { call } = extra;
    const budget = call.input.Budget as Json;
    if (all(extra).has(String(budget.BudgetName))) throw new Fault('DuplicateRecordException', `Error creating budget: ${String(budget.BudgetName)} - the budget already exists.`);
    const notifications = listOf(call.input.NotificationsWithSubscribers).filter(isObject).map((given) => ({ notification: given.Notification as Json, subscribers: listOf(given.Subscribers).filter(isObject) }));
    all(extra).set(String(budget.BudgetName), { budget: whole(budget, String(call.input.AccountId)), notifications });
    return {};
  },
  UpdateBudget: (extra) => {
    const wanted = extra.call.input.NewBudget as Json;
    const found = all(extra).get(String(wanted.BudgetName));
    if (!found) throw new Fault('NotFoundException', `Unable to update budget: ${String(wanted.BudgetName)} - the budget doesn't exist.`);
    found.budget = whole(wanted, String(extra.call.input.AccountId));
    return {};
  },
  DescribeBudget: (extra) => ({ Budget: shown(one(extra)) }),
  DescribeBudgets: (extra) => ({ Budgets: [...all(extra).values()].map(shown) }),
  DeleteBudget: (extra) => {
    one(extra);
    all(extra).delete(String(extra.call.input.BudgetName));
    return {};
  },
  CreateNotification: (extra) => {
    const budget = one(extra);
    const given = extra.call.input.Notification as Json;
    if (budget.notifications.some((known) => same(known.notification, given))) throw new Fault('DuplicateRecordException', 'Error creating notification - the notification already exists.');
    budget.notifications.push({ notification: given, subscribers: listOf(extra.call.input.Subscribers).filter(isObject) });
    return {};
  },
  DeleteNotification: (extra) => {
    const gone = notification(extra);
    const budget = one(extra);
    budget.notifications = budget.notifications.filter((known) => known !== gone);
    return {};
  },
  DescribeNotificationsForBudget: (extra) => ({ Notifications: one(extra).notifications.map((known) => known.notification) }),
  CreateSubscriber: (extra) => {
    notification(extra).subscribers.push(extra.call.input.Subscriber as Json);
    return {};
  },
  DeleteSubscriber: (extra) => {
    const found = notification(extra);
    const gone = extra.call.input.Subscriber as Json;
    found.subscribers = found.subscribers.filter((known) => known.Address !== gone.Address);
    return {};
  },
  DescribeSubscribersForNotification: (extra) => ({ Subscribers: notification(extra).subscribers }),
};
