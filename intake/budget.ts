import type { Alert } from '../playbook/model/alert';
import { accountOfArn, awsAccount, awsAlert } from './aws-envelope';
import { alertId, FieldProblem, isMembers, isoTime, rejecting, required, text, type Members } from './fields';
import type { Source } from './source';

const GREETING = 'AWS Budget Notification';

/** AWS Budgets: SNS notifications whose message is a letter in English, not JSON; the SNS envelope is taken whole. Source: Cost Management user guide, budget notifications. */
export const budget: Source = {
  id: 'budget',
  recognises: (payload) => isMembers(payload) && text(payload['Message']).startsWith(GREETING),
  parse(payload) {
    const result = rejecting(() => {
      if (!isMembers(payload)) throw new FieldProblem('(record)', 'must be an SNS notification');
      return alertOf(payload);
    });
    return ['value' in result ? { alert: result.value } : result];
  },
};

function alertOf(envelope: Members): Alert {
  const letter = required(envelope, 'Message', '', 64_000);
  if (!letter.startsWith(GREETING)) throw new FieldProblem('Message', 'is no budget notification');
  const lines = letter.split('\n', 200).map((line) => line.trim().slice(0, 512));
  const field = (name: string): string => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
  const account = awsAccount('', 'Message', lines.find((line) => line.startsWith('AWS Account '))?.slice('AWS Account '.length), accountOfArn(envelope['TopicArn']));
  const name = field('Budget Name');
  if (name === '') throw new FieldProblem('Message', 'names no budget');
  const time = isoTime(required(envelope, 'Timestamp', '', 64), 'Timestamp');
  const forecast = field('Alert Type').toUpperCase() === 'FORECASTED';
  return awsAlert({
    id: alertId(['budget', account, text(envelope['MessageId']) || time, name]), source: 'budget', account, time, event: 'Budget exceeded', service: 'budgets', target: { kind: 'account', id: account, account },
    facts: { bill: 'budget', title: name, forecast, kind: field('Budget Type'), budgeted: field('Budgeted Amount'), threshold: field('Alert Threshold'), amount: field(`${field('Alert Type')} Amount`) },
  });
}
