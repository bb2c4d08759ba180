import type { ConditionalAccessPolicy, User } from '@microsoft/microsoft-graph-types';
import type { Principal } from '../../../playbook/model/principal';
import { synchronise } from '../../../sandbox/azure/attacker/undoer';
import { giveDirectoryRole } from '../../../sandbox/azure/world/directory';
import { makeBed, type Bed } from '../../azure-contain/bed';
import { attackerIp, person } from '../../azure-contain/cases';
import { answerAll, closeStage, onStage, openStage, raise, status, type Stage } from '../harness';
import { alertOf } from '../world';
import { playOut } from './clock';
import { AzureWorld } from './world';

jest.setTimeout(180_000);

let bed: Bed;
let stage: Stage;
beforeAll(async () => void (bed = await makeBed()), 120_000);
afterAll(() => bed?.stop());
beforeEach(async () => void (stage = await openStage()), 60_000);
afterEach(async () => {
  await closeStage(stage);
  bed.azure.faults.clear();
  bed.permit(null);
});

const userOf = (id: string): User => bed.azure.sim.shelf<User>('users').get(id)!;

/** A whole incident, from logging that a stranger switched off to its end; everybody says yes. */
async function play(of: { id: string; name: string }, kind: Principal['kind'], prepare: (world: AzureWorld) => void = () => undefined) {
  const principal: Principal = { provider: 'azure', account: bed.tenant, kind, id: of.id, name: of.name };
  const world = new AzureWorld(bed, stage);
  prepare(world);
  const alert = alertOf(principal, { source: 'azure-activity', region: null, event: 'MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/DELETE', service: 'microsoft.insights', time: new Date(Date.now() - 5_000).toISOString(), sourceIp: attackerIp, addresses: [attackerIp], session: null, target: { kind: 'trail', id: bed.azure.world.estate.diagnostics, account: bed.tenant }, facts: {} });
  return onStage(stage, world, async () => {
    const answers = answerAll(stage, world, (tier) => ({ people: tier === 'dual' ? ['ada', 'ben'] : ['ada'], decision: 'approve' }));
    try {
      const handle = await raise(stage, principal, [alert]);
      const { outcome } = await playOut(stage, handle);
      return { world, outcome, lines: world.entries.map(({ text }) => text), status: await status(handle) };
    } finally {
      await answers.stop();
    }
  });
}

const shutOut = [/^2\.1\.1 Disable the user/, /^2\.1\.1 Reset the user’s password/, /^2\.1\.2 Revoke the user’s sign-in sessions/];

test('a throttled tenant is contained and recovered all the same', async () => {
  const victim = person(bed);
  bed.azure.faults.add({ surface: 'graph', status: 429, retryAfter: 1, times: 6 });
  bed.azure.faults.add({ surface: 'arm', status: 429, retryAfter: 1, times: 3 });
  const { world, outcome, lines, status: seen } = await play(victim, 'user');
  expect([outcome, seen.problems]).toEqual(['contained-and-recovered', []]);
  for (const done of shutOut) expect(lines.some((line) => done.test(line))).toBe(true);
  const actions = world.entries.filter(({ kind }) => kind === 'action').map(({ key }) => key.split('/').slice(0, 2).join('/'));
  expect(actions).toEqual([...new Set(actions)]);
  expect(Date.parse(userOf(victim.id).signInSessionsValidFromDateTime!)).toBeGreaterThan(Date.now() - 170_000);
});

test('a token that expires midway, between two steps of containment, is renewed', async () => {
  const victim = person(bed);
  let expired = 0;
  const { outcome, lines } = await play(victim, 'user', (world) => {
    world.onRecord = (text) => {
      if (!shutOut[0]!.test(text) && !shutOut[2]!.test(text) && !/^4\.2/.test(text)) return;
      expired += 1;
      bed.azure.expireTokens();
    };
  });
  expect(expired).toBeGreaterThanOrEqual(3);
  expect(outcome).toBe('contained-and-recovered');
  for (const done of shutOut) expect(lines.some((line) => done.test(line))).toBe(true);
});

test('a guest is kept out of this tenant; what is the home tenant’s is a task for people, and the incident says that it is not whole', async () => {
  const { guest } = bed.azure.world;
  const { world, outcome, status: seen } = await play({ id: guest.id, name: guest.upn }, 'guest');
  expect(outcome).toBe('escalated');
  expect(userOf(guest.id).accountEnabled).toBe(false);
  expect(world.calls.filter((call) => call === 'openHumanTask').length).toBeGreaterThanOrEqual(2);
  expect(seen.problems.join('\n')).toMatch(/reset-password on .*NOT_SUPPORTED.*home tenant/);
});

test('a synchronised account that is switched on again is switched off again, and stays off', async () => {
  const { synced } = bed.azure.world;
  const undoers: ReturnType<typeof synchronise>[] = [];
  const { world, outcome, lines } = await play({ id: synced.id, name: synced.upn }, 'user', (one) => {
    one.onRecord = (text) => {
      if (shutOut[2]!.test(text) && undoers.length === 0) {
        const undoer = synchronise(bed.azure, synced.id, 20);
        undoers.push(undoer);
        setTimeout(() => void undoer.stop(), 300);
      }
    };
  });
  expect(undoers[0]!.undone.length).toBeGreaterThan(0);
  expect(lines.join('\n')).toMatch(/applied again: Disable the user/);
  expect(outcome).toBe('escalated');
  expect(userOf(synced.id).accountEnabled).toBe(false);
  expect(world.calls).toContain('openHumanTask');
});

test('an administrator whom the application may not disable is kept out by Conditional Access, and people are told that it takes the emergency credential', async () => {
  const admin = person(bed);
  giveDirectoryRole(bed.azure.sim, admin.id, 'Security Administrator');
  bed.permit(['User.EnableDisableAccount.All', 'User.Read.All', 'RoleManagement.Read.Directory', 'GroupMember.Read.All', 'Policy.Read.All', 'Policy.ReadWrite.ConditionalAccess', 'Application.Read.All', 'AuditLog.Read.All']);
  const { world, outcome, lines } = await play(admin, 'user');
  expect(outcome).toBe('escalated');
  expect(userOf(admin.id).accountEnabled).toBe(true);
  const blocked = bed.azure.sim.shelf<ConditionalAccessPolicy>('conditionalAccessPolicies').truth().filter((one) => one.state === 'enabled' && one.conditions?.users?.includeUsers?.includes(admin.id) && one.grantControls?.builtInControls?.includes('block'));
  expect(blocked).toHaveLength(1);
  expect(lines.join('\n')).toMatch(/Disable the user.*failed: ROLE_TOO_LOW/);
  expect(world.notices.map((one) => one.title)).toContain('Break-glass is needed and not configured');
});
