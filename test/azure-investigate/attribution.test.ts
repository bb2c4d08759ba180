import fc from 'fast-check';
import { attribute, type Seeds } from '../../activities/azure/investigate/attribution';
import { directoryChange } from '../../activities/azure/investigate/directory-changes';
import { resourceChange } from '../../activities/azure/investigate/resource-changes';
import { fromSignIn, joinedOperations, type LogRecord } from '../../activities/azure/investigate/record';

const ME = 'aaaaaaaa-0000-4000-8000-000000000001';
const HER = 'aaaaaaaa-0000-4000-8000-000000000002';
const APP = 'aaaaaaaa-0000-4000-8000-000000000003';
const NEW = 'aaaaaaaa-0000-4000-8000-000000000004';
const BAD = '198.51.100.66';
const OFFICE = '203.0.113.9';
const FIRST = '2026-03-02T09:00:00.000Z';
const plus = (minutes: number): string => new Date(Date.parse(FIRST) + minutes * 60_000).toISOString();
const seeds = (more: Partial<Seeds> = {}): Seeds => ({ principals: [ME], addresses: [BAD], alerts: [], firstAlert: FIRST, lookBackMs: 86_400_000, ...more });
let next = 0;
const record = (time: string, by: string, ip: string | null, event: string, more: Partial<LogRecord> = {}): LogRecord => ({
  log: 'directory', id: `r${String(next++).padStart(4, '0')}`, time, tenant: 't', region: null, event, actor: { kind: by === APP ? 'service-principal' : 'user', id: by, name: by }, ip, agent: '', succeeded: true, mfa: 'unknown', targets: [], changes: [], resource: '', request: {}, made: false, raw: {}, ...more,
});
const target = (id: string, type: string) => [{ id, name: id, type }];
const of = (records: LogRecord[], more: Partial<Seeds> = {}) => attribute(records, seeds(more));
const verdicts = (records: LogRecord[], more: Partial<Seeds> = {}) => of(records, more).events.map((one) => one.attribution);

// Jest would take a shorter row for a callback style test.
const named = (rows: [string, LogRecord[], string[], Partial<Seeds>?][]) => rows.map(([name, records, expected, more]) => ({ name, records, expected, more }));
test.each(named([
  ['from the attacker’s address', [record(plus(1), ME, BAD, 'Add user')], ['attacker']],
  ['from the office, which was used before', [record(plus(-3000), ME, OFFICE, 'Update user'), record(plus(1), ME, OFFICE, 'Add user')], ['unattributed']],
  ['an address of before is not the attacker’s, though an alert names it', [record(plus(-3000), ME, BAD, 'Update user'), record(plus(1), ME, BAD, 'Add user')], ['unattributed']],
  ['a refused sign-in of before makes no address known', [record(plus(-3000), ME, BAD, 'Sign-in activity', { succeeded: false, log: 'sign-in' }), record(plus(1), ME, BAD, 'Add user')], ['attacker']],
  ['from a new address after the first alert', [record(plus(5), ME, '192.0.2.8', 'Add user')], ['attacker']],
  ['from a new address before the alert, with a history', [record(plus(-3000), ME, OFFICE, 'Update user'), record(plus(-5), ME, '192.0.2.8', 'Add user')], ['attacker']],
  ['from a new address before the alert, without one', [record(plus(-5), ME, '192.0.2.8', 'Add user')], ['unattributed']],
  ['from within a network', [record(plus(5), ME, '10.0.0.8', 'Add user')], ['unattributed']],
  ['by somebody else', [record(plus(5), HER, BAD, 'Add user')], []],
  ['an application after the alert, doing what it never did', [record(plus(5), APP, null, 'Add user')], ['attacker'], { principals: [APP] }],
  ['an application doing what it always does', [record(plus(-3000), APP, null, 'Add user'), record(plus(5), APP, null, 'Add user')], ['unattributed'], { principals: [APP] }],
  ['an application, by the alert itself', [record(plus(-3000), APP, null, 'Add user'), record(plus(0), APP, null, 'Add user')], ['attacker'], { principals: [APP], alerts: [{ event: 'add user', time: FIRST }] }],
  ['an application before the alert', [record(plus(-5), APP, null, 'Add user')], ['unattributed'], { principals: [APP] }],
]))('$name', ({ records, expected, more }) => expect(verdicts(records, more)).toEqual(expected));

test('all that a made user does is the attacker’s, from wherever; a user given a new password is shared', () => {
  const made = of([record(plus(1), ME, BAD, 'Add user', { targets: target(NEW, 'user') }), record(plus(2), NEW, OFFICE, 'Add group')]);
  expect(made.events.map((one) => one.attribution)).toEqual(['attacker', 'attacker']);
  const taken = of([record(plus(-3000), ME, OFFICE, 'Update user'), record(plus(1), ME, BAD, 'Reset user password', { targets: target(HER, 'user') }), record(plus(2), HER, BAD, 'Add group'), record(plus(3), HER, OFFICE, 'Update user')]);
  expect(taken.events.map((one) => one.attribution)).toEqual(['attacker', 'attacker', 'unattributed']);
  expect([...taken.shared.keys()]).toEqual([HER]);
});

test('a failed act makes nobody the attacker’s', () => {
  expect(of([record(plus(1), ME, BAD, 'Add user', { targets: target(NEW, 'user'), succeeded: false })]).owned.size).toBe(0);
});

test('the order of the records does not matter', () => {
  const records = [
    record(plus(-3000), ME, OFFICE, 'Update user'), record(plus(1), ME, BAD, 'Add user', { targets: target(NEW, 'user') }), record(plus(2), NEW, '192.0.2.1', 'Add service principal credentials', { targets: target(APP, 'serviceprincipal') }),
    record(plus(3), APP, null, 'Add group'), record(plus(4), ME, '192.0.2.1', 'Add group'), record(plus(5), ME, OFFICE, 'Add group'), record(plus(6), HER, '192.0.2.1', 'Add group'),
  ];
  const expected = JSON.stringify(of(records).events);
  fc.assert(fc.property(fc.shuffledSubarray(records, { minLength: records.length }), (shuffled) => JSON.stringify(of(shuffled).events) === expected));
});

const audit = (event: string, targets: ReturnType<typeof target>, changes: [string, string, string][] = []) =>
  directoryChange({ id: 'd', event, time: FIRST, tenant: 't', targets, changes: changes.map(([name, before, after]) => ({ name, before, after })) });

test.each<[string, ReturnType<typeof audit>, object[]]>([
  ['a secret beside one that was there', audit('Update application – Certificates and secrets management ', target(APP, 'application'), [['KeyDescription', `["[KeyIdentifier=${HER},KeyType=Password]"]`, `["[KeyIdentifier=${HER},KeyType=Password]","[KeyIdentifier=${NEW},KeyType=Password]"]`]]), [{ kind: 'access-key', id: NEW, details: { principal: APP } }]],
  ['a federated credential', audit('Update application', target(APP, 'application'), [['FederatedIdentityCredentials', '[{"name":"main"}]', '[{"name":"main"},{"name":"evil","issuer":"https://x"}]']]), [{ kind: 'access-key', id: 'evil', details: { federated: true } }]],
  ['an eligible role', audit('Add eligible member to role in PIM completed (permanent)', [...target(HER, 'user')], [['Role.TemplateId', '', `"${NEW}"`]]), [{ kind: 'policy-attachment', id: `${HER}/${NEW}`, details: { eligible: true, role: NEW } }]],
  ['an app role', audit('Add app role assignment to service principal', target(HER, 'serviceprincipal'), [['AppRole.Value', '', '"RoleManagement.ReadWrite.Directory"'], ['ServicePrincipal.ObjectID', '', `"${APP}"`]]), [{ kind: 'policy-attachment', details: { relation: 'app-role', principal: APP, permission: 'RoleManagement.ReadWrite.Directory' } }]],
  ['an owner of an application', audit('Add owner to application', [...target(HER, 'user'), ...target(APP, 'application')]), [{ details: { relation: 'owner', principal: HER, on: APP } }]],
  ['a member of a group', audit('Add member to group', [...target(HER, 'user'), ...target(APP, 'group')]), [{ kind: 'group', id: APP, how: 'changed', details: { user: HER } }]],
  ['a Conditional Access policy weakened', audit('Update conditional access policy', target(APP, 'policy'), [['ConditionalAccessPolicy', '{"state":"enabled"}', '{"state":"disabled"}']]), [{ kind: 'policy', how: 'changed', details: { previous: { state: 'enabled' } } }]],
  ['a federated domain', audit('Set federation settings on domain', target('contoso.com', 'other'), [['IssuerUri', '', '"http://evil.example/adfs"']]), [{ kind: 'trust', details: { outside: ['http://evil.example/adfs'] } }]],
  ['a method registered', audit('Admin registered security info', target(HER, 'user')), [{ kind: 'mfa-device', details: { user: HER } }]],
  ['a role taken away gives nothing', audit('Remove member from role', target(HER, 'user')), []],
  ['something that is in no table', audit('Update device', target(HER, 'device')), []],
])('directory: %s', (_name, made, expected) => {
  expect(made).toHaveLength(expected.length);
  expect(made).toMatchObject(expected);
});

const SUB = '/subscriptions/5c1f0f7e-8d2b-4a6c-9b3e-1f2a3b4c5d6e';
const operation = (event: string, resource: string, request: object = {}, made = false) => resourceChange({ event, time: FIRST, resource: `${SUB}${resource}`, request: request as never, made, region: null });
test.each<[string, ReturnType<typeof operation>, object[]]>([
  ['a machine', operation('Microsoft.Compute/virtualMachines/write', '/resourceGroups/r/providers/Microsoft.Compute/virtualMachines/m', {}, true), [{ kind: 'instance', how: 'created' }]],
  ['a tag on a machine', operation('Microsoft.Compute/virtualMachines/write', '/resourceGroups/r/providers/Microsoft.Compute/virtualMachines/m'), [{ kind: 'instance', how: 'changed' }]],
  ['a command inside it', operation('MICROSOFT.COMPUTE/VIRTUALMACHINES/RUNCOMMAND/ACTION', '/resourceGroups/r/providers/Microsoft.Compute/virtualMachines/m'), [{ how: 'changed', details: { change: 'run-command' } }]],
  ['a rule open to all', operation('Microsoft.Network/networkSecurityGroups/securityRules/write', '/resourceGroups/r/providers/Microsoft.Network/networkSecurityGroups/g/securityRules/x', { properties: { access: 'Allow', direction: 'Inbound', sourceAddressPrefix: '*' } }, true), [{ kind: 'security-group-rule', details: { open: true, groupId: `${SUB}/resourceGroups/r/providers/Microsoft.Network/networkSecurityGroups/g` } }]],
  ['a rule that denies', operation('Microsoft.Network/networkSecurityGroups/securityRules/write', '/resourceGroups/r/providers/Microsoft.Network/networkSecurityGroups/g/securityRules/x', { properties: { access: 'Deny', sourceAddressPrefix: '*' } }), [{ details: { open: false } }]],
  ['keys read', operation('Microsoft.Storage/storageAccounts/listKeys/action', '/resourceGroups/r/providers/Microsoft.Storage/storageAccounts/a'), [{ kind: 'bucket', how: 'read', details: { keys: true } }]],
  ['logging deleted', operation('Microsoft.Insights/diagnosticSettings/delete', '/providers/Microsoft.Insights/diagnosticSettings/export'), [{ kind: 'trail', how: 'deleted' }]],
  ['a role at a scope', operation('Microsoft.Authorization/roleAssignments/write', '/providers/Microsoft.Authorization/roleAssignments/x', { Properties: { PrincipalId: HER, RoleDefinitionId: '/providers/Microsoft.Authorization/roleDefinitions/8E3AF657-a8ff-443c-a75c-2fe8c4bcb635' } }), [{ details: { principal: HER, azureRole: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635', scope: SUB } }]],
  ['a read', operation('Microsoft.Compute/virtualMachines/read', '/x'), []],
])('resources: %s', (_name, made, expected) => {
  expect(made).toHaveLength(expected.length);
  expect(made).toMatchObject(expected);
});

test('one operation of several records is one, and failed when one says so', () => {
  const event = (status: string, properties: Record<string, string> = {}) => ({ correlationId: 'c', eventDataId: status, eventTimestamp: new Date(FIRST), operationName: { value: 'Microsoft.Compute/virtualMachines/write' }, resourceId: '/x', status: { value: status }, properties, claims: {} });
  expect(joinedOperations([event('Succeeded'), event('Started', { requestbody: '{"properties":{"hardwareProfile":{"vmSize":"Standard_D2"}}}', statusCode: 'Created' })], 't')).toMatchObject([{ made: true, succeeded: true, request: { properties: { hardwareProfile: { vmSize: 'Standard_D2' } } } }]);
  expect(joinedOperations([event('Started'), event('Failed')], 't')).toMatchObject([{ succeeded: false }]);
});

test.each([
  [{ status: { errorCode: 0, additionalDetails: 'MFA requirement satisfied by claim in the token' } }, 'yes'],
  [{ status: { errorCode: 0 }, conditionalAccessStatus: 'success' as const, appliedConditionalAccessPolicies: [{ enforcedGrantControls: ['Mfa'], result: 'success' as const }] }, 'yes'],
  [{ status: { errorCode: 0 }, conditionalAccessStatus: 'notApplied' as const }, 'no'],
  [{ status: { errorCode: 500121 }, conditionalAccessStatus: 'failure' as const, appliedConditionalAccessPolicies: [{ enforcedGrantControls: ['Mfa'], result: 'failure' as const }] }, 'unknown'],
])('MFA of a v1.0 sign-in: %j is %s', (signIn, mfa) => expect(fromSignIn('t', signIn).mfa).toBe(mfa));
