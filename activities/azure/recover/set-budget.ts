import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { canonicalJson } from '../../../playbook/json';
import { objectOf } from '../../../playbook/triage/reading';
import type { AzureContext } from '../context';
import { defineAzureAction, type Verified } from '../define';
import { deleteById, propertiesOf, readById, writeById } from './by-id';

const VERSION = '2023-05-01';
const idOf = (target: Target): string => `/subscriptions/${target.id}/providers/Microsoft.Consumption/budgets/tourniquet`;

/** Row 4.5. Target: a subscription. A monthly budget of the configured amount, in the subscription's own currency, that writes at 80 % spent and when 100 % is forecast. */
export const setBudget = defineAzureAction('azure.set-budget', {
  permissions: ['Microsoft.Consumption/budgets/read', 'Microsoft.Consumption/budgets/write', 'Microsoft.Consumption/budgets/delete'],
  async plan(ctx, { target }) {
    const current = await readById(ctx, target.account, target.id, idOf(target), VERSION);
    const needed = !holds(ctx, current);
    const { monthlyBudgetUsd, email } = ctx.access.config.billing;
    return { needed, before: { budget: current }, change: needed ? [`budget of ${monthlyBudgetUsd} a month for subscription ${target.name}, alerts to ${email}`] : [] };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    const current = await readById(ctx, target.account, target.id, idOf(target), VERSION);
    if (holds(ctx, current)) return { already: true };
    await writeById(ctx, target.account, target.id, idOf(target), VERSION, { properties: wanted(ctx, current) });
    return { budget: 'tourniquet' };
  },
  async verify(ctx, { target }): Promise<Verified> {
    const current = await readById(ctx, target.account, target.id, idOf(target), VERSION);
    return { holds: holds(ctx, current), seen: { amount: (propertiesOf(current).amount as number | undefined) ?? null } };
  },
  async undo(ctx, { target, before }) {
    const was = before.budget as JsonObject | null;
    if (was) {
      const { amount, timeGrain, category, timePeriod, notifications } = propertiesOf(was);
      await writeById(ctx, target.account, target.id, idOf(target), VERSION, { properties: { amount, timeGrain, category, timePeriod, notifications } });
    } else await deleteById(ctx, target.account, target.id, idOf(target), VERSION);
    return { seen: { budget: was !== null }, left: [] };
  },
});

function wanted(ctx: AzureContext, current: JsonObject | null): JsonObject {
  const { monthlyBudgetUsd: amount, email } = ctx.access.config.billing;
  const alert = (threshold: number, thresholdType: string): JsonObject => ({ enabled: true, operator: 'GreaterThanOrEqualTo', threshold, thresholdType, contactEmails: [email] });
  // A budget starts on the first of a month, and its start cannot be changed later (Consumption REST: budgets).
  const start = objectOf(propertiesOf(current).timePeriod).startDate ?? `${ctx.now().toISOString().slice(0, 7)}-01T00:00:00Z`;
  return { category: 'Cost', amount, timeGrain: 'Monthly', timePeriod: { startDate: start }, notifications: { spent: alert(80, 'Actual'), forecast: alert(100, 'Forecasted') } };
}

function holds(ctx: AzureContext, current: JsonObject | null): boolean {
  const { amount, notifications } = propertiesOf(current);
  const want = wanted(ctx, current);
  return amount === want.amount && ['spent', 'forecast'].every((name) => {
    const [is, should] = [objectOf(objectOf(notifications)[name]), objectOf(objectOf(want.notifications)[name])];
    return is.enabled === true && is.threshold === should.threshold && canonicalJson(is.contactEmails ?? null) === canonicalJson(should.contactEmails ?? null);
  });
}
