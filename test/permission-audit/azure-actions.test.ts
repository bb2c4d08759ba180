import type { AppRoleAssignment, Application, Group, ServicePrincipal, UnifiedRoleAssignment, UnifiedRoleEligibilitySchedule, User } from '@microsoft/microsoft-graph-types';
import { azureArmRole, azureGraphPermissions } from '../../activities/azure';
import { azureAudit, azureAuditActions } from '../../activities/azure/audit';
import { classifyAzure } from '../../activities/azure/errors';
import type { AzureContext } from '../../activities/azure/context';
import { codeOf, toFailure } from '../../activities/boundary';
import { canonicalJson } from '../../playbook/json';
import type { Step } from '../../playbook/model/plan';
import type { Subject } from '../../playbook/permission-audit/model';
import { makePlan } from '../../playbook/plan';
import type { RoleAssignment } from '../../sandbox/azure/arm/access';
import type { Link } from '../../sandbox/azure/state/membership';
import { makeBed, type Bed } from '../azure-contain/bed';
import { actionOf, application, azureRole, give, join, makeEligible, person, planned, userSubject, WINDOW } from './azure-support';

jest.setTimeout(180_000);

let bed: Bed;
beforeAll(async () => {
  bed = await makeBed();
});
afterAll(() => bed?.stop());

const inDays = (days: number): string => bed.azure.sim.iso(bed.azure.sim.now() + days * 86_400_000);

interface Case {
  name: string;
  arrange(): Subject;
  /** All that the audit may change of it. */
  look(subject: Subject): unknown;
  /** An entry of the protected list. */
  entry(subject: Subject): string;
  /** What makes an undo impossible: an incident contains it. */
  contain(subject: Subject): void;
  /** Somebody gives it back in quarantine. */
  giveBack(subject: Subject): void;
}

const plain = (one: object): object => Object.fromEntries(Object.entries(one).filter(([name]) => !/^(id|createdUsing|createdDateTime|modifiedDateTime|updatedOn|createdOn|createdBy|updatedBy)$/.test(name)));

const rolesOf = ({ id }: Subject): unknown => {
  const { sim } = bed.azure;
  return [
    ...sim.shelf<UnifiedRoleAssignment>('roleAssignments').truth().filter((one) => one.principalId === id).map((one) => ({ ...plain(one), until: sim.pim.spans.get(one.id!)?.until ?? null })),
    ...sim.shelf<UnifiedRoleEligibilitySchedule>('roleEligibilitySchedules').truth().filter((one) => one.principalId === id).map(({ scheduleInfo, ...one }) => ({ ...plain(one), expiration: { type: scheduleInfo?.expiration?.type, end: scheduleInfo?.expiration?.endDateTime ?? null } })),
    ...sim.shelf<Link>('members').truth().filter((one) => one.to === id).map((one) => one.from),
  ].map((one) => canonicalJson(one as never)).sort();
};

const disable = ({ id }: Subject): void => {
  const users = bed.azure.sim.shelf<User>('users');
  users.put(id, { ...users.get(id)!, accountEnabled: false });
};

const cases: Record<string, Case> = {
  roles: {
    name: 'a person’s directory roles: active, eligible for good and for a time, by a group',
    arrange() {
      const one = person(bed);
      give(bed, one.id, 'Security Reader');
      makeEligible(bed, one.id, 'User Administrator', 200);
      makeEligible(bed, one.id, 'Security Administrator', 200, inDays(20));
      join(bed, bed.azure.world.adminGroup.id, one.id);
      return userSubject(bed, one);
    },
    look: rolesOf, entry: ({ name }) => name, contain: disable, giveBack: ({ id }) => void give(bed, id, 'Security Reader'),
  },
  assignment: {
    name: 'a person’s Azure role, with the condition that narrows it',
    arrange: () => azureRole(bed, person(bed), 200, { condition: '@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals \'logs\'', conditionVersion: '2.0', description: 'for the auditors' }),
    look: ({ id }) => bed.azure.sim.shelf<RoleAssignment>('armRoleAssignments').truth().filter((one) => one.properties.principalId === id).map((one) => ({ ...one, properties: plain(one.properties) })),
    entry: ({ id }) => id, contain: disable, giveBack: () => undefined,
  },
  application: {
    name: 'an application, by its service principal',
    arrange: () => application(bed).subject,
    look: ({ id }) => bed.azure.sim.shelf<ServicePrincipal>('servicePrincipals').get(id),
    entry: ({ name }) => name,
    contain({ id }) {
      const given = bed.azure.sim.shelf<AppRoleAssignment>('appRoleAssignments');
      for (const one of given.truth()) if (one.principalId === id) given.remove(one.id!);
    },
    giveBack({ id }) {
      const all = bed.azure.sim.shelf<ServicePrincipal>('servicePrincipals');
      all.put(id, { ...all.get(id)!, accountEnabled: true });
    },
  },
};

async function both(subject: Subject, ctx = bed.context()): Promise<[Step, Step]> {
  const { steps, refused } = await planned(ctx, subject);
  expect(refused).toEqual([]);
  return [steps[0]!, steps[1]!];
}
const does = (step: Step) => actionOf(step.action);

describe.each(Object.values(cases))('$name', (one) => {
  test('planned the same twice, nothing changed; taken once; restored exactly', async () => {
    const subject = one.arrange();
    const before = one.look(subject);
    const ctx = bed.context();
    const [step, final] = await both(subject, ctx);
    expect(makePlan('rev-1', 'permission-audit', await both(subject, ctx)).digest).toBe(makePlan('rev-1', 'permission-audit', [step, final]).digest);
    expect(one.look(subject)).toEqual(before);
    expect((await does(step).verify(ctx, step)).holds).toBe(false);
    expect([step.needed, step.reversible, final.reversible, step.change.length > 0]).toEqual([true, true, false, true]);
    await does(step).apply(ctx, step);
    expect((await does(step).verify(ctx, step)).holds).toBe(true);
    const after = one.look(subject);
    expect(after).not.toEqual(before);
    await does(step).apply(ctx, step);
    expect(one.look(subject)).toEqual(after);
    expect(await does(step).undo(ctx, step)).toMatchObject({ left: [] });
    expect(one.look(subject)).toEqual(before);
    expect((await does(step).verify(ctx, step)).holds).toBe(false);
    expect(JSON.parse(canonicalJson({ step, final } as never))).toEqual({ step, final });
    expect(bed.kept.map((kept) => kept.kind)).toContain(subject.kind === 'service-principal' ? 'application' : 'roles');
  });

  test('removed only while it is in quarantine, and then it is gone', async () => {
    const subject = one.arrange();
    const ctx = bed.context();
    const [step, final] = await both(subject, ctx);
    await expect(does(final).apply(ctx, final)).rejects.toMatchObject({ type: 'PLAN_CHANGED' });
    await does(step).apply(ctx, step);
    await does(final).apply(ctx, final);
    expect((await does(final).verify(ctx, final)).holds).toBe(true);
    await does(final).apply(ctx, final);
    expect((await does(final).undo(ctx, final)).left).toHaveLength(1);
  });

  test('protected, or younger than the window: refused in the plan and where it would act', async () => {
    const subject = one.arrange();
    const [step, final] = await both(subject);
    const before = one.look(subject);
    const guarded = bed.context({ config: { protected: [one.entry(subject)] } });
    expect((await planned(guarded, subject)).refused.map(({ code }) => code)).toEqual(['PROTECTED_PRINCIPAL', 'PROTECTED_PRINCIPAL']);
    for (const each of [step, final]) await expect(does(each).apply(guarded, each)).rejects.toMatchObject({ type: expect.stringMatching(/PROTECTED_PRINCIPAL|PLAN_CHANGED/) });
    const ages = 4_000 * 86_400_000;
    expect((await planned(bed.context(), subject, ages)).refused.map(({ code }) => code)).toEqual(['STILL_IN_USE', 'STILL_IN_USE']);
    await expect(does(step).apply(bed.context(), { ...step, params: { ...step.params, windowMs: ages } })).rejects.toMatchObject({ type: 'STILL_IN_USE' });
    await expect(does(step).apply(bed.context(), { ...step, params: {} })).rejects.toMatchObject({ type: 'INVALID_INPUT' });
    expect(one.look(subject)).toEqual(before);
  });

  test('what an incident contains meanwhile is not given back', async () => {
    const subject = one.arrange();
    const ctx = bed.context();
    const [step] = await both(subject, ctx);
    await does(step).apply(ctx, step);
    one.contain(subject);
    const held = one.look(subject);
    await expect(does(step).undo(ctx, step)).rejects.toMatchObject({ type: 'UNDO_IMPOSSIBLE' });
    expect(one.look(subject)).toEqual(held);
  });
});

test('a role that came since the plan stops all of it', async () => {
  const subject = cases.roles!.arrange();
  const [step] = await both(subject);
  give(bed, subject.id, 'Reports Reader');
  const before = rolesOf(subject);
  await expect(does(step).apply(bed.context(), step)).rejects.toMatchObject({ type: 'PLAN_CHANGED', message: expect.stringContaining('Reports Reader') });
  expect(rolesOf(subject)).toEqual(before);
});

test.each(['roles', 'application'])('%s that somebody gave back in quarantine are not removed', async (which) => {
  const one = cases[which]!;
  const subject = one.arrange();
  const ctx = bed.context();
  const [step, final] = await both(subject, ctx);
  await does(step).apply(ctx, step);
  one.giveBack(subject);
  await expect(does(final).apply(ctx, final)).rejects.toMatchObject({ type: 'PLAN_CHANGED' });
});

test('an eligibility whose time is over stays away, and it is said', async () => {
  const one = person(bed);
  makeEligible(bed, one.id, 'Security Administrator', 200, inDays(1));
  const ctx = bed.context();
  const [step] = await both(userSubject(bed, one), ctx);
  await does(step).apply(ctx, step);
  const later = bed.context({ now: () => new Date(Date.now() + 2 * 86_400_000) });
  expect(await does(step).undo(later, step)).toMatchObject({ seen: { restored: [] }, left: [expect.stringMatching(/time is over/)] });
});

test('a group that is synchronised from on-premises is left alone', async () => {
  const groups = bed.azure.sim.shelf<Group>('groups');
  const subject = cases.roles!.arrange();
  const group = groups.get(bed.azure.world.adminGroup.id)!;
  groups.put(group.id!, { ...group, onPremisesSyncEnabled: true });
  expect((await planned(bed.context(), subject)).refused.map(({ code }) => code)).toEqual(['PROTECTED_PRINCIPAL', 'PROTECTED_PRINCIPAL']);
  groups.put(group.id!, group);
});

test('a deleted application is among Entra’s deleted items', async () => {
  const { subject, application: app } = application(bed);
  const ctx = bed.context();
  const [step, final] = await both(subject, ctx);
  await does(step).apply(ctx, step);
  await does(final).apply(ctx, final);
  expect(bed.azure.sim.shelf<Application>('applications').get(app.id!)).toBeNull();
  expect(bed.azure.sim.shelf('deletedItems').get(app.id!)).not.toBeNull();
});

test('no narrower role is proposed: no log tells soundly what was used', () => {
  expect(() => azureAudit.propose(userSubject(bed, { id: 'x', upn: 'x' }), 'narrowing', WINDOW, '')).toThrow(/no log/);
});

describe('permissions', () => {
  /** Asked for by Microsoft, and not by the counterpart. */
  const beyond = new Set(['GroupMember.Read.All', 'GroupMember.ReadWrite.All', 'User.Read.All', 'RoleManagement.Read.Directory', 'Directory.Read.All', 'AuditLog.Read.All']);
  /** Names roles that are there: after the quarantine there are none. */
  const unseen = (id: string, permission: string): boolean => id === 'azure.remove-unused-roles' && permission === 'Microsoft.Authorization/roleDefinitions/read';
  const shown: Record<string, readonly (keyof typeof cases)[]> = { 'azure.suspend-unused-roles': ['roles', 'assignment'], 'azure.remove-unused-roles': ['roles', 'assignment'], 'azure.disable-unused-application': ['application'], 'azure.remove-unused-application': ['application'] };

  /** The action alone under exactly these permissions; what comes before it, under all. */
  async function life(id: string, which: string, permissions: readonly string[]): Promise<string | null> {
    const subject = cases[which]!.arrange();
    const first = bed.context();
    const [step, final] = await both(subject, first);
    const mine = step.action === id ? step : final;
    if (mine === final) await does(step).apply(first, step);
    bed.permit(permissions);
    try {
      const ctx: AzureContext = bed.context();
      await does(mine).apply(ctx, mine);
      if (!(await does(mine).verify(ctx, mine)).holds) return 'NOT_IN_EFFECT';
      await does(mine).undo(ctx, mine);
      return null;
    } catch (error) {
      return codeOf(toFailure(error, classifyAzure));
    } finally {
      bed.permit(null);
    }
  }
  const declared = azureAuditActions.map((action) => [action.id, [...action.permissions]] as const);

  test.each(declared)('%s does all with exactly what it declares', async (id, permissions) => {
    for (const which of shown[id]!) expect(await life(id, String(which), permissions)).toBeNull();
  });

  test.each(declared.flatMap(([id, permissions]) => permissions.filter((one) => !beyond.has(one) && !unseen(id, one)).map((one) => [id, one, permissions] as const)))('%s is refused without %s', async (id, permission, permissions) => {
    const outcomes = await shown[id]!.reduce<Promise<(string | null)[]>>(async (before, which) => [...(await before), await life(id, String(which), permissions.filter((one) => one !== permission))], Promise.resolve([]));
    expect(outcomes).toContain('ACCESS_DENIED');
  });

  test('listing and looking need exactly what they declare, and what is printed has all of it', async () => {
    const printed = [...azureGraphPermissions().permissions, ...azureArmRole().Actions];
    expect(printed).toEqual(expect.arrayContaining([...azureAudit.permissions, ...azureAuditActions.flatMap((action) => [...action.permissions])]));
    const { subject } = application(bed);
    const subjects = [cases.roles!.arrange(), cases.assignment!.arrange(), subject];
    const all = async (permissions: readonly string[]): Promise<string[]> => {
      bed.permit(permissions);
      const ctx = bed.context({ config: { betaReports: ['servicePrincipalSignInActivities'] } });
      const trouble: string[] = [];
      const tell = (error: unknown) => void trouble.push(codeOf(toFailure(error, classifyAzure)) ?? '');
      for (const next of [null, 'azure:0:0', 'applications:']) await azureAudit.list(ctx, { account: bed.tenant, next, windowMs: WINDOW, now: new Date().toISOString() }).catch(tell);
      for (const one of subjects) await azureAudit.look(ctx, one, { from: new Date(Date.now() - WINDOW), to: new Date(Date.now() + 20 * 60_000) }).then(({ failed }) => trouble.push(...failed), tell);
      bed.permit(null);
      return trouble;
    };
    expect(await all(azureAudit.permissions)).toEqual([]);
    // These three are read by more than one that suffices in the counterpart.
    for (const permission of azureAudit.permissions.filter((one) => !['GroupMember.Read.All', 'User.Read.All', 'RoleManagement.Read.Directory', 'Application.Read.All', 'Directory.Read.All'].includes(one))) expect((await all(azureAudit.permissions.filter((one) => one !== permission))).join()).toMatch(/ACCESS_DENIED/);
    const narrow = azureAudit.permissions.filter((one) => one !== 'Directory.Read.All');
    for (const permission of ['User.Read.All', 'RoleManagement.Read.Directory', 'Application.Read.All']) expect((await all(narrow.filter((one) => one !== permission))).join()).toMatch(/ACCESS_DENIED/);
  });
});
