import { awsKin } from './risk/aws';
import type { Kin, RiskRow } from './risk/types';

export type { Kin, RiskRow } from './risk/types';

/** Table 1.1 of the playbook, row by row; `finding`, `suspicious-signin` and `other-high-risk` are what its trigger line names beyond the table. */
export const RISK_TABLE: readonly RiskRow[] = [
  { row: '1.1.1', event: 'root-login', aws: 'ConsoleLogin (Root)', azure: 'Sign-in (Global Admin)', risk: 'critical', type: 'root-activity', techniques: ['T1078.004'], description: 'Root/GA should rarely be used' },
  { row: '1.1.2', event: 'create-user', aws: 'CreateUser', azure: 'Add user', risk: 'high', type: 'new-identity', techniques: ['T1136.003'], description: 'New identity created' },
  { row: '1.1.3', event: 'attach-policy', aws: 'AttachUserPolicy', azure: 'Add member to role', risk: 'high', type: 'permission-change', techniques: ['T1098.003'], description: 'Privilege escalation' },
  { row: '1.1.4', event: 'create-access-key', aws: 'CreateAccessKey', azure: 'Add service principal credential', risk: 'medium', type: 'access-key-created', techniques: ['T1098.001'], description: 'Persistent programmatic access' },
  { row: '1.1.5', event: 'storage-exposure', aws: 'PutBucketPolicy', azure: 'Set-AzStorageContainerAcl', risk: 'critical', type: 'exposure-or-tracks', techniques: ['T1530'], description: 'Storage exposure' },
  { row: '1.1.6', event: 'network-exposure', aws: 'AuthorizeSecurityGroupIngress', azure: 'NSG rule create', risk: 'high', type: 'exposure-or-tracks', techniques: ['T1562.007'], description: 'Network exposure' },
  { row: '1.1.7', event: 'run-instances', aws: 'RunInstances', azure: 'Microsoft.Compute/virtualMachines/write', risk: 'medium', type: 'other', techniques: ['T1578.002', 'T1496'], description: 'Compute spin-up (cryptomining?)' },
  { row: '1.1.8', event: 'cross-account-role', aws: 'CreateRole + AssumeRole', azure: 'Create/assign custom role', risk: 'critical', type: 'permission-change', techniques: ['T1098.003', 'T1199'], description: 'Cross-account escalation' },
  { row: '1.1.9', event: 'logging-disabled', aws: 'StopLogging (CloudTrail)', azure: 'Disable diagnostic settings', risk: 'critical', type: 'exposure-or-tracks', techniques: ['T1562.008'], description: 'Covering tracks' },
  { row: 'trigger', event: 'threat-finding', aws: 'GuardDuty finding', azure: 'Defender alert', risk: 'high', type: 'finding', techniques: ['T1078.004'], description: 'The provider’s own detection' },
  { row: 'trigger', event: 'suspicious-signin', aws: 'ConsoleLogin without MFA, refused second factor', azure: 'Risky sign-in', risk: 'medium', type: 'other', techniques: ['T1078.004'], description: 'A sign-in that an owner would explain' },
  { row: 'trigger', event: 'other-high-risk', aws: 'High-impact calls beyond the table', azure: 'High-impact operations beyond the table', risk: 'medium', type: 'other', techniques: [], description: 'Audit log anomaly of medium impact or above' },
];

const rows = new Map(RISK_TABLE.map((row) => [row.event, row]));

/** The row of an event; every `HighRiskEvent` has one. */
export function riskRowOf(event: RiskRow['event']): RiskRow {
  const row = rows.get(event);
  if (!row) throw new Error(`no row for ${event}`);
  return row;
}

const byCall = new Map<string, Kin[]>();
const byName = new Map<string, Kin[]>();
for (const kin of awsKin) {
  for (const call of kin.calls) {
    byCall.set(`${kin.service}:${call}`, [...(byCall.get(`${kin.service}:${call}`) ?? []), kin]);
    byName.set(call, [...(byName.get(call) ?? []), kin]);
  }
}
const UNKNOWN: readonly Kin[] = [];

/**
 * The entries of an AWS call (`CopyObject` is in two rows), empty when the playbook does not know it. `service` is the first label of `eventSource` (`iam`);
 * null (a fragment without one) finds the call by name alone. Version suffixes (`UpdateFunctionCode20150331v2`) are to be cut before.
 */
export function awsKinOf(service: string | null, call: string): readonly Kin[] {
  return (service === null ? byName.get(call) : byCall.get(`${service}:${call}`)) ?? UNKNOWN;
}

/** Is the call in a table, by CloudTrail’s own names (`ec2.amazonaws.com`, `RunInstances`)? */
export function watchesAwsCall(eventSource: string | null, eventName: string): boolean {
  return awsKinOf(eventSource === null ? null : eventSource.slice(0, Math.max(0, eventSource.indexOf('.'))), eventName).length > 0;
}

/** Every AWS call that the playbook watches, as `service:Call`. */
export const watchedAwsCalls = (): string[] => [...byCall.keys()];
