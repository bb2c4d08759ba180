import { startAzureSandbox, type Azure } from '../../sandbox/azure';
import { azureProvider } from '../../activities/azure';
import { recoverActions } from '../../activities/azure/recover';
import { classifyAzure, gone } from '../../activities/azure/errors';
import { directoryTarget, proposal } from '../../activities/azure/contain/targets';
import { watch } from '../../activities/azure/watch';
import { planProposals } from '../../activities/actions';
import type { Proposal, Step } from '../../playbook/model/plan';
import { enforced, life } from './permit';
import { newAccount } from './storage';
import { ATTACKER, bed, call, caseOf, principalOf, signIn, type Bed } from '../azure-investigate/support';

jest.setTimeout(120_000);
let azure: Azure;
let world: Bed;
let account: string;
const sub = () => azure.subscriptions[0]!;
const action = (id: string) => recoverActions.find((one) => one.id === id)!;
const subscription = () => directoryTarget('subscription', azure.tenantId, sub(), 'production');
const put = (id: string, version: string, body: object) => world.ctx.access.arm(azure.tenantId, sub()).resources.resources.beginCreateOrUpdateByIdAndWait(id, version, body as never, { updateIntervalInMs: 20 });
const planOf = async (wish: Proposal, ctx = world.ctx): Promise<Step> => {
  const { steps, refused } = await planProposals(recoverActions, ctx, [wish], classifyAzure);
  if (!steps[0]) throw new Error(JSON.stringify(refused));
  return steps[0];
};

beforeAll(async () => {
  azure = await startAzureSandbox();
  account = `/subscriptions/${azure.subscriptions[0]!}/resourceGroups/${azure.world.estate.web}/providers/Microsoft.Storage/storageAccounts/keptlogs`;
  world = bed(azure, { logDestination: { storageAccountId: account, workspaceId: null } });
  await put(account, '2023-05-01', { location: 'southeastasia', sku: { name: 'Standard_LRS' }, kind: 'StorageV2', properties: {} });
});
afterAll(() => azure?.stop());

const later = 60_000;
let made = 0;
/** How it was before anything was done, by action. */
const firstBefore = new Map<string, Step['before']>();
const cases: { id: string; key?: string; arrange(): Promise<Proposal>; leaves?: RegExp }[] = [
  { id: 'azure.enforce-mfa', arrange: async () => {
    // The tenant's own policy does the like: without it ours is needed.
    await gone(world.ctx.access.graph(azure.tenantId).delete(`/identity/conditionalAccess/policies/${azure.world.mfaPolicy.id}`));
    return proposal('azure.enforce-mfa', directoryTarget('tenant', azure.tenantId, azure.tenantId, 'northwind'), 'x');
  } },
  { id: 'azure.apply-least-privilege', arrange: async () => proposal('azure.apply-least-privilege', directoryTarget('service-principal', azure.tenantId, azure.world.payroll.servicePrincipalId, 'payroll-app'), 'x', { compromisedFrom: new Date().toISOString() }) },
  { id: 'azure.apply-least-privilege', key: 'of a person', arrange: async () => proposal('azure.apply-least-privilege', directoryTarget('user', azure.tenantId, azure.world.eve.id, azure.world.eve.upn), 'x', { compromisedFrom: new Date().toISOString() }) },
  { id: 'azure.enable-defender', arrange: async () => proposal('azure.enable-defender', subscription(), 'x') },
  { id: 'azure.export-activity-log', leaves: /immutability/, arrange: async () => proposal('azure.export-activity-log', subscription(), 'x') },
  { id: 'azure.set-budget', arrange: async () => proposal('azure.set-budget', subscription(), 'x') },
  { id: 'azure.alert-cost-anomalies', arrange: async () => proposal('azure.alert-cost-anomalies', subscription(), 'x') },
  { id: 'azure.deny-owner-assignment', arrange: async () => proposal('azure.deny-owner-assignment', subscription(), 'x') },
  { id: 'azure.lift-deny', arrange: async () => {
    const graph = world.ctx.access.graph(azure.tenantId);
    const { eve } = azure.world;
    await graph.patch(`/users/${eve.id}`, { accountEnabled: false, passwordProfile: { password: 'Another-one-22!' } });
    await graph.post(`/users/${eve.id}/revokeSignInSessions`);
    const displayName = `${world.ctx.access.config.names.denyUserPolicy} ${eve.id}`;
    if (!(await graph.list<{ displayName: string }>('/identity/conditionalAccess/policies')).some((one) => one.displayName === displayName)) await graph.post('/identity/conditionalAccess/policies', { displayName, state: 'enabled', conditions: { clientAppTypes: ['all'], applications: { includeApplications: ['All'] }, users: { includeUsers: [eve.id] } }, grantControls: { operator: 'OR', builtInControls: ['block'] } });
    return proposal('azure.lift-deny', directoryTarget('user', azure.tenantId, eve.id, eve.upn), 'x', { compromisedFrom: new Date(Date.now() - later).toISOString() });
  } },
];

test('every row of recovery has an action, and every action a case', () => {
  expect([...new Set(cases.map((one) => one.id))].sort()).toEqual(recoverActions.map((one) => one.id).sort());
  expect([...new Set(recoverActions.map((one) => one.row))].sort()).toEqual(['4.1', '4.2', '4.3', '4.4', '4.5', '4.6']);
});

test.each(cases)('$id: planned twice alike, in force, in force twice, undone', async ({ id, key = id, arrange, leaves }) => {
  const wish = await arrange();
  const step = await planOf(wish);
  firstBefore.set(key, step.before);
  expect(step).toMatchObject({ needed: true, tier: 'approve' });
  expect(await planOf(wish)).toEqual(step);
  expect((await action(id).verify(world.ctx, step)).holds).toBe(false);
  await action(id).apply(world.ctx, step);
  expect(await action(id).verify(world.ctx, step)).toMatchObject({ holds: true });
  await action(id).apply(world.ctx, step);
  expect(await action(id).verify(world.ctx, step)).toMatchObject({ holds: true });
  if (id !== 'azure.lift-deny' && id !== 'azure.apply-least-privilege') expect((await planOf(wish)).needed).toBe(false);
  const undone = await action(id).undo(world.ctx, step);
  expect((await action(id).verify(world.ctx, step)).holds).toBe(false);
  expect(undone.left.join()).toMatch(leaves ?? /^$/);
});

test('the emergency accounts are excluded, and without one nothing is written', async () => {
  const tenant = directoryTarget('tenant', azure.tenantId, azure.tenantId, 'northwind');
  const step = await planOf(proposal('azure.enforce-mfa', tenant, 'x'));
  await action('azure.enforce-mfa').apply(world.ctx, step);
  const [policy] = (await world.ctx.access.graph(azure.tenantId).list<{ displayName: string; conditions: { users: { excludeUsers: string[] } } }>('/identity/conditionalAccess/policies')).filter((one) => one.displayName === world.ctx.access.config.names.mfaPolicy);
  expect(policy!.conditions.users.excludeUsers).toEqual([azure.world.emergency.id]);
  await action('azure.enforce-mfa').undo(world.ctx, step);
  const none = bed(azure, { tenants: world.ctx.access.config.tenants.map((one) => ({ ...one, emergencyIdentities: [] })) });
  const { refused } = await planProposals(recoverActions, none.ctx, [proposal('azure.enforce-mfa', tenant, 'x')], classifyAzure);
  expect(refused).toMatchObject([{ code: 'INVALID_CONFIG' }]);
});

test('an anomaly alert that is switched off, goes elsewhere or soon ends is made anew, and given back as it was', async () => {
  const id = `/subscriptions/${sub()}/providers/Microsoft.CostManagement/scheduledActions/tourniquet-anomaly`;
  const alertCost = action('azure.alert-cost-anomalies');
  const wish = proposal('azure.alert-cost-anomalies', subscription(), 'x');
  const step = await planOf(wish);
  await alertCost.apply(world.ctx, step);
  const kept = azure.sim.shelf<{ id: string; kind: string; properties: Record<string, unknown> }>('arm');
  const ours = kept.truth().find((one) => one.id.toLowerCase() === id.toLowerCase())!;
  expect(ours).toMatchObject({ kind: 'InsightAlert', properties: { notification: { to: ['finance@northwind.example'] } } });
  const spoilt = [{ status: 'Disabled' }, { notification: { to: ['mallory@example.org'], subject: 'x' } }, { schedule: { frequency: 'Daily', startDate: '2026-01-01T00:00:00Z', endDate: new Date(Date.now() + 86_400_000).toISOString() } }];
  for (const change of spoilt) {
    kept.put(id.toLowerCase(), { ...ours, properties: { ...ours.properties, ...change } });
    const again = await planOf(wish);
    expect(again.needed).toBe(true);
    await alertCost.apply(world.ctx, again);
    expect((await alertCost.verify(world.ctx, again)).holds).toBe(true);
    await alertCost.undo(world.ctx, again);
    expect(kept.truth().find((one) => one.id.toLowerCase() === id.toLowerCase())!.properties).toMatchObject(change);
  }
  kept.put(id.toLowerCase(), { ...ours, properties: { ...ours.properties, schedule: { frequency: 'Daily', startDate: '2026-01-01T00:00:00Z', endDate: '2026-01-02T00:00:00Z' } } });
  const over = await planOf(wish);
  await alertCost.apply(world.ctx, over);
  await alertCost.undo(world.ctx, over);
  expect(kept.truth().filter((one) => one.id.toLowerCase() === id.toLowerCase())).toEqual([]);
});

test('the deny is not lifted from a password of the time of the attack', async () => {
  const wish = proposal('azure.lift-deny', directoryTarget('user', azure.tenantId, azure.world.ada.id, azure.world.ada.upn), 'x', { compromisedFrom: new Date().toISOString() });
  const { refused } = await planProposals(recoverActions, world.ctx, [wish], classifyAzure);
  expect(refused).toMatchObject([{ code: 'STILL_IN_USE', message: expect.stringContaining('password') }]);
});

test('a role that was used stays', async () => {
  const { sim, world: tenant } = azure;
  const { payroll, estate } = tenant;
  const record = { eventDataId: 'used', eventTimestamp: new Date(Date.now() - 86_400_000).toISOString(), operationName: { value: 'Microsoft.Compute/virtualMachines/write', localizedValue: '' }, resourceId: `/subscriptions/${sub()}/resourceGroups/${estate.data}/providers/Microsoft.Compute/virtualMachines/x`, subscriptionId: sub(), caller: payroll.servicePrincipalId, claims: { 'http://schemas.microsoft.com/identity/claims/objectidentifier': payroll.servicePrincipalId } };
  sim.shelf('activities').put('used', record);
  const step = await planOf(proposal('azure.apply-least-privilege', directoryTarget('service-principal', azure.tenantId, payroll.servicePrincipalId, 'payroll-app'), 'x', { compromisedFrom: new Date().toISOString() }));
  expect(step.needed).toBe(false);
  sim.shelf('activities').remove('used');
});

test('recovery is proposed for the tenant and every subscription; lifting comes last, and never for what the attacker made', async () => {
  const { dana } = azure.world;
  const aCase = caseOf(principalOf(azure, 'user', dana.id, dana.upn), new Date().toISOString());
  const { proposals } = await azureProvider.propose.recovery(world.ctx, aCase, []);
  expect(proposals.at(-1)).toMatchObject({ action: 'azure.lift-deny', target: { id: dana.id } });
  expect(proposals.filter((one) => one.action === 'azure.enable-defender').map((one) => one.target.id)).toEqual([...azure.subscriptions]);
  const made = [{ artifacts: [{ kind: 'user', id: dana.id, attribution: 'attacker', how: 'created' }] }] as never;
  expect((await azureProvider.propose.recovery(world.ctx, aCase, made)).proposals.map((one) => one.action)).not.toContain('azure.lift-deny');
  // A sign-in method that the attacker registered has the person's id, and is not the person.
  const method = [{ artifacts: [{ kind: 'mfa-device', id: dana.id, attribution: 'attacker', how: 'created' }] }] as never;
  expect((await azureProvider.propose.recovery(world.ctx, aCase, method)).proposals.map((one) => one.action)).toContain('azure.lift-deny');
});

test('the watch tells of the attacker’s address and of what he made, once each; quiet is quiet; blind is said', async () => {
  const { dana } = azure.world;
  const start = new Date(Date.now() - 1_000).toISOString();
  const aCase = caseOf(principalOf(azure, 'user', dana.id, dana.upn), start);
  const token = await signIn(azure, dana, ATTACKER, 'graph');
  await call(azure, token, ATTACKER, 'graph', 'POST', '/groups', { displayName: 'again', mailNickname: 'again', mailEnabled: false, securityEnabled: true });
  const at = (minutes: number) => ({ ...world.ctx, now: () => new Date(Date.now() + minutes * 60_000) });
  const first = await watch(at(60), aCase, [], start);
  expect(first.error).toBeNull();
  expect(first.moves.map((one) => one.event)).toContain('Add group');
  expect(first.moves.every((one) => !one.blocked)).toBe(true);
  const second = await watch(at(120), aCase, [], first.until);
  expect(second).toMatchObject({ moves: [], error: null });
  azure.faults.add({ surface: 'graph', path: /auditLogs/, status: 403 });
  expect((await watch(at(180), aCase, [], second.until)).error).toMatch(/directory audit: ACCESS_DENIED/);
  azure.faults.clear();
});

/** Each life has a log account of its own: a retention that one leaves behind must not stand in for the next. */
const where = async () => ({ logDestination: { storageAccountId: await newAccount(world, `logs${++made}`), workspaceId: null } });
const casesOf = (id: string) => cases.filter((one) => one.id === id);
test.each(recoverActions.map((one) => [one.id, one] as const))('%s does all with exactly what it declares', async (id, one) => {
  for (const { arrange } of casesOf(id)) expect(await life(azure, one, await arrange(), one.permissions, await where())).toBeNull();
});
test.each(recoverActions.flatMap((one) => enforced(one).map((permission) => [one.id, permission, one] as const)))('%s is refused without %s, and says so', async (id, permission, one) => {
  const outcomes: unknown[] = [];
  for (const { arrange, key = id } of casesOf(id)) {
    const wish = await arrange();
    outcomes.push(await life(azure, one, wish, one.permissions.filter((other) => other !== permission), await where()));
    // What was begun is brought to its end and taken back, with everything allowed.
    const step = await planOf(wish);
    await action(id).apply(world.ctx, step);
    await action(id).undo(world.ctx, { ...step, before: firstBefore.get(key)! });
  }
  expect(outcomes).toContainEqual(expect.objectContaining({ code: 'ACCESS_DENIED', message: expect.stringContaining(permission) }));
});
