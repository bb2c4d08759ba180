import type { Alert } from '../playbook/model/alert';
import { accountOfArn, awsAccount, awsAlert, eachDetail } from './aws-envelope';
import { alertId, boundedCopy, isMembers, isoTime, join, membersOf, required, text, type Members } from './fields';
import type { Source } from './source';
import { keyOf, unusedKindOf } from './unused';

const TARGETS: Record<string, NonNullable<Alert['target']>['kind']> = { 'AWS::S3::Bucket': 'bucket', 'AWS::IAM::Role': 'role', 'AWS::IAM::User': 'user', 'AWS::Lambda::Function': 'function' };

/**
 * IAM Access Analyzer findings: external access through EventBridge (`Access Analyzer Finding`), bare, or from ListFindings. It sees a state and names nobody who made it.
 * Source: IAM user guide, monitoring Access Analyzer with EventBridge.
 */
export const accessAnalyzer: Source = {
  id: 'access-analyzer',
  recognises(payload) {
    if (!isMembers(payload)) return false;
    if (payload['detail-type'] !== undefined) return payload['source'] === 'aws.access-analyzer';
    return text(payload['analyzedAt']) !== '' && text(payload['resourceType']).startsWith('AWS::');
  },
  parse: (payload) => eachDetail(payload, alertOf),
};

function alertOf(finding: Members, path: string, envelope: Members): Alert {
  const id = required(finding, 'id', path, 256);
  const resource = required(finding, 'resource', path, 2048);
  const type = required(finding, 'resourceType', path, 128);
  const account = awsAccount(path, 'accountId', finding['accountId'], finding['resourceOwnerAccount'], accountOfArn(resource), envelope['account']);
  const seen = text(finding['updatedAt']) || required(finding, 'analyzedAt', path, 64);
  const status = text(finding['status']).slice(0, 32);
  const findingType = text(finding['findingType']).slice(0, 64) || text(envelope['detail-type']).slice(0, 64);
  const kind = /unused/i.test(`${findingType} ${text(envelope['detail-type'])}`) ? (unusedKindOf(findingType) ?? 'user') : null;
  const bucket = /^arn:aws[a-z-]{0,20}:s3:::(.{1,63})$/.exec(resource)?.[1];
  return awsAlert({
    id: alertId(['access-analyzer', account, id, seen, status]), source: 'access-analyzer', account, region: text(finding['region']).slice(0, 64) || text(envelope['region']).slice(0, 64) || null, time: isoTime(seen, join(path, text(finding['updatedAt']) ? 'updatedAt' : 'analyzedAt')),
    event: `${text(envelope['detail-type']).slice(0, 128) || 'Access Analyzer Finding'}: ${type}`, target: { kind: TARGETS[type] ?? 'other', id: bucket ?? resource, account },
    facts: {
      status, public: typeof finding['isPublic'] === 'boolean' ? finding['isPublic'] : membersOf(finding['principal'])['AWS'] === '*', deleted: finding['isDeleted'] === true, resourceType: type, resource, findingType,
      ...(kind && status === 'ACTIVE' && finding['isDeleted'] !== true ? { unused: { kind, id: resource, key: keyOf(finding) } } : {}),
      grantedTo: boundedCopy(finding['principal'] ?? null, 40, 2_000).copy, actions: boundedCopy(Array.isArray(finding['action']) ? finding['action'].slice(0, 50) : [], 60, 4_000).copy, condition: boundedCopy(finding['condition'] ?? null, 40, 2_000).copy,
    },
  });
}
