import type { Application, Group, ServicePrincipal } from '@microsoft/microsoft-graph-types';
import { azureAudit } from '../../activities/azure/audit';
import type { Subject } from '../../playbook/permission-audit/model';
import { linkId, type Link } from '../../sandbox/azure/state/membership';
import { idOf } from '../../sandbox/azure/state/sim';
import { recordActivity } from '../../sandbox/azure/arm/activity';
import { assign } from '../../sandbox/azure/world/estate';
import { builtIn, type RoleAssignment } from '../../sandbox/azure/arm/access';
import { call, signIn } from '../azure-investigate/support';
import { makeBed, type Bed } from '../azure-contain/bed';
import { application, azureRole, DAY, give, join, judged, look, makeEligible, person, seenBefore, userSubject, WINDOW, withReport } from './azure-support';

jest.setTimeout(120_000);

let bed: Bed;
beforeAll(async () => {
  bed = await makeBed();
});
afterAll(() => bed?.stop());

const old = (role: Parameters<typeof give>[2] = 'User Administrator', more = {}) => {
  const one = person(bed, more);
  give(bed, one.id, role);
  return one;
};

describe('people with directory roles', () => {
  test('who never signed in, and whose only sign-ins failed: unused; who signed in: in use, and it is said what is not known', async () => {
    const one = old();
    expect(await judged(bed.context(), userSubject(bed, one))).toMatchObject({ outcome: 'unused', lastUse: null });
    await expect(signIn(bed.azure, { ...one, password: 'wrong' }, '203.0.113.9', 'graph')).rejects.toThrow();
    const attempted = await look(bed.context(), userSubject(bed, one));
    expect(attempted).toMatchObject({ used: [], log: [{ what: 'sign-in', denied: true }], failed: [] });
    expect(await judged(bed.context(), userSubject(bed, one))).toMatchObject({ outcome: 'unused', lastUse: null });
    await signIn(bed.azure, one, '203.0.113.9', 'graph');
    const used = await judged(bed.context(), userSubject(bed, one));
    expect(used.outcome).toBe('in-use');
    expect(used.why.join()).toMatch(/which of the roles were used is not known: the Activity Log keeps 90 days and no reads/);
  });

  test('the last success counts, not the last attempt: 91 days ago is unused, 89 is not', async () => {
    const [long, short] = [old(), old()];
    seenBefore(bed, long.id, { success: 91, attempt: 1 });
    seenBefore(bed, short.id, { success: 89 });
    expect(await judged(bed.context(), userSubject(bed, long))).toMatchObject({ outcome: 'unused', lastUse: expect.any(String) });
    expect(await judged(bed.context(), userSubject(bed, short))).toMatchObject({ outcome: 'in-use' });
  });

  test('young: the person, a role that PIM gave, and one that only the audit knows', async () => {
    const dated = old('User Administrator', { createdDateTime: bed.azure.sim.iso(bed.azure.sim.now() - 30 * DAY) });
    const eligible = old();
    makeEligible(bed, eligible.id, 'Security Administrator', 40);
    const audited = person(bed);
    const root = await signIn(bed.azure, bed.azure.world.dana, '203.0.113.9', 'graph');
    await call(bed.azure, root, '203.0.113.9', 'graph', 'POST', '/roleManagement/directory/roleAssignments', { principalId: audited.id, roleDefinitionId: '5d6b6bb7-de71-4623-b4af-96380a352509', directoryScopeId: '/' });
    for (const one of [dated, eligible, audited]) expect(await judged(bed.context(), userSubject(bed, one))).toMatchObject({ outcome: 'young' });
    const long = old();
    makeEligible(bed, long.id, 'Security Administrator', 100);
    expect(await judged(bed.context(), userSubject(bed, long))).toMatchObject({ outcome: 'unused' });
  });

  test('protected, an emergency account, disabled: never', async () => {
    const [listed, off] = [old(), old('User Administrator', { accountEnabled: false })];
    expect(await judged(bed.context({ config: { protected: [listed.upn] } }), userSubject(bed, listed))).toMatchObject({ outcome: 'exempt', why: [expect.stringMatching(/protected list/)] });
    const { emergency } = bed.azure.world;
    expect(await judged(bed.context(), userSubject(bed, emergency))).toMatchObject({ outcome: 'exempt' });
    expect(await judged(bed.context(), userSubject(bed, off))).toMatchObject({ outcome: 'exempt', why: [expect.stringMatching(/disabled/)] });
    expect(await judged(bed.context(), { ...userSubject(bed, off), id: idOf('nobody') })).toMatchObject({ outcome: 'gone' });
  });

  test('without P1, without the permission, or with an audit that does not answer: not read, and never unused', async () => {
    const one = old();
    bed.azure.sim.premium = false;
    expect(await judged(bed.context(), userSubject(bed, one))).toMatchObject({ outcome: 'unreadable', why: [expect.stringMatching(/Entra ID P1.*NOT_SUPPORTED/)] });
    bed.azure.sim.premium = true;
    bed.permit(azureAudit.permissions.filter((permission) => permission !== 'AuditLog.Read.All'));
    expect(await judged(bed.context(), userSubject(bed, one))).toMatchObject({ outcome: 'unreadable', why: expect.arrayContaining([expect.stringMatching(/ACCESS_DENIED/)]) });
    bed.permit(null);
    bed.azure.faults.add({ surface: 'graph', path: /directoryAudits/, status: 500, times: 20 });
    expect(await judged(bed.context(), userSubject(bed, one))).toMatchObject({ outcome: 'unreadable' });
    bed.azure.faults.clear();
  });

  test('a window from before the days of successful sign-ins is not judged by their absence', async () => {
    const one = old('User Administrator', { createdDateTime: '2015-01-01T00:00:00Z' });
    expect(await judged(bed.context(), userSubject(bed, one), Date.now() - Date.parse('2023-06-01T00:00:00Z'))).toMatchObject({ outcome: 'unreadable', why: [expect.stringMatching(/since 2023-12-01/)] });
  });

  test('a write in Azure by them is use whatever the report says; a refused one is not', async () => {
    const [worked, refused] = [old(), old()];
    for (const [one, status] of [[worked, 200], [refused, 403]] as const) {
      const caller = { kind: 'user' as const, id: one.id, appId: '', name: one.upn, roles: [], ip: '203.0.113.9', userAgent: '' };
      recordActivity(bed.azure.sim, { caller, method: 'PUT', body: {} } as unknown as Parameters<typeof recordActivity>[1], 'Microsoft.Web/sites/write', `/subscriptions/${bed.azure.world.estate.production}/resourceGroups/rg-web`, status);
    }
    const later = { from: new Date(Date.now() - WINDOW), to: new Date(Date.now() + 11 * 60_000) };
    const see = async (subject: Subject) => azureAudit.look(bed.context(), subject, later);
    expect((await see(userSubject(bed, worked))).log).toEqual([expect.objectContaining({ what: 'Microsoft.Web/sites/write', denied: false })]);
    expect((await see(userSubject(bed, refused))).log).toEqual([expect.objectContaining({ what: 'Microsoft.Web/sites/write', denied: true })]);
  });

  test('their manager in Entra is named', async () => {
    const one = old();
    const id = linkId(one.id, bed.azure.world.ada.id);
    bed.azure.sim.shelf<Link>('managers').put(id, { id, from: one.id, to: bed.azure.world.ada.id });
    expect((await look(bed.context(), userSubject(bed, one))).owners).toEqual([{ names: [bed.azure.world.ada.id, bed.azure.world.ada.upn], because: 'manager in Entra' }]);
  });
});

describe('people with Azure roles', () => {
  test('unused with their holder; young by the date of the newest; in use by a sign-in to Azure', async () => {
    const one = person(bed);
    const subject = azureRole(bed, one);
    expect(await judged(bed.context(), subject)).toMatchObject({ outcome: 'unused' });
    expect(await judged(bed.context(), azureRole(bed, person(bed), 20))).toMatchObject({ outcome: 'young' });
    await signIn(bed.azure, one, '203.0.113.9', 'arm');
    expect(await judged(bed.context(), subject)).toMatchObject({ outcome: 'in-use' });
  });
});

describe('applications', () => {
  test('v1.0 alone does not tell when one signed in: never proposed; the beta report does', async () => {
    const { subject, application: app, secret } = application(bed);
    expect(await judged(bed.context(), subject)).toMatchObject({ outcome: 'unreadable', why: [expect.stringMatching(/unknown: Graph v1\.0.*betaReports/)] });
    expect(await judged(withReport(bed), subject)).toMatchObject({ outcome: 'unused', lastUse: null });
    seenBefore(bed, subject.id, { success: 120 });
    expect(await judged(withReport(bed), subject)).toMatchObject({ outcome: 'unused', lastUse: expect.any(String) });
    const { ClientSecretCredential } = await import('@azure/identity');
    await new ClientSecretCredential(bed.tenant, app.appId!, secret, { authorityHost: bed.azure.loginUrl, disableInstanceDiscovery: true, tlsOptions: { ca: bed.azure.ca } } as never).getToken(`${bed.config.endpoints.graphAudience}/.default`);
    expect(await judged(withReport(bed), subject)).toMatchObject({ outcome: 'in-use' });
  });

  test('young, tagged, managed, Microsoft’s own, of another tenant, disabled: never', async () => {
    const young = application(bed, { application: { createdDateTime: bed.azure.sim.iso() } });
    expect(await judged(withReport(bed), young.subject)).toMatchObject({ outcome: 'young' });
    const never = [
      application(bed, { application: { tags: ['break-glass'] } }), application(bed, { principal: { servicePrincipalType: 'ManagedIdentity' } }),
      application(bed, { principal: { appOwnerOrganizationId: 'f8cdef31-a31e-4b4a-93e4-5f571e91255a' } }), application(bed, { principal: { accountEnabled: false } }),
    ];
    for (const { subject } of never) expect(await judged(withReport(bed), subject)).toMatchObject({ outcome: 'exempt' });
    const foreign = application(bed);
    bed.azure.sim.shelf<Application>('applications').remove(foreign.application.id!);
    expect(await judged(withReport(bed), foreign.subject)).toMatchObject({ outcome: 'exempt', why: [expect.stringMatching(/another tenant/)] });
    expect(await judged(withReport(bed), { ...young.subject, id: bed.azure.world.responder.servicePrincipalId })).toMatchObject({ outcome: 'exempt', why: [expect.stringMatching(/protected list/)] });
  });

  test('its owners in Entra that are people, and its tags', async () => {
    const { subject, application: app } = application(bed, { application: { tags: ['owner:dana@example.com', 'HideApp'] } });
    for (const to of [bed.azure.world.ada.id, bed.azure.world.ci.servicePrincipalId]) {
      const id = linkId(app.id!, to);
      bed.azure.sim.shelf<Link>('owners').put(id, { id, from: app.id!, to });
    }
    expect(await look(withReport(bed), subject)).toMatchObject({ tags: { owner: 'dana@example.com', hideapp: '' }, owners: [{ names: [bed.azure.world.ada.id, bed.azure.world.ada.upn], because: 'owner in Entra' }] });
  });
});

test('the list: everybody once, page by page; groups never, nor who is protected', async () => {
  const { sim, world } = bed.azure;
  const synced = sim.shelf<Group>('groups').put(idOf('group synced'), { id: idOf('group synced'), displayName: 'synced', onPremisesSyncEnabled: true, isAssignableToRole: null, securityEnabled: true });
  assign(sim, synced.id!, 'Group', builtIn['Reader']!.id, `/subscriptions/${world.estate.production}`);
  const member = person(bed);
  join(bed, world.adminGroup.id, member.id);
  const eligible = person(bed);
  makeEligible(bed, eligible.id, 'Security Reader', 100);
  const holder = person(bed);
  const role = azureRole(bed, holder);
  const app = application(bed);
  // More than a page of each.
  const crowd = Array.from({ length: 130 }, () => old('Directory Readers'));
  const apps = Array.from({ length: 120 }, () => application(bed).subject.id);
  sim.pageLimit = 40;
  const found: Subject[] = [];
  let pages = 0;
  for (let next: string | null = null, first = true; first || next !== null; first = false) {
    const page: Awaited<ReturnType<typeof azureAudit.list>> = await azureAudit.list(bed.context(), { account: bed.tenant, next, windowMs: WINDOW, now: new Date().toISOString() });
    expect(page.subjects.length).toBeLessThanOrEqual(200);
    found.push(...page.subjects);
    next = page.next;
    pages += 1;
  }
  sim.pageLimit = Number.POSITIVE_INFINITY;
  const ids = new Set(found.map((one) => one.id));
  for (const id of [member.id, eligible.id, role.id, app.subject.id, ...crowd.map((one) => one.id), ...apps]) expect(ids.has(id)).toBe(true);
  expect(found.find((one) => one.id === role.id)).toEqual({ provider: 'azure', account: bed.tenant, kind: 'user', id: holder.id, name: holder.upn });
  for (const id of [synced.id!, world.adminGroup.id, world.emergency.id, world.responder.servicePrincipalId]) expect(ids.has(id)).toBe(false);
  expect([...sim.shelf<RoleAssignment>('armRoleAssignments').truth()].some((one) => one.properties.principalId === synced.id)).toBe(true);
  expect(pages).toBeGreaterThan(5);
  expect(sim.shelf<ServicePrincipal>('servicePrincipals').truth().length).toBeGreaterThan(120);
});
