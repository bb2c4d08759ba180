import { SOURCES, detectSource } from '../../intake/sources';
import type { Alert } from '../../playbook/model/alert';
import { classify } from '../../playbook/triage/classify';
import { decide } from '../../playbook/triage/decide';
import { noDocuments } from './events';

const TENANT = '0b6f1c1e-2d3a-4f5b-8c7d-9e0f1a2b3c4d';
const SUB = '/subscriptions/5c1f0f7e-8d2b-4a6c-9b3e-1f2a3b4c5d6e';
const ADA = '6d1f4a20-0000-4000-8000-0000000000aa';
const EVE = '6d1f4a20-0000-4000-8000-0000000000ee';
type Members = Record<string, unknown>;
/** `alert` or `quiet`, then what happened, then the record as it is exported. */
type Labelled = [label: 'alert' | 'quiet', what: string, record: Members, expected?: object];

const claims = { 'http://schemas.microsoft.com/identity/claims/objectidentifier': ADA, 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'ada@example.com', 'http://schemas.microsoft.com/identity/claims/tenantid': TENANT, 'http://schemas.microsoft.com/identity/claims/scope': 'user_impersonation' };
/** Activity log as a diagnostic setting sends it to an event hub. */
const hub = (operation: string, properties: Members = {}, more: Members = {}): Members => ({
  time: '2026-03-02T09:15:30.1234567Z', resourceId: `${SUB}/RESOURCEGROUPS/RG/PROVIDERS/X`.toUpperCase(), operationName: operation.toUpperCase(), category: 'Administrative', resultType: 'Success', resultSignature: 'Succeeded.OK', durationMs: 12, callerIpAddress: '203.0.113.77',
  correlationId: '7d0f5a2c-8b1e-4c3d-9f6a-2b4c6d8e0f1a', identity: { authorization: { scope: SUB, action: operation, evidence: { role: 'Owner', roleDefinitionId: '8e3af657a8ff443ca75c2fe8c4bcb635' } }, claims }, level: 'Information', location: 'global', properties, ...more,
});
const body = (value: unknown): Members => ({ requestbody: JSON.stringify(value) });
/** The same log as the REST API and the portal give it. */
const rest = (operation: string, more: Members = {}): Members => ({
  operationName: { value: operation, localizedValue: 'x' }, category: { value: 'Administrative', localizedValue: 'Administrative' }, status: { value: 'Succeeded', localizedValue: 'Succeeded' }, subStatus: { value: '', localizedValue: '' }, eventTimestamp: '2026-03-02T09:15:30.1234567Z', caller: 'ada@example.com', claims,
  eventDataId: '44ade6b4-3813-45e6-ae27-7420a95fa2f8', resourceId: `${SUB}/resourceGroups/rg`, httpRequest: { clientIpAddress: '203.0.113.77', method: 'PUT' }, properties: {}, ...more,
});
/** A directory audit inside the envelope of the event hub. */
const audit = (activity: string, changes: [string, unknown, unknown][] = [], more: Members = {}): Members => ({
  time: '2026-03-02T09:15:30.1234567Z', resourceId: `/tenants/${TENANT}/providers/Microsoft.aadiam`, operationName: activity, category: 'AuditLogs', tenantId: TENANT, resultSignature: 'None',
  properties: {
    id: 'Directory_1', category: 'RoleManagement', result: 'success', activityDisplayName: activity, activityDateTime: '2026-03-02T09:15:30.1234567+00:00', loggedByService: 'Core Directory', initiatedBy: { user: { id: ADA, userPrincipalName: 'ada@example.com', ipAddress: '203.0.113.77' } },
    targetResources: [{ id: EVE, displayName: 'eve', type: 'User', userPrincipalName: 'eve@example.com', modifiedProperties: changes.map(([displayName, oldValue, newValue]) => ({ displayName, oldValue: oldValue === null ? null : JSON.stringify(oldValue), newValue: newValue === null ? null : JSON.stringify(newValue) })) }], ...more,
  },
});
const himself = { targetResources: [{ id: ADA, type: 'User', modifiedProperties: [] }] };
const role = (id: string, more: Members = {}): Members => body({ Properties: { PrincipalId: EVE, RoleDefinitionId: `${SUB}/providers/Microsoft.Authorization/roleDefinitions/${id}`, ...more } });
const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const GLOBAL: [string, unknown, unknown] = ['Role.DisplayName', null, 'Global Administrator'];
const policy = (state: string, users: string[] = ['All'], name = 'MFA'): Members => ({ id: 'p1', displayName: name, state, conditions: { users: { includeUsers: users } }, grantControls: { builtInControls: ['mfa'] }, sessionControls: null });
const key = (id: string): string => `[KeyIdentifier=${id},KeyType=Password,KeyUsage=Verify,DisplayName=x]`;
const consented = (scope: string, kind = 'Principal'): [string, unknown, unknown] => ['ConsentAction.Permissions', null, `[] => [[Id: x, ClientId: c, PrincipalId: ${ADA}, ResourceId: r, ConsentType: ${kind}, Scope: ${scope}, CreatedDateTime: , LastModifiedDateTime ]]; `];
const rule = (access: string, source: string): Members => body({ properties: { access, direction: 'Inbound', protocol: 'Tcp', sourceAddressPrefix: source, destinationPortRange: '22', priority: 100 } });
const extension = (publisher: string, type: string): Members => body({ location: 'westeurope', properties: { publisher, type, typeHandlerVersion: '1.0', settings: {} } });

const A = 'Microsoft.Authorization';
const ST = 'Microsoft.Storage/storageAccounts';
const TABLE: Labelled[] = [
  // 1.1.3 and its kin, in Azure
  ['alert', 'Owner assigned, as the start of it was kept', hub(`${A}/roleAssignments/write`, role(OWNER)), { event: 'attach-policy', risk: 'critical' }],
  ['alert', 'Owner assigned, known from the answer', rest(`${A}/roleAssignments/write`, { properties: { statusCode: 'Created', responseBody: JSON.stringify({ properties: { roleDefinitionId: `x/${OWNER}` } }) } }), { risk: 'critical' }],
  ['quiet', 'Reader assigned, known from the answer', rest(`${A}/roleAssignments/write`, { properties: { responseBody: JSON.stringify({ properties: { roleDefinitionId: `x/${READER}` } }) } })],
  ['quiet', 'Owner assigned, refused', hub(`${A}/roleAssignments/write`, role(OWNER), { resultType: 'Failure', resultSignature: 'Failed.Forbidden' })],
  ['quiet', 'Owner assigned, refused, REST', rest(`${A}/roleAssignments/write`, { status: { value: 'Failed' }, subStatus: { value: 'Forbidden' } })],
  ['quiet', 'an assignment taken away', hub(`${A}/roleAssignments/delete`)],
  ['alert', 'eligible for Owner', hub(`${A}/roleEligibilityScheduleRequests/write`, role(OWNER, { RequestType: 'AdminAssign' })), { event: 'attach-policy', risk: 'critical' }],
  ['alert', 'active Owner by PIM', hub(`${A}/roleAssignmentScheduleRequests/write`, role(OWNER, { requestType: 'SelfActivate' })), { risk: 'critical' }],
  ['quiet', 'eligibility ended', hub(`${A}/roleEligibilityScheduleRequests/write`, role(OWNER, { requestType: 'AdminRemove' }))],
  ['quiet', 'activation ended by its holder', hub(`${A}/roleAssignmentScheduleRequests/write`, role(OWNER, { requestType: 'SelfDeactivate' }))],
  ['alert', 'elevated over everything', rest(`${A}/elevateAccess/action`, { resourceId: '/providers/Microsoft.Authorization' }), { risk: 'critical' }],
  ['alert', 'elevated, as the directory tells it', audit('User has elevated their access to User Access Administrator for their Azure Resources'), { risk: 'critical' }],
  ['quiet', 'elevation given back', audit('User has removed their elevated access')],
  ['alert', 'a custom role that may do anything', hub(`${A}/roleDefinitions/write`, body({ properties: { permissions: [{ actions: ['*'], notActions: [] }] } })), { event: 'cross-account-role', risk: 'critical' }],
  ['alert', 'a custom role that reads', hub(`${A}/roleDefinitions/write`, body({ properties: { permissions: [{ actions: ['Microsoft.Compute/*/read'], dataActions: [] }] } })), { risk: 'medium' }],
  ['quiet', 'a role definition read', hub(`${A}/roleDefinitions/read`)],
  // and in the directory
  ['alert', 'Global Administrator given', audit('Add member to role', [GLOBAL]), { event: 'attach-policy', risk: 'critical' }],
  ['alert', 'eligible for Global Administrator', audit('Add eligible member to role in PIM completed (timebound)', [GLOBAL]), { risk: 'critical' }],
  ['alert', 'active by PIM, for good', audit('Add member to role in PIM completed (permanent)', [GLOBAL]), { risk: 'critical' }],
  ['alert', 'outside of PIM', audit('Add member to role outside of PIM (permanent)', [['Role.DisplayName', null, 'User Administrator']]), { risk: 'high' }],
  ['alert', 'Global Administrator activated', audit('Add member to role completed (PIM activation)', [GLOBAL]), { risk: 'high', reasons: [{ code: 'top-role-activated' }] }],
  ['quiet', 'a lesser role activated', audit('Add member to role completed (PIM activation)', [['Role.DisplayName', null, 'Helpdesk Administrator']])],
  ['quiet', 'only asked for', audit('Add eligible member to role in PIM requested (timebound)', [GLOBAL])],
  ['quiet', 'a role taken away', audit('Remove member from role', [['Role.DisplayName', 'Global Administrator', null]])],
  ['quiet', 'a role given, refused', audit('Add member to role', [GLOBAL], { result: 'failure' })],
  ['alert', 'an app may give itself roles', audit('Add app role assignment to service principal', [['AppRole.Value', null, 'RoleManagement.ReadWrite.Directory']]), { risk: 'critical' }],
  ['alert', 'an app may read users', audit('Add app role assignment to service principal', [['AppRole.Value', null, 'User.Read.All']]), { risk: 'high' }],
  ['quiet', 'a person may use an app', audit('Add app role assignment grant to user', [['AppRole.Value', null, 'default']])],
  ['alert', 'consent for everybody to mail', audit('Consent to application', [['ConsentContext.IsAdminConsent', null, 'True'], consented('Mail.Read offline_access', 'AllPrincipals')]), { event: 'attach-policy' }],
  ['alert', 'consent to own mail, phished', audit('Consent to application', [['ConsentContext.IsAdminConsent', null, 'False'], consented('openid Mail.Read offline_access')])],
  ['quiet', 'consent to be signed in', audit('Consent to application', [['ConsentContext.IsAdminConsent', null, 'False'], consented(' openid profile User.Read')])],
  ['alert', 'consent, to what is not said', audit('Consent to application')],
  ['alert', 'owner of an application', audit('Add owner to application')],
  ['alert', 'owner of a service principal', audit('Add owner to service principal')],
  ['quiet', 'owner taken away', audit('Remove owner from application')],
  // 1.1.2
  ['alert', 'a guest invited', audit('Invite external user'), { event: 'create-user' }],
  ['quiet', 'a user changed', audit('Update user', [['DisplayName', ['a'], ['b']]])],
  ['quiet', 'a user removed', audit('Delete user')],
  // 1.1.4
  ['alert', 'a secret added', audit('Update application – Certificates and secrets management ', [['KeyDescription', [key('1')], [key('1'), key('2')]]]), { event: 'create-access-key' }],
  ['quiet', 'a secret removed', audit('Update application – Certificates and secrets management ', [['KeyDescription', [key('1'), key('2')], [key('1')]]])],
  ['quiet', 'the last secret removed', audit('Update application - Certificates and secrets management', [['KeyDescription', [key('1')], []]])],
  ['alert', 'a secret swapped for another', audit('Update application – Certificates and secrets management', [['KeyDescription', [key('1')], [key('2')]]])],
  ['alert', 'credentials changed, how is not said', audit('Update application – Certificates and secrets management')],
  ['quiet', 'a secret removed from a service principal', audit('Remove service principal credentials')],
  ['alert', 'a federated credential', audit('Update application', [['FederatedIdentityCredentials', [], [{ Name: 'x', Issuer: 'https://evil.example' }]]]), { event: 'create-access-key' }],
  ['quiet', 'a federated credential removed', audit('Update application', [['FederatedIdentityCredentials', [{ Name: 'x' }, { Name: 'y' }], [{ Name: 'y' }]]])],
  ['alert', 'a federated credential of a managed identity', hub('Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write'), { event: 'create-access-key', risk: 'high' }],
  ['alert', 'a storage key made anew', hub(`${ST}/regenerateKey/action`), { event: 'create-access-key' }],
  ['alert', 'an account SAS', hub(`${ST}/listAccountSas/action`), { event: 'create-access-key' }],
  ['alert', 'a rule with keys of its own on a hub', hub('Microsoft.EventHub/namespaces/authorizationRules/write'), { event: 'create-access-key' }],
  ['alert', 'an SFTP user of a storage account', hub(`${ST}/localUsers/write`), { event: 'create-access-key' }],
  ['quiet', 'a storage key made anew, refused', hub(`${ST}/regenerateKey/action`, {}, { resultType: 'Failed' })],
  // 1.1.5
  ['alert', 'blobs may be public', hub(`${ST}/write`, body({ Properties: { AllowBlobPublicAccess: true } })), { event: 'storage-exposure', risk: 'high' }],
  ['alert', 'blobs may be public, known from the answer', hub(`${ST}/write`, { responseBody: JSON.stringify({ properties: { allowBlobPublicAccess: true } }) }), { risk: 'medium' }],
  ['quiet', 'tags of an account whose blobs may be public', hub(`${ST}/write`, { ...body({ tags: { a: 'b' } }), responseBody: JSON.stringify({ properties: { allowBlobPublicAccess: true } }) })],
  ['quiet', 'blobs may no longer be public', hub(`${ST}/write`, body({ properties: { allowBlobPublicAccess: false } }))],
  ['quiet', 'the network shut', hub(`${ST}/write`, body({ properties: { networkAcls: { defaultAction: 'Deny' }, publicNetworkAccess: 'Disabled' } }))],
  ['alert', 'a public container, known from the answer', hub(`${ST}/blobServices/containers/write`, { responseBody: JSON.stringify({ properties: { publicAccess: 'Container' } }) }), { risk: 'critical' }],
  ['quiet', 'a private container, known from the answer', hub(`${ST}/blobServices/containers/write`, { responseBody: JSON.stringify({ properties: { publicAccess: 'None' } }) })],
  ['alert', 'an ACL set, storage’s own log', { time: '2026-03-02T09:15:30Z', resourceId: `${SUB}/x`, category: 'StorageWrite', operationName: 'SetContainerACL', statusCode: 200, statusText: 'Success', callerIpAddress: '203.0.113.77:4711', identity: { type: 'OAuth', requester: { objectId: ADA, tenantId: TENANT } } }, { event: 'storage-exposure' }],
  ['quiet', 'an ACL set, storage’s own log, refused', { time: '2026-03-02T09:15:30Z', resourceId: `${SUB}/x`, category: 'StorageWrite', operationName: 'SetContainerACL', statusCode: 403, statusText: 'AuthorizationPermissionMismatch', callerIpAddress: '203.0.113.77:4711', identity: { type: 'OAuth', requester: { objectId: ADA, tenantId: TENANT } } }],
  ['alert', 'who may read a blob changed', hub(`${ST}/blobServices/containers/blobs/modifyPermissions/action`), { event: 'storage-exposure' }],
  // 1.1.6
  ['alert', 'SSH open to everybody', hub('Microsoft.Network/networkSecurityGroups/securityRules/write', rule('Allow', '*')), { event: 'network-exposure', risk: 'high' }],
  ['alert', 'SSH open to the office', hub('Microsoft.Network/networkSecurityGroups/securityRules/write', rule('Allow', '198.51.100.0/24')), { risk: 'medium' }],
  ['alert', 'a rule that denies', hub('Microsoft.Network/networkSecurityGroups/securityRules/write', rule('Deny', '*')), { risk: 'medium' }],
  ['quiet', 'a network changed', hub('Microsoft.Network/virtualNetworks/write')],
  // 1.1.7
  ['alert', 'a machine made', rest('Microsoft.Compute/virtualMachines/write', { subStatus: { value: 'Created', localizedValue: 'Created (HTTP Status Code: 201)' } }), { event: 'run-instances' }],
  ['quiet', 'a machine tagged', rest('Microsoft.Compute/virtualMachines/write', { subStatus: { value: 'OK', localizedValue: 'OK (HTTP Status Code: 200)' } })],
  ['quiet', 'a machine started', hub('Microsoft.Compute/virtualMachines/start/action')],
  // 1.1.8
  ['alert', 'diagnostic settings of the subscription gone', rest('Microsoft.Insights/diagnosticSettings/delete'), { event: 'logging-disabled', risk: 'critical' }],
  ['alert', 'diagnostic settings of Entra gone', hub('microsoft.aadiam/diagnosticSettings/delete', {}, { resourceId: '/providers/microsoft.aadiam/diagnosticSettings/x' }), { event: 'logging-disabled', risk: 'critical' }],
  ['alert', 'an empty list of logs', hub('Microsoft.Insights/diagnosticSettings/write', body({ properties: { logs: [] } })), { risk: 'critical' }],
  ['alert', 'only the telling category off', hub('Microsoft.Insights/diagnosticSettings/write', body({ properties: { logs: [{ category: 'Administrative', enabled: false }, { category: 'Autoscale', enabled: true }] } })), { risk: 'high' }],
  ['quiet', 'a chatty category off', hub('Microsoft.Insights/diagnosticSettings/write', body({ properties: { logs: [{ category: 'Administrative', enabled: true }, { category: 'Autoscale', enabled: false }] } }))],
  ['quiet', 'settings deleted, refused', hub('Microsoft.Insights/diagnosticSettings/delete', {}, { resultType: 'Failure' })],
  // what the trigger line names beyond the table
  ['alert', 'a command on a machine', hub('Microsoft.Compute/virtualMachines/runCommand/action'), { event: 'other-high-risk', techniques: ['T1651'] }],
  ['alert', 'a command on a machine elsewhere (Arc)', hub('Microsoft.HybridCompute/machines/runCommands/write')],
  ['alert', 'a script as an extension', hub('Microsoft.Compute/virtualMachines/extensions/write', extension('Microsoft.Azure.Extensions', 'CustomScript'))],
  ['alert', 'an extension that calls itself an agent, of another publisher', hub('Microsoft.Compute/virtualMachines/extensions/write', extension('Evil.Example', 'AzureMonitorLinuxAgent'))],
  ['alert', 'an extension, which is not said', hub('Microsoft.Compute/virtualMachines/extensions/write')],
  ['quiet', 'the monitoring agent', hub('Microsoft.Compute/virtualMachines/extensions/write', extension('Microsoft.Azure.Monitor', 'AzureMonitorLinuxAgent'))],
  ['alert', 'Conditional Access off', audit('Update conditional access policy', [['ConditionalAccessPolicy', policy('enabled'), policy('disabled')]]), { event: 'other-high-risk', risk: 'high' }],
  ['alert', 'Conditional Access only reports', audit('Update conditional access policy', [['ConditionalAccessPolicy', policy('enabled'), policy('enabledForReportingButNotEnforced')]])],
  ['alert', 'Conditional Access for fewer', audit('Update conditional access policy', [['ConditionalAccessPolicy', policy('enabled'), policy('enabled', ['someone'])]])],
  ['alert', 'Conditional Access changed, how is not said', audit('Update conditional access policy')],
  ['quiet', 'Conditional Access on', audit('Update conditional access policy', [['ConditionalAccessPolicy', policy('disabled'), policy('enabled')]])],
  ['quiet', 'Conditional Access renamed', audit('Update conditional access policy', [['ConditionalAccessPolicy', policy('enabled'), policy('enabled', ['All'], 'MFA for all')]])],
  ['alert', 'MFA of somebody off', audit('Disable Strong Authentication')],
  ['alert', 'MFA off, one’s own', audit('Disable Strong Authentication', [], himself)],
  ['alert', 'somebody else’s method', audit('Admin registered security info')],
  ['quiet', 'one’s own method', audit('User registered security info', [], himself)],
  ['alert', 'somebody else’s second factor, by an update', audit('Update user', [['StrongAuthenticationMethod', [], [{ MethodType: 6 }]]]), { event: 'attach-policy' }],
  ['quiet', 'one’s own second factor, by the service', audit('Update user', [['StrongAuthenticationMethod', [], [{ MethodType: 6 }]]], { initiatedBy: { app: { displayName: 'Azure MFA StrongAuthenticationService', servicePrincipalId: 's' } } })],
  ['alert', 'what counts as a second factor', audit('Authentication Methods Policy Update')],
];

const read = (record: Members): Alert => {
  const source = detectSource({ records: [record] });
  const results = source?.parse({ records: [record] }, { tenant: TENANT }) ?? [];
  if (results.length !== 1 || !('alert' in results[0]!)) throw new Error(JSON.stringify(results));
  return results[0].alert;
};

test.each(TABLE)('%s: %s', (label, _what, record, expected = {}) => {
  const alert = read(record);
  expect(alert).toMatchObject({ account: TENANT });
  expect(classify(alert)).toMatchObject({ status: label === 'alert' ? 'alert' : 'ignored', ...expected });
});

test('names in either case are one', () => {
  for (const [, , record] of TABLE) {
    if (!String(record['operationName']).includes('/')) continue;
    const upper = { ...record, operationName: String(record['operationName']).toUpperCase() };
    const lower = { ...record, operationName: String(record['operationName']).toLowerCase() };
    expect({ ...classify(read(upper)), reasons: [] }).toEqual({ ...classify(read(lower)), reasons: [] });
  }
});

test('a suspicious sign-in of somebody who holds Global Administrator is row 1.1.1, of anybody else a sign-in', () => {
  const signIn = { id: 's-1', createdDateTime: '2026-03-02T09:15:30Z', userId: ADA, userPrincipalName: 'ada@example.com', appId: 'a', ipAddress: '203.0.113.77', status: { errorCode: 0 }, riskLevelDuringSignIn: 'medium', isInteractive: true };
  const [parsed] = SOURCES.find(({ id }) => id === 'entra-signin')!.parse(signIn, { tenant: TENANT });
  if (!parsed || !('alert' in parsed)) throw new Error(JSON.stringify(parsed));
  const decided = (globalAdmin: boolean | null) => decide({ alerts: [parsed.alert], documents: noDocuments(), lookedUp: { principalIsAdmin: globalAdmin, globalAdmin, target: null, countries: {}, facts: {}, failed: [] }, now: '2026-03-02T10:00:00.000Z' });
  expect(decided(true)).toMatchObject({ kind: 'critical', event: 'root-login', type: 'root-activity', risk: 'critical' });
  expect(decided(false)).toMatchObject({ event: 'suspicious-signin' });
  expect(decided(null)).toMatchObject({ event: 'suspicious-signin' });
});
