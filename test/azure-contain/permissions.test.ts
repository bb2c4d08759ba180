import { azureArmRole, azureGraphPermissions } from '../../activities/azure';
import { containActions } from '../../activities/azure/contain';
import { classifyAzure } from '../../activities/azure/errors';
import { codeOf, toFailure } from '../../activities/boundary';
import { asStep } from '../containment/contract';
import { makeBed, type Bed } from './bed';
import { directoryCases, type Case } from './cases';
import { resourceCases } from './resource-cases';

jest.setTimeout(180_000);

let bed: Bed;
beforeAll(async () => {
  bed = await makeBed();
});
afterAll(() => bed?.stop());

const cases = [...directoryCases, ...resourceCases];

/** Declared, and not asked for by the counterpart: each with why Microsoft wants it all the same. */
const beyond: Record<string, string> = {
  'GroupMember.Read.All': 'without it Graph lists groups and hides their properties (“Limited information returned for inaccessible member objects”)',
  'Microsoft.Network/networkSecurityGroups/join/action': 'a linked scope: the interface that is written names the group',
  'Microsoft.Network/virtualNetworks/subnets/join/action': 'a linked scope: the interface that is written names its subnet',
  'Microsoft.Network/publicIPAddresses/join/action': 'a linked scope: the interface that is written names its address',
  'Microsoft.Storage/storageAccounts/listKeys/action': 'a linked scope: the setting names the account (Azure Monitor: diagnostic settings, permissions)',
  'Microsoft.OperationalInsights/workspaces/sharedKeys/action': 'the same for a workspace',
  'Microsoft.EventHub/namespaces/authorizationRules/listKeys/action': 'the same for an event hub',
};
const isBeyond = (permission: string): boolean => permission in beyond;

/** The whole life of a step; the error-table code of the first call that is refused, or null. */
async function life(one: Case): Promise<string | null> {
  const action = containActions.find((candidate) => candidate.id === one.action)!;
  const proposal = await one.arrange(bed);
  const ctx = bed.context();
  try {
    const planned = await bed.plan(proposal, ctx);
    if (!('id' in planned)) return planned.code;
    const step = asStep(planned);
    await action.apply(ctx, step);
    if (!(await action.verify(ctx, step)).holds) return 'NOT_IN_EFFECT';
    await action.undo(ctx, step);
    return null;
  } catch (error) {
    return codeOf(toFailure(error, classifyAzure));
  }
}

const declared = containActions.map((action) => [action.id, [...new Set(action.permissions)]] as const);

test.each(declared)('%s does all with exactly what it declares', async (id, permissions) => {
  bed.permit(permissions);
  for (const one of cases.filter((candidate) => candidate.action === id)) expect([one.name, await life(one)]).toEqual([one.name, null]);
});

test.each(declared.flatMap(([id, permissions]) => permissions.filter((permission) => !isBeyond(permission)).map((permission) => [id, permission, permissions] as const)))('%s is refused without %s', async (id, permission, permissions) => {
  bed.permit(permissions.filter((one) => one !== permission));
  const outcomes: (string | null)[] = [];
  for (const one of cases.filter((candidate) => candidate.action === id)) outcomes.push(await life(one));
  expect(outcomes).toContain('ACCESS_DENIED');
});

test('what is printed is what is declared, split by who grants it', () => {
  const printed = [...azureGraphPermissions().permissions, ...azureArmRole().Actions, ...azureArmRole().DataActions];
  // Entra's own settings are granted at the tenant's root, which no subscription's role can name.
  expect(printed).toEqual(expect.arrayContaining([...new Set(containActions.flatMap((action) => [...action.permissions]))].filter((one) => !one.startsWith('microsoft.aadiam/'))));
  expect(printed.join()).not.toContain('aadiam');
  expect(new Set(printed).size).toBe(printed.length);
  expect(azureGraphPermissions().resourceAppId).toBe('00000003-0000-0000-c000-000000000000');
});

test('the responder can never turn logging off, read secrets, or make itself anything', () => {
  const granted = containActions.flatMap((action) => [...action.permissions]);
  for (const never of ['Directory.ReadWrite.All', 'User.ReadWrite.All', 'Group.ReadWrite.All', 'Microsoft.Insights/diagnosticSettings/delete', 'Microsoft.KeyVault/vaults/secrets/read', 'Microsoft.Compute/virtualMachines/runCommand/action', '*']) expect(granted).not.toContain(never);
});
