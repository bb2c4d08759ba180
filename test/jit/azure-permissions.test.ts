import { classifyAzure } from '../../activities/azure/errors';
import { azureGrantExecutors } from '../../activities/azure/jit';
import { codeOf, toFailure } from '../../activities/boundary';
import type { Entitlement, GrantOrder } from '../../playbook/jit/model';
import { builtIn } from '../../sandbox/azure/arm/access';
import { addUser } from '../../sandbox/azure/graph/users';
import { roleTemplates } from '../../sandbox/azure/graph/roles-data';
import { giveDirectoryRole } from '../../sandbox/azure/world/directory';
import { makeBed, type Bed } from '../azure-contain/bed';

jest.setTimeout(180_000);

const MINUTE = 60_000;
let bed: Bed;
let people = 0;
beforeAll(async () => {
  bed = await makeBed();
}, 120_000);
afterAll(() => bed?.stop());

const entitlements: Record<string, () => Entitlement> = {
  'entra-role': () => ({ kind: 'entra-role', account: bed.tenant, roleDefinitionId: roleTemplates['User Administrator'], roleName: 'User Administrator', directoryScopeId: '/' }),
  'azure-role': () => ({ kind: 'azure-role', account: bed.tenant, scope: `/subscriptions/${bed.azure.world.estate.production}/resourceGroups/rg-web`, roleDefinitionId: builtIn['Contributor']!.id, roleName: 'Contributor' }),
};

/** Declared, and not asked for by the counterpart: each with why Microsoft wants it all the same. */
const beyond: Record<string, string> = {
  'GroupMember.Read.All': 'without it Graph lists groups and hides their properties (“Limited information returned for inaccessible member objects”)',
};

const lives = ['ended young', 'ended by PIM', 'asked of PIM’s approvers', 'of an administrator'] as const;

/** A grant under exactly these permissions: null, or the code and words of the first refusal. */
async function life(kind: string, permissions: readonly string[], how: (typeof lives)[number]): Promise<{ code: string | null; message: string } | null> {
  const upn = `kim${(people += 1)}@northwind.example`;
  const { id } = addUser(bed.azure.sim, { userPrincipalName: upn, displayName: 'Kim' }, 'a pass phrase 1');
  if (how === 'of an administrator') {
    giveDirectoryRole(bed.azure.sim, id!, 'Global Administrator');
    bed.azure.faults.add({ surface: 'graph', path: /revokeSignInSessions$/, status: 403 });
  }
  Object.assign(bed.azure.sim.pim, { delayMs: 0, outcome: how === 'asked of PIM’s approvers' ? 'PendingApproval' : 'Provisioned' });
  bed.permit(permissions);
  const ctx = bed.context();
  const executor = azureGrantExecutors.find((one) => one.kind === kind)!;
  const order: GrantOrder = { grant: `gr-${'0'.repeat(20)}`, person: 'kim', identities: [upn], role: 'admin', entitlement: entitlements[kind]!(), forMs: 90 * MINUTE, reason: 'deploy' };
  try {
    const before = await executor.look(ctx, order);
    await executor.give(ctx, order, before, new Date(Date.now() + 90 * MINUTE).toISOString());
    if (how === 'ended by PIM') for (const span of bed.azure.sim.pim.spans.values()) span.from -= 10 * MINUTE;
    const { present, sessionsDead } = await executor.end(ctx, order, before, new Date().toISOString());
    return present || !sessionsDead ? { code: 'NOT_IN_EFFECT', message: '' } : null;
  } catch (error) {
    const failure = toFailure(error, classifyAzure);
    return { code: codeOf(failure), message: failure.message };
  } finally {
    bed.azure.faults.clear();
    bed.permit(null);
  }
}

const executors = azureGrantExecutors.map((one) => [one.kind as string, one.permissions] as const);

test.each(executors)('%s: all with exactly what is declared', async (kind, permissions) => {
  expect(await life(kind, permissions, 'ended young')).toBeNull();
  expect(await life(kind, permissions, 'ended by PIM')).toBeNull();
  expect(await life(kind, permissions, 'asked of PIM’s approvers')).toMatchObject({ code: 'GRANT_REFUSED' });
});

test.each(executors.flatMap(([kind, permissions]) => permissions.filter((one) => !(one in beyond)).map((permission) => [kind, permission, permissions] as const)))('%s is refused without %s, and says so', async (kind, permission, permissions) => {
  const outcomes = [];
  // What a refusal for a higher role is explained by; the rest are refused long before.
  for (const how of permission === 'RoleManagement.Read.Directory' ? lives : lives.slice(0, 3)) outcomes.push(await life(kind, permissions.filter((one) => one !== permission), how));
  expect(outcomes).toContainEqual({ code: 'ACCESS_DENIED', message: expect.stringContaining(permission) });
});
