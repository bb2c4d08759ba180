import type { User } from '@microsoft/microsoft-graph-types';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAzureAccess, createDirectAzureAccess } from '../../activities/azure/clients';
import { classifyAzure } from '../../activities/azure/errors';
import { proposeContainment } from '../../activities/azure/contain/propose';
import { directoryTarget, proposal } from '../../activities/azure/contain/targets';
import { lookUp } from '../../activities/azure/look-up';
import { proposeBreakGlass, proposeRoot } from '../../activities/azure/root/propose';
import { planProposals } from '../../activities/actions';
import type { AzureContext } from '../../activities/azure/context';
import { codeOf } from '../../activities/boundary';
import { fetchTrusting } from '../../activities/private-ca';
import { breakGlassReasons } from '../../playbook/break-glass';
import { ERRORS } from '../../playbook/errors';
import type { Alert } from '../../playbook/model/alert';
import type { Step } from '../../playbook/model/plan';
import type { Principal } from '../../playbook/model/principal';
import { waves } from '../../playbook/plan';
import { addMethod } from '../../sandbox/azure/graph/methods';
import { giveDirectoryRole } from '../../sandbox/azure/world/directory';
import { addSecret, grantPermissions } from '../../sandbox/azure/world/applications';
import { asStep, incident } from '../containment/contract';
import { actionOf, actions, makeBed, type Bed } from './bed';
import { application, attackerIp, managed, person, userAssigned } from './cases';

jest.setTimeout(120_000);

let bed: Bed;
beforeAll(async () => {
  bed = await makeBed();
});
afterAll(() => bed?.stop());
afterEach(() => bed.azure.faults.clear());

const alertOf = (principal: Principal, more: Partial<Alert> = {}): Alert => ({
  id: `alr-${'0'.repeat(24)}`, source: 'entra-signin', provider: 'azure', account: principal.account, region: null, time: new Date(Date.now() - 60_000).toISOString(), receivedAt: null, event: 'Sign-in activity', service: null, outcome: 'success', errorCode: null,
  dryRun: false, principal, session: null, sourceIp: attackerIp, userAgent: null, channel: 'console', target: null, addresses: [attackerIp], facts: {}, raw: null, ...more,
});
const principalOf = (target: { id: string; name: string }, kind: Principal['kind'] = 'user'): Principal => ({ provider: 'azure', account: bed.tenant, kind, id: target.id, name: target.name });
const caseOf = (principal: Principal, alerts = [alertOf(principal)]) => ({ incident, caseKey: `${incident}.1`, principal, alerts });

/** Plans everything that is proposed and applies it as the workflow does: row after row, the steps of a row side by side. */
async function contain(principal: Principal, ctx: AzureContext = bed.context(), tiers: readonly string[] = ['automatic']) {
  const { proposals, left } = await proposeContainment(ctx, caseOf(principal), []);
  const { steps, refused } = await planProposals(actions, ctx, proposals, classifyAzure);
  const failed = new Map<string, string>();
  const done: Step[] = [];
  for (const wave of waves(steps.filter((step) => step.needed && tiers.includes(step.tier)))) {
    await Promise.all(wave.map((step) => actionOf(step.action).apply(ctx, step).then(() => done.push(step), (error: unknown) => void failed.set(step.action, codeOf(error) ?? classifyAzure(error)?.type ?? String(error)))));
  }
  return { steps, refused, left, failed, done };
}

/** What a thief with the password, and one with a refresh token, can do. */
async function signIn(user: { id: string; name: string; password: string }, session?: string): Promise<{ status: number; token?: string; refresh?: string }> {
  const body = new URLSearchParams({ client_id: 'thief', scope: `${bed.azure.graphUrl}/.default offline_access`, ...(session ? { grant_type: 'refresh_token', refresh_token: session } : { grant_type: 'password', username: user.name, password: user.password }) });
  const answer = await fetchTrusting(bed.azure.ca)(`${bed.azure.loginUrl}/${bed.tenant}/oauth2/v2.0/token`, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-sandbox-mfa': 'yes' }, body: body.toString() });
  const json = (await answer.json()) as { access_token?: string; refresh_token?: string };
  return { status: answer.status, token: json.access_token, refresh: json.refresh_token };
}

test('a person is kept out by effect: the password, the open session and a new method all stop working, and sessions go last', async () => {
  const thief = person(bed);
  const session = await signIn(thief);
  expect(session.status).toBe(200);
  addMethod(bed.azure.sim, thief.id, 'softwareOathMethods');
  const { steps, refused, failed, done } = await contain(principalOf(thief));
  expect(refused).toEqual([]);
  expect([...failed]).toEqual([]);
  expect(done.at(-1)!.action).toBe('azure.revoke-sessions');
  expect(waves(steps).map((wave) => wave.map((step) => step.row))[0]).not.toContain('2.1.2');
  expect((await signIn(thief)).status).toBe(400);
  expect((await signIn(thief, session.refresh)).status).toBe(400);
});

test('an administrator whom the application may not touch: blocked by policy at once, disabled when its roles are gone', async () => {
  const admin = person(bed);
  giveDirectoryRole(bed.azure.sim, admin.id, 'Global Administrator');
  const session = await signIn(admin);
  const { failed, done } = await contain(principalOf(admin));
  expect([...failed]).toEqual([]);
  expect(done[0]!.action).toBe('azure.deny-sign-in');
  expect(bed.azure.sim.shelf<User>('users').get(admin.id)!.accountEnabled).toBe(false);
  expect((await signIn(admin)).status).toBe(400);
  expect((await signIn(admin, session.refresh)).status).toBe(400);
});

describe('an administrator whose roles cannot be taken away either', () => {
  const lacking = ['User.EnableDisableAccount.All', 'User.Read.All', 'RoleManagement.Read.Directory', 'GroupMember.Read.All'];
  afterEach(() => bed.permit(null));

  test('is ROLE_TOO_LOW with what to do, not a missing permission; and break-glass carries it', async () => {
    const admin = person(bed);
    giveDirectoryRole(bed.azure.sim, admin.id, 'Global Administrator');
    const target = directoryTarget('user', bed.tenant, admin.id, admin.name);
    bed.permit(lacking);
    const ctx = bed.context();
    const step = asStep(await bed.plan(proposal('azure.disable-user', target, 'test'), ctx));
    expect(step.before.roles).toEqual(['Global Administrator']);
    const error: unknown = await actionOf('azure.disable-user').apply(ctx, step).then(() => null, (thrown: unknown) => thrown);
    expect(error).toMatchObject({ type: 'ROLE_TOO_LOW', nonRetryable: true });
    expect(String((error as Error).message)).toMatch(/Global Administrator.*has User\.EnableDisableAccount\.All and no directory role above/);
    expect(ERRORS.ROLE_TOO_LOW.operator).toMatch(/Privileged Authentication Administrator/);
    const outcome = { step: step.id, state: 'failed' as const, holds: false, error: 'ROLE_TOO_LOW', seen: {}, at: new Date().toISOString() };
    expect(breakGlassReasons({ principal: principalOf(admin), alerts: [], lookedUp: null, findings: [], outcomes: [outcome] })).toEqual(['containment was refused: azure.disable-user']);

    // The emergency application has the higher role.
    const { target: emergency, appId, secret } = application(bed, 'emergency-app');
    grantPermissions(bed.azure.sim, emergency.id, lacking);
    giveDirectoryRole(bed.azure.sim, emergency.id, 'Global Administrator');
    const leased = { ...bed.context(), access: createDirectAzureAccess(bed.config, { clientId: appId, secret }) };
    await actionOf('azure.disable-user').apply(leased, step);
    expect((await actionOf('azure.disable-user').verify(leased, step)).holds).toBe(true);
  });

  test('a missing permission is named as that', async () => {
    const target = directoryTarget('user', bed.tenant, person(bed).id, 'x');
    bed.permit(lacking.slice(1));
    const step = asStep(await bed.plan(proposal('azure.disable-user', target, 'test'), bed.context()));
    await expect(actionOf('azure.disable-user').apply(bed.context(), step)).rejects.toMatchObject({ type: 'ACCESS_DENIED', message: expect.stringMatching(/lacks User\.EnableDisableAccount\.All/) });
  });
});

test('break-glass proposes only what Graph refuses to a lower application, and never the emergency account', async () => {
  const { emergency } = bed.azure.world;
  const admin = person(bed);
  giveDirectoryRole(bed.azure.sim, admin.id, 'Global Administrator');
  const { proposals } = await proposeBreakGlass(bed.context(), caseOf(principalOf(admin)), []);
  expect(proposals.map((one) => one.action)).toEqual(expect.arrayContaining(['azure.disable-user', 'azure.reset-password', 'azure.revoke-sessions']));
  expect(proposals.some((one) => one.action.startsWith('azure.block-') || one.action === 'azure.deny-sign-in')).toBe(false);
  const own = await proposeContainment(bed.context(), caseOf(principalOf({ id: emergency.id, name: emergency.upn })), []);
  const { steps, refused } = await planProposals(actions, bed.context(), own.proposals, classifyAzure);
  expect(steps.filter((step) => step.target.id === emergency.id)).toEqual([]);
  expect(refused.map((one) => one.code)).toContain('PROTECTED_PRINCIPAL');
});

test('a guest: kept out of this tenant; its password and sessions are named as its home tenant’s', async () => {
  const { guest } = bed.azure.world;
  const { refused, failed } = await contain(principalOf({ id: guest.id, name: guest.upn }, 'guest'));
  expect([...failed]).toEqual([]);
  expect(bed.azure.sim.shelf<User>('users').get(guest.id)!.accountEnabled).toBe(false);
  expect(refused.map((one) => [one.action, one.code])).toEqual([['azure.reset-password', 'NOT_SUPPORTED'], ['azure.revoke-sessions', 'NOT_SUPPORTED']]);
  expect(refused.every((one) => /home tenant/.test(one.message))).toBe(true);
});

test('a synchronised account that the on-premises directory switches on again is seen, and switched off again', async () => {
  const { synced } = bed.azure.world;
  const { steps, refused, failed } = await contain(principalOf({ id: synced.id, name: synced.upn }));
  expect([...failed]).toEqual([]);
  expect(refused.map((one) => [one.action, one.code])).toEqual([['azure.reset-password', 'NOT_SUPPORTED']]);
  const step = steps.find((one) => one.action === 'azure.disable-user')!;
  expect(step.change.join()).toMatch(/synchronised: the on-premises directory may undo this/);
  const users = bed.azure.sim.shelf<User>('users');
  users.put(synced.id, { ...users.get(synced.id)!, accountEnabled: true });
  const action = actionOf('azure.disable-user');
  expect(await action.verify(bed.context(), step)).toEqual({ holds: false, seen: { enabled: true, synchronised: true } });
  await action.apply(bed.context(), step);
  expect((await action.verify(bed.context(), step)).holds).toBe(true);
});

test('a throttled tenant: short waits are sat through, long ones are left to Temporal with what the service asked for', async () => {
  const target = directoryTarget('user', bed.tenant, person(bed).id, 'x');
  bed.azure.faults.add({ surface: 'graph', status: 429, retryAfter: 1, times: 2 });
  expect(await bed.plan(proposal('azure.disable-user', target, 'test'))).toMatchObject({ needed: true });
  bed.azure.faults.add({ surface: 'graph', status: 429, retryAfter: 90 });
  const step = { ...asStep({ id: 'x', action: 'azure.disable-user', target } as unknown as Step) };
  const error: unknown = await actionOf('azure.disable-user').apply(bed.context(), step).then(() => null, (thrown: unknown) => thrown);
  expect(classifyAzure(error)).toMatchObject({ type: 'THROTTLED', nonRetryable: false, nextRetryDelay: 90_000 });
});

test('a directory that is away: containment is still wished for by the id of the alert, and what could not be read is said', async () => {
  const target = person(bed);
  bed.azure.faults.add({ surface: 'graph', status: 503, retryAfter: 90 });
  const { proposals, left } = await proposeContainment(bed.context(), caseOf(principalOf(target)), []);
  expect(proposals.map((one) => one.action)).toEqual(expect.arrayContaining(['azure.deny-sign-in', 'azure.disable-user', 'azure.revoke-sessions']));
  expect(left.join()).toMatch(/could not look at the principal/);
});

test('a token that expires in the middle is renewed once, and the step goes through', async () => {
  const target = directoryTarget('user', bed.tenant, person(bed).id, 'x');
  const ctx = bed.context();
  const step = asStep(await bed.plan(proposal('azure.disable-user', target, 'test'), ctx));
  // The service forgets every token that it gave out; the library still believes in its own.
  for (const token of bed.azure.sim.tokens.values()) token.expiresAt = 0;
  await actionOf('azure.disable-user').apply(ctx, step);
  expect((await actionOf('azure.disable-user').verify(ctx, step)).holds).toBe(true);
});

test('a responder whose secret is refused is CREDENTIALS_INVALID, never silence', async () => {
  const access = createAzureAccess({ ...bed.config, tenants: [{ ...bed.config.tenants[0]!, credential: { kind: 'client-secret', secret: () => 'wrong' } }] });
  const target = directoryTarget('user', bed.tenant, person(bed).id, 'x');
  expect(await bed.plan(proposal('azure.disable-user', target, 'test'), { ...bed.context(), access })).toMatchObject({ code: 'CREDENTIALS_INVALID' });
});

test('the responder signs in by certificate', async () => {
  const path = join(bed.azure.caFile, '..', 'responder.pem');
  const { certificate } = bed.azure.world.responder;
  writeFileSync(path, `${certificate.privateKey}\n${certificate.certificate}`);
  const access = createAzureAccess({ ...bed.config, tenants: [{ ...bed.config.tenants[0]!, credential: { kind: 'certificate', path } }] });
  const target = directoryTarget('user', bed.tenant, person(bed).id, 'x');
  expect(await bed.plan(proposal('azure.disable-user', target, 'test'), { ...bed.context(), access })).toMatchObject({ needed: true });
});

describe('applications', () => {
  test('rotation proves the new secret before the old ones go, and the vault holds it', async () => {
    const app = application(bed);
    const step = asStep(await bed.plan(proposal('azure.rotate-app-credentials', app.target, 'test')));
    const done = await actionOf('azure.rotate-app-credentials').apply(bed.context(), step);
    const kept = bed.vault.secrets.get(String(done.newCredential))!;
    expect(JSON.stringify(done)).not.toContain(kept.secret);
    const works = createDirectAzureAccess(bed.config, { clientId: app.appId, secret: kept.secret });
    await expect(works.tokens(bed.tenant).get('https://graph.microsoft.com')).resolves.toBeTruthy();
    const old = createDirectAzureAccess(bed.config, { clientId: app.appId, secret: app.secret });
    await expect(old.tokens(bed.tenant).get('https://graph.microsoft.com')).rejects.toThrow(/AADSTS7000215/);
  });

  test('a vault that is away: the new secret is taken back and the old ones still work', async () => {
    const app = application(bed);
    const step = asStep(await bed.plan(proposal('azure.rotate-app-credentials', app.target, 'test')));
    bed.vault.failing = true;
    await expect(actionOf('azure.rotate-app-credentials').apply(bed.context(), step)).rejects.toThrow('the vault is away');
    bed.vault.failing = false;
    const still = createDirectAzureAccess(bed.config, { clientId: app.appId, secret: app.secret });
    await expect(still.tokens(bed.tenant).get('https://graph.microsoft.com')).resolves.toBeTruthy();
    expect((await actionOf('azure.rotate-app-credentials').verify(bed.context(), step)).seen).toMatchObject({ fresh: [] });
  });

  test('the secret that the attacker added goes, and only that one', async () => {
    const app = application(bed);
    const added = addSecret(bed.azure.sim, 'applications', app.application, 'attacker');
    const alert = alertOf(principalOf(person(bed)), {
      source: 'entra-audit', event: 'Update application – Certificates and secrets management ',
      facts: { targets: [{ id: app.application, displayName: 'app', type: 'Application' }], changes: [{ displayName: 'KeyDescription', oldValue: `["[KeyIdentifier=${app.keyId},KeyType=Password,KeyUsage=Verify,DisplayName=old]"]`, newValue: `["[KeyIdentifier=${added.keyId},KeyType=Password]","[KeyIdentifier=${app.keyId},KeyType=Password]"]` }] },
    });
    const { proposals } = await proposeContainment(bed.context(), caseOf(alert.principal!, [alert]), []);
    const wish = proposals.find((one) => one.action === 'azure.remove-app-credentials')!;
    expect(wish).toMatchObject({ target: { id: app.target.id }, params: { credentials: [added.keyId] } });
    const step = asStep(await bed.plan(wish));
    expect(await actionOf('azure.remove-app-credentials').apply(bed.context(), step)).toEqual({ removed: [added.keyId] });
    await expect(createDirectAzureAccess(bed.config, { clientId: app.appId, secret: app.secret }).tokens(bed.tenant).get('https://graph.microsoft.com')).resolves.toBeTruthy();
  });

  test('Microsoft’s own services and our own application are never taken away', async () => {
    const graph = bed.azure.sim.shelf<{ id: string; displayName: string }>('servicePrincipals').truth().find((one) => one.displayName === 'Microsoft Graph')!;
    expect(await bed.plan(proposal('azure.disable-service-principal', directoryTarget('service-principal', bed.tenant, graph.id, 'Microsoft Graph'), 'test'))).toMatchObject({ code: 'NOT_SUPPORTED' });
    const own = bed.azure.world.responder.servicePrincipalId;
    expect(await bed.plan(proposal('azure.disable-service-principal', directoryTarget('service-principal', bed.tenant, own, 'Tourniquet'), 'test'))).toMatchObject({ code: 'PROTECTED_PRINCIPAL' });
  });

  test('a managed identity is named as what it is: nothing to revoke, its roles go', async () => {
    const { target } = application(bed);
    managed(bed, target.id, []);
    const { refused, steps } = await contain(principalOf(target, 'managed-identity'));
    expect(refused.map((one) => [one.action, one.code])).toEqual([['azure.disable-service-principal', 'NOT_SUPPORTED'], ['azure.remove-app-credentials', 'NOT_SUPPORTED']]);
    expect(refused.every((one) => /managed identity/.test(one.message))).toBe(true);
    expect(steps.map((step) => step.action)).toEqual(expect.arrayContaining(['azure.remove-directory-roles', 'azure.remove-app-access']));
  });

  test('a machine’s own identity: its roles go, and the machine is isolated once people say so', async () => {
    const { target } = application(bed);
    const { vm } = bed.azure.world.estate;
    managed(bed, target.id, ['isExplicit=False', vm]);
    const { refused, steps } = await contain(principalOf(target, 'managed-identity'));
    expect(steps.filter((step) => step.action === 'azure.isolate-vm')).toMatchObject([{ target: { id: vm }, tier: 'approve' }]);
    expect(steps.map((step) => step.action)).toEqual(expect.arrayContaining(['azure.remove-directory-roles', 'azure.remove-app-access', 'azure.remove-azure-roles']));
    expect(refused.find((one) => one.action === 'azure.remove-app-credentials')!.message).toMatch(/its resource is isolated/);
  });

  test('a user-assigned identity: what it trusts besides Azure goes; what it is assigned to is a person’s', async () => {
    const { target } = application(bed);
    const identity = userAssigned(bed, target.id, 'deployers');
    const planned = await contain(principalOf(target, 'managed-identity'));
    const step = planned.steps.find((one) => one.action === 'azure.remove-app-credentials')!;
    expect(step.change).toEqual([expect.stringMatching(/^remove federated .*userAssignedIdentities\/deployers\/federatedIdentityCredentials\/rogue “rogue \(https:\/\/token\.evil\.example anybody\)” of managed identity/)]);
    const action = actionOf('azure.remove-app-credentials');
    expect((await action.verify(bed.context(), step)).holds).toBe(true);
    expect(bed.azure.sim.shelf('arm').get(`${identity}/federatedIdentityCredentials/rogue`)).toBeNull();
    const again = await contain(principalOf(target, 'managed-identity'));
    expect(again.refused.find((one) => one.action === 'azure.remove-app-credentials')!.message).toMatch(/must be isolated, or the identity detached from it, by hand/);
    expect(again.steps.some((one) => /isolate/.test(one.action))).toBe(false);
  });
});

test('without an emergency account no policy for everybody is made', async () => {
  const tenants = [{ ...bed.config.tenants[0]!, emergencyIdentities: [] }];
  const ctx = bed.context({ config: { tenants } });
  const access = { ...ctx.access, tenant: () => tenants[0]! };
  const wish = proposal('azure.block-ip-conditional-access', directoryTarget('tenant', bed.tenant, bed.tenant, 'northwind'), 'test', { address: attackerIp });
  expect(await bed.plan(wish, { ...ctx, access })).toMatchObject({ code: 'INVALID_CONFIG' });
});

test('an address of ours, and text that is no address, are never blocked', async () => {
  const target = directoryTarget('tenant', bed.tenant, bed.tenant, 'northwind');
  const ours = bed.context({ config: { knownAddresses: ['185.220.101.0/24'] } });
  expect(await bed.plan(proposal('azure.block-ip-conditional-access', target, 'test', { address: attackerIp }), ours)).toMatchObject({ code: 'PROTECTED_PRINCIPAL' });
  expect(await bed.plan(proposal('azure.block-ip-conditional-access', target, 'test', { address: '8.8.8.8 or 1' }))).toMatchObject({ code: 'INVALID_INPUT' });
});

test('a tenant that is not ours is said, and nothing is done', async () => {
  const stranger = { ...principalOf({ id: 'x', name: 'x' }), account: 'foreign' };
  expect(await proposeContainment(bed.context(), caseOf(stranger), [])).toEqual({ proposals: [], left: [expect.stringMatching(/not ours/)] });
});

describe('a Global Administrator’s own rows', () => {
  test('a hardware key is proven by the directory’s record: before the alert or after planning, attested', async () => {
    const admin = person(bed);
    giveDirectoryRole(bed.azure.sim, admin.id, 'Global Administrator');
    const { proposals } = await proposeRoot(bed.context(), caseOf(principalOf(admin)), []);
    expect(proposals.map((one) => one.action)).toEqual(['azure.require-admin-mfa', 'azure.rotate-admin-password', 'azure.contact-support']);
    addMethod(bed.azure.sim, admin.id, 'fido2Methods', { attestationLevel: 'attested' });
    const step = asStep(await bed.plan(proposals[0]!));
    expect(step).toMatchObject({ human: true, needed: true });
    const action = actionOf('azure.require-admin-mfa');
    expect((await action.verify(bed.context(), step)).holds).toBe(false);
    addMethod(bed.azure.sim, admin.id, 'fido2Methods', { attestationLevel: 'notAttested', createdDateTime: new Date(Date.now() + 5_000).toISOString() });
    expect((await action.verify(bed.context(), step)).holds).toBe(false);
    addMethod(bed.azure.sim, admin.id, 'fido2Methods', { attestationLevel: 'attested', createdDateTime: new Date(Date.now() + 5_000).toISOString() });
    expect((await action.verify(bed.context(), step)).holds).toBe(true);
  });

  test('a new password counts after planning only', async () => {
    const admin = person(bed);
    const target = directoryTarget('user', bed.tenant, admin.id, admin.name);
    const step = asStep(await bed.plan(proposal('azure.rotate-admin-password', target, 'test')));
    const action = actionOf('azure.rotate-admin-password');
    expect((await action.verify(bed.context(), step)).holds).toBe(false);
    const users = bed.azure.sim.shelf<User>('users');
    users.put(admin.id, { ...users.get(admin.id)!, lastPasswordChangeDateTime: new Date(Date.now() + 1_000).toISOString() });
    expect((await action.verify(bed.context(), step)).holds).toBe(true);
  });
});

test('who is Global Administrator is looked up: directly, through a group, eligible; and a failed look says so', async () => {
  const direct = person(bed);
  giveDirectoryRole(bed.azure.sim, direct.id, 'Global Administrator');
  expect(await lookUp(bed.context(), { principal: principalOf(direct), alerts: [alertOf(principalOf(direct))] })).toMatchObject({ principalIsAdmin: true, globalAdmin: true, failed: [] });
  const nobody = person(bed);
  expect(await lookUp(bed.context(), { principal: principalOf(nobody), alerts: [] })).toMatchObject({ principalIsAdmin: false, globalAdmin: false });
  // What is known is good for its time; what cannot be read is not remembered.
  const unread = person(bed);
  bed.azure.faults.add({ surface: 'graph', status: 500, times: 50 });
  expect(await lookUp(bed.context(), { principal: principalOf(unread), alerts: [] })).toMatchObject({ principalIsAdmin: null, globalAdmin: null, failed: [expect.objectContaining({ what: expect.stringMatching(/^rights of/) })] });
  bed.azure.faults.clear();
  expect(await lookUp(bed.context(), { principal: principalOf(unread), alerts: [] })).toMatchObject({ principalIsAdmin: false, globalAdmin: false, failed: [] });
});
