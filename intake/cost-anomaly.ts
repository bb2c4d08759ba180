import type { Alert } from '../playbook/model/alert';
import type { JsonObject } from '../playbook/json';
import { accountOfArn, awsAccount, awsAlert, eachDetail } from './aws-envelope';
import { alertId, FieldProblem, isMembers, isoTime, join, membersOf, required, text, type Members } from './fields';
import type { Source } from './source';

/** AWS Cost Anomaly Detection, through SNS or EventBridge (`Anomaly Detected`). Source: Cost Management user guide, SNS topic for anomaly notifications; EventBridge example. */
export const costAnomaly: Source = {
  id: 'cost-anomaly',
  recognises: (payload) => isMembers(payload) && (payload['detail-type'] !== undefined ? payload['source'] === 'aws.ce' : text(payload['anomalyId']) !== '' && isMembers(payload['impact'])),
  parse: (payload) => eachDetail(payload, alertOf),
};

const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

function alertOf(anomaly: Members, path: string, envelope: Members): Alert {
  const id = required(anomaly, 'anomalyId', path, 256);
  const impact = membersOf(anomaly['impact']);
  const total = number(impact['totalImpact']) ?? number(impact['maxImpact']);
  if (total === null) throw new FieldProblem(join(path, 'impact.totalImpact'), impact['totalImpact'] === undefined ? 'is missing' : 'must be a number');
  const causes = (Array.isArray(anomaly['rootCauses']) ? anomaly['rootCauses'] : []).slice(0, 10).map(membersOf);
  // The payer is told; the money is spent in the member account that the first root cause names.
  const account = awsAccount(path, 'accountId', causes[0]?.['linkedAccount'], anomaly['accountId'], envelope['account'], accountOfArn(anomaly['monitorArn']));
  const seen = text(anomaly['anomalyEndDate']) || text(anomaly['anomalyStartDate']) || required(envelope, 'time', '', 64);
  const service = text(causes[0]?.['service']) || text(anomaly['dimensionalValue']) || text(anomaly['dimensionValue']);
  const facts: JsonObject = {
    bill: 'anomaly', impact: total, title: `cost anomaly in ${service.slice(0, 128) || 'an unnamed service'}`, feedback: text(anomaly['feedback']).slice(0, 32),
    causes: causes.map((one) => Object.fromEntries(['service', 'region', 'linkedAccount', 'usageType'].map((name) => [name, text(one[name]).slice(0, 128)]))),
  };
  const expected = number(impact['totalExpectedSpend']);
  const actual = number(impact['totalActualSpend']);
  if (expected !== null) facts['expected'] = expected;
  if (actual !== null) facts['actual'] = actual;
  return awsAlert({
    // It is told again as it grows: each amount is an alert of the same incident.
    id: alertId(['cost-anomaly', account, id, String(total)]), source: 'cost-anomaly', account, region: text(causes[0]?.['region']).slice(0, 64) || null, time: isoTime(/^\d{4}-\d\d-\d\d$/.test(seen) ? `${seen}T00:00:00Z` : seen, join(path, 'anomalyEndDate')),
    event: 'Cost anomaly', service: service.slice(0, 128) || null, target: { kind: 'account', id: account, account }, facts,
  });
}
