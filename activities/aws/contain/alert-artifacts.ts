import type { JsonObject } from '../../../playbook/json';
import type { Alert } from '../../../playbook/model/alert';
import type { Artifact } from '../../../playbook/model/finding';
import { callOf, findAll, isFalse, objectOf, requestOf, responseOf, serviceOf, textOf } from '../../../playbook/triage/reading';
import { iamChanges } from '../investigate/iam-changes';
import { parseRecord } from '../investigate/record';

const bucketCalls: Record<string, Artifact['kind']> = {
  PutBucketPolicy: 'bucket-policy', PutBucketAcl: 'bucket-acl', DeletePublicAccessBlock: 'public-access-block', DeleteBucketPublicAccessBlock: 'public-access-block',
  PutPublicAccessBlock: 'public-access-block', PutBucketPublicAccessBlock: 'public-access-block',
};
const trailCalls: Record<string, string> = { StopLogging: 'stopped', DeleteTrail: 'deleted', UpdateTrail: 'updated', PutEventSelectors: 'selectors' };

/** What the alerts' own calls made or changed, in the investigation's form: containment acts on it before the investigation has begun. Failed calls made nothing. */
export function alertArtifacts(alerts: readonly Alert[], knownAccounts: readonly string[]): Artifact[] {
  return alerts.filter((alert) => alert.outcome === 'success' && !alert.dryRun).flatMap((alert) => [...iamOf(alert, knownAccounts), ...resourceOf(alert)]);
}

function iamOf(alert: Alert, knownAccounts: readonly string[]): Artifact[] {
  const userName = alert.principal?.kind === 'user' ? alert.principal.name : null;
  const record = parseRecord(
    {
      eventID: alert.id, eventTime: alert.time, eventName: callOf(alert), eventSource: alert.service ?? '', awsRegion: alert.region ?? '', sourceIPAddress: alert.sourceIp ?? '',
      recipientAccountId: alert.account, userIdentity: { arn: alert.principal?.id ?? null, ...(userName ? { userName } : {}) }, requestParameters: requestOf(alert), responseElements: responseOf(alert),
    },
    alert.account,
  );
  return record ? iamChanges([{ record, attribution: 'attacker', why: `alert ${alert.id}` }], { partition: 'aws', knownAccounts }) : [];
}

function resourceOf(alert: Alert): Artifact[] {
  const [service, call, request, response] = [serviceOf(alert), callOf(alert), requestOf(alert), responseOf(alert)];
  const made = (kind: Artifact['kind'], id: string, name: string, how: Artifact['how'], details: JsonObject = {}): Artifact[] =>
    id === '' ? [] : [{ provider: 'aws', account: alert.account, region: alert.region, kind, id, name, how, attribution: 'attacker', events: [alert.id], details: { why: `alert ${alert.id}`, ...details } }];
  if (service === 's3' && bucketCalls[call]) {
    const bucket = textOf(request.bucketName);
    return made(bucketCalls[call], bucket && `arn:aws:s3:::${bucket}`, bucket, 'changed', { bucket });
  }
  if (service === 'cloudtrail' && trailCalls[call]) {
    const trail = textOf(request.trailName) || textOf(request.name);
    return made('trail', textOf(response.trailARN) || trail, lastPart(trail), trailCalls[call] === 'deleted' ? 'deleted' : 'changed', { change: trailCalls[call], request: { ...request } });
  }
  if (service === 'ec2' && call === 'RunInstances') {
    const ids = findAll(objectOf(response.instancesSet), 'instanceid').filter((id): id is string => typeof id === 'string');
    const reservation = textOf(response.reservationId);
    return ids.flatMap((id) => made('instance', id, id, 'created', reservation ? { reservation } : {}));
  }
  if (service === 'lambda' && (call === 'CreateFunction' || call === 'UpdateFunctionCode')) {
    const name = textOf(request.functionName) || textOf(response.functionName);
    return made('function', textOf(response.functionArn) || name, lastFunctionName(name), call === 'CreateFunction' ? 'created' : 'changed', call === 'CreateFunction' ? {} : { change: 'code' });
  }
  // A finding about a machine or a function: the threat is on it, whoever made it.
  if (alert.source === 'guardduty' && (alert.target?.kind === 'instance' || alert.target?.kind === 'function')) {
    return made(alert.target.kind, alert.target.id, lastFunctionName(alert.target.id), 'changed', { change: 'code' });
  }
  return [];
}

const lastPart = (arnOrName: string): string => arnOrName.slice(arnOrName.lastIndexOf('/') + 1);

/** `arn:aws:lambda:…:function:name` and `name` alike. */
export const lastFunctionName = (arnOrName: string): string => /:function:([^:]+)/.exec(arnOrName)?.[1] ?? arnOrName;

/** What an attacker's UpdateTrail or PutEventSelectors switched off, as a trail's wanted state; what it overwrote without a trace is in `unknown`. */
export function trailWish(change: string, request: JsonObject, trailBucket: string | null): { wanted: JsonObject; unknown: string[] } {
  if (change === 'selectors') return { wanted: { managementEvents: true }, unknown: [] };
  if (change !== 'updated') return { wanted: {}, unknown: [] };
  const moved = textOf(request.s3BucketName);
  return {
    wanted: {
      ...(isFalse(request.isMultiRegionTrail) ? { multiRegion: true } : {}),
      ...(isFalse(request.includeGlobalServiceEvents) ? { globalEvents: true } : {}),
      ...(isFalse(request.enableLogFileValidation) ? { validation: true } : {}),
      ...(moved && trailBucket ? { bucket: trailBucket } : {}),
    },
    unknown: [
      ...(moved && !trailBucket ? ['bucket'] : []),
      ...(textOf(request.s3KeyPrefix) ? ['prefix'] : []),
      ...(textOf(request.kmsKeyId) ? ['kmsKey'] : []),
    ],
  };
}
