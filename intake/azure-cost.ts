import type { Alert } from '../playbook/model/alert';
import { azureSession, eachRecord, tenantOf, timeOf } from './azure-fields';
import { alertId, boundedCopy, FieldProblem, isMembers, join, membersOf, text, type Members } from './fields';
import type { ParseOptions, Source } from './source';

/**
 * Microsoft Cost Management alerts: an action group’s webhook in the common alert schema (`monitoringService: CostAlerts`), the older budget form, or the REST API’s alerts.
 * Source: Azure Monitor, common alert schema; Cost Management, budgets with action groups; REST API, Alerts.
 */
export const azureCost: Source = {
  id: 'azure-cost',
  recognises(payload) {
    if (!isMembers(payload)) return false;
    const first = Array.isArray(payload['value']) ? membersOf(payload['value'][0]) : payload;
    return text(first['schemaId']) === 'AIP Budget Notification' || /^CostAlerts?$/.test(text(membersOf(membersOf(first['data'])['essentials'])['monitoringService'])) || /^Microsoft\.CostManagement\/alerts$/i.test(text(first['type']));
  },
  parse: (payload, options = {}) => eachRecord(payload, options, alertOf),
};

function alertOf(record: Members, path: string, options: ParseOptions): Alert {
  const account = tenantOf(path, options, options.tenant);
  const data = membersOf(record['data']);
  const essentials = membersOf(data['essentials']);
  const rest = membersOf(record['properties']);
  const context = membersOf(membersOf(data['alertContext'])['AlertData']);
  const details: Members = Object.keys(context).length > 0 ? context : Object.keys(rest).length > 0 ? membersOf(rest['details']) : data;
  const name = text(details['BudgetName']) || text(details['budgetName']) || text(details['companyName']) || text(essentials['alertRule']) || text(record['name']);
  if (name === '') throw new FieldProblem(join(path, 'data.BudgetName'), 'is missing');
  // The older form has no time of its own, only the budget’s start.
  const time = timeOf(path, options, ['data.essentials.firedDateTime', essentials['firedDateTime']], ['properties.creationTime', rest['modificationTime'] ?? rest['creationTime']], ['data.BudgetStartDate', startOf(details)]);
  const scope = text(details['Scope']) || (text(details['SubscriptionId']) ? `/subscriptions/${text(details['SubscriptionId'])}` : '') || text(record['id']);
  const spent = amountOf(details['SpentAmount'] ?? details['SpendingAmount'] ?? details['currentSpend']);
  const limit = amountOf(details['BudgetThreshold'] ?? details['Budget'] ?? details['amount']);
  const threshold = amountOf(details['NotificationThresholdAmount'] ?? details['threshold']);
  return {
    id: alertId(['azure-cost', account, text(essentials['alertId']) || text(essentials['originAlertId']) || scope, name, time, spent, threshold]), source: 'azure-cost', provider: 'azure', account, region: null, time, receivedAt: null, event: 'Budget exceeded', service: 'Microsoft.CostManagement',
    outcome: 'success', errorCode: null, dryRun: false, principal: null, session: azureSession(), sourceIp: null, userAgent: null, channel: 'service', target: scope === '' ? null : { kind: 'account', id: scope.slice(0, 2048), account }, addresses: [],
    facts: {
      bill: 'budget', title: name.slice(0, 256), amount: spent, budgeted: limit, threshold, forecast: /forecast/i.test(text(details['ThresholdType']) + text(membersOf(rest['definition'])['criteria'])), unit: text(details['Unit']).slice(0, 16) || text(details['unit']).slice(0, 16),
      state: text(essentials['monitorCondition']).slice(0, 32) || text(rest['status']).slice(0, 32), scope: boundedCopy(scope, 2, 2_048).copy,
    },
    raw: null,
  };
}

/** `3/1/2026 12:00:00 AM` in the older form; ISO as it is. */
function startOf(details: Members): string {
  const given = text(details['BudgetStartDate']);
  const parts = /^(\d{1,2})\/(\d{1,2})\/(\d{4})\b/.exec(given.slice(0, 40));
  return parts ? `${parts[3]}-${parts[1]!.padStart(2, '0')}-${parts[2]!.padStart(2, '0')}T00:00:00Z` : given;
}

const amountOf = (value: unknown): string => (typeof value === 'number' ? String(value) : text(value)).slice(0, 64);
