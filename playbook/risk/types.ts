import type { AlertType, HighRiskEvent, Risk } from '../model/verdict';

/** One row of table 1.1. */
export interface RiskRow {
  /** The playbook's row, `1.1.1` to `1.1.9`, or `trigger`. */
  row: string;
  event: HighRiskEvent;
  aws: string;
  azure: string;
  risk: Risk;
  type: AlertType;
  /** MITRE ATT&CK technique ids (Enterprise, cloud). */
  techniques: string[];
  description: string;
}

/** What has to hold in the record itself for a call to count; each has its function in `triage/aws/`. */
export type AwsTest =
  | 'always'
  | 'other-than-actor'
  | 'identity-policy'
  | 'managed-policy-written'
  | 'attached-policy'
  | 'policy-removed'
  | 'role-trust'
  | 'assume-role'
  | 'resource-policy'
  | 'acl'
  | 'public-access-block'
  | 'shared-with'
  | 'made-public'
  | 'security-group'
  | 'network-acl'
  | 'instances'
  | 'trail-changed'
  | 'event-selectors'
  | 'switched-off'
  | 'short-lived-logs'
  | 'bucket-versioning'
  | 'bucket-logging'
  | 'bucket-lifecycle'
  | 'database-changed'
  | 'instance-changed'
  | 'function-permission'
  | 'function-changed'
  | 'run-command'
  | 'start-script-read'
  | 'many-secrets'
  | 'foreign-key-encryption'
  | 'login-token'
  | 'outside-account';

/** AWS calls of one service that have the effect of one row. */
export interface Kin {
  /** First label of `eventSource`. */
  service: string;
  calls: string[];
  event: HighRiskEvent;
  type: AlertType;
  /** When the test holds; the test may raise or lower it. */
  risk: Risk;
  techniques: string[];
  test: AwsTest;
  /** The attempt alone is worth an incident. */
  failureMatters: boolean;
}
