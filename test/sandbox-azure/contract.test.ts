import { attack, startAzureSandbox, type Azure } from '../../sandbox/azure';
import { graphClient } from './clients';
import facts from './facts.json';
import { declaredNames, disagreements, kindOf, namesOf, samplesIn } from './shapes';

type Page = { value: Record<string, unknown>[]; '@odata.context': string };
/** A file of request and response samples from Microsoft’s documentation (JSON lines); without it, the committed facts alone are compared. */
const file = process.env['TOURNIQUET_GRAPH_SAMPLES'];

let azure: Azure;
beforeAll(async () => {
  azure = await startAzureSandbox({ responderRoles: ['Privileged Authentication Administrator'] });
  // So that the logs have something in them.
  await attack(azure, 'global-admin-login');
});
afterAll(() => azure.stop());

const read = (path: string): Promise<Page> => graphClient(azure).api(path).get() as Promise<Page>;

test.each(Object.entries(facts).filter(([name]) => name !== 'source') as [string, Record<string, string>][])('%s has what the reference says', async (path, properties) => {
  const { value, '@odata.context': context } = await read(path);
  expect(context).toBe(`${azure.graphUrl}/v1.0/$metadata#${path.slice(1)}`);
  expect(value.length).toBeGreaterThan(0);
  for (const item of value) for (const [name, kind] of Object.entries(properties)) expect([name, kindOf(item[name])]).toEqual([name, kind]);
});

const paths = (): [sample: string, ours: string][] => {
  const { eve, payroll, ci, adminGroup, mfaPolicy, office } = azure.world;
  return [
    ...Object.keys(facts).filter((name) => name !== 'source').map((path): [string, string] => [path, path]),
    ['/users/*', `/users/${eve.id}`], ['/groups/*', `/groups/${adminGroup.id}`], ['/groups/*/members', `/groups/${adminGroup.id}/members`], ['/groups/*/owners', `/groups/${adminGroup.id}/owners`], ['/applications/*', `/applications/${payroll.applicationId}`],
    ['/servicePrincipals/*', `/servicePrincipals/${payroll.servicePrincipalId}`], ['/servicePrincipals/*/appRoleAssignments', `/servicePrincipals/${payroll.servicePrincipalId}/appRoleAssignments`], ['/servicePrincipals/*/oauth2PermissionGrants', `/servicePrincipals/${payroll.servicePrincipalId}/oauth2PermissionGrants`],
    ['/users/*/memberOf', `/users/${eve.id}/memberOf`], ['/users/*/authentication/microsoftAuthenticatorMethods', `/users/${eve.id}/authentication/microsoftAuthenticatorMethods`], ['/identity/conditionalAccess/policies/*', `/identity/conditionalAccess/policies/${mfaPolicy.id}`], ['/identity/conditionalAccess/namedLocations/*', `/identity/conditionalAccess/namedLocations/${office.id}`],
    ['/applications/*/federatedIdentityCredentials', `/applications/${ci.applicationId}/federatedIdentityCredentials`], ['/roleManagement/directory/roleEligibilitySchedules', '/roleManagement/directory/roleEligibilitySchedules'], ['/roleManagement/directory/roleAssignmentSchedules', '/roleManagement/directory/roleAssignmentSchedules'],
  ];
};

test('no property is invented: Microsoft’s types declare every one', async () => {
  const declared = declaredNames();
  const protocol = /^(@odata\.\w+|value)$/;
  for (const [, path] of paths()) expect([path, namesOf(await read(path)).filter((name) => !declared.has(name) && !protocol.test(name))]).toEqual([path, []]);
});

(file ? test : test.skip)('what is read has the kinds of value that Microsoft’s samples have', async () => {
  const samples = samplesIn(file!);
  const problems: string[] = [];
  let compared = 0;
  for (const [wanted, path] of paths()) {
    const ours = await read(path);
    // Some samples of the documentation are no JSON.
    for (const { body } of samples.filter((one) => one.method === 'GET' && one.path === wanted && one.status === 200 && typeof one.body === 'object')) {
      compared += 1;
      problems.push(...disagreements(ours, body, wanted));
    }
  }
  expect(compared).toBeGreaterThan(30);
  expect([...new Set(problems)]).toEqual([]);
});

(file ? test : test.skip)('writes answer with Microsoft’s status and shape', async () => {
  const samples = samplesIn(file!);
  const graph = graphClient(azure);
  const { eve, payroll, adminGroup } = azure.world;
  const raw = async (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<{ status: number; body: unknown }> => {
    const answer = (await graph.api(path).responseType('raw' as never)[method === 'POST' ? 'post' : method === 'PATCH' ? 'patch' : 'delete'](body as never)) as Response;
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
  };
  const application = (await raw('POST', '/applications', { displayName: 'made' })).body as { id: string; appId: string };
  const calls: ['POST' | 'PATCH' | 'DELETE', string, string, object?][] = [
    ['POST', '/users', '/users', { displayName: 'New', mailNickname: 'new', userPrincipalName: `new@${azure.world.domain}`, accountEnabled: true, passwordProfile: { password: 'Xq12345678!' } }],
    ['POST', '/servicePrincipals', '/servicePrincipals', { appId: application.appId }],
    ['POST', '/applications/*/addPassword', `/applications/${application.id}/addPassword`, { passwordCredential: { displayName: 'one' } }],
    ['POST', '/applications/*/removePassword', `/applications/${payroll.applicationId}/removePassword`, { keyId: payroll.secretKeyId }],
    ['POST', '/groups/*/members/$ref', `/groups/${adminGroup.id}/members/$ref`, { '@odata.id': `${azure.graphUrl}/v1.0/directoryObjects/${eve.id}` }],
    ['DELETE', '/groups/*/members/*/$ref', `/groups/${adminGroup.id}/members/${eve.id}/$ref`],
    ['POST', '/users/*/authentication/phoneMethods', `/users/${eve.id}/authentication/phoneMethods`, { phoneNumber: '+66 811234567', phoneType: 'mobile' }],
    ['POST', '/identityProtection/riskyUsers/confirmCompromised', '/identityProtection/riskyUsers/confirmCompromised', { userIds: [eve.id] }],
    ['DELETE', '/applications/*', `/applications/${application.id}`],
    ['DELETE', '/users/*', `/users/${eve.id}`],
  ];
  const problems: string[] = [];
  for (const [method, wanted, path, body] of calls) {
    const sample = samples.find((one) => one.method === method && one.path === wanted);
    if (!sample) throw new Error(`no sample of ${method} ${wanted}`);
    const ours = await raw(method, path, body);
    if (ours.status !== sample.status) problems.push(`${method} ${wanted}: ours answers ${ours.status}, Microsoft ${sample.status}`);
    problems.push(...disagreements(ours.body, sample.body ?? null, wanted));
  }
  expect(problems).toEqual([]);
});
