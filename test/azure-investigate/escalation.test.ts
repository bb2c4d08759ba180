import { escalationsDue, type EscalationInput } from '../../playbook/escalation';
import { directoryChange } from '../../activities/azure/investigate/directory-changes';
import { resourceChange } from '../../activities/azure/investigate/resource-changes';
import type { Artifact, CheckId, Finding } from '../../playbook/model/finding';

const TENANT = '0b6f1c1e-2d3a-4f5b-8c7d-9e0f1a2b3c4d';
const SUB = '/subscriptions/5c1f0f7e-8d2b-4a6c-9b3e-1f2a3b4c5d6e';
const AT = '2026-03-02T09:00:00.000Z';

const artifacts = (made: ReturnType<typeof directoryChange>, details: object = {}, account = TENANT): Artifact[] =>
  made.map((one) => ({ ...one, provider: 'azure', account, region: null, attribution: 'attacker', events: ['e'], details: { ...one.details, ...details } }));
const finding = (check: CheckId, list: Artifact[], facts: Finding['facts'] = {}): Finding => ({ check, state: 'found', summary: 's', error: null, artifacts: list, facts, evidence: [] });
const operation = (event: string, resource: string, request: object = {}, made = true) => resourceChange({ event, time: AT, resource: `${SUB}${resource}`, request: request as never, made, region: null });
const audit = (event: string, id: string, changes: [string, string][]) => directoryChange({ id: 'd', event, time: AT, tenant: TENANT, targets: [{ id, name: id, type: 'other' }], changes: changes.map(([name, after]) => ({ name, before: '', after })) });

const input = (more: Partial<EscalationInput>): EscalationInput => ({
  principal: { provider: 'azure', account: TENANT, kind: 'user', id: 'u', name: 'dana' }, alerts: [], findings: [], now: AT, verdict: { kind: 'critical', event: 'attach-policy', risk: 'critical', type: 'permission-change', techniques: [], reasons: [] }, ...more,
});

test.each<[string, Partial<EscalationInput>, RegExp]>([
  ['6.1', { globalAdmin: true }, /Global Admin/],
  ['6.2', { findings: [finding('1.3.5-logging', artifacts(operation('Microsoft.Insights/diagnosticSettings/delete', '/providers/Microsoft.Insights/diagnosticSettings/export')))] }, /deleted trail export \(deleted\)/],
  ['6.3', { findings: [finding('1.3.6-identities', artifacts(audit('Add a partner to cross-tenant access setting', '99999999-0000-4000-8000-000000000009', [['tenantId', '"99999999-0000-4000-8000-000000000009"']])))] }, /trust 99999999/],
  ['6.4', { findings: [finding('1.3.1-compute', artifacts(operation('Microsoft.Compute/virtualMachines/write', '/resourceGroups/r/providers/Microsoft.Compute/virtualMachines/miner')))] }, /created instance miner/],
  ['6.5', { findings: [finding('1.3.2-storage', artifacts(operation('Microsoft.Storage/storageAccounts/blobServices/containers/write', '/resourceGroups/r/providers/Microsoft.Storage/storageAccounts/a/blobServices/default/containers/out', { properties: { publicAccess: 'Blob' } })))] }, /PDPA notification due by 2026-03-05T09:00/],
  ['6.6', { findings: [finding('1.3.6-identities', artifacts(audit('Add a partner to cross-tenant access setting', 'x', []), {}, '77777777-0000-4000-8000-000000000007'))] }, /77777777/],
])('condition %s holds for what Azure’s logs show', (condition, more, line) => {
  const due = escalationsDue(input(more)).find((one) => one.condition === condition);
  expect(due && [due.title, ...due.lines].join('\n')).toMatch(line);
});

test('a private container and a setting that stays on escalate nothing', () => {
  const quiet = [
    finding('1.3.2-storage', artifacts(operation('Microsoft.Storage/storageAccounts/blobServices/containers/write', '/resourceGroups/r/providers/Microsoft.Storage/storageAccounts/a/blobServices/default/containers/in', { properties: { publicAccess: 'None' } }))),
    finding('1.3.1-compute', artifacts(operation('Microsoft.Compute/virtualMachines/runCommand/action', '/resourceGroups/r/providers/Microsoft.Compute/virtualMachines/m', {}, false))),
  ];
  expect(escalationsDue(input({ findings: quiet }))).toEqual([]);
});
