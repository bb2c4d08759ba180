import { startAzureSandbox, type Azure } from '../../sandbox/azure';
import { azureChecks } from '../../activities/azure/investigate';
import { trail } from '../../activities/azure/investigate/trail';
import type { AzureCase } from '../../activities/azure/context';
import type { CheckId, Finding } from '../../playbook/model/finding';
import { collectIocs } from '../../playbook/iocs';
import { escalationsDue } from '../../playbook/escalation';
import { investigationChecks, rootChecks } from '../../playbook/checklist';
import { ATTACKER, bed, call, caseOf, HOME, principalOf, signIn } from './support';

jest.setTimeout(120_000);
let azure: Azure;
let world: ReturnType<typeof bed>;
let aCase: AzureCase;
let findings: Map<CheckId, Finding>;
const sub = () => azure.subscriptions[0]!;
const GROUP = 'rg-web';

/** Dana, a Global Administrator, is used from elsewhere: a user, an application with a secret, a role, a machine, an open rule, a public container, logging gone. */
beforeAll(async () => {
  azure = await startAzureSandbox();
  world = bed(azure);
  const { dana } = azure.world;
  // Dana's own sign-ins of the weeks before, from the office.
  await signIn(azure, dana, HOME, 'graph');
  for (const one of azure.sim.shelf<{ createdDateTime: string; id: string }>('signIns').truth()) azure.sim.shelf<{ createdDateTime: string; id: string }>('signIns').put(one.id, { ...one, createdDateTime: new Date(Date.now() - 5 * 86_400_000).toISOString() });
  const at = new Date(Date.now() - 1_000).toISOString();
  aCase = caseOf(principalOf(azure, 'user', dana.id, dana.upn), at);
  const graph = await signIn(azure, dana, ATTACKER, 'graph', true);
  const arm = await signIn(azure, dana, ATTACKER, 'arm', true);
  const as = (surface: 'graph' | 'arm', method: string, path: string, body?: object) => call(azure, surface === 'graph' ? graph : arm, ATTACKER, surface, method, path, body);
  const user = await as('graph', 'POST', '/users', { accountEnabled: true, displayName: 'Mallory', mailNickname: 'mallory', userPrincipalName: `mallory@${azure.world.domain}`, passwordProfile: { password: 'Long-enough-1!' } });
  await as('graph', 'POST', '/roleManagement/directory/roleAssignments', { principalId: user.body.id, roleDefinitionId: '62e90394-69f5-4237-9190-012177145e10', directoryScopeId: '/' });
  await as('graph', 'POST', `/applications/${azure.world.payroll.applicationId}/addPassword`, { passwordCredential: { displayName: 'backup' } });
  const base = `/subscriptions/${sub()}/resourceGroups/${GROUP}/providers`;
  await as('arm', 'PUT', `${base}/Microsoft.Storage/storageAccounts/exfil77?api-version=2023-05-01`, { location: 'southeastasia', sku: { name: 'Standard_LRS' }, kind: 'StorageV2', properties: { allowBlobPublicAccess: true } });
  for (let left = 50; left > 0; left -= 1) {
    const made = await as('arm', 'GET', `${base}/Microsoft.Storage/storageAccounts/exfil77?api-version=2023-05-01`).catch(() => null);
    if (made && (made.body.properties as { provisioningState?: string }).provisioningState === 'Succeeded') break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await as('arm', 'PUT', `${base}/Microsoft.Storage/storageAccounts/exfil77/blobServices/default/containers/out?api-version=2023-05-01`, { properties: { publicAccess: 'Container' } });
  await as('arm', 'PUT', `${base}/Microsoft.Compute/virtualMachines/miner?api-version=2024-07-01`, { location: 'southeastasia', properties: { hardwareProfile: { vmSize: 'Standard_NC24ads_A100_v4' } } });
  await as('arm', 'PUT', `${base}/Microsoft.Logic/workflows/leak?api-version=2019-05-01`, { location: 'southeastasia', properties: { definition: {} } });
  for (const day of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
    const date = new Date(Date.now() - day * 86_400_000).toISOString().slice(0, 10);
    azure.sim.shelf('costs').put(`c${day}`, { subscription: sub(), date, service: 'Virtual Machines', usd: day === 0 ? 900 : 40 });
  }
  const run = await Promise.all(azureChecks.map((check) => check.run(world.ctx, aCase)));
  findings = new Map(run.map((one) => [one.check, one]));
});
afterAll(() => azure?.stop());

test('every row of the checklist that a cloud answers has a check', () => {
  expect(azureChecks.map((check) => check.id).sort()).toEqual([...investigationChecks, ...rootChecks].filter((id) => id !== '1.2.5-change-request').sort());
});

test('nothing was left out: every place could be looked at', () => {
  expect([...findings.values()].filter((one) => one.error !== null).map((one) => `${one.check}: ${one.summary}`)).toEqual([]);
});

test.each<[CheckId, RegExp]>([
  ['1.2.1-who', /dana.*Global Administrator.*also has/s], ['1.2.2-source-ip', /198\.51\.100\.66 \(Berlin, DE.*the attacker’s/], ['1.2.3-console-or-api', /API/], ['1.2.4-mfa', /MFA in .*microsoftAuthenticator/s],
  ['1.2.6-permissions-granted', /Global Administrator.*\(administrator\)/], ['1.2.7-resources-created', /user mallory/], ['1.2.8-billing', /Virtual Machines on .*: 900, usually/], ['1.3.1-compute', /miner.*size that miners take/], ['1.3.2-storage', /exfil77.*public now/s],
  ['1.3.4-functions', /leak/], ['1.3.6-identities', /mallory/], ['2.2.3-all-identities', /administrators: .*dana/], ['2.2.4-trusts', /token\.actions\.githubusercontent\.com/], ['2.2.5-billing', /900/],
])('%s: %s', (check, summary) => {
  const finding = findings.get(check)!;
  expect(finding.summary).toMatch(summary);
  expect(finding.state).toBe('found');
});

test('what nobody did is nothing, and says so', () => {
  expect(findings.get('1.3.3-network')).toMatchObject({ state: 'nothing', summary: expect.stringContaining('no rule was written') });
});

test('what was made is the attacker’s, and is what containment and eradication look for', async () => {
  const artifacts = (await trail(world.ctx, aCase)).artifacts;
  const of = (kind: string, how = 'created') => artifacts.filter((one) => one.kind === kind && one.how === how && one.attribution === 'attacker');
  expect(of('user').map((one) => one.name)).toEqual([`mallory@${azure.world.domain}`]);
  expect(of('access-key')[0]!.details).toMatchObject({ principal: azure.world.payroll.applicationId, holder: 'application' });
  expect(of('policy-attachment')[0]!.details).toMatchObject({ relation: 'directory-role', role: '62e90394-69f5-4237-9190-012177145e10', principalKind: 'user' });
  expect(of('instance').map((one) => one.name)).toEqual(['miner']);
  expect(of('bucket').map((one) => one.name).sort()).toEqual(['exfil77', 'out']);
  expect(of('function').map((one) => one.name)).toEqual(['leak']);
});

test('section 5 and 6 work with what was found', () => {
  const all = [...findings.values()];
  const iocs = collectIocs({ principal: aCase.principal, alerts: aCase.alerts, findings: all });
  expect(new Set(iocs.map((one) => one.type))).toEqual(new Set(['compromised-identity', 'attacker-ip', 'access-key', 'resource-created', 'policy-attached', 'billing-anomaly']));
  expect(iocs.find((one) => one.type === 'attacker-ip')?.value).toBe(ATTACKER);
  const due = escalationsDue({ principal: aCase.principal, alerts: aCase.alerts, findings: all, now: new Date().toISOString(), globalAdmin: true, verdict: { kind: 'critical', event: 'root-login', risk: 'critical', type: 'root-activity', techniques: [], reasons: [] } });
  expect(due.map((one) => one.condition)).toEqual(['6.1', '6.4', '6.5']);
});

test('evidence of every check that saw something is kept', () => {
  expect(world.kept.filter((one) => one.kind === 'investigation').length).toBeGreaterThan(8);
});

test('a log that may not be read is said: could not look, and why', async () => {
  const refused = await startAzureSandbox({ graphPermissions: ['User.Read.All', 'Application.Read.All'], armActions: ['Microsoft.Resources/subscriptions/read'] });
  try {
    const { ctx } = bed(refused);
    const finding = await azureChecks.find((one) => one.id === '1.3.6-identities')!.run(ctx, caseOf(principalOf(refused, 'user', refused.world.dana.id, refused.world.dana.upn), new Date().toISOString()));
    expect(finding).toMatchObject({ state: 'could-not-look', error: 'ACCESS_DENIED' });
    expect(finding.summary).toMatch(/directory audit \(ACCESS_DENIED\)/);
    expect(finding.summary).toMatch(/Activity Log \(ACCESS_DENIED\)/);
  } finally {
    await refused.stop();
  }
});

test('short pages are read to the end', async () => {
  azure.sim.pageLimit = 2;
  try {
    const fresh = bed(azure);
    expect((await trail(fresh.ctx, aCase)).artifacts.length).toBe((await trail(world.ctx, aCase)).artifacts.length);
  } finally {
    azure.sim.pageLimit = Number.POSITIVE_INFINITY;
  }
});
