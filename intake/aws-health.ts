import type { Alert } from '../playbook/model/alert';
import { awsAccount, awsAlert, eachDetail } from './aws-envelope';
import { alertId, FieldProblem, isMembers, isoTime, join, membersOf, required, text, type Members } from './fields';
import { identify } from './identity';
import type { Source } from './source';

/**
 * AWS Health: notices of abuse and of exposed credentials (`AWS Health Abuse Event`, `AWS Health Event`), from EventBridge. AWS may name a key or a user, or nobody: then it is an incident on the account.
 * Source: AWS Health user guide, event schema for EventBridge.
 */
export const awsHealth: Source = {
  id: 'aws-health',
  recognises: (payload) => isMembers(payload) && (payload['detail-type'] !== undefined ? payload['source'] === 'aws.health' : text(payload['eventTypeCode']) !== '' && (text(payload['eventArn']) !== '' || text(payload['eventTypeCategory']) !== '')),
  parse: (payload) => eachDetail(payload, alertOf),
};

function alertOf(detail: Members, path: string, envelope: Members): Alert {
  const code = required(detail, 'eventTypeCode', path, 128);
  const account = awsAccount(path, 'affectedAccount', detail['affectedAccount'], envelope['account']);
  const seen = text(detail['lastUpdatedTime']) || text(detail['startTime']) || text(envelope['time']);
  if (seen === '') throw new FieldProblem(join(path, 'startTime'), 'is missing');
  const time = healthTime(seen, join(path, text(detail['lastUpdatedTime']) ? 'lastUpdatedTime' : 'startTime'));
  const entities = (Array.isArray(detail['affectedEntities']) ? detail['affectedEntities'] : []).slice(0, 100).map((one) => text(membersOf(one)['entityValue']).slice(0, 2048)).filter((one) => one !== '');
  const keys = entities.filter((one) => /^A[KS]IA[A-Z0-9]{12,124}$/.test(one));
  // A bare name is a user’s only where credentials are the matter; elsewhere it is an instance or an address.
  const named = entities.filter((one) => !keys.includes(one) && (one.startsWith('arn:') || /CREDENTIAL/.test(code))).map((one) => identify({ id: one, provider: 'aws', account }, {})).find((one) => one.principal !== null);
  const descriptions = Array.isArray(detail['eventDescription']) ? detail['eventDescription'] : [];
  return awsAlert({
    id: alertId(['aws-health', account, text(detail['eventArn']) || text(envelope['id']) || code, time, text(detail['statusCode'])]), source: 'aws-health', account, region: text(detail['eventRegion']).slice(0, 64) || null, time, event: code, service: text(detail['service']).slice(0, 64) || 'HEALTH',
    principal: named?.principal ?? null, session: named?.session ? { ...named.session, accessKeyId: keys[0] ?? null } : keys[0] ? { accessKeyId: keys[0], name: null, issuedAt: null, mfa: 'unknown', roleArn: null } : null,
    target: keys[0] ? { kind: 'access-key', id: keys[0], account } : entities[0] ? { kind: 'other', id: entities[0], account } : null,
    facts: { severity: severityOf(code, text(detail['eventTypeCategory'])), archived: text(detail['statusCode']) === 'closed', entities: entities.slice(0, 20), description: text(membersOf(descriptions[0])['latestDescription']).slice(0, 2_000), title: code },
  });
}

/** Health also tells of maintenance and billing: those rate 0. */
function severityOf(code: string, category: string): number {
  if (/CREDENTIALS?_(EXPOSED|COMPROMISED)|IAM_QUARANTINE|COMPROMISED/.test(code)) return 9.5;
  if (/^AWS_ABUSE_/.test(code)) return 8;
  if (/^AWS_RISK_/.test(code)) return 7;
  return category === 'investigation' ? 5 : 0;
}

/** Health writes `Wed, 2 Mar 2026 09:15:30 GMT` (RFC 2822) in events and ISO elsewhere. */
function healthTime(value: string, path: string): string {
  const mail = /^[A-Z][a-z]{2}, (\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d) GMT$/.exec(value);
  if (!mail) return isoTime(value, path);
  const at = Date.parse(`${mail[1]} ${mail[2]} ${mail[3]} ${mail[4]} GMT`);
  if (Number.isNaN(at)) throw new FieldProblem(path, 'is not a time');
  return new Date(at).toISOString();
}
