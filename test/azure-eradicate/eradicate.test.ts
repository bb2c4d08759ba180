import { randomUUID } from 'node:crypto';
import { startAzureSandbox, type Azure } from '../../sandbox/azure';
import { azureProvider } from '../../activities/azure';
import { eradicateActions } from '../../activities/azure/eradicate';
import { classifyAzure } from '../../activities/azure/errors';
import { directoryTarget, proposal, resourceTarget } from '../../activities/azure/contain/targets';
import { planProposals } from '../../activities/actions';
import type { DirectoryAudit } from '@microsoft/microsoft-graph-types';
import { merged } from '../../activities/artifacts';
import { directoryChange } from '../../activities/azure/investigate/directory-changes';
import { fromAudit } from '../../activities/azure/investigate/record';
import type { Artifact } from '../../playbook/model/finding';
import type { Proposal, Step } from '../../playbook/model/plan';
import { bed, caseOf, principalOf, type Bed } from '../azure-investigate/support';
import { addBlob } from '../../sandbox/azure/blob';
import { enforced, life } from './permit';
import { newAccount } from './storage';

jest.setTimeout(120_000);
let azure: Azure;
let world: Bed;
const VERSION = { vm: '2024-07-01', disk: '2024-03-02', nsg: '2024-05-01', flow: '2019-05-01', role: '2022-04-01' };
const base = () => `/subscriptions/${azure.subscriptions[0]!}/resourceGroups/${azure.world.estate.web}/providers`;
const put = (id: string, version: string, body: object) => world.ctx.access.arm(azure.tenantId, azure.subscriptions[0]!).resources.resources.beginCreateOrUpdateByIdAndWait(id, version, body as never, { updateIntervalInMs: 20 });
const graph = () => world.ctx.access.graph(azure.tenantId);

beforeAll(async () => {
  azure = await startAzureSandbox();
  world = bed(azure);
});
afterAll(() => azure?.stop());

interface Case { action: string; arrange(): Promise<Proposal>; restored?: boolean; left?: RegExp; keeps?: number }

let made = 0;
const newUser = async (name: string): Promise<string> => (await graph().post<{ id: string }>('/users', { accountEnabled: true, displayName: name, mailNickname: name, userPrincipalName: `${name}@${azure.world.domain}`, passwordProfile: { password: 'Long-enough-1!' } })).id;
const POLICIES = '/identity/conditionalAccess/policies';
const newPolicy = async (): Promise<string> => (await graph().post<{ id: string }>(POLICIES, { displayName: `MFA ${++made}`, state: 'enabled', conditions: { clientAppTypes: ['all'], applications: { includeApplications: ['All'] }, users: { includeUsers: ['All'], excludeUsers: [azure.world.emergency.id] } }, grantControls: { operator: 'OR', builtInControls: ['mfa'] } })).id;
/** As the investigation proposes it: what was before is read from the audit record. */
const weakened = async (id: string): Promise<Proposal> => {
  await graph().patch(`${POLICIES}/${id}`, { state: 'disabled', grantControls: { operator: 'OR', builtInControls: ['block'] } });
  const record = azure.sim.shelf<DirectoryAudit>('directoryAudits').truth().filter((one) => one.targetResources?.[0]?.id === id).at(-1)!;
  const [artifact] = directoryChange(fromAudit(azure.tenantId, record));
  return proposal('azure.restore-conditional-access', directoryTarget('policy', azure.tenantId, id, 'MFA'), 'x', { previous: artifact!.details.previous! });
};
const cases: Case[] = [
  { action: 'azure.delete-user', restored: true, left: /new password/, arrange: async () => proposal('azure.delete-user', directoryTarget('user', azure.tenantId, await newUser(`mallory${++made}`), 'mallory'), 'x') },
  { action: 'azure.delete-group', left: /no longer among/, arrange: async () => proposal('azure.delete-group', directoryTarget('group', azure.tenantId, (await graph().post<{ id: string }>('/groups', { displayName: 'evil', mailNickname: 'evil', mailEnabled: false, securityEnabled: true })).id, 'evil'), 'x') },
  { action: 'azure.delete-application', restored: true, arrange: async () => proposal('azure.delete-application', directoryTarget('service-principal', azure.tenantId, (await graph().post<{ id: string }>('/applications', { displayName: 'evil-app' })).id, 'evil-app'), 'x', { object: 'application' }) },
  ...[false, true].map((isAssignableToRole): Case => ({ action: 'azure.remove-group-member', restored: true, arrange: async () => {
    const group = (await graph().post<{ id: string }>('/groups', { displayName: 'staff', mailNickname: 'staff', mailEnabled: false, securityEnabled: true, isAssignableToRole })).id;
    await graph().post(`/groups/${group}/members/$ref`, { '@odata.id': `${azure.graphUrl}/v1.0/directoryObjects/${azure.world.eve.id}` });
    return proposal('azure.remove-group-member', directoryTarget('group', azure.tenantId, group, 'staff'), 'x', { member: azure.world.eve.id, memberName: 'Eve' });
  } })),
  { action: 'azure.remove-grant', arrange: async () => {
    const path = `/servicePrincipals/${azure.world.payroll.servicePrincipalId}/appRoleAssignments`;
    const { id: resourceId, appRoles } = await graph().get<{ id: string; appRoles: { id: string; value: string }[] }>("/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')");
    const appRoleId = appRoles.find((one) => one.value === 'User.Read.All')!.id;
    if (!(await graph().list<{ appRoleId: string }>(path)).some((one) => one.appRoleId === appRoleId)) await graph().post(path, { principalId: azure.world.payroll.servicePrincipalId, resourceId, appRoleId });
    return proposal('azure.remove-grant', directoryTarget('service-principal', azure.tenantId, azure.world.payroll.servicePrincipalId, 'payroll-app'), 'x', { relation: 'app-role', principalKind: 'service-principal', appRole: appRoleId, on: resourceId, permission: 'User.Read.All' });
  } },
  { action: 'azure.remove-grant', arrange: async () => {
    const { id: resourceId } = await graph().get<{ id: string }>("/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')");
    const { servicePrincipalId: clientId } = azure.world.payroll;
    if ((await graph().list(`/servicePrincipals/${clientId}/oauth2PermissionGrants`)).length === 0) await graph().post('/oauth2PermissionGrants', { clientId, consentType: 'AllPrincipals', resourceId, scope: 'User.Read' });
    return proposal('azure.remove-grant', directoryTarget('service-principal', azure.tenantId, clientId, 'payroll-app'), 'x', { relation: 'oauth2-grant', scope: 'User.Read', on: null });
  } },
  { action: 'azure.remove-grant', arrange: async () => {
    const owners = `/applications/${azure.world.payroll.applicationId}/owners`;
    if (!(await graph().list<{ id: string }>(owners, { select: 'id' })).some((one) => one.id === azure.world.ada.id)) await graph().post(`${owners}/$ref`, { '@odata.id': `${azure.graphUrl}/v1.0/directoryObjects/${azure.world.ada.id}` });
    return proposal('azure.remove-grant', directoryTarget('application', azure.tenantId, azure.world.payroll.applicationId, 'payroll-app'), 'x', { relation: 'owner', owner: azure.world.ada.id, ownerName: 'Ada', object: 'application' });
  } },
  { action: 'azure.delete-policy', arrange: async () => proposal('azure.delete-policy', directoryTarget('policy', azure.tenantId, (await graph().post<{ id: string }>('/identity/conditionalAccess/namedLocations', { '@odata.type': '#microsoft.graph.ipNamedLocation', displayName: 'evil', isTrusted: true, ipRanges: [{ '@odata.type': '#microsoft.graph.iPv4CidrRange', cidrAddress: '198.51.100.0/24' }] })).id, 'evil'), 'x', { object: 'named-location' }) },
  { action: 'azure.delete-policy', arrange: async () => proposal('azure.delete-policy', directoryTarget('policy', azure.tenantId, await newPolicy(), 'evil'), 'x', { object: 'conditional-access' }) },
  { action: 'azure.restore-conditional-access', restored: true, arrange: async () => weakened(await newPolicy()) },
  { action: 'azure.delete-partner', arrange: async () => {
    await graph().post('/policies/crossTenantAccessPolicy/partners', { tenantId: '99999999-0000-4000-8000-000000000009' });
    return proposal('azure.delete-partner', directoryTarget('trust', azure.tenantId, '99999999-0000-4000-8000-000000000009', 'evil'), 'x');
  } },
  { action: 'azure.delete-vm', arrange: async () => {
    const disk = `${base()}/Microsoft.Compute/disks/miner-os-${++made}`;
    await put(disk, VERSION.disk, { location: 'southeastasia', properties: { creationData: { createOption: 'Empty' }, diskSizeGB: 30 } });
    await put(`${base()}/Microsoft.Compute/virtualMachines/miner`, VERSION.vm, { location: 'southeastasia', properties: { hardwareProfile: { vmSize: 'Standard_D2s_v5' }, storageProfile: { osDisk: { createOption: 'Attach', managedDisk: { id: disk } } } } });
    return proposal('azure.delete-vm', resourceTarget('instance', azure.tenantId, `${base()}/Microsoft.Compute/virtualMachines/miner`), 'x');
  } },
  { action: 'azure.delete-nsg-rule', arrange: async () => {
    await put(`${base()}/Microsoft.Network/networkSecurityGroups/evil`, VERSION.nsg, { location: 'southeastasia', properties: {} });
    await put(`${base()}/Microsoft.Network/networkSecurityGroups/evil/securityRules/open`, VERSION.nsg, { properties: { priority: 100, direction: 'Inbound', access: 'Allow', protocol: '*', sourceAddressPrefix: '*', sourcePortRange: '*', destinationAddressPrefix: '*', destinationPortRange: '22' } });
    return proposal('azure.delete-nsg-rule', resourceTarget('security-group-rule', azure.tenantId, `${base()}/Microsoft.Network/networkSecurityGroups/evil/securityRules/open`), 'x');
  } },
  { action: 'azure.delete-nsg-rule', arrange: async () => {
    await put(`${base()}/Microsoft.Network/networkSecurityGroups/worse`, VERSION.nsg, { location: 'southeastasia', properties: {} });
    return proposal('azure.delete-nsg-rule', resourceTarget('security-group', azure.tenantId, `${base()}/Microsoft.Network/networkSecurityGroups/worse`), 'x');
  } },
  { action: 'azure.delete-function', arrange: async () => {
    await put(`${base()}/Microsoft.Web/sites/leaky`, '2024-04-01', { location: 'southeastasia', kind: 'functionapp', properties: {} });
    return proposal('azure.delete-function', resourceTarget('function', azure.tenantId, `${base()}/Microsoft.Web/sites/leaky`), 'x');
  } },
  { action: 'azure.delete-container', left: /undeleted for 30 days/, arrange: async () => {
    const account = await newAccount(world, `evilstore${++made}`);
    return proposal('azure.delete-container', resourceTarget('bucket', azure.tenantId, `${account}/blobServices/default/containers/loot`), 'x');
  } },
  { action: 'azure.delete-storage-account', left: /given back until/, keeps: 4, arrange: async () => {
    const id = await newAccount(world, `evil${++made}`);
    addBlob(azure.sim, id.split('/').pop()!, 'loot', 'customers.csv', 'ada,1');
    return proposal('azure.delete-storage-account', resourceTarget('bucket', azure.tenantId, id), 'x', { since: new Date(Date.now() - 60_000).toISOString() });
  } },
  { action: 'azure.delete-function', arrange: async () => {
    await put(`${base()}/Microsoft.Logic/workflows/leak`, VERSION.flow, { location: 'southeastasia', properties: { definition: { triggers: {} } } });
    return proposal('azure.delete-function', resourceTarget('function', azure.tenantId, `${base()}/Microsoft.Logic/workflows/leak`), 'x');
  } },
  { action: 'azure.delete-azure-role-assignment', arrange: async () => {
    const id = `/subscriptions/${azure.subscriptions[0]!}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
    await put(id, VERSION.role, { properties: { principalId: await newUser(`reader${++made}`), principalType: 'User', roleDefinitionId: `/subscriptions/${azure.subscriptions[0]!}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7` } });
    return proposal('azure.delete-azure-role-assignment', resourceTarget('policy-attachment', azure.tenantId, id), 'x');
  } },
  { action: 'azure.delete-role-definition', arrange: async () => {
    const id = `/subscriptions/${azure.subscriptions[0]!}/providers/Microsoft.Authorization/roleDefinitions/22222222-0000-4000-8000-000000000001`;
    await put(id, VERSION.role, { properties: { roleName: 'evil', type: 'CustomRole', description: '', permissions: [{ actions: ['*'], notActions: [] }], assignableScopes: [`/subscriptions/${azure.subscriptions[0]!}`] } });
    return proposal('azure.delete-role-definition', resourceTarget('role', azure.tenantId, id), 'x');
  } },
];
const planOf = async (wish: Proposal): Promise<Step> => {
  const { steps, refused } = await planProposals(eradicateActions, world.ctx, [wish], classifyAzure);
  if (!steps[0]) throw new Error(JSON.stringify(refused));
  return steps[0];
};

test('every eradication action has a case', () => {
  expect([...new Set(cases.map((one) => one.action))].sort()).toEqual(eradicateActions.map((one) => one.id).sort());
});

test.each(cases)('$action: planned, kept, gone, gone twice', async ({ action: id, arrange, restored, left, keeps = 1 }) => {
  const action = eradicateActions.find((one) => one.id === id)!;
  const step = await planOf(await arrange());
  expect(step).toMatchObject({ needed: true, tier: 'dual' });
  expect(step.change.length).toBeGreaterThan(0);
  expect((await action.verify(world.ctx, step)).holds).toBe(false);
  const kept = world.kept.length;
  await action.apply(world.ctx, step);
  expect(world.kept.length).toBe(kept + keeps);
  expect(world.entries.some((entry) => entry.key.startsWith(`${step.id}/kept/state/`))).toBe(true);
  expect(await action.verify(world.ctx, step)).toMatchObject({ holds: true });
  expect(await action.apply(world.ctx, step)).toMatchObject({ already: true });
  const undone = await action.undo(world.ctx, step);
  expect((await action.verify(world.ctx, step)).holds).toBe(restored !== true);
  if (!restored || left) expect(undone.left.join()).toMatch(left ?? /evidence/);
});

test('a restored user comes back disabled', async () => {
  const action = eradicateActions.find((one) => one.id === 'azure.delete-user')!;
  const id = await newUser('malloryx');
  const step = await planOf(proposal('azure.delete-user', directoryTarget('user', azure.tenantId, id, 'malloryx'), 'x'));
  await action.apply(world.ctx, step);
  await action.undo(world.ctx, step);
  expect(await graph().get(`/users/${id}`, { select: 'accountEnabled' })).toMatchObject({ accountEnabled: false });
});

test('a machine goes only after a snapshot of its disk; without one it stays', async () => {
  const vm = cases.find((one) => one.action === 'azure.delete-vm')!;
  const step = await planOf(await vm.arrange());
  const action = eradicateActions.find((one) => one.id === 'azure.delete-vm')!;
  azure.faults.add({ surface: 'arm', method: 'PUT', path: /snapshots/, status: 409, times: 50 });
  await expect(action.apply({ ...world.ctx, incident: 'inc-0001' }, step)).rejects.toBeDefined();
  expect((await action.verify(world.ctx, step)).holds).toBe(false);
  azure.faults.clear();
  expect(await action.apply({ ...world.ctx, incident: 'inc-0001' }, step)).toMatchObject({ snapshots: [expect.stringMatching(/^tourniquet-/)] });
});

test('the account keeps deleted containers before one is deleted', async () => {
  const step = await planOf(await cases.find((one) => one.action === 'azure.delete-container')!.arrange());
  await eradicateActions.find((one) => one.id === 'azure.delete-container')!.apply(world.ctx, step);
  const service = await world.ctx.access.arm(azure.tenantId, azure.subscriptions[0]!).storage.blobServices.getServiceProperties(azure.world.estate.web, `evilstore${made}`);
  expect(service.containerDeleteRetentionPolicy).toMatchObject({ enabled: true, days: 30 });
});

test('another thing of the same id is not what was planned', async () => {
  const step = await planOf(await cases.find((one) => one.action === 'azure.delete-application')!.arrange());
  const action = eradicateActions.find((one) => one.id === 'azure.delete-application')!;
  await expect(action.apply(world.ctx, { ...step, before: { ...step.before, appId: 'another' } })).rejects.toMatchObject({ type: 'PLAN_CHANGED' });
});

test('the emergency account is refused, planned or applied', async () => {
  const target = directoryTarget('user', azure.tenantId, azure.world.emergency.id, azure.world.emergency.upn);
  const { refused } = await planProposals(eradicateActions, world.ctx, [proposal('azure.delete-user', target, 'x')], classifyAzure);
  expect(refused).toMatchObject([{ code: 'PROTECTED_PRINCIPAL' }]);
});

test('a weakened policy is shown member by member; half a policy is refused, and so is a change in between', async () => {
  const action = eradicateActions.find((one) => one.id === 'azure.restore-conditional-access')!;
  const wish = await weakened(await newPolicy());
  const step = await planOf(wish);
  expect(step.change).toEqual([expect.stringMatching(/^put state .*back: "enabled" instead of "disabled"$/), expect.stringMatching(/^put grantControls .*"mfa".* instead of .*"block"/)]);
  for (const previous of [null, {}, { state: 'enabled' }, { ...(wish.params.previous as object), state: 'off' }, { ...(wish.params.previous as object), conditions: null }]) {
    expect((await planProposals(eradicateActions, world.ctx, [{ ...wish, params: { previous: previous as never } }], classifyAzure)).refused).toMatchObject([{ code: 'INVALID_INPUT' }]);
  }
  await graph().patch(`${POLICIES}/${step.target.id}`, { displayName: 'renamed meanwhile' });
  await expect(action.apply(world.ctx, step)).rejects.toMatchObject({ type: 'PLAN_CHANGED' });
  const { refused } = await planProposals(eradicateActions, world.ctx, [{ ...wish, target: { ...wish.target, id: 'e0000000-0000-4000-8000-00000000000e' } }], classifyAzure);
  expect(refused).toMatchObject([{ code: 'NOT_FOUND' }]);
});

test('what Graph only answers with makes no difference, and is not written', async () => {
  const wish = await weakened(await newPolicy());
  const previous = wish.params.previous as { grantControls: object };
  const step = await planOf({ ...wish, params: { previous: { ...previous, sessionControls: null, grantControls: { ...previous.grantControls, 'authenticationStrength@odata.context': 'x', termsOfUse: [], customAuthenticationFactors: [] } } as never } });
  const action = eradicateActions.find((one) => one.id === 'azure.restore-conditional-access')!;
  await action.apply(world.ctx, step);
  expect((await action.verify(world.ctx, step)).holds).toBe(true);
  expect(JSON.stringify(await graph().get(`${POLICIES}/${step.target.id}`))).not.toContain('authenticationStrength');
});

test('a policy that was changed is put back when the record has all of it, else it is a line for a person', async () => {
  const { dana } = azure.world;
  const wish = await weakened(await newPolicy());
  const changed = (id: string, previous: unknown) => ({ provider: 'azure', account: azure.tenantId, region: null, kind: 'policy', id, name: id, attribution: 'attacker', how: 'changed', events: ['e'], details: { why: 'w', object: 'conditional-access', previous } });
  const finding = { check: '1.3.6-identities', state: 'found', summary: '', error: null, facts: {}, evidence: [], artifacts: [changed(wish.target.id, wish.params.previous), changed('cut-short', null)] };
  const { proposals, left } = await azureProvider.propose.eradication(world.ctx, caseOf(principalOf(azure, 'user', dana.id, dana.upn), new Date().toISOString()), [finding as never]);
  expect(proposals).toMatchObject([{ action: 'azure.restore-conditional-access', target: { id: wish.target.id }, params: { previous: { state: 'enabled' } } }]);
  expect(left).toEqual([expect.stringMatching(/cut-short.*put it back by hand/)]);
});

test('of several changes the first knows how it was', () => {
  const change = (before: string, after: string, at: number): Artifact => ({ provider: 'azure', account: azure.tenantId, region: null, kind: 'policy', id: 'p', name: 'p', attribution: 'attacker', how: 'changed', events: [`e${at}`], details: { why: 'w', time: `2026-01-01T00:00:0${at}Z`, event: 'Update conditional access policy', previous: { state: before }, after } });
  expect(merged([change('enabled', 'enabledForReportingButNotEnforced', 1), change('enabledForReportingButNotEnforced', 'disabled', 2)])).toMatchObject([{ details: { previous: { state: 'enabled' } } }]);
});

test('exactly what was attributed is proposed; the rest is a line for a person', async () => {
  const tenant = azure.tenantId;
  const artifact = (kind: string, id: string, how: string, attribution: string, details: object = {}) => ({ provider: 'azure', account: tenant, region: null, kind, id, name: id, attribution, how, events: ['e'], details: { why: 'w', ...details } });
  const dana = azure.world.dana;
  const finding = {
    check: '1.3.6-identities', state: 'found', summary: '', error: null, facts: {}, evidence: [], artifacts: [
      artifact('user', 'u-made', 'created', 'attacker'), artifact('user', 'u-other', 'created', 'unattributed'), artifact('user', dana.id, 'created', 'attacker'),
      artifact('policy-attachment', 'u-made/role', 'created', 'attacker', { relation: 'directory-role', principal: 'u-made', principalKind: 'user', role: 'r' }),
      artifact('policy-attachment', `${azure.world.eve.id}/role`, 'created', 'attacker', { relation: 'directory-role', principal: azure.world.eve.id, principalKind: 'user', role: 'r1' }),
      artifact('access-key', azure.world.payroll.secretKeyId, 'created', 'attacker', { principal: azure.world.payroll.applicationId }),
      artifact('policy-attachment', 'sp/x', 'created', 'attacker', { relation: 'app-role', principal: 'sp', appRole: 'x' }), artifact('policy-attachment', 'sp/y', 'created', 'attacker', { relation: 'app-role', principal: 'sp', appRole: 'y' }),
      artifact('instance', `${base()}/Microsoft.Compute/virtualMachines/old`, 'changed', 'attacker', { change: 'run-command' }), artifact('trail', '/x', 'deleted', 'attacker'), artifact('mfa-device', 'm', 'created', 'attacker'),
      artifact('bucket', `${base()}/Microsoft.Storage/storageAccounts/a`, 'created', 'attacker'), artifact('bucket', `${base()}/Microsoft.Storage/storageAccounts/a/blobServices/default/containers/c`, 'created', 'attacker'), artifact('instance', `${base()}/Microsoft.Compute/virtualMachines/gone`, 'created', 'attacker', { exists: false }),
    ],
  };
  const { proposals, left } = await azureProvider.propose.eradication(world.ctx, caseOf(principalOf(azure, 'user', dana.id, dana.upn), new Date().toISOString()), [finding as never]);
  expect(proposals.map((one) => [one.action, one.target.id, one.params.roles ?? one.params.appRole ?? one.params.credentials ?? null])).toEqual([
    ['azure.remove-directory-roles', azure.world.eve.id, ['r1']], ['azure.remove-app-credentials', azure.world.payroll.servicePrincipalId, [azure.world.payroll.secretKeyId]],
    ['azure.delete-storage-account', `${base()}/Microsoft.Storage/storageAccounts/a`, null],
    ['azure.remove-grant', 'sp', 'x'], ['azure.remove-grant', 'sp', 'y'], ['azure.delete-user', 'u-made', null],
  ]);
  expect(left.join('\n')).toMatch(/u-other.*\n.*own principal.*\n.*rebuild it/s);
  expect(left).toHaveLength(3);
});

const casesOf = (id: string) => cases.filter((one) => one.action === id);
test.each(eradicateActions.map((one) => [one.id, one] as const))('%s does all with exactly what it declares', async (id, one) => {
  for (const { arrange } of casesOf(id)) expect(await life(azure, one, await arrange(), one.permissions)).toBeNull();
});
test.each(eradicateActions.flatMap((one) => enforced(one).map((permission) => [one.id, permission, one] as const)))('%s is refused without %s, and says so', async (id, permission, one) => {
  const outcomes: unknown[] = [];
  for (const { arrange } of casesOf(id)) outcomes.push(await life(azure, one, await arrange(), one.permissions.filter((other) => other !== permission)));
  expect(outcomes).toContainEqual(expect.objectContaining({ code: 'ACCESS_DENIED', message: expect.stringContaining(permission) }));
});
