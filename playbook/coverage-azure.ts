import type { Carried } from './coverage';

const decision = 'playbook/triage/decide.ts';
const decided = ['test/triage/decide.test.ts', 'test/triage/azure-labelled.test.ts'];
const bothClouds = 'test/workflows/incident.test.ts';
const contained = ['test/azure-contain/contract.test.ts'];
const special = ['test/azure-contain/special.test.ts'];
const vault = ['test/vault/azure-app-secret.test.ts'];
const contain = (...names: string[]): string[] => names.map((name) => `activities/azure/contain/${name}.ts`);
const root = (...names: string[]): string[] => names.map((name) => `activities/azure/root/${name}.ts`);

const looked = ['test/azure-investigate/sandbox.test.ts', 'test/azure-investigate/attribution.test.ts'];
const check = (...names: string[]): string[] => names.map((name) => `activities/azure/investigate/checks/${name}.ts`);

const removed = ['test/azure-eradicate/eradicate.test.ts'];
const eradicate = (...names: string[]): string[] => names.map((name) => `activities/azure/eradicate/${name}.ts`);
const audit = (...names: string[]): string[] => names.map((name) => `activities/azure/audit/${name}.ts`);
const recovered = ['test/azure-eradicate/recover.test.ts'];
const recover = (...names: string[]): string[] => names.map((name) => `activities/azure/recover/${name}.ts`);

/** Where Azure and Entra carry a row of the playbook out, but for rows that name one place for both clouds. */
export const azureCoverage: Readonly<Record<string, Carried>> = {
  'alert.source.cloudtrail': { files: ['intake/azure-activity.ts', 'intake/entra-audit.ts', 'intake/entra-signin.ts'], tests: ['test/intake/azure-logs.test.ts'] },
  'alert.source.guardduty': { files: ['intake/defender.ts', 'intake/defender-cloud.ts', 'intake/sentinel.ts'], tests: ['test/intake/azure-defender.test.ts', 'test/intake/azure-sentinel.test.ts'] },
  'alert.admin': { files: ['playbook/triage/azure/audit.ts', 'playbook/triage/azure/roles.ts'], tests: ['test/triage/azure.test.ts', 'test/triage/azure-labelled.test.ts'] },
  'alert.key': { files: ['playbook/triage/azure/audit.ts'], tests: ['test/triage/azure.test.ts', 'test/triage/azure-labelled.test.ts'] },
  'alert.cross-account': { files: ['playbook/triage/azure/audit.ts'], tests: ['test/triage/azure.test.ts'] },
  'alert.policy': { files: ['playbook/triage/azure/audit.ts', 'activities/azure/eradicate/restore-conditional-access.ts'], tests: ['test/triage/azure.test.ts', 'test/azure-eradicate/eradicate.test.ts'] },
  'alert.assess': { files: ['playbook/risk/azure.ts', 'playbook/risk-table.ts', decision], tests: ['test/triage/azure.test.ts', ...decided] },
  'flow.root': { files: [decision, 'playbook/triage/azure/signin.ts', 'activities/registers.ts'], tests: [...decided, bothClouds] },
  'flow.new-user': { files: [decision, 'playbook/change-request.ts', 'playbook/triage/azure/audit.ts'], tests: [...decided, 'test/playbook/checklist.test.ts'] },
  'flow.permission': { files: [decision, 'playbook/triage/azure/roles.ts'], tests: decided },
  'flow.key': { files: [decision, 'playbook/triage/azure/audit.ts'], tests: decided },
  'flow.critical': { files: ['workflows/incident/index.ts', 'workflows/incident/contain.ts', 'workflows/incident/investigate.ts'], tests: [bothClouds] },
  '1.1.1': { files: ['playbook/triage/azure/signin.ts', 'activities/azure/look-up.ts', 'playbook/triage/decide.ts', 'detections/azure_global_admin_signin.yml'], tests: ['test/triage/azure-labelled.test.ts', 'test/azure-contain/special.test.ts'] },
  '1.1.2': { files: ['playbook/risk/azure.ts', 'playbook/triage/azure/audit.ts'], tests: ['test/triage/azure.test.ts', 'test/triage/azure-labelled.test.ts'] },
  '1.1.3': { files: ['playbook/risk/azure.ts', 'playbook/triage/azure/audit.ts', 'playbook/triage/azure/roles.ts'], tests: ['test/triage/azure.test.ts', 'test/triage/azure-labelled.test.ts'] },
  '1.1.4': { files: ['playbook/risk/azure.ts', 'playbook/triage/azure/audit.ts'], tests: ['test/triage/azure.test.ts', 'test/triage/azure-labelled.test.ts'] },
  '1.1.5': { files: ['playbook/risk/azure.ts', 'playbook/triage/azure/activity.ts', 'playbook/triage/azure/exposure.ts'], tests: ['test/triage/azure.test.ts', 'test/triage/azure-labelled.test.ts'] },
  '1.1.6': { files: ['playbook/risk/azure.ts', 'playbook/triage/azure/activity.ts'], tests: ['test/triage/azure.test.ts', 'test/triage/azure-labelled.test.ts'] },
  '1.1.7': { files: ['playbook/risk/azure.ts', 'playbook/triage/azure/activity.ts'], tests: ['test/triage/azure.test.ts', 'test/triage/azure-labelled.test.ts'] },
  '1.1.8': { files: ['playbook/risk/azure.ts', 'playbook/triage/azure/activity.ts'], tests: ['test/triage/azure.test.ts', 'test/triage/azure-labelled.test.ts'] },
  '1.1.9': { files: ['playbook/risk/azure.ts', 'playbook/triage/azure/activity.ts'], tests: ['test/triage/azure.test.ts', 'test/triage/azure-labelled.test.ts'] },
  '1.2.5': { files: ['playbook/change-request.ts'], tests: ['test/playbook/checklist.test.ts'] },
  '1.2.1': { files: check('who'), tests: looked },
  '1.2.2': { files: check('source-ip'), tests: looked },
  '1.2.3': { files: check('channel'), tests: looked },
  '1.2.4': { files: check('mfa'), tests: looked },
  '1.2.6': { files: check('permissions'), tests: looked },
  '1.2.7': { files: check('resources'), tests: looked },
  '1.2.8': { files: check('billing'), tests: looked },
  '1.3.1': { files: check('compute'), tests: looked },
  '1.3.2': { files: check('storage'), tests: looked },
  '1.3.3': { files: check('network'), tests: looked },
  '1.3.4': { files: check('functions'), tests: looked },
  '1.3.5': { files: check('logging'), tests: looked },
  '1.3.6': { files: check('identities'), tests: looked },
  '2.2.3': { files: check('all-identities'), tests: looked },
  '2.2.4': { files: check('trusts'), tests: looked },
  '2.2.5': { files: check('billing'), tests: looked },
  '2.1.1': { files: contain('deny-sign-in', 'disable-user', 'reset-password', 'remove-auth-methods', 'disable-devices', 'disable-service-principal', 'remove-directory-roles', 'remove-app-access', 'remove-azure-roles'), tests: contained },
  '2.1.2': { files: contain('revoke-sessions'), tests: contained },
  '2.1.3': { files: contain('remove-app-credentials', 'rotate-app-credentials', 'rotate-storage-keys'), tests: contained },
  '2.1.4': { files: contain('block-ip-nsg', 'block-ip-conditional-access', 'block-ip-waf', 'isolate-vm', 'isolate-function', 'isolate-logic-app', 'close-public-container'), tests: contained },
  '2.1.5': { files: contain('restore-diagnostics'), tests: contained },
  '2.2.1': { files: root('require-admin-mfa'), tests: special },
  '2.2.2': { files: root('rotate-admin-password'), tests: special },
  'glass.1': { files: ['workflows/break-glass.ts', 'workflows/approval.ts', 'approvals/policy/reduce.ts'], tests: ['test/workflows/incident.test.ts', 'test/approvals/workflow.test.ts'] },
  'glass.2': { files: ['activities/vault/leases.ts'], tests: ['test/vault/leases.test.ts', ...vault] },
  'glass.3': { files: ['workflows/incident/use-break-glass.ts', ...root('propose')], tests: special },
  'glass.4': { files: ['workflows/incident/use-break-glass.ts', ...root('propose')], tests: special },
  // The question is the workflow’s, whatever cloud the credential opens.
  'glass.second-factor': { files: ['approvals/passkey/desk.ts', 'approvals/policy/confirm.ts', 'workers/second-factor.ts', 'console/passkey.ts'], tests: ['test/passkey/browser.test.ts', 'test/passkey/desk.test.ts', 'test/passkey/factors.test.ts', 'test/approvals/second-factor.test.ts'] },
  'glass.5': { files: ['activities/vault/rotation.ts', 'activities/vault/azure-app-secret.ts'], tests: vault },
  '2.2.6': { files: root('contact-support'), tests: contained },
  '3.1': { files: eradicate('delete-user', 'delete-group', 'delete-application'), tests: removed },
  '3.2': { files: eradicate('delete-azure-role-assignment', 'delete-role-definition', 'remove-grant', 'restore-conditional-access', 'delete-policy', 'delete-partner', 'remove-group-member'), tests: removed },
  '3.3': { files: eradicate('delete-vm'), tests: removed },
  '3.4': { files: eradicate('delete-container', 'delete-storage-account'), tests: [...removed, 'test/azure-eradicate/storage-account.test.ts'] },
  '3.5': { files: eradicate('delete-nsg-rule'), tests: removed },
  '3.6': { files: eradicate('delete-function'), tests: removed },
  '4.1': { files: recover('enforce-mfa'), tests: recovered },
  '4.2': { files: recover('apply-least-privilege', 'lift-deny'), tests: recovered },
  '4.3': { files: recover('enable-defender'), tests: recovered },
  '4.4': { files: recover('export-activity-log'), tests: recovered },
  '4.5': { files: recover('set-budget', 'alert-cost-anomalies'), tests: recovered },
  '4.6': { files: recover('deny-owner-assignment'), tests: recovered },
  '4.7': { files: ['workflows/incident/watch.ts', 'activities/azure/watch.ts'], tests: recovered },
  '5.1': { files: ['playbook/iocs.ts'], tests: looked },
  '5.2': { files: ['playbook/iocs.ts'], tests: looked },
  '5.3': { files: ['playbook/iocs.ts'], tests: looked },
  '5.4': { files: ['playbook/iocs.ts'], tests: looked },
  '5.5': { files: ['playbook/iocs.ts'], tests: looked },
  '5.6': { files: ['playbook/iocs.ts'], tests: looked },
  'audit.1': { files: ['playbook/permission-audit/finding.ts', 'intake/defender-assessment.ts', 'workflows/permission-audit.ts', 'cli/audit.ts', ...audit('list')], tests: ['test/permission-audit/finding.test.ts', 'test/permission-audit/azure-look.test.ts', 'test/permission-audit/azure-workflow.test.ts'] },
  'audit.2': { files: ['playbook/permission-audit/rules.ts', ...audit('look-user', 'look-app', 'logged')], tests: ['test/permission-audit/azure-look.test.ts'] },
  'audit.3': { files: ['playbook/permission-audit/owner.ts', 'workflows/permission-review.ts', 'workflows/audit/ask.ts'], tests: ['test/permission-audit/rules.test.ts', 'test/permission-audit/workflow.test.ts'] },
  'audit.4': { files: [...audit('suspend-unused-roles', 'disable-unused-application', 'remove-unused-roles', 'remove-unused-application'), 'workflows/audit/hold.ts'], tests: ['test/permission-audit/azure-actions.test.ts', 'test/permission-audit/workflow.test.ts'] },
  '6.1': { files: ['playbook/escalation.ts'], tests: ['test/azure-investigate/escalation.test.ts'] },
  '6.2': { files: ['playbook/escalation.ts'], tests: ['test/azure-investigate/escalation.test.ts'] },
  '6.3': { files: ['playbook/escalation.ts'], tests: ['test/azure-investigate/escalation.test.ts'] },
  '6.4': { files: ['playbook/escalation.ts'], tests: ['test/azure-investigate/escalation.test.ts'] },
  '6.5': { files: ['playbook/escalation.ts'], tests: ['test/azure-investigate/escalation.test.ts'] },
  '6.6': { files: ['playbook/escalation.ts'], tests: ['test/azure-investigate/escalation.test.ts'] },
};
