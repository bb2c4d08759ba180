import { azureCoverage } from './coverage-azure';

/** Where one provider carries a row out, and the test that shows it (paths from the top of the repository). */
export type Carried = { files: readonly string[]; tests: readonly string[] };

/** One row of playbook PB-16. */
export interface CoverageRow {
  id: string;
  section: string;
  /** The playbook's text. */
  title: string;
  aws: Carried;
  azure: Carried;
}

const row = (section: string, id: string, title: string, aws: Carried, azure: Carried = azureCoverage[id] ?? { files: [], tests: [] }): CoverageRow => ({ id, section, title, aws, azure });
const by = (files: string | readonly string[], tests: string | readonly string[]): Carried => ({ files: [files].flat(), tests: [tests].flat() });

const classify = 'test/triage/classify.test.ts';
const decide = 'test/triage/decide.test.ts';
const incident = 'test/workflows/incident.test.ts';
const checks = 'test/aws-investigate/checks.test.ts';
const investigated = 'test/aws-investigate/sandbox.test.ts';
const contained = 'test/aws-contain/contract.test.ts';
const identities = 'test/aws-eradicate/identities.test.ts';
const resources = 'test/aws-eradicate/resources.test.ts';
const recovered = 'test/aws-eradicate/recover.test.ts';
const escalated = 'test/playbook/escalation.test.ts';
const iocs = 'test/playbook/iocs.test.ts';
const decision = 'playbook/triage/decide.ts';
const check = (name: string): string => `activities/aws/investigate/checks/${name}.ts`;
const contain = (...names: string[]): string[] => names.map((name) => `activities/aws/contain/${name}.ts`);
const eradicate = (...names: string[]): string[] => names.map((name) => `activities/aws/eradicate/${name}.ts`);
const jitAws = (...names: string[]): string[] => names.map((name) => `activities/aws/jit/${name}.ts`);
const jitRules = ['playbook/jit/rules.ts', 'workflows/jit-access.ts', 'workflows/jit/end.ts'];
const jitTests = ['test/jit/rules.test.ts', 'test/jit/workflow.test.ts'];
const jitAsking = ['workflows/jit/ask.ts', 'approvals/slack/jit.ts', 'cli/jit.ts'];
const jitAskingTests = ['test/jit/workflow.test.ts', 'test/jit/slack.test.ts'];
const jitAzure = by(['entra', 'arm', 'pim', 'person', 'index'].map((name) => `activities/azure/jit/${name}.ts`), 'test/jit/azure.test.ts');
const recover = (...names: string[]): string[] => names.map((name) => `activities/aws/recover/${name}.ts`);

const sources = 'test/intake/sources.test.ts';
const siem = by(['intake/splunk.ts', 'intake/elastic.ts', 'intake/google-secops.ts', 'intake/ocsf.ts', 'intake/generic.ts', 'intake/mapping.ts'], sources);

const alerts = 'Alerts: IAM anomaly detection';
const flow = 'Decision flow';
const events = '1.1 High-risk events';
const who = '1.2 Investigation checklist';
const after = '1.3 Post-compromise activity';
const immediate = '2.1 Immediate actions';
const root = '2.2 Root or Global Admin';
const glass = 'Break-glass procedure';
const remove = '3 Eradication';
const harden = '4 Recovery';
const indicators = '5 IoC collection';
const escalate = '6 Escalation';
const least = 'Least-privilege model';
const audit = 'Cloud permission audit';
const sigma = 'Detection rules (Sigma)';
const sigmaTests = ['test/sigma/rules.test.ts', 'test/sigma/pysigma.test.ts'];

/** Every row of the playbook, in its order. `docs/coverage.md` is generated from this; `test/docs/coverage.test.ts` holds it to the files that exist. */
export const coverage: readonly CoverageRow[] = [
  row(alerts, 'alert.source.cloudtrail', 'Trigger: CloudTrail / audit log anomaly', by('intake/cloudtrail.ts', 'test/intake/cloudtrail.test.ts')),
  row(alerts, 'alert.source.guardduty', 'Trigger: GuardDuty / Defender alert', by('intake/guardduty.ts', 'test/intake/guardduty.test.ts')),
  row(alerts, 'alert.source.siem', 'Trigger: SIEM correlation', siem, siem),
  row(alerts, 'alert.source.billing', 'Trigger: billing alert', by(['intake/cost-anomaly.ts', 'intake/budget.ts', 'intake/billing-alarm.ts', 'playbook/triage/billing.ts'], sources), by(['intake/azure-cost.ts', 'playbook/triage/billing.ts'], sources)),
  row(alerts, 'alert.admin', 'New admin role: verify authorization', by(['playbook/triage/aws/identity.ts', decision], [classify, decide])),
  row(alerts, 'alert.cross-account', 'Cross-account: check trust policy', by(['playbook/triage/aws/exposure.ts', 'playbook/policy-analysis.ts'], [classify, 'test/triage/policy-analysis.test.ts'])),
  row(alerts, 'alert.key', 'Key creation: validate requester', by(['playbook/triage/aws/identity.ts', decision], [classify, decide])),
  row(alerts, 'alert.policy', 'Policy change: review diff', by('playbook/policy-diff.ts', 'test/playbook/policy-diff.test.ts')),
  row(alerts, 'alert.assess', 'Risk assessment', by(['playbook/risk-table.ts', decision], [classify, decide])),

  row(flow, 'flow.root', 'Root login: legacy or known use? No: critical. Yes, documented: close', by([decision, 'activities/registers.ts'], [decide, incident])),
  row(flow, 'flow.new-user', 'New user or role: change request? No: critical. Yes: verify that the details match', by([decision, 'playbook/change-request.ts'], [decide, 'test/playbook/checklist.test.ts'])),
  row(flow, 'flow.permission', 'Permission change: authorized admin? No: critical', by(decision, decide)),
  row(flow, 'flow.key', 'Access key created: expected rotation? No: critical', by(decision, decide)),
  row(flow, 'flow.critical', 'Critical: revoke and investigate', by(['workflows/incident/index.ts', 'workflows/incident/contain.ts', 'workflows/incident/investigate.ts'], incident)),

  row(events, '1.1.1', 'ConsoleLogin (root) / sign-in (Global Admin)', by(['playbook/triage/aws/signin.ts', 'playbook/triage/aws/root.ts'], classify)),
  row(events, '1.1.2', 'CreateUser / Add user', by('playbook/risk/aws-identity.ts', classify)),
  row(events, '1.1.3', 'AttachUserPolicy / Add member to role', by('playbook/risk/aws-identity.ts', classify)),
  row(events, '1.1.4', 'CreateAccessKey / Add service principal credential', by('playbook/risk/aws-identity.ts', classify)),
  row(events, '1.1.5', 'PutBucketPolicy / Set-AzStorageContainerAcl', by(['playbook/risk/aws-exposure.ts', 'playbook/exposure-analysis.ts'], [classify, 'test/triage/policy-analysis.test.ts'])),
  row(events, '1.1.6', 'AuthorizeSecurityGroupIngress / NSG rule create', by(['playbook/risk/aws-exposure.ts', 'playbook/net.ts'], [classify, 'test/triage/policy-analysis.test.ts'])),
  row(events, '1.1.7', 'RunInstances / virtualMachines/write', by('playbook/risk/aws-compute.ts', classify)),
  row(events, '1.1.8', 'CreateRole + AssumeRole / create or assign custom role', by(['playbook/risk/aws-identity.ts', 'playbook/policy-analysis.ts'], [classify, 'test/triage/policy-analysis.test.ts'])),
  row(events, '1.1.9', 'StopLogging / disable diagnostic settings', by('playbook/risk/aws-logging.ts', classify)),

  row(who, '1.2.1', 'Who performed the action?', by([check('who'), 'activities/aws/investigate/chain.ts', 'activities/aws/investigate/origin.ts', 'workflows/incident/hand-over.ts'], [checks, investigated, 'test/aws-investigate/origin.test.ts', 'test/workflows/session-chain.test.ts'])),
  row(who, '1.2.2', 'Source IP and geolocation', by([check('source-ip'), 'activities/geo.ts', 'playbook/triage/baseline.ts'], [checks, 'test/aws-investigate/geo.test.ts', 'test/aws-investigate/baseline.test.ts'])),
  row(who, '1.2.3', 'Was it console or API (programmatic)?', by(check('channel'), investigated)),
  row(who, '1.2.4', 'Was MFA used?', by(check('mfa'), checks)),
  row(who, '1.2.5', 'Change request / ticket exists?', by(['playbook/change-request.ts', 'activities/tickets/servicenow.ts', 'activities/tickets/file.ts'], ['test/playbook/checklist.test.ts', 'test/tickets/servicenow.test.ts', 'test/tickets/file.test.ts'])),
  row(who, '1.2.6', 'What permissions were granted?', by([check('permissions'), 'playbook/policy-diff.ts'], [checks, 'test/playbook/policy-diff.test.ts'])),
  row(who, '1.2.7', 'Were any resources created? (EC2, S3, VMs)', by(check('resources'), investigated)),
  row(who, '1.2.8', 'Were billing alerts triggered?', by(check('billing'), 'test/aws-investigate/billing.test.ts')),

  row(after, '1.3.1', 'Compute: new instances (cryptomining)', by(check('compute'), [checks, investigated])),
  row(after, '1.3.2', 'Storage: public bucket, data download (which objects were downloaded is not read: data events are not in LookupEvents)', by(check('storage'), [checks, investigated])),
  row(after, '1.3.3', 'Network: ingress rules opened (0.0.0.0/0)', by(check('network'), [checks, investigated])),
  row(after, '1.3.4', 'Functions: new functions (backdoor, exfiltration)', by(check('functions'), investigated)),
  row(after, '1.3.5', 'CloudTrail / Monitor: logging disabled', by(check('logging'), [checks, investigated])),
  row(after, '1.3.6', 'IAM: additional users and roles created', by(check('identities'), [checks, investigated])),

  row(immediate, '2.1.1', 'Disable the compromised IAM user and access key', by(contain('deny-user', 'disable-access-keys', 'remove-login-profile', 'remove-rogue-mfa'), contained)),
  row(immediate, '2.1.2', 'Revoke active sessions', by(contain('revoke-role-sessions', 'cut-role-trust', 'remove-account-assignment', 'deny-permission-set'), contained)),
  row(immediate, '2.1.3', 'Rotate access keys for affected accounts', by(contain('rotate-access-keys'), contained)),
  row(immediate, '2.1.4', 'Block source IP in security group / NSG / WAF', by(contain('block-ip-security-group', 'block-ip-network-acl', 'block-ip-waf', 'isolate-instance', 'isolate-function', 'close-public-bucket'), contained)),
  row(immediate, '2.1.5', 'Re-enable CloudTrail / logging if disabled', by(contain('restore-logging'), contained)),

  row(root, '2.2.1', 'Enable hardware MFA on root / GA immediately', by('activities/aws/root/require-root-mfa.ts', [contained, incident])),
  row(root, '2.2.2', 'Rotate root / GA password (use break-glass procedure)', by(['activities/aws/root/rotate-root-password.ts', 'activities/aws/root/remove-root-credentials.ts'], [contained, incident])),
  row(root, '2.2.3', 'Audit ALL IAM users and roles in the account', by(check('all-identities'), checks)),
  row(root, '2.2.4', 'Check for cross-account trust relationships created', by(check('trusts'), checks)),
  row(root, '2.2.5', 'Review billing for unexpected charges', by(check('billing'), 'test/aws-investigate/billing.test.ts')),
  row(root, '2.2.6', 'Contact cloud provider support for suspicious activity report', by('activities/aws/root/contact-support.ts', contained)),

  row(glass, 'glass.1', 'SOC asks the manager for approval; the manager approves', by(['workflows/break-glass.ts', 'workflows/approval.ts', 'approvals/policy/reduce.ts'], [incident, 'test/approvals/workflow.test.ts'])),
  row(glass, 'glass.2', 'Retrieve the credential from the vault', by('activities/vault/leases.ts', 'test/vault/leases.test.ts')),
  row(glass, 'glass.3', 'Disable compromised IAM', by(['workflows/incident/use-break-glass.ts', 'activities/aws/root/propose-break-glass.ts'], incident)),
  row(glass, 'glass.4', 'Revoke all sessions', by(['workflows/incident/use-break-glass.ts', 'activities/aws/root/propose-break-glass.ts'], incident)),
  row(glass, 'glass.5', 'Return and rotate credentials', by(['activities/vault/rotation.ts', 'activities/vault/aws-access-key.ts'], ['test/vault/rotation.test.ts', 'test/vault/aws-access-key.test.ts'])),
  row(glass, 'glass.second-factor', 'The manager’s second factor by passkey', by(['approvals/passkey/desk.ts', 'approvals/policy/confirm.ts', 'workers/second-factor.ts', 'console/passkey.ts'], ['test/passkey/browser.test.ts', 'test/passkey/desk.test.ts', 'test/passkey/factors.test.ts', 'test/approvals/second-factor.test.ts'])),

  row(remove, '3.1', 'Delete unauthorized IAM users and roles', by(eradicate('delete-user', 'delete-role', 'delete-group', 'delete-access-key'), identities)),
  row(remove, '3.2', 'Remove unauthorized policies and permissions', by(eradicate('detach-policy', 'delete-inline-policy', 'delete-policy', 'restore-policy-version', 'restore-trust', 'remove-group-member', 'restore-bucket-policy'), [identities, resources])),
  row(remove, '3.3', 'Terminate unauthorized compute instances', by(eradicate('terminate-instance'), resources)),
  row(remove, '3.4', 'Delete unauthorized storage buckets / containers', by(eradicate('delete-bucket'), resources)),
  row(remove, '3.5', 'Remove unauthorized security group / NSG rules', by(eradicate('revoke-security-group-rule', 'delete-security-group'), resources)),
  row(remove, '3.6', 'Remove unauthorized Lambda functions / Logic Apps', by(eradicate('delete-function', 'remove-function-permission'), resources)),

  row(harden, '4.1', 'Enforce MFA on all IAM users (hardware key for admins)', by(recover('enforce-mfa', 'mfa-policy'), recovered)),
  row(harden, '4.2', 'Implement least-privilege IAM policies', by(recover('apply-least-privilege', 'lift-deny'), [recovered, 'test/aws-eradicate/narrow.test.ts'])),
  row(harden, '4.3', 'Enable GuardDuty (AWS) / Defender for Cloud (Azure)', by(recover('enable-guardduty'), recovered)),
  row(harden, '4.4', 'Enable CloudTrail multi-region + S3 log integrity', by(recover('protect-trail'), recovered)),
  row(harden, '4.5', 'Set billing alerts and anomaly detection', by(recover('set-billing-alarms'), recovered)),
  row(harden, '4.6', 'SCP (AWS) / Azure Policy to prevent root usage', by(recover('scp-deny-root'), recovered)),
  row(harden, '4.7', 'Monitor all cloud activity for 72 hours', by(['workflows/incident/watch.ts', 'activities/aws/watch.ts'], [incident, 'test/aws-eradicate/attack.test.ts'])),

  row(indicators, '5.1', 'Compromised user: ARN / UPN', by('playbook/iocs.ts', iocs)),
  row(indicators, '5.2', 'Attacker IP', by('playbook/iocs.ts', iocs)),
  row(indicators, '5.3', 'Access key ID used', by('playbook/iocs.ts', iocs)),
  row(indicators, '5.4', 'Resources created', by('playbook/iocs.ts', iocs)),
  row(indicators, '5.5', 'Policies attached', by('playbook/iocs.ts', iocs)),
  row(indicators, '5.6', 'Billing anomalies', by('playbook/iocs.ts', iocs)),

  row(escalate, '6.1', 'Root / Global Admin compromise: CISO and cloud team immediately', by('playbook/escalation.ts', escalated)),
  row(escalate, '6.2', 'CloudTrail / logging disabled: CISO and SOC lead', by('playbook/escalation.ts', escalated)),
  row(escalate, '6.3', 'Unauthorized cross-account access: CISO and cloud architecture', by('playbook/escalation.ts', escalated)),
  row(escalate, '6.4', 'Cryptomining detected (billing spike): cloud team and finance', by('playbook/escalation.ts', escalated)),
  row(escalate, '6.5', 'Data exposed in public storage: legal and DPO (PDPA 72 h)', by('playbook/escalation.ts', escalated)),
  row(escalate, '6.6', 'Multiple cloud accounts affected: major incident', by('playbook/escalation.ts', escalated)),

  // Standing roles are the organisation's own: they are neither given nor taken.
  row(least, 'jit.1', 'Read only: viewer', by(jitAws('identity-center'), 'test/jit/aws.test.ts'), jitAzure),
  row(least, 'jit.2', 'Deploy: developer', by(jitAws('identity-center'), 'test/jit/aws.test.ts'), jitAzure),
  row(least, 'jit.3', 'Admin: PIM-protected', by([...jitAws('identity-center', 'role', 'time-box'), 'activities/jit/executor.ts'], 'test/jit/aws.test.ts'), jitAzure),
  row(least, 'jit.4', 'JIT: 2 h at most', by(jitRules, jitTests), by([...jitRules, 'activities/azure/jit/pim.ts'], [...jitTests, 'test/jit/azure.test.ts'])),
  row(least, 'jit.5', 'Requires approval', by(jitAsking, jitAskingTests), by(jitAsking, [...jitAskingTests, 'test/jit/config.test.ts'])),
  row(audit, 'audit.1', 'CSPM: over-permissioned role found', by(['playbook/permission-audit/finding.ts', 'intake/unused.ts', 'intake/pipeline.ts', 'workflows/permission-audit.ts', 'activities/aws/audit/list.ts', 'cli/audit.ts'], ['test/permission-audit/finding.test.ts', 'test/permission-audit/workflow.test.ts', 'test/permission-audit/aws.test.ts'])),
  row(audit, 'audit.2', 'Check last usage: unused for 90 days', by(['playbook/permission-audit/rules.ts', 'activities/aws/audit/look.ts'], ['test/permission-audit/rules.test.ts', 'test/permission-audit/aws.test.ts'])),
  row(audit, 'audit.3', 'Owner confirms necessity', by(['playbook/permission-audit/owner.ts', 'workflows/permission-review.ts', 'workflows/audit/ask.ts'], ['test/permission-audit/rules.test.ts', 'test/permission-audit/workflow.test.ts'])),
  row(audit, 'audit.4', 'Remove role', by([...['quarantine-unused', 'deactivate-unused-key', 'narrow-policy', 'remove-unused', 'remove-unused-key'].map((name) => `activities/aws/audit/${name}.ts`), 'workflows/audit/hold.ts', 'playbook/permission-audit/narrow.ts', 'playbook/permission-audit/compare.ts'],
    ['test/permission-audit/aws.test.ts', 'test/permission-audit/narrow.test.ts', 'test/permission-audit/workflow.test.ts'])),

  row(sigma, 'sigma.1', 'AWS Root Account Login (cloud_root_login.yml)', by('detections/cloud_root_login.yml', sigmaTests), by('detections/azure_global_admin_signin.yml', sigmaTests)),
  row(sigma, 'sigma.2', 'User Added to Domain Admins (win_domain_admin_group_add.yml)', by('detections/win_domain_admin_group_add.yml', sigmaTests), by(['detections/win_domain_admin_group_add.yml', 'intake/windows-group.ts'], sigmaTests)),
];
