import { azureActivity } from '../../intake/azure-activity';
import { defender } from '../../intake/defender';
import { entraAudit } from '../../intake/entra-audit';
import { entraSignIn } from '../../intake/entra-signin';
import { detectSource } from '../../intake/sources';
import type { ParseResult, Source } from '../../intake/source';
import type { Alert } from '../../playbook/model/alert';
import { azureActivityKin, entraAuditKin } from '../../playbook/risk/azure';
import { classify } from '../../playbook/triage/classify';

const TENANT = '0b6f1c1e-2d3a-4f5b-8c7d-9e0f1a2b3c4d';
const SUBSCRIPTION = '/subscriptions/5c1f0f7e-8d2b-4a6c-9b3e-1f2a3b4c5d6e';
type Members = Record<string, unknown>;
type Row = [name: string, record: Members, status: string, event: string | null, risk?: string];
// Jest would take a shorter row for a callback style test.
const named = (rows: Row[]) => rows.map(([name, record, status, event, risk]) => ({ name, record, status, event, ...(risk ? { risk } : {}) }));

const activity = (operationName: string, requestbody: unknown = undefined, more: Members = {}): Members => ({
  time: '2026-03-02T09:15:30.1234567Z', resourceId: `${SUBSCRIPTION}/resourceGroups/rg/providers/x/y`, operationName, category: 'Administrative', resultType: 'Success', resultSignature: 'Succeeded.', callerIpAddress: '203.0.113.77',
  correlationId: '7d0f5a2c-8b1e-4c3d-9f6a-2b4c6d8e0f1a', tenantId: TENANT, location: 'global',
  identity: { claims: { 'http://schemas.microsoft.com/identity/claims/objectidentifier': 'A1B2C3D4-0000-4000-8000-00000000000A', 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'mallory@example.com' } },
  ...(requestbody === undefined ? {} : { properties: { requestbody: JSON.stringify(requestbody) } }), ...more,
});
const audit = (activityDisplayName: string, changes: [string, string][] = [], more: Members = {}): Members => ({
  id: 'Directory_7d0f5a2c', category: 'ApplicationManagement', result: 'success', activityDisplayName, activityDateTime: '2026-03-02T09:15:30.1234567Z', loggedByService: 'Core Directory', tenantId: TENANT,
  initiatedBy: { user: { id: 'a1b2c3d4', userPrincipalName: 'mallory@example.com', ipAddress: '203.0.113.77' } },
  targetResources: [{ id: 't-1', displayName: 'payroll-app', type: 'Application', modifiedProperties: changes.map(([displayName, newValue]) => ({ displayName, oldValue: null, newValue })) }], ...more,
});
const signin = (more: Members = {}): Members => ({
  id: 's-1', createdDateTime: '2026-03-02T09:15:30Z', userId: 'u-1', userPrincipalName: 'ada@example.com', appId: '04b07795-8ddb-461a-bbee-02f9e1bf7b46', appDisplayName: 'Azure CLI', ipAddress: '203.0.113.77', isInteractive: true,
  authenticationProtocol: 'oAuth2', authenticationRequirement: 'multiFactorAuthentication', resourceDisplayName: 'Azure Resource Manager', status: { errorCode: 0 }, homeTenantId: TENANT, userAgent: 'Mozilla/5.0', clientAppUsed: 'Browser', ...more,
});
const only = (results: ParseResult): Alert => {
  if (results.length !== 1 || !('alert' in results[0]!)) throw new Error(JSON.stringify(results));
  return results[0].alert;
};
const judged = (source: Source, payload: unknown) => classify(only(source.parse(payload)));

const role = (id: string) => ({ Properties: { PrincipalId: 'p', RoleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${id}` } });
const nsg = 'Microsoft.Network/networkSecurityGroups';
test.each(named([
  ['Owner assigned', activity('Microsoft.Authorization/roleAssignments/write', role('8e3af657-a8ff-443c-a75c-2fe8c4bcb635')), 'alert', 'attach-policy', 'critical'],
  ['Reader assigned', activity('Microsoft.Authorization/roleAssignments/write', role('acdd72a7-3385-48ef-bd42-f606fba81ae7')), 'ignored', 'attach-policy'],
  ['another role assigned', activity('MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE', role('11111111-3385-48ef-bd42-f606fba81ae7')), 'alert', 'attach-policy', 'medium'],
  ['a role assigned, which is not said', activity('Microsoft.Authorization/roleAssignments/write'), 'alert', 'attach-policy', 'high'],
  ['elevated to all subscriptions', activity('Microsoft.Authorization/elevateAccess/action'), 'alert', 'attach-policy', 'critical'],
  ['a custom role', activity('Microsoft.Authorization/roleDefinitions/write', {}), 'alert', 'cross-account-role', 'critical'],
  ['NSG rule', activity(`${nsg}/securityRules/write`), 'alert', 'network-exposure', 'high'],
  ['NSG deleted', activity(`${nsg}/delete`), 'alert', 'network-exposure', 'medium'],
  ['NSG read', activity(`${nsg}/read`), 'ignored', null],
  ['NSG rule refused', activity(`${nsg}/securityRules/write`, undefined, { resultType: 'Failure' }), 'ignored', 'network-exposure'],
  ['NSG rule only started', activity(`${nsg}/securityRules/write`, undefined, { resultType: 'Start' }), 'ignored', 'network-exposure'],
  ['VM created', activity('Microsoft.Compute/virtualMachines/write', { properties: { hardwareProfile: { vmSize: 'Standard_D4s_v5' } } }), 'alert', 'run-instances', 'medium'],
  ['GPU VM created', activity('Microsoft.Compute/virtualMachines/write', { properties: { hardwareProfile: { vmSize: 'Standard_NC96ads_A100_v4' } } }), 'alert', 'run-instances', 'high'],
  ['VM created, by its status', activity('Microsoft.Compute/virtualMachines/write', undefined, { properties: { statusCode: 'Created' } }), 'alert', 'run-instances'],
  ['VM updated', activity('Microsoft.Compute/virtualMachines/write'), 'ignored', 'run-instances'],
  ['containers may be public', activity('Microsoft.Storage/storageAccounts/write', { properties: { allowBlobPublicAccess: true } }), 'alert', 'storage-exposure', 'high'],
  ['shared keys allowed', activity('Microsoft.Storage/storageAccounts/write', { properties: { allowSharedKeyAccess: true } }), 'alert', 'storage-exposure', 'medium'],
  ['an account SAS was made', activity('Microsoft.Storage/storageAccounts/listAccountSas/action'), 'alert', 'create-access-key', 'medium'],
  ['storage account tagged', activity('Microsoft.Storage/storageAccounts/write', { tags: { a: 'b' } }), 'ignored', 'storage-exposure'],
  ['public container', activity('Microsoft.Storage/storageAccounts/blobServices/containers/write', { properties: { publicAccess: 'Container' } }), 'alert', 'storage-exposure', 'critical'],
  ['private container', activity('Microsoft.Storage/storageAccounts/blobServices/containers/write', { properties: { publicAccess: 'None' } }), 'ignored', 'storage-exposure'],
  ['container ACL set, to what is not said', activity('SetContainerACL', undefined, { category: 'StorageWrite' }), 'alert', 'storage-exposure', 'medium'],
  ['diagnostic settings deleted', activity('Microsoft.Insights/diagnosticSettings/delete'), 'alert', 'logging-disabled', 'critical'],
  ['diagnostic settings of a resource deleted', activity('Microsoft.KeyVault/vaults/providers/Microsoft.Insights/diagnosticSettings/delete'), 'alert', 'logging-disabled', 'critical'],
  ['diagnostic settings emptied', activity('Microsoft.Insights/diagnosticSettings/write', { properties: { logs: [{ category: 'Administrative', enabled: false }] } }), 'alert', 'logging-disabled', 'critical'],
  ['diagnostic settings kept', activity('Microsoft.Insights/diagnosticSettings/write', { properties: { logs: [{ category: 'Administrative', enabled: true }] } }), 'ignored', 'logging-disabled'],
  ['Defender plan off', activity('Microsoft.Security/pricings/write', { properties: { pricingTier: 'Free' } }), 'alert', 'logging-disabled', 'high'],
  ['Defender plan on', activity('Microsoft.Security/pricings/write', { properties: { pricingTier: 'Standard' } }), 'ignored', 'logging-disabled'],
  ['blob versions no longer kept', activity('Microsoft.Storage/storageAccounts/blobServices/write', { properties: { isVersioningEnabled: false } }), 'alert', 'other-high-risk', 'high'],
  ['soft delete kept', activity('Microsoft.Storage/storageAccounts/blobServices/write', { properties: { deleteRetentionPolicy: { enabled: true, days: 7 } } }), 'ignored', 'other-high-risk'],
  ['commands on a VM', activity('Microsoft.Compute/virtualMachines/runCommand/action'), 'alert', 'other-high-risk', 'high'],
  ['an everyday write', activity('Microsoft.Web/sites/write'), 'ignored', null],
]))('Activity log: $name', ({ name: _, record, ...expected }) => expect(judged(azureActivity, record)).toMatchObject(expected));

test.each(named([
  ['Add user', audit('Add user'), 'alert', 'create-user', 'high'],
  ['Invite external user', audit('Invite external user'), 'alert', 'create-user'],
  ['Add member to role, Global Administrator', audit('Add member to role', [['Role.DisplayName', '"Global Administrator"']]), 'alert', 'attach-policy', 'critical'],
  ['Add member to role, another', audit('Add member to role', [['Role.DisplayName', '"Reports Reader"']]), 'alert', 'attach-policy', 'high'],
  ['Add service principal credentials', audit('Add service principal credentials'), 'alert', 'create-access-key'],
  ['Update application, federated credential', audit('Update application', [['FederatedIdentityCredentials', '[{"Issuer":"https://x"}]']]), 'alert', 'create-access-key'],
  ['Update application, name', audit('Update application', [['DisplayName', '"y"']]), 'ignored', 'create-access-key'],
  ['Set federation settings on domain', audit('Set federation settings on domain'), 'alert', 'cross-account-role', 'critical'],
  ['Set domain authentication, federated', audit('Set domain authentication', [['LiveType', '["Federated"]']]), 'alert', 'cross-account-role'],
  ['Set domain authentication, managed', audit('Set domain authentication', [['LiveType', '["Managed"]']]), 'ignored', 'cross-account-role'],
  ['somebody else’s security info', audit('Admin registered security info'), 'alert', 'attach-policy'],
  ['own security info', audit('User registered security info', [], { targetResources: [{ id: 'A1B2C3D4', type: 'User' }] }), 'ignored', 'attach-policy'],
  ['conditional access deleted', audit('Delete conditional access policy'), 'alert', 'other-high-risk', 'high'],
  ['Add user refused', audit('Add user', [], { result: 'failure' }), 'ignored', 'create-user'],
  ['an everyday activity', audit('Update device'), 'ignored', null],
]))('directory audit: $name', ({ name: _, record, ...expected }) => expect(judged(entraAudit, record)).toMatchObject(expected));

test.each<[string, Members, string, string]>([
  ['everyday', signin(), 'ignored', 'login'],
  ['device code to the broker', signin({ authenticationProtocol: 'deviceCode', appId: '29d9ed98-a469-4536-ade2-f981bc1d605e' }), 'alert', 'device-code-broker'],
  ['device code elsewhere', signin({ authenticationProtocol: 'deviceCode', isInteractive: false }), 'ignored', 'login'],
  ['password sent by a program', signin({ authenticationProtocol: 'ropc', authenticationRequirement: 'singleFactorAuthentication' }), 'alert', 'password-grant'],
  ['the same, refused', signin({ authenticationProtocol: 'ropc', authenticationRequirement: 'singleFactorAuthentication', status: { errorCode: 50126 } }), 'ignored', 'login-failed'],
  ['second factor refused', signin({ status: { errorCode: 500121 } }), 'alert', 'telling-failure'],
  ['rated risky', signin({ riskLevelDuringSignIn: 'medium' }), 'alert', 'risky-signin'],
  ['IMAP', signin({ clientAppUsed: 'IMAP4' }), 'alert', 'legacy-protocol'],
  ['borrowed client', signin({ appId: 'aebc6443-996d-45c2-90f0-388ff96faa56', resourceDisplayName: 'Microsoft Graph' }), 'alert', 'borrowed-client'],
  ['a script where a person should be', signin({ userAgent: 'python-requests/2.31' }), 'alert', 'scripted-interactive'],
  ['a script where scripts are', signin({ userAgent: 'python-requests/2.31', isInteractive: false }), 'ignored', 'login'],
])('sign-in: %s', (_name, record, status, code) => expect(judged(entraSignIn, record)).toMatchObject({ status, event: 'suspicious-signin', reasons: [{ code }] }));

test('who acted: object id in lower case, application, guest, nobody', () => {
  expect(only(azureActivity.parse(activity('x/y/write'))).principal).toEqual({ provider: 'azure', account: TENANT, kind: 'user', id: 'a1b2c3d4-0000-4000-8000-00000000000a', name: 'mallory@example.com' });
  expect(only(azureActivity.parse(activity('x/y/write', undefined, { identity: { claims: { idtyp: 'app', appid: 'app-1', 'http://schemas.microsoft.com/identity/claims/objectidentifier': 'sp-1' } } }))).principal).toMatchObject({ kind: 'service-principal', id: 'sp-1' });
  expect(only(entraSignIn.parse(signin({ userPrincipalName: 'eve_evil.com#EXT#@example.onmicrosoft.com' }))).principal).toMatchObject({ kind: 'guest', id: 'u-1' });
  expect(only(azureActivity.parse(activity('x/y/write', undefined, { identity: undefined }))).principal).toBeNull();
});

test('exports, Graph lists and bare records; one bad record does not lose the others', () => {
  const results = azureActivity.parse({ records: [activity(`${nsg}/delete`), { ...activity('a/b/write'), operationName: undefined }, activity('a/b/write', undefined, { time: 'x' })] });
  expect(results.map((one) => ('alert' in one ? 'alert' : one.rejected.path))).toEqual(['alert', 'records[1].operationName', 'records[2].time']);
  expect(entraAudit.parse({ value: [audit('Add user')] })).toHaveLength(1);
  const exported = { time: '2026-03-02T09:15:30Z', resourceId: `/tenants/${TENANT}/providers/Microsoft.aadiam`, operationName: 'Add user', category: 'AuditLogs', tenantId: TENANT, properties: audit('Add user') };
  expect(only(entraAudit.parse(exported)).event).toBe('Add user');
  expect(entraAudit.parse(audit('Add user', [], { tenantId: undefined }))).toEqual([{ rejected: { path: 'tenantId', problem: 'is missing' } }]);
  expect(only(entraAudit.parse(audit('Add user', [], { tenantId: undefined }), { tenant: TENANT })).account).toBe(TENANT);
});

test('Defender: severity, status, account and address of the evidence', () => {
  const alert = { id: 'da1', providerAlertId: 'da1', tenantId: TENANT, title: 'Anomalous token', severity: 'high', status: 'new', serviceSource: 'azureAdIdentityProtection', category: 'CredentialAccess', mitreTechniques: ['T1528'], lastActivityDateTime: '2026-03-02T09:15:30Z',
    evidence: [{ userAccount: { azureAdUserId: 'U-9', userPrincipalName: 'ada@example.com' } }, { ipAddress: '198.51.100.9' }] };
  expect(only(defender.parse(alert))).toMatchObject({ principal: { id: 'u-9', name: 'ada@example.com' }, addresses: ['198.51.100.9'] });
  expect(judged(defender, alert)).toMatchObject({ status: 'alert', event: 'threat-finding', risk: 'high', techniques: ['T1528'] });
  expect(judged(defender, { ...alert, severity: 'low' }).status).toBe('ignored');
  expect(judged(defender, { ...alert, status: 'resolved' }).status).toBe('ignored');
  expect(defender.parse({ ...alert, severity: 'bad' })).toEqual([{ rejected: { path: 'severity', problem: 'is none of high, medium, low, informational, unknown' } }]);
});

test('shapes are told apart', () => {
  expect(detectSource(activity(`${nsg}/delete`))?.id).toBe('azure-activity');
  expect(detectSource({ operationName: 'Sign-in activity', category: 'SignInLogs', properties: signin() })?.id).toBe('entra-signin');
  expect(detectSource(audit('Add user'))?.id).toBe('entra-audit');
  expect(detectSource(signin())?.id).toBe('entra-signin');
  expect(detectSource({ title: 'x', severity: 'high', serviceSource: 'microsoftDefenderForCloud' })?.id).toBe('defender');
});

test('the tables are sound: lower case, no name twice, known techniques', () => {
  for (const table of [azureActivityKin, entraAuditKin]) {
    const names = table.flatMap((kin) => kin.names);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toBe(name.toLowerCase());
    for (const technique of table.flatMap((kin) => kin.techniques)) expect(technique).toMatch(/^T\d{4}(\.\d{3})?$/);
  }
});
