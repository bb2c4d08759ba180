import type { Alert } from '../playbook/model/alert';
import { alertId, boundedCopy, FieldProblem, ipOf, isMembers, join, membersOf, text, type Members } from './fields';
import { azurePrincipal, azureSession, eachRecord, tenantOf, timeOf } from './azure-fields';
import { defenderAssessment, isAssessment } from './defender-assessment';
import { defenderForCloud, isDefenderForCloud } from './defender-cloud';
import { severityOf } from './defender-severity';
import type { ParseOptions, Source } from './source';

/** Defender alerts as Graph gives them, and alerts and recommendations of Defender for Cloud in its own form. Source: Microsoft Graph v1.0, security alert (alerts_v2) resource. */
export const defender: Source = {
  id: 'defender',
  recognises(payload) {
    if (!isMembers(payload)) return false;
    const first = Array.isArray(payload['value']) ? membersOf(payload['value'][0]) : payload;
    if (isDefenderForCloud(first) || isAssessment(first)) return true;
    return text(first['severity']) !== '' && (text(first['serviceSource']) !== '' || text(first['detectionSource']) !== '' || text(first['providerAlertId']) !== '');
  },
  parse: (payload, options = {}) => eachRecord(payload, options, (record, path, given) => (isAssessment(record) ? defenderAssessment(record, path, given) : isDefenderForCloud(record) ? defenderForCloud(record, path, given) : alertOf(record, path, given))),
};

function alertOf(record: Members, path: string, options: ParseOptions): Alert {
  const title = text(record['title']);
  if (title === '' || title.length > 1024) throw new FieldProblem(join(path, 'title'), title === '' ? 'is missing' : 'is longer than 1024 characters');
  const severity = severityOf(text(record['severity']));
  if (severity === undefined) throw new FieldProblem(join(path, 'severity'), 'is none of high, medium, low, informational, unknown');
  const account = tenantOf(path, options, record['tenantId'], options.tenant);
  const time = timeOf(path, options, ['lastActivityDateTime', record['lastActivityDateTime']], ['lastUpdateDateTime', record['lastUpdateDateTime']], ['createdDateTime', record['createdDateTime']]);
  const evidence = (Array.isArray(record['evidence']) ? record['evidence'] : []).slice(0, 100).map(membersOf);
  const user = membersOf(evidence.map((one) => one['userAccount']).find((one) => text(membersOf(one)['azureAdUserId']) !== '' || text(membersOf(one)['userPrincipalName']) !== ''));
  const application = evidence.find((one) => text(one['servicePrincipalId']) !== '' || text(one['servicePrincipalObjectId']) !== '') ?? {};
  const addresses = [...new Set(evidence.map((one) => ipOf(one['ipAddress'])).filter((ip) => ip !== null))];
  return {
    id: alertId(['defender', account, text(record['id']) || text(record['providerAlertId']) || JSON.stringify(record), text(record['lastUpdateDateTime'])]), source: 'defender', provider: 'azure', account, region: null, time, receivedAt: null,
    event: title, service: (text(record['serviceSource']) || text(record['detectionSource'])).slice(0, 128) || null, outcome: 'success', errorCode: null, dryRun: false,
    principal: azurePrincipal(account, 'user', text(user['azureAdUserId']), text(user['userPrincipalName'])) ?? azurePrincipal(account, 'service-principal', text(application['servicePrincipalObjectId']) || text(application['servicePrincipalId']), text(application['servicePrincipalName'])),
    session: azureSession(), sourceIp: addresses[0] ?? null, userAgent: null, channel: 'unknown', target: null, addresses,
    facts: { severity, archived: text(record['status']) === 'resolved', techniques: boundedCopy(Array.isArray(record['mitreTechniques']) ? record['mitreTechniques'] : [], 40, 1_000).copy, category: text(record['category']).slice(0, 128) }, raw: null,
  };
}
