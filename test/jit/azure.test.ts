import { azureJitArmRole, azureJitGraphPermissions } from '../../activities/azure';
import type { AzureConfig } from '../../activities/azure/config';
import { classifyAzure } from '../../activities/azure/errors';
import { azureGrantExecutors } from '../../activities/azure/jit';
import { minutesUntil, verdictOf } from '../../activities/azure/jit/pim';
import type { ApprovalProof } from '../../activities/actions';
import type { JitProviderActivities } from '../../activities/contract-jit';
import { createGrantActivities } from '../../activities/jit/executor';
import { digestOf } from '../../playbook/digest';
import type { Entitlement, GrantOrder } from '../../playbook/jit/model';
import { builtIn } from '../../sandbox/azure/arm/access';
import { addUser } from '../../sandbox/azure/graph/users';
import { roleTemplates } from '../../sandbox/azure/graph/roles-data';
import { Agent } from '../../sandbox/azure/attacker/agent';
import { assign } from '../../sandbox/azure/world/estate';
import { giveDirectoryRole } from '../../sandbox/azure/world/directory';
import { makeBed, type Bed } from '../azure-contain/bed';

jest.setTimeout(180_000);

const MINUTE = 60_000;
const caseKey = 'jit-00000000000000000001';
let bed: Bed;
let kim: { id: string; upn: string };
let people = 0;

beforeAll(async () => {
  bed = await makeBed();
  // Exactly what the executors declare: an undeclared call is refused by the sandbox.
  bed.permit([...azureJitGraphPermissions().permissions, ...azureJitArmRole().Actions]);
}, 120_000);
afterAll(() => bed?.stop());
beforeEach(() => {
  const upn = `kim${(people += 1)}@northwind.example`;
  kim = { id: addUser(bed.azure.sim, { userPrincipalName: upn, displayName: 'Kim' }, 'a pass phrase 1').id!, upn };
  Object.assign(bed.azure.sim.pim, { delayMs: 0, outcome: 'Provisioned', maxMs: Number.POSITIVE_INFINITY });
  Object.assign(bed.azure.sim.lags, { directoryMs: 0, armMs: 0 });
  bed.azure.faults.clear();
});

const entra = (over: object = {}): Entitlement => ({ kind: 'entra-role', account: bed.tenant, roleDefinitionId: roleTemplates['User Administrator'], roleName: 'User Administrator', directoryScopeId: '/', ...over });
const azure = (over: object = {}): Entitlement => ({ kind: 'azure-role', account: bed.tenant, scope: `/subscriptions/${bed.azure.world.estate.production}/resourceGroups/rg-web`, roleDefinitionId: builtIn['Contributor']!.id, roleName: 'Contributor', ...over });
const order = (entitlement: Entitlement, over: Partial<GrantOrder> = {}): GrantOrder => ({ grant: `gr-${'0'.repeat(20)}`, person: 'kim', identities: ['arn:aws:iam::111122223333:user/kim', kim.upn], role: 'admin', entitlement, forMs: 90 * MINUTE, reason: 'deploy', ...over });
const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * MINUTE).toISOString();
const now = (): string => new Date().toISOString();

function activities(of: GrantOrder, config: Partial<AzureConfig> = {}): JitProviderActivities {
  const approvals: ApprovalProof = { outcomeOf: async (approval) => (approval === 'apr-1' ? { outcome: 'approved', digest: digestOf(of) } : null) } as ApprovalProof;
  const ctx = bed.context({ config });
  const made = createGrantActivities('azure', azureGrantExecutors, { approvals, evidence: ctx.evidence, classify: classifyAzure, now: () => new Date(), withContext: (_input, use) => use(ctx) }) as unknown as Record<string, never>;
  return { look: made['azure.jit.look']!, give: made['azure.jit.give']!, end: made['azure.jit.end']! };
}

/** Of PIM's clock, not ours. */
function age(minutes: number): void {
  for (const span of bed.azure.sim.pim.spans.values()) {
    span.from -= minutes * MINUTE;
    if (span.until !== null) span.until -= minutes * MINUTE;
  }
}
const spansOf = (id: string) => [...bed.azure.sim.pim.spans].filter(([assignment]) => holds(id).includes(assignment)).map(([, span]) => span);
const holds = (id: string): string[] => [
  ...bed.azure.sim.shelf<{ id: string; principalId: string }>('roleAssignments').truth().filter((one) => one.principalId === id).map((one) => one.id),
  ...bed.azure.sim.shelf<{ id: string; properties: { principalId: string } }>('armRoleAssignments').truth().filter((one) => one.properties.principalId === id).map((one) => one.id),
];
const signIn = async (): Promise<Agent> => {
  const agent = new Agent(bed.azure, { kind: 'password', upn: kim.upn, password: 'a pass phrase 1', mfa: true });
  await agent.token('graph');
  return agent;
};
/** What the role lets its holder do. */
const acts: Record<string, (agent: Agent) => Promise<unknown>> = {
  'entra-role': (agent) => agent.graph('PATCH', `/users/${bed.azure.world.eve.id}`, { jobTitle: 'checked' }),
  'azure-role': (agent) => agent.arm('GET', `/subscriptions/${bed.azure.world.estate.production}/resourceGroups/rg-web`),
};
const may = (agent: Agent, kind: string): Promise<boolean> => acts[kind]!(agent).then(() => true, () => false);
async function given(wanted: GrantOrder, minutes = 90) {
  const all = activities(wanted);
  const before = await all.look({ caseKey, order: wanted });
  const looked = await all.give({ caseKey, order: wanted, approval: 'apr-1', before, until: inMinutes(minutes) });
  return { ...all, before, looked };
}

describe.each([['entra-role', entra], ['azure-role', azure]] as const)('%s', (kind, entitlement) => {
  test('given, used, ended by its own end in PIM, and taken away with the sign-in sessions', async () => {
    const wanted = order(entitlement());
    const { end, before, looked } = await given(wanted);
    expect(before).toEqual({ present: false, principal: kim.id });
    expect(looked).toMatchObject({ present: true, sessionsDead: false });
    const [span] = spansOf(kim.id);
    expect((span!.until! - Date.now()) / MINUTE).toBeGreaterThan(88);
    expect((span!.until! - Date.now()) / MINUTE).toBeLessThanOrEqual(90);
    const agent = await signIn();
    expect(await may(agent, kind)).toBe(true);
    const session = agent.refreshToken!;

    age(10);
    expect(await end({ caseKey, order: wanted, before, since: now() })).toMatchObject({ present: false, sessionsDead: true });
    expect(await may(agent, kind)).toBe(false);
    await expect(new Agent(bed.azure, { kind: 'session', refreshToken: session }).token('graph')).rejects.toThrow(/AADSTS50173/);
    expect(holds(kim.id)).toEqual([]);
    // Again, as after a lost answer.
    expect(await end({ caseKey, order: wanted, before, since: now() })).toMatchObject({ present: false, sessionsDead: true });
  });

  test('with nobody left to end it, PIM ends it', async () => {
    await given(order(entitlement()), 30);
    const agent = await signIn();
    expect(await may(agent, kind)).toBe(true);
    age(31);
    expect(await may(agent, kind)).toBe(false);
    expect(holds(kim.id)).toEqual([]);
  });

  test('ended in its first five minutes, when PIM refuses to: the assignment itself is deleted', async () => {
    const wanted = order(entitlement());
    const { end, before } = await given(wanted);
    expect(await end({ caseKey, order: wanted, before, since: now() })).toMatchObject({ present: false, sessionsDead: true });
    expect(holds(kim.id)).toEqual([]);
  });

  test('an extension moves PIM’s end, and giving again changes nothing', async () => {
    const wanted = order(entitlement());
    const { give, before } = await given(wanted, 60);
    await give({ caseKey, order: wanted, approval: 'apr-1', before, until: inMinutes(60) });
    expect(bed.azure.sim.pim.requests().filter((one) => one.principalId === kim.id)).toHaveLength(1);
    await give({ caseKey, order: wanted, approval: 'apr-1', before, until: inMinutes(110) });
    expect((spansOf(kim.id)[0]!.until! - Date.now()) / MINUTE).toBeGreaterThan(108);
    await give({ caseKey, order: wanted, approval: 'apr-1', before, until: inMinutes(20) });
    expect((spansOf(kim.id)[0]!.until! - Date.now()) / MINUTE).toBeLessThanOrEqual(20);
    // Too near for PIM: its later end stays behind ours; a later one that is too near is refused.
    expect(await give({ caseKey, order: wanted, approval: 'apr-1', before, until: inMinutes(2) })).toMatchObject({ present: true });
    age(18);
    await expect(give({ caseKey, order: wanted, approval: 'apr-1', before, until: inMinutes(3.9) })).rejects.toMatchObject({ type: 'GRANT_REFUSED' });
  });

  test('requests are followed while PIM works, and replicas that lag are waited for', async () => {
    Object.assign(bed.azure.sim.pim, { delayMs: 1_200 });
    // Everybody knows the person by then.
    await new Promise((resolve) => setTimeout(resolve, 900));
    Object.assign(bed.azure.sim.lags, { directoryMs: 800, armMs: 800 });
    const wanted = order(entitlement());
    const { end, before, looked } = await given(wanted);
    expect(looked.present).toBe(true);
    age(10);
    expect(await end({ caseKey, order: wanted, before, since: now() })).toMatchObject({ present: false, sessionsDead: true });
    expect(holds(kim.id)).toEqual([]);
  });

  test('a call whose answer was lost, and whose request no replica shows yet, is taken away all the same', async () => {
    const wanted = order(entitlement());
    const { end, look } = activities(wanted);
    const before = await look({ caseKey, order: wanted });
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    Object.assign(bed.azure.sim.lags, { directoryMs: 1_500, armMs: 1_500 });
    const { give } = activities(wanted);
    const giving = give({ caseKey, order: wanted, approval: 'apr-1', before, until: inMinutes(60) }).catch(() => undefined);
    await until(() => holds(kim.id).length === 1);
    expect(await end({ caseKey, order: wanted, before, since: now() })).toMatchObject({ present: false });
    expect(holds(kim.id)).toEqual([]);
    await giving;
  });

  test('what stood before is neither boxed nor taken away', async () => {
    if (kind === 'entra-role') giveDirectoryRole(bed.azure.sim, kim.id, 'User Administrator');
    else assign(bed.azure.sim, kim.id, 'User', builtIn['Contributor']!.id, `/subscriptions/${bed.azure.world.estate.production}`);
    const wanted = order(entitlement());
    const { end, before } = await given(wanted);
    expect(before).toEqual({ present: true, principal: kim.id });
    await end({ caseKey, order: wanted, before, since: now() });
    expect(holds(kim.id)).toHaveLength(1);
    expect(spansOf(kim.id)).toEqual([]);
  });

  test('what somebody else gave in the meantime is left, and said', async () => {
    const wanted = order(entitlement());
    const { look, give, end } = activities(wanted);
    const before = await look({ caseKey, order: wanted });
    if (kind === 'entra-role') giveDirectoryRole(bed.azure.sim, kim.id, 'User Administrator');
    else assign(bed.azure.sim, kim.id, 'User', builtIn['Contributor']!.id, (wanted.entitlement as { scope: string }).scope);
    await expect(give({ caseKey, order: wanted, approval: 'apr-1', before, until: inMinutes(60) })).rejects.toMatchObject({ type: 'GRANT_REFUSED' });
    expect(await end({ caseKey, order: wanted, before, since: now() })).toMatchObject({ present: false, sessionsDead: true, seen: { left: expect.stringMatching(/somebody else/) } });
    expect(holds(kim.id)).toHaveLength(1);
  });

  test('our own leftover is taken over, and its end is the new one', async () => {
    await given(order(entitlement(), { grant: 'gr-11111111111111111111' }), 110);
    const { before } = await given(order(entitlement()), 30);
    expect(before.present).toBe(false);
    expect((spansOf(kim.id)[0]!.until! - Date.now()) / MINUTE).toBeLessThanOrEqual(30);
  });

  test('PIM’s own approvers, its policy, a failed request: refused, and nothing is left waiting', async () => {
    const wanted = order(entitlement());
    Object.assign(bed.azure.sim.pim, { outcome: 'PendingApproval' });
    await expect(given(wanted)).rejects.toMatchObject({ type: 'GRANT_REFUSED', message: expect.stringMatching(/its own approvers/) });
    expect(bed.azure.sim.pim.requests().filter((one) => one.principalId === kim.id).map((one) => one.status)).toEqual(['Canceled']);
    Object.assign(bed.azure.sim.pim, { outcome: 'Failed' });
    await expect(given(wanted)).rejects.toMatchObject({ type: 'GRANT_REFUSED', message: expect.stringMatching(/Failed/) });
    Object.assign(bed.azure.sim.pim, { outcome: 'Provisioned', maxMs: 30 * MINUTE });
    await expect(given(wanted)).rejects.toMatchObject({ type: 'REJECTED_BY_CLOUD', message: expect.stringMatching(/ExpirationRule/) });
    expect(holds(kim.id)).toEqual([]);
  });

  test('a request that waits for PIM’s approvers, from a call that died, is withdrawn at the end', async () => {
    const wanted = order(entitlement());
    Object.assign(bed.azure.sim.pim, { outcome: 'PendingApproval' });
    bed.azure.faults.add({ method: 'POST', path: /\/cancel$/, status: 403, times: 1 });
    await expect(given(wanted)).rejects.toMatchObject({ type: 'ACCESS_DENIED' });
    const { end } = activities(wanted);
    expect(await end({ caseKey, order: wanted, before: { present: false, principal: kim.id }, since: now() })).toMatchObject({ present: false });
    expect(bed.azure.sim.pim.requests().filter((one) => one.principalId === kim.id && one.status.startsWith('Pending'))).toEqual([]);
  });

  test('a name that is not the role’s, a guest, nobody, somebody protected or switched off: refused before anything is given', async () => {
    const look = (wanted: GrantOrder, config: Partial<AzureConfig> = {}) => activities(wanted, config).look({ caseKey, order: wanted });
    await expect(look(order({ ...entitlement(), roleName: 'Reader' } as Entitlement))).rejects.toMatchObject({ type: 'INVALID_CONFIG' });
    await expect(look(order(entitlement(), { identities: [bed.azure.world.guest.id] }))).rejects.toMatchObject({ type: 'GRANT_REFUSED', message: expect.stringMatching(/guest/) });
    await expect(look(order(entitlement(), { identities: ['arn:aws:iam::1:user/kim', 'nobody@northwind.example'] }))).rejects.toMatchObject({ type: 'GRANT_REFUSED' });
    await expect(look(order(entitlement(), { identities: [kim.id, bed.azure.world.eve.upn] }))).rejects.toMatchObject({ type: 'GRANT_REFUSED', message: expect.stringMatching(/more than one/) });
    await expect(look(order(entitlement()), { protected: [kim.id] })).rejects.toMatchObject({ type: 'PROTECTED_PRINCIPAL' });
    await expect(look(order(entitlement(), { identities: [bed.azure.world.emergency.id] }))).rejects.toMatchObject({ type: 'PROTECTED_PRINCIPAL' });
    const users = bed.azure.sim.shelf<{ accountEnabled: boolean }>('users');
    users.put(kim.id, { ...users.get(kim.id)!, accountEnabled: false });
    await expect(look(order(entitlement()))).rejects.toMatchObject({ type: 'GRANT_REFUSED', message: expect.stringMatching(/switched off/) });
  });

  test('ended for somebody who is gone', async () => {
    const wanted = order(entitlement());
    const { end, before } = await given(wanted);
    age(10);
    bed.azure.sim.shelf('users').remove(kim.id);
    expect(await end({ caseKey, order: wanted, before, since: now() })).toMatchObject({ present: false, sessionsDead: true });
  });
});

test('a role that the person activated is theirs: no grant besides it', async () => {
  const wanted = order(entra());
  bed.azure.sim.shelf('roleEligibilitySchedules').put(`e-${kim.id}`, { id: `e-${kim.id}`, principalId: kim.id, roleDefinitionId: roleTemplates['User Administrator'], directoryScopeId: '/' });
  const agent = await signIn();
  // The sandbox lets people act through their directory roles alone.
  giveDirectoryRole(bed.azure.sim, kim.id, 'Privileged Role Administrator');
  await agent.graph('POST', '/roleManagement/directory/roleAssignmentScheduleRequests', { action: 'selfActivate', principalId: kim.id, roleDefinitionId: roleTemplates['User Administrator'], directoryScopeId: '/', justification: 'mine', scheduleInfo: { startDateTime: now(), expiration: { type: 'afterDuration', duration: 'PT1H' } } });
  await expect(activities(wanted).look({ caseKey, order: wanted })).rejects.toMatchObject({ type: 'GRANT_REFUSED', message: expect.stringMatching(/activated already/) });
});

test('a role that comes through a group is standing', async () => {
  bed.azure.sim.shelf('members').put(`${bed.azure.world.adminGroup.id}|${kim.id}`, { id: `${bed.azure.world.adminGroup.id}|${kim.id}`, from: bed.azure.world.adminGroup.id, to: kim.id });
  const wanted = order(entra());
  expect(await activities(wanted).look({ caseKey, order: wanted })).toEqual({ present: true, principal: kim.id });
});

test('without an approval, or for longer than two hours, the executor gives nothing', async () => {
  const wanted = order(entra());
  const { look, give } = activities(wanted);
  const before = await look({ caseKey, order: wanted });
  await expect(give({ caseKey, order: wanted, approval: 'apr-2', before, until: inMinutes(60) })).rejects.toMatchObject({ type: 'NOT_APPROVED' });
  await expect(give({ caseKey, order: wanted, approval: 'apr-1', before, until: inMinutes(150) })).rejects.toMatchObject({ type: 'GRANT_REFUSED' });
  expect(holds(kim.id)).toEqual([]);
});

test.each<[string, number, number | null]>([
  ['two hours', 120, 120], ['a part of a minute is not rounded up', 89.9, 89], ['five minutes as they pass', 4.97, 5], ['less than PIM takes', 3.99, null], ['over', -1, null],
])('minutes that PIM is asked for: %s', (_name, minutes, expected) => {
  expect(minutesUntil(new Date(minutes * MINUTE).toISOString(), 0)).toBe(expected);
});

test.each([
  ['Provisioned', 'done'], ['Granted', 'done'], ['Revoked', 'done'], ['ScheduleCreated', 'done'], ['PendingProvisioning', 'pending'], ['PendingEvaluation', 'pending'], ['a new one', 'pending'],
  ['PendingApproval', 'wants-people'], ['PendingAdminDecision', 'wants-people'], ['Failed', 'over'], ['FailedAsResourceIsLocked', 'over'], ['Denied', 'over'], ['TimedOut', 'over'], ['Canceled', 'over'],
])('a request that is %s is %s', (status, verdict) => {
  expect(verdictOf(status)).toBe(verdict);
});

async function until(holdsNow: () => boolean): Promise<void> {
  for (let left = 200; !holdsNow(); left -= 1) {
    if (left === 0) throw new Error('it never came');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
