import type { CheckId } from './model/finding';

export { changeRequestFinding } from './change-request';

/** One row of 1.2, 1.3 or the audits of 2.2, as the playbook words it. */
export interface ChecklistRow {
  id: CheckId;
  section: '1.2' | '1.3' | '2.2';
  /** The playbook's text. */
  title: string;
  /** Where the answer comes from, AWS / Azure. */
  how: string;
  /** `case`: answered from tickets and registers, not from the cloud. */
  from: 'cloud' | 'case';
}

const row = (id: CheckId, title: string, how: string, from: ChecklistRow['from'] = 'cloud'): ChecklistRow => ({ id, section: id.slice(0, 3) as ChecklistRow['section'], title, how, from });

/** The investigation as data: eight rows of 1.2, six of 1.3, three audits of 2.2 (root or Global Admin only). */
export const checklist: readonly ChecklistRow[] = [
  row('1.2.1-who', 'Who performed the action?', 'CloudTrail / Azure Activity Log'),
  row('1.2.2-source-ip', 'Source IP and geolocation', 'Event details'),
  row('1.2.3-console-or-api', 'Was it console or API (programmatic)?', 'Event details'),
  row('1.2.4-mfa', 'Was MFA used?', 'Sign-in details'),
  row('1.2.5-change-request', 'Change request / ticket exists?', 'ITSM', 'case'),
  row('1.2.6-permissions-granted', 'What permissions were granted?', 'IAM policy details'),
  row('1.2.7-resources-created', 'Were any resources created? (EC2, S3, VMs)', 'Cloud console / audit'),
  row('1.2.8-billing', 'Were billing alerts triggered?', 'Billing / Cost Explorer'),
  row('1.3.1-compute', 'Compute: new instances (cryptomining)', 'CloudTrail, EC2 / Activity Log'),
  row('1.3.2-storage', 'Storage: public bucket, data download', 'CloudTrail, S3 / Activity Log'),
  row('1.3.3-network', 'Network: ingress rules opened (0.0.0.0/0)', 'CloudTrail, EC2 / Activity Log'),
  row('1.3.4-functions', 'Functions: new functions (backdoor, exfiltration)', 'CloudTrail, Lambda / Activity Log'),
  row('1.3.5-logging', 'Logging disabled', 'CloudTrail, GuardDuty / diagnostic settings'),
  row('1.3.6-identities', 'Additional users and roles created', 'CloudTrail, IAM / Entra audit'),
  row('2.2.3-all-identities', 'Audit ALL IAM users and roles in the account', 'IAM / Entra'),
  row('2.2.4-trusts', 'Cross-account trust relationships created', 'IAM, resource policies / Entra'),
  row('2.2.5-billing', 'Unexpected charges', 'Cost Explorer / Cost Management'),
];

const ids = (section: ChecklistRow['section']): CheckId[] => checklist.filter((one) => one.section === section).map((one) => one.id);

export const postCompromiseChecks: readonly CheckId[] = ids('1.3');
/** 1.2 and 1.3: every incident. */
export const investigationChecks: readonly CheckId[] = [...ids('1.2'), ...postCompromiseChecks];
/** 2.2.3 to 2.2.5: root or Global Admin. */
export const rootChecks: readonly CheckId[] = ids('2.2');

export function checkTitle(check: CheckId): string {
  return checklist.find((one) => one.id === check)!.title;
}
