import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { createJitCaseActivities, type GrantableRole } from '../../activities/jit/case';
import { MAX_GRANT_MS } from '../../playbook/jit/rules';
import type { Person } from '../../playbook/model/people';
import { grantableRoles } from '../../workers/config/jit';
import { parseConfig, type ConfigError } from '../../workers/config/load';

const TENANT = '11111111-2222-4333-8444-555555555555';
const SUBSCRIPTION = '31111111-2222-4333-8444-555555555555';
const ROLE = 'fe930be7-5e62-47db-91af-98c3a49a38b1';
const base = parse(readFileSync(join(__dirname, '../../tourniquet.example.yaml'), 'utf8')) as { aws: { accounts: { id: string; name: string; management?: boolean }[] } } & Record<string, object>;
const azure = {
  tenants: [{ id: TENANT, name: 'northwind', clientId: TENANT, credential: { kind: 'managed-identity' }, subscriptions: [{ id: SUBSCRIPTION, name: 'platform' }] }], budget: { monthlyUsd: 100, email: 'a@example.com' },
};
const set = { kind: 'aws-identity-center', account: 'production', permissionSet: 'arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0123456789abcdef' };
const entra = { kind: 'entra-role', account: 'northwind', role: 'User Administrator', roleDefinitionId: ROLE };
const arm = { kind: 'azure-role', account: 'platform', role: 'Contributor', roleDefinitionId: ROLE };
const role = (over: object = {}): object => ({ name: 'admin', who: ['role:security'], in: [set], ...over });
const load = (roles: object[], more: object = {}) => parseConfig(stringify({ ...base, azure, ...more, jit: { roles } }));
const problems = (roles: object[], more: object = {}): string => {
  try {
    load(roles, more);
    return '';
  } catch (error) {
    return (error as ConfigError).problems.join('\n');
  }
};

test('every role in every place, as its provider’s executor takes it', () => {
  const roles = grantableRoles(load([role({ in: [set, entra, arm, { ...arm, resourceGroup: 'rg-web' }], max: '90m', tier: 'dual' })]));
  expect(roles.map(({ accountName, accountId, entitlement }) => ({ accountName, accountId, entitlement }))).toEqual([
    { accountName: 'production', accountId: expect.stringMatching(/^\d{12}$/), entitlement: { kind: 'aws-identity-center', account: expect.stringMatching(/^\d{12}$/), permissionSetArn: set.permissionSet } },
    { accountName: 'northwind', accountId: TENANT, entitlement: { kind: 'entra-role', account: TENANT, roleDefinitionId: ROLE, roleName: 'User Administrator', directoryScopeId: '/' } },
    { accountName: 'platform', accountId: SUBSCRIPTION, entitlement: { kind: 'azure-role', account: TENANT, scope: `/subscriptions/${SUBSCRIPTION}`, roleDefinitionId: ROLE, roleName: 'Contributor' } },
    { accountName: 'platform/rg-web', accountId: `${SUBSCRIPTION}/rg-web`, entitlement: { kind: 'azure-role', account: TENANT, scope: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-web`, roleDefinitionId: ROLE, roleName: 'Contributor' } },
  ]);
  expect(roles[0]).toMatchObject({ name: 'admin', who: ['role:security'], tier: 'dual', maxMs: 90 * 60_000 });
});

test('two hours and one approver unless the configuration asks for less, or for more', () => {
  expect(grantableRoles(load([role()]))[0]).toMatchObject({ tier: 'approve', maxMs: MAX_GRANT_MS });
});

test.each<[string, object[], object, RegExp]>([
  ['more than two hours', [role({ max: '121m' })], {}, /two hours at most/],
  ['a tier that asks nobody', [role({ tier: 'automatic' })], {}, /tier/],
  ['nobody who may ask', [role({ who: [] })], {}, /who/],
  ['a person that there is not', [role({ who: ['ghost'] })], {}, /nobody is ghost/],
  ['a role of people that nobody has', [role({ who: ['role:ghosts'] })], {}, /nobody is role:ghosts/],
  ['an account that there is not', [role({ in: [{ ...set, account: 'elsewhere' }] })], {}, /no account elsewhere in aws\.accounts/],
  ['a tenant that there is not', [role({ in: [{ ...entra, account: 'elsewhere' }] })], {}, /no tenant elsewhere in azure\.tenants/],
  ['a subscription that there is not', [role({ in: [{ ...arm, account: 'elsewhere' }] })], {}, /no subscription elsewhere/],
  ['a tenant without Azure', [role({ in: [entra] })], { azure: null }, /no tenant northwind/],
  ['the same place twice', [role({ in: [set, set] })], {}, /twice in production/],
  ['one name for places in two clouds', [role({ in: [set, { ...arm, account: 'production' }] })], { azure: { ...azure, tenants: [{ ...azure.tenants[0], subscriptions: [{ id: SUBSCRIPTION, name: 'production' }] }] } }, /twice in production/],
  ['Identity Center without the management account', [role()], { aws: { ...base.aws, accounts: base.aws.accounts.filter((one) => !one.management) } }, /management account, and none is configured/],
  ['no policy’s ARN', [role({ in: [{ kind: 'aws-role', account: 'production', policies: ['AdministratorAccess'] }] })], {}, /managed policy/],
  ['no permission set’s ARN', [role({ in: [{ ...set, permissionSet: 'admin' }] })], {}, /permission set/],
  ['a role definition by name', [role({ in: [{ ...entra, roleDefinitionId: 'User Administrator' }] })], {}, /GUID/],
  ['a scope that is none', [role({ in: [{ ...entra, scope: '/users/x' }] })], {}, /administrativeUnits/],
  ['a resource group that reaches further', [role({ in: [{ ...arm, resourceGroup: '../x' }] })], {}, /resource group/],
  ['a field that is not there', [role({ in: [{ ...arm, scope: '/subscriptions/x' }] })], {}, /scope/],
])('refused: %s', (_name, roles, more, expected) => {
  expect(problems(roles, more)).toMatch(expected);
});

describe('what is read when it is asked', () => {
  const ada: Person = { id: 'ada', name: 'Ada', email: 'ada@example.com', slack: null, identities: ['ada@northwind.example'], roles: ['security'], active: true };
  const known = (people: Person[], roles: GrantableRole[] = grantableRoles(load([role({ in: [set, arm] })]))) =>
    createJitCaseActivities({ roles, people: async () => people, settings: { approvals: {} as never, consoleUrl: null }, isOpen: async (incident) => incident !== 'inc-closed', block: async () => undefined });
  const ask = (account: string, name = 'admin') => ({ request: 'r', role: name, account, forMs: 1, reason: 'x', via: 'cli' as const });

  test('by name or id of the place, for those who may', async () => {
    expect(await known([ada]).jitTerms({ person: 'ada', request: ask('platform') })).toMatchObject({ accountName: 'platform', identities: ada.identities, entitlement: { kind: 'azure-role' } });
    expect(await known([ada]).jitTerms({ person: 'ada', request: ask(SUBSCRIPTION) })).toMatchObject({ accountName: 'platform' });
    // The tenant is no subscription of it.
    await expect(known([ada]).jitTerms({ person: 'ada', request: ask(TENANT) })).rejects.toMatchObject({ type: 'GRANT_REFUSED' });
  });

  test('the same words for what there is not and what is not for this person; nothing for who has left', async () => {
    const refusal = (people: Person[], name?: string) => known(people).jitTerms({ person: 'ada', request: ask('platform', name) }).then(() => '', (error: Error) => error.message);
    const other = await refusal([{ ...ada, roles: [] }]);
    expect(other).toBe(await refusal([ada], 'admin2').then((text) => text.replace('admin2', 'admin')));
    expect(await refusal([{ ...ada, active: false }])).toMatch(/not an active person/);
    expect(await refusal([])).toMatch(/not an active person/);
  });

  test('of the given incidents, the open ones', async () => {
    expect(await known([ada]).jitOpenIncidents({ incidents: ['inc-open', 'inc-closed'] })).toEqual(['inc-open']);
  });
});
