import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import { defineAwsAction } from '../define';
import { already } from '../eradicate/support';
import { anomalyDifferences, dropAnomalies, ensureAnomalies, readAnomalies, type AnomalyState } from './anomaly-state';
import { budgetDifferences, dropBudget, ensureBudget, readBudget, setLimit, type BudgetState } from './budget-state';

function wantedOf(ctx: AwsContext): { limitUsd: number; email: string } {
  const { monthlyBudgetUsd, email } = ctx.access.config.billing;
  if (!email || !(monthlyBudgetUsd > 0)) throw fail('INVALID_CONFIG', 'aws.billing wants an e-mail address and a monthly budget above zero');
  return { limitUsd: monthlyBudgetUsd, email };
}

async function read(ctx: AwsContext, account: string) {
  const { limitUsd, email } = wantedOf(ctx);
  const { budgets, costExplorer } = ctx.access.clients(account);
  const [budget, anomalies] = await Promise.all([readBudget(budgets, account, email), readAnomalies(costExplorer, email)]);
  return { budgets, costExplorer, limitUsd, email, budget, anomalies, change: [...budgetDifferences(budget, limitUsd, email), ...anomalyDifferences(anomalies, email)] };
}

/** Row 4.5. Target: the account that pays (the management account). A monthly budget that mails at 80 and 100 %, and cost-anomaly detection over every service. */
export const setBillingAlarms = defineAwsAction('aws.set-billing-alarms', {
  permissions: ['budgets:ViewBudget', 'budgets:ModifyBudget', 'ce:GetAnomalyMonitors', 'ce:GetAnomalySubscriptions', 'ce:CreateAnomalyMonitor', 'ce:CreateAnomalySubscription', 'ce:DeleteAnomalySubscription', 'ce:DeleteAnomalyMonitor'],
  async plan(ctx, { target }) {
    const { budget, anomalies, change } = await read(ctx, target.account);
    return { needed: change.length > 0, before: { budget: budget ? { ...budget } : null, anomalies: { ...anomalies } }, change };
  },
  async apply(ctx, step) {
    const { budgets, costExplorer, limitUsd, email, change } = await read(ctx, step.target.account);
    if (change.length === 0) return already;
    await ensureBudget(budgets, step.target.account, limitUsd, email);
    await ensureAnomalies(costExplorer, email);
    return { done: change };
  },
  async verify(ctx, step) {
    const { change, budget, anomalies } = await read(ctx, step.target.account);
    return { holds: change.length === 0, seen: { budget: budget ? { ...budget } : null, anomalies: { ...anomalies } } };
  },
  async undo(ctx, step) {
    const { budgets, costExplorer, email, budget } = await read(ctx, step.target.account);
    const before = step.before.budget as BudgetState | null;
    if (budget && !before) await dropBudget(budgets, step.target.account);
    if (budget && before && budget.limitUsd !== before.limitUsd) await setLimit(budgets, step.target.account, before.limitUsd);
    await dropAnomalies(costExplorer, email, step.before.anomalies as unknown as AnomalyState);
    const kept = before !== null && before.mailedAt.length < 2;
    return { seen: { budget: before ? { ...before } : null }, left: kept ? ['the budget that was there keeps its new mail notifications'] : [] };
  },
});
