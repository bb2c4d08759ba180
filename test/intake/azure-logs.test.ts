import { azureActivity } from '../../intake/azure-activity';
import { entraAudit } from '../../intake/entra-audit';
import { entraSignIn } from '../../intake/entra-signin';
import type { ParseOptions, Source } from '../../intake/source';
import { detectSource } from '../../intake/sources';
import type { Alert } from '../../playbook/model/alert';
import { classify } from '../../playbook/triage/classify';
import { example, MALLORY, OBJECT, TENANT } from './examples';
import { changed } from './hostile';

const alertOf = (source: Source, payload: unknown, options: ParseOptions = {}): Alert => {
  const parsed = source.parse(payload, options)[0]!;
  if (!('alert' in parsed)) throw new Error(JSON.stringify(parsed));
  return parsed.alert;
};
const hub = example('azure-activity-record');
const rest = example('azure-activity-rest');
const signIn = example('entra-signin-event-hub') as { records: { properties: object }[] };
const audit = example('entra-audit-directory') as { properties: object };

test('one act in the shape of the event hub, of a storage file and of the REST API is read alike', () => {
  const file = changed(changed((hub as { records: object[] }).records[0], ['operationName'], 'Microsoft.Authorization/roleAssignments/write'), ['resourceId'], '/subscriptions/11111111-1111-1111-1111-111111111111/providers/Microsoft.Authorization/roleAssignments/5f0c');
  const shapes = [hub, file, rest].map((payload) => alertOf(azureActivity, payload));
  for (const alert of shapes) {
    expect(alert).toMatchObject({ account: TENANT, principal: MALLORY, sourceIp: '203.0.113.77', outcome: 'success', time: '2026-03-02T09:14:00.123Z' });
    expect(alert.event.toLowerCase()).toBe('microsoft.authorization/roleassignments/write');
    expect(classify(alert)).toMatchObject({ status: 'alert', event: 'attach-policy', risk: 'critical' });
  }
});

test('a storage file has no tenant of its own when its caller has none: it is the configured one', () => {
  const bare = changed(changed(hub, ['records', 0, 'tenantId'], undefined), ['records', 0, 'identity'], undefined);
  expect(azureActivity.parse(bare)).toEqual([{ rejected: { path: 'records[0].tenantId', problem: 'is missing' } }]);
  expect(alertOf(azureActivity, bare, { tenant: TENANT })).toMatchObject({ account: TENANT, principal: null });
});

test.each<[string, object, object]>([
  ['an application', { claims: { appid: 'app-1', appidacr: '1', oid: OBJECT, tid: TENANT } }, { kind: 'service-principal', id: OBJECT }],
  ['an application that says so', { claims: { idtyp: 'app', appid: 'app-1', name: 'x@y', oid: OBJECT } }, { kind: 'service-principal' }],
  ['a managed identity', { claims: { appid: 'app-1', oid: OBJECT, xms_mirid: '/subscriptions/x/resourcegroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id' } }, { kind: 'managed-identity' }],
  ['a person without a UPN', { claims: { appid: 'cli', name: 'Mallory Guest', 'http://schemas.microsoft.com/identity/claims/scope': 'user_impersonation', oid: OBJECT } }, { kind: 'user', id: OBJECT, name: 'Mallory Guest' }],
  ['a person of whom only the scope tells', { claims: { appid: 'cli', scp: 'user_impersonation', oid: OBJECT } }, { kind: 'user', id: OBJECT }],
  ['Key Vault’s claim', { claim: { oid: OBJECT, upn: 'mallory@contoso.example', appid: 'x' } }, { kind: 'user', id: OBJECT, name: 'mallory@contoso.example' }],
  ['storage’s requester', { type: 'OAuth', requester: { objectId: OBJECT, upn: 'mallory@contoso.example', tenantId: TENANT } }, { kind: 'user', id: OBJECT }],
])('who called: %s', (_name, identity, principal) => expect(alertOf(azureActivity, changed(hub, ['records', 0, 'identity'], identity)).principal).toMatchObject(principal));

test('what a call answered is not kept but for three members: answers hold keys', () => {
  const answer = { properties: { roleDefinitionId: 'x', accessSAS: 'https://s.example/?sig=SECRET' }, keys: [{ value: 'SECRET' }] };
  const alert = alertOf(azureActivity, changed(hub, ['records', 0, 'properties'], { responseBody: JSON.stringify(answer), statusCode: 'OK' }));
  expect(alert.facts['response']).toEqual({ roleDefinitionId: 'x' });
  expect(JSON.stringify(alert)).not.toContain('SECRET');
});

test.each<[string, unknown, string, string]>([
  ['no operation', changed(hub, ['records', 0, 'operationName'], undefined), 'records[0].operationName', 'is missing'],
  ['an operation that is neither text nor localised', changed(rest, ['value', 0, 'operationName'], { localizedValue: 'x' }), 'value[0].operationName', 'is missing'],
  ['no time', changed(hub, ['records', 0, 'time'], undefined), 'records[0].time', 'is missing'],
  ['a time that is none', changed(rest, ['value', 0, 'eventTimestamp'], '2026-02-31T00:00:00Z'), 'value[0].eventTimestamp', 'is not a time'],
  ['a long operation', changed(hub, ['records', 0, 'operationName'], 'x/'.repeat(400)), 'records[0].operationName', 'is longer than 512 characters'],
  ['no object', { records: ['x'] }, 'records[0]', 'must be an object'],
])('the activity log: %s is refused', (_name, payload, path, problem) => expect(azureActivity.parse(payload)).toEqual([{ rejected: { path, problem } }]));

test('Entra’s records in the envelope and as Graph has them', () => {
  const bareSignIn = signIn.records[0]!.properties;
  expect(detectSource(bareSignIn)?.id).toBe('entra-signin');
  expect(alertOf(entraSignIn, { value: [bareSignIn] }, { tenant: TENANT })).toEqual(alertOf(entraSignIn, signIn));
  expect(detectSource({ value: [audit.properties] })?.id).toBe('entra-audit');
  expect(alertOf(entraAudit, { value: [audit.properties] }, { tenant: TENANT })).toEqual(alertOf(entraAudit, { records: [audit] }));
});

test('a guest’s sign-in belongs to the tenant that was signed in to, not to the guest’s home', () => {
  const guest = { ...signIn.records[0]!.properties, homeTenantId: '11111111-2222-4333-8444-555555555555' };
  expect(alertOf(entraSignIn, guest).account).toBe(TENANT);
  expect(alertOf(entraSignIn, { ...guest, resourceTenantId: undefined }, { tenant: TENANT }).account).toBe(TENANT);
});

test.each<[string, Source, unknown, string, string]>([
  ['a sign-in of nobody', entraSignIn, changed(changed(signIn, ['records', 0, 'properties', 'userId'], ''), ['records', 0, 'properties', 'userPrincipalName'], undefined), 'records[0].properties.userId', 'is missing'],
  ['a sign-in at no time', entraSignIn, changed(signIn, ['records', 0, 'properties', 'createdDateTime'], 'x'), 'records[0].properties.createdDateTime', 'is not a time'],
  ['a sign-in of no tenant', entraSignIn, { ...signIn.records[0]!.properties, homeTenantId: undefined, resourceTenantId: undefined }, 'tenantId', 'is missing'],
  ['an audit of nothing', entraAudit, changed(changed(audit, ['properties', 'activityDisplayName'], undefined), ['operationName'], undefined), 'properties.activityDisplayName', 'is missing'],
])('%s is refused', (_name, source, payload, path, problem) => expect(source.parse(payload)).toEqual([{ rejected: { path, problem } }]));

test('what is done to Entra’s diagnostic settings is read as the activity that it is', () => {
  const record = changed(changed(hub, ['records', 0, 'operationName'], 'microsoft.aadiam/diagnosticSettings/delete'), ['records', 0, 'resourceId'], '/providers/microsoft.aadiam/diagnosticSettings/to-hub');
  expect(detectSource(record)?.id).toBe('azure-activity');
  expect(classify(alertOf(azureActivity, record))).toMatchObject({ status: 'alert', event: 'logging-disabled', risk: 'critical' });
});
