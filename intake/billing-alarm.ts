import type { Alert } from '../playbook/model/alert';
import { accountOfArn, awsAccount, awsAlert, eachDetail } from './aws-envelope';
import { alertId, isMembers, isoTime, join, membersOf, required, text, type Members } from './fields';
import type { Source } from './source';

/** CloudWatch alarms on `AWS/Billing`, as SNS carries them or as EventBridge does (`CloudWatch Alarm State Change`). Source: CloudWatch user guide, alarm events and EventBridge; billing alarms. */
export const billingAlarm: Source = {
  id: 'billing-alarm',
  recognises: (payload) => isMembers(payload) && (payload['detail-type'] !== undefined ? payload['source'] === 'aws.cloudwatch' : text(payload['AlarmName']) !== '' && text(payload['NewStateValue']) !== ''),
  parse: (payload) => eachDetail(payload, (record, path, envelope) => (record['alarmName'] !== undefined || Object.keys(envelope).length > 0 ? ofEvent(record, path, envelope) : ofNotification(record, path))),
};

interface Alarm { account: string; region: string | null; name: string; state: string; time: string; reason: string; namespace: string; metric: string; dimensions: Record<string, string> }

function alertOf(alarm: Alarm): Alert {
  // The consolidated bill’s alarm lies with the payer; its dimension names the member account.
  const linked = alarm.dimensions['LinkedAccount'] ?? '';
  const account = /^\d{12}$/.test(linked) ? linked : alarm.account;
  return awsAlert({
    id: alertId(['billing-alarm', account, alarm.name, alarm.state, alarm.time]), source: 'billing-alarm', account, region: alarm.region, time: alarm.time, event: 'Billing alarm', service: 'cloudwatch', target: { kind: 'account', id: account, account },
    facts: { bill: 'alarm', title: alarm.name.slice(0, 255), state: alarm.state.slice(0, 32), reason: alarm.reason.slice(0, 1_024), namespace: alarm.namespace.slice(0, 255), metric: alarm.metric.slice(0, 255) },
  });
}

function ofNotification(record: Members, path: string): Alert {
  const trigger = membersOf(record['Trigger']);
  return alertOf({
    name: required(record, 'AlarmName', path, 512), state: required(record, 'NewStateValue', path, 64), time: isoTime(required(record, 'StateChangeTime', path, 64), join(path, 'StateChangeTime')), account: awsAccount(path, 'AWSAccountId', record['AWSAccountId'], accountOfArn(record['AlarmArn'])),
    region: /^arn:[a-z-]{1,24}:cloudwatch:([a-z0-9-]{1,32}):/.exec(text(record['AlarmArn']).slice(0, 512))?.[1] ?? null, reason: text(record['NewStateReason']), namespace: text(trigger['Namespace']), metric: text(trigger['MetricName']),
    dimensions: Object.fromEntries((Array.isArray(trigger['Dimensions']) ? trigger['Dimensions'] : []).slice(0, 30).map(membersOf).map((one) => [text(one['name']), text(one['value'])])),
  });
}

function ofEvent(detail: Members, path: string, envelope: Members): Alert {
  const state = membersOf(detail['state']);
  const metrics = membersOf(detail['configuration'])['metrics'];
  const metric = (Array.isArray(metrics) ? metrics : []).slice(0, 20).map((one) => membersOf(membersOf(membersOf(one)['metricStat'])['metric'])).find((one) => text(one['namespace']) !== '') ?? {};
  return alertOf({
    name: required(detail, 'alarmName', path, 512), state: required(state, 'value', join(path, 'state'), 64), time: isoTime(text(state['timestamp']) || required(envelope, 'time', '', 64), join(path, 'state.timestamp')), account: awsAccount('', 'account', envelope['account']),
    region: text(envelope['region']).slice(0, 64) || null, reason: text(state['reason']), namespace: text(metric['namespace']), metric: text(metric['name']), dimensions: Object.fromEntries(Object.entries(membersOf(metric['dimensions'])).slice(0, 30).map(([name, value]) => [name, text(value)])),
  });
}
