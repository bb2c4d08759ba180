import type { GraphError } from '@microsoft/microsoft-graph-client';
import { startAzureSandbox, type Azure } from '../../sandbox/azure';
import { bySecret, graphClient } from './clients';

let azure: Azure;
beforeEach(async () => { azure = await startAzureSandbox(); });
afterEach(() => azure.stop());

type Page = { value: Record<string, unknown>[]; '@odata.nextLink'?: string };
const failing = async (call: Promise<unknown>): Promise<GraphError> => call.then(() => { throw new Error('was allowed'); }, (error: GraphError) => error);

test('filters that Graph knows work, others are refused', async () => {
  const graph = graphClient(azure);
  const { dana } = azure.world;
  const named = (await graph.api('/users').filter(`startswith(displayName,'Da') and accountEnabled eq true`).select('id').get()) as Page;
  expect(named.value).toEqual([{ id: dana.id }]);
  expect(await failing(graph.api('/users').filter('signInSessionsValidFromDateTime gt 2020-01-01T00:00:00Z').get())).toMatchObject({ statusCode: 400, code: 'Request_UnsupportedQuery' });
  expect(await failing(graph.api('/users').filter(`displayName ne 'x'`).get())).toMatchObject({ code: 'Request_UnsupportedQuery' });
  const counted = (await graph.api('/users').filter(`displayName ne 'Dana'`).header('ConsistencyLevel', 'eventual').count(true).get()) as Page;
  expect(counted.value.map((one) => one['id'])).not.toContain(dana.id);
  expect(await failing(graph.api('/users').filter('displayName like 3').get())).toMatchObject({ statusCode: 400 });
});

test('pages are linked and whole', async () => {
  azure.sim.pageLimit = 4;
  const seen: unknown[] = [];
  let page = (await graphClient(azure).api('/users').get()) as Page;
  for (;;) {
    expect(page.value.length).toBeLessThanOrEqual(4);
    seen.push(...page.value.map((one) => one['id']));
    if (!page['@odata.nextLink']) break;
    page = (await graphClient(azure).api(page['@odata.nextLink']).get()) as Page;
  }
  expect(new Set(seen).size).toBe(10);
});

test('an application reaches an administrator only with a higher directory role', async () => {
  const { dana, eve } = azure.world;
  await graphClient(azure).api(`/users/${eve.id}`).patch({ accountEnabled: false });
  expect(await failing(graphClient(azure).api(`/users/${dana.id}`).patch({ accountEnabled: false }))).toMatchObject({ statusCode: 403, code: 'Authorization_RequestDenied' });
  await azure.stop();
  azure = await startAzureSandbox({ responderRoles: ['Privileged Authentication Administrator'] });
  await graphClient(azure).api(`/users/${dana.id}`).patch({ accountEnabled: false });
  expect(await graphClient(azure).api(`/users/${dana.id}`).select('accountEnabled').get()).toMatchObject({ accountEnabled: false });
});

test('a missing application permission is 403 with Graph’s body', async () => {
  await azure.stop();
  azure = await startAzureSandbox({ graphPermissions: ['User.Read.All'] });
  await graphClient(azure).api('/users').get();
  const error = await failing(graphClient(azure).api('/groups').get());
  expect(error).toMatchObject({ statusCode: 403, code: 'Authorization_RequestDenied', message: 'Insufficient privileges to complete the operation.' });
  expect(JSON.parse(String(error.body))).toMatchObject({ innerError: { 'request-id': expect.any(String) } });
});

test('writes are seen after the replication lag', async () => {
  azure.sim.lags.directoryMs = 400;
  const graph = graphClient(azure);
  const { eve } = azure.world;
  const enabled = async (): Promise<unknown> => ((await graph.api(`/users/${eve.id}`).select('accountEnabled').get()) as { accountEnabled: boolean }).accountEnabled;
  await graph.api(`/users/${eve.id}`).patch({ accountEnabled: false });
  expect(await enabled()).toBe(true);
  const end = Date.now() + 5_000;
  while ((await enabled()) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await enabled()).toBe(false);
});

test('a secret logs in until it is removed; the new one logs in; both are in the audit log', async () => {
  const graph = graphClient(azure);
  const { payroll } = azure.world;
  const made = (await graph.api(`/applications/${payroll.applicationId}/addPassword`).post({ passwordCredential: { displayName: 'second' } })) as { secretText: string; keyId: string };
  const login = (secret: string) => bySecret(azure, { appId: payroll.appId, secret }).getToken(`${azure.graphUrl}/.default`);
  await login(payroll.secret);
  await login(made.secretText);
  await graph.api(`/applications/${payroll.applicationId}/removePassword`).post({ keyId: payroll.secretKeyId });
  await expect(login(payroll.secret)).rejects.toThrow(/AADSTS7000215/);
  await login(made.secretText);
  const shown = (await graph.api(`/applications/${payroll.applicationId}`).select('passwordCredentials').get()) as { passwordCredentials: { secretText: unknown; keyId: string }[] };
  expect(shown.passwordCredentials).toMatchObject([{ secretText: null, keyId: made.keyId }]);
  expect(JSON.stringify(shown)).not.toContain(made.secretText);
  const { value } = (await graph.api('/auditLogs/directoryAudits').filter(`activityDisplayName eq 'Update application – Certificates and secrets management'`).get()) as Page;
  expect(value).toHaveLength(2);
  await graph.api(`/servicePrincipals/${payroll.servicePrincipalId}`).patch({ accountEnabled: false });
  await expect(login(made.secretText)).rejects.toThrow(/AADSTS7000112/);
});

test('certificates go by PATCH of what is left; removeKey wants a proof', async () => {
  const graph = graphClient(azure);
  const { responder } = azure.world;
  const { keyCredentials } = (await graph.api(`/applications/${responder.applicationId}`).select('keyCredentials').get()) as { keyCredentials: { keyId: string }[] };
  expect(await failing(graph.api(`/applications/${responder.applicationId}/removeKey`).post({ keyId: keyCredentials[0]!.keyId, proof: 'x.y.z' }))).toMatchObject({ code: 'Authentication_MissingOrMalformed' });
  await graph.api(`/applications/${responder.applicationId}`).patch({ keyCredentials: [] });
  const { byCertificate } = await import('./clients');
  await expect(byCertificate(azure).getToken(`${azure.graphUrl}/.default`)).rejects.toThrow(/AADSTS700027/);
});

test('roles: active through a group, eligible through PIM, removed', async () => {
  const graph = graphClient(azure);
  const { adminGroup, dana } = azure.world;
  const [nina] = ((await graph.api('/users').filter(`displayName eq 'Nina'`).get()) as Page).value;
  const groups = (await graph.api(`/users/${String(nina!['id'])}/memberOf/microsoft.graph.group`).select('id,displayName,isAssignableToRole').get()) as Page;
  expect(groups.value).toMatchObject([{ id: adminGroup.id, isAssignableToRole: true }]);
  const eligible = (await graph.api('/roleManagement/directory/roleEligibilityScheduleInstances').expand('roleDefinition').get()) as Page;
  const [omar] = eligible.value as [{ principalId: string; roleDefinitionId: string }];
  expect(omar).toMatchObject({ roleDefinition: { displayName: 'Security Administrator' } });
  await graph.api('/roleManagement/directory/roleEligibilityScheduleRequests').post({ action: 'adminRemove', principalId: omar.principalId, roleDefinitionId: omar.roleDefinitionId, directoryScopeId: '/' });
  expect(((await graph.api('/roleManagement/directory/roleEligibilityScheduleInstances').get()) as Page).value).toEqual([]);
  const held = (await graph.api('/roleManagement/directory/roleAssignments').filter(`principalId eq '${dana.id}'`).get()) as Page;
  await graph.api(`/roleManagement/directory/roleAssignments/${String(held.value[0]!['id'])}`).delete();
  await graph.api(`/users/${dana.id}`).patch({ accountEnabled: false });
});

test('a directory role of its own serves an application as permissions do', async () => {
  const { breakGlass, dana } = azure.world;
  const graph = graphClient(azure, bySecret(azure, breakGlass));
  await graph.api(`/users/${dana.id}`).patch({ accountEnabled: false, passwordProfile: { password: 'Xq12345678!', forceChangePasswordNextSignIn: true } });
  expect(await graphClient(azure).api(`/users/${dana.id}`).select('accountEnabled').get()).toMatchObject({ accountEnabled: false });
  expect(await failing(graphClient(azure, bySecret(azure, azure.world.payroll)).api(`/users/${dana.id}`).patch({ accountEnabled: true }))).toMatchObject({ statusCode: 403 });
});
