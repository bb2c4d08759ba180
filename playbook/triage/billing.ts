import type { Alert } from '../model/alert';
import type { Classification } from '../model/verdict';
import { riskRowOf } from '../risk-table';
import { alerting, ignored } from './classification';
import { brief, fact, fires, quiet } from './reading';

const ROW = { ...riskRowOf('other-high-risk'), techniques: ['T1496'] };
/** Spending this many times what was expected is rated high. */
const STEEP = 3;

/** The playbook’s billing trigger: a bill says that more is spent, never who spends it. Reads `facts.bill`, amounts and state. */
export function classifyBilling(alert: Alert): Classification {
  const title = brief(fact(alert, 'title'), 100);
  switch (fact(alert, 'bill')) {
    case 'alarm':
      if (fact(alert, 'namespace') !== 'AWS/Billing') return ignored('other-high-risk', 'info', quiet('not-billing', `the alarm ${title} is on ${brief(fact(alert, 'namespace')) || 'no metric that is named'}, not on the bill`));
      if (fact(alert, 'state') !== 'ALARM') return ignored('other-high-risk', 'info', quiet('alarm-over', `the alarm ${title} is ${brief(fact(alert, 'state'))}`));
      return alerting(ROW, fires('billing-alarm', `the billing alarm ${title} went off`));
    case 'budget': {
      if (/resolved|dismissed/i.test(fact(alert, 'state'))) return ignored('other-high-risk', 'info', quiet('alarm-over', `the budget alert ${title} is ${brief(fact(alert, 'state'))}`));
      const [spent, limit] = [fact(alert, 'amount'), fact(alert, 'budgeted')].map((one) => brief(one, 40));
      return alerting(ROW, fires(alert.facts['forecast'] === true ? 'budget-forecast' : 'budget-exceeded', `the budget ${title} ${alert.facts['forecast'] === true ? 'is forecast to pass' : 'passed'} its threshold (${spent || 'unknown'} of ${limit || 'unknown'})`));
    }
    case 'anomaly': {
      if (fact(alert, 'feedback') === 'PLANNED_ACTIVITY' || fact(alert, 'feedback') === 'NO') return ignored('other-high-risk', 'info', quiet('planned-spending', 'somebody marked the anomaly as planned, or as none'));
      const { impact, expected, actual } = alert.facts;
      const steep = typeof expected === 'number' && typeof actual === 'number' && actual > STEEP * expected;
      return alerting(ROW, fires('cost-anomaly', `${title}: ${typeof impact === 'number' ? impact.toFixed(2) : '?'} USD beyond what was expected${steep ? `, more than ${STEEP} times as much` : ''}`, steep ? { risk: 'high' } : {}));
    }
    default:
      return alerting(ROW, fires('billing', `${brief(alert.event)} of a kind that is not known`));
  }
}
