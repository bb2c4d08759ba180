import type { JsonObject } from '../../../playbook/json';
import type { Artifact } from '../../../playbook/model/finding';
import { artifactOf } from './artifact';
import type { Attributed } from './attribution';
import { text, type TrailRecord } from './record';

const trailChanges: Record<string, string> = { StopLogging: 'stopped', DeleteTrail: 'deleted', UpdateTrail: 'updated', PutEventSelectors: 'selectors', CreateTrail: 'created' };

/** Everything else that blinds: by service, event name pattern (MITRE T1562.008, T1562.001). */
const blinding: [string, RegExp, Artifact['kind']][] = [
  ['guardduty.amazonaws.com', /^(DeleteDetector|UpdateDetector|StopMonitoringMembers|DisassociateMembers|DeleteMembers|DisassociateFrom(Master|Administrator)Account|DeletePublishingDestination|CreateFilter|UpdateFilter|CreateIPSet|UpdateIPSet|ArchiveFindings)$/, 'detector'],
  ['config.amazonaws.com', /^(StopConfigurationRecorder|DeleteConfigurationRecorder|DeleteDeliveryChannel|DeleteConfigRule)$/, 'other'],
  ['securityhub.amazonaws.com', /^(DisableSecurityHub|BatchDisableStandards|DisassociateMembers|DeleteMembers)$/, 'other'],
  ['access-analyzer.amazonaws.com', /^DeleteAnalyzer$/, 'other'],
  ['ec2.amazonaws.com', /^DeleteFlowLogs$/, 'other'],
  ['logs.amazonaws.com', /^(DeleteLogGroup|DeleteLogStream|PutRetentionPolicy|DeleteMetricFilter|DeleteSubscriptionFilter)$/, 'other'],
  ['monitoring.amazonaws.com', /^(DeleteAlarms|DisableAlarmActions)$/, 'other'],
  ['events.amazonaws.com', /^(DisableRule|DeleteRule|RemoveTargets)$/, 'other'],
  ['wafv2.amazonaws.com', /^DeleteLoggingConfiguration$/, 'other'],
  ['route53resolver.amazonaws.com', /^Delete(ResolverQueryLogConfig)$|^DisassociateResolverQueryLogConfig$/, 'other'],
  ['cloudtrail.amazonaws.com', /^(PutInsightSelectors|DeleteEventDataStore|StopEventDataStoreIngestion|DeregisterOrganizationDelegatedAdmin)$/, 'other'],
];

export function loggingArtifacts(events: readonly Attributed[], partition: string): Artifact[] {
  return events.filter(({ record }) => record.errorCode === null).flatMap((event): Artifact[] => {
    const { record } = event;
    const change = record.eventSource === 'cloudtrail.amazonaws.com' ? trailChanges[record.eventName] : undefined;
    if (change) {
      const given = text(record.request, 'name') ?? text(record.request, 'trailName') ?? text(record.response, 'name');
      if (!given) return [];
      const arn = text(record.response, 'trailARN') ?? (given.startsWith('arn:') ? given : `arn:${partition}:cloudtrail:${record.awsRegion}:${record.account}:trail/${given}`);
      return [artifactOf(event, { kind: 'trail', id: arn, name: arn.split('/').pop()!, region: arn.split(':')[3] || record.awsRegion, how: change === 'created' ? 'created' : change === 'deleted' ? 'deleted' : 'changed', details: { change, request: record.request } })];
    }
    const found = blinding.find(([source, name]) => record.eventSource === source && name.test(record.eventName));
    if (!found) return [];
    const enabled = record.request.enable;
    // Switching a detector on is no blinding.
    if (record.eventName === 'UpdateDetector' && (enabled === true || enabled === 'true')) return [];
    const id = firstText(record.request, ['detectorId', 'configurationRecorderName', 'deliveryChannelName', 'logGroupName', 'analyzerName', 'name', 'resourceArn', 'trailName']) ?? record.account;
    const deletes = /^(Delete|Disable|Stop|Disassociate|Remove|BatchDisable)/.test(record.eventName);
    return [artifactOf(event, { kind: found[2], id, name: id, how: deletes ? 'deleted' : 'changed', details: { change: record.eventName, service: record.eventSource } })];
  });
}

/** UpdateTrail and CreateTrail request members, as `aws.restore-logging` names what is put back. */
const members: [string, string][] = [
  ['isMultiRegionTrail', 'multiRegion'], ['includeGlobalServiceEvents', 'globalEvents'], ['enableLogFileValidation', 'validation'], ['s3BucketName', 'bucket'], ['s3KeyPrefix', 'prefix'], ['kmsKeyId', 'kmsKey'],
];

/** What the trail must be again after these changes: former values from the history, the safe value for what was switched off; the rest is `unknown`. */
export function wantedTrail(change: string, request: JsonObject, history: readonly TrailRecord[]): { wanted: JsonObject; unknown: string[] } {
  if (change === 'selectors') return { wanted: { managementEvents: true }, unknown: ['data event selectors'] };
  if (change !== 'updated' && change !== 'deleted') return { wanted: {}, unknown: [] };
  const former: JsonObject = {};
  for (const record of history) {
    if (record.eventName === 'CreateTrail') Object.assign(former, { isMultiRegionTrail: false, includeGlobalServiceEvents: true, enableLogFileValidation: false, s3KeyPrefix: '', kmsKeyId: '' });
    if (record.eventName === 'CreateTrail' || record.eventName === 'UpdateTrail') for (const [member] of members) if (record.request[member] !== undefined) former[member] = record.request[member];
  }
  const wanted: JsonObject = {};
  const unknown: string[] = [];
  for (const [member, name] of members) {
    if (change === 'updated' && request[member] === undefined) continue;
    if (former[member] !== undefined) wanted[name] = typeof former[member] === 'string' && /^(true|false)$/.test(former[member]) ? former[member] === 'true' : former[member];
    // A flag that was switched off is switched on, whatever it was.
    else if (['multiRegion', 'globalEvents', 'validation'].includes(name)) wanted[name] = true;
    else unknown.push(name);
  }
  return { wanted, unknown };
}

function firstText(from: JsonObject, keys: string[]): string | null {
  for (const key of keys) {
    const found = text(from, key);
    if (found) return found;
  }
  return null;
}
