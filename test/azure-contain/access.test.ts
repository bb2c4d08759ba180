import { createSign, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { azureArmRole, azureGraphPermissions } from '../../activities/azure';
import { createAzureAccess } from '../../activities/azure/clients';
import type { AzureCredentialConfig } from '../../activities/azure/config';
import { proposeContainment } from '../../activities/azure/contain/propose';
import { directoryTarget, proposal, resourceTarget } from '../../activities/azure/contain/targets';
import type { Alert } from '../../playbook/model/alert';
import type { Principal } from '../../playbook/model/principal';
import type { Entitlement } from '../../playbook/jit/model';
import { builtIn } from '../../sandbox/azure/arm/access';
import { roleTemplates } from '../../sandbox/azure/graph/roles-data';
import { newId } from '../../sandbox/azure/state/sim';
import { examineTenants } from '../../workers/doctor/azure';
import type { ConfigError } from '../../workers/config/load';
import { parseConfig } from '../../workers/config/load';
import { asStep } from '../containment/contract';
import { actionOf, makeBed, type Bed } from './bed';
import { attackerIp, person } from './cases';

jest.setTimeout(120_000);

let bed: Bed;
beforeAll(async () => {
  bed = await makeBed();
});
afterAll(() => bed?.stop());
afterEach(() => bed.permit(null));

const as = (credential: AzureCredentialConfig) => createAzureAccess({ ...bed.config, tenants: [{ ...bed.config.tenants[0]!, credential }] });

test('a workload identity: a token of a trusted issuer and no secret at all', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { sim, world } = bed.azure;
  const [issuer, subject] = ['https://issuer.example', 'system:serviceaccount:tourniquet:azure'];
  sim.issuers.set(issuer, publicKey.export({ type: 'spki', format: 'pem' }).toString());
  const id = newId();
  sim.shelf('federatedIdentityCredentials').put(id, { id, name: 'cluster', issuer, subject, audiences: ['api://AzureADTokenExchange'], description: null, applicationId: world.responder.applicationId });
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iss: issuer, sub: subject, aud: 'api://AzureADTokenExchange', exp: Math.floor(Date.now() / 1000) + 600 })}`;
  const tokenFile = join(bed.azure.caFile, '..', 'token');
  writeFileSync(tokenFile, `${body}.${createSign('RSA-SHA256').update(body).sign(privateKey).toString('base64url')}`);
  await expect(as({ kind: 'workload-identity', tokenFile }).graph(bed.tenant).get(`/users/${world.ada.id}`)).resolves.toMatchObject({ id: world.ada.id });
});

describe('the doctor', () => {
  const access = () => bed.context().access;

  test('finds nothing to say of a responder that has what is printed, and warns of a client secret', async () => {
    const found = await examineTenants(access());
    expect(found.filter((one) => !one.ok)).toEqual([]);
    expect(found[0]!.text).toMatch(/client secret: it can be copied/);
  });

  test('names what is missing, in Graph and in a subscription', async () => {
    bed.permit(['User.Read.All', 'Organization.Read.All', 'Application.Read.All', 'Microsoft.Authorization/roleAssignments/read', 'Microsoft.Authorization/roleDefinitions/read', 'Microsoft.Compute/virtualMachines/read']);
    const found = await examineTenants(access());
    const texts = found.filter((one) => !one.ok).map((one) => one.text).join('\n');
    expect(texts).toMatch(/lacks: .*User\.EnableDisableAccount\.All.*tourniquet permissions graph/);
    expect(texts).toMatch(/may not: .*Microsoft\.Network\/networkInterfaces\/write.*tourniquet permissions arm/);
    expect(texts).not.toMatch(/Microsoft\.Compute\/virtualMachines\/read,/);
  });

  const grantable = (roleName = 'User Administrator'): Entitlement[] => [
    { kind: 'entra-role', account: bed.tenant, roleDefinitionId: roleTemplates['User Administrator'], roleName, directoryScopeId: '/' },
    { kind: 'azure-role', account: bed.tenant, scope: `/subscriptions/${bed.azure.world.estate.production}/resourceGroups/rg-web`, roleDefinitionId: builtIn['Contributor']!.id, roleName: 'Contributor' },
    { kind: 'aws-role', account: '111122223333', policyArns: [], requireMfa: true },
  ];

  test('looks at just-in-time access where it is configured: its own permissions, and what the roles are called', async () => {
    expect((await examineTenants(access())).some((one) => /just-in-time/.test(one.what))).toBe(false);
    const jit = async (roleName?: string) => (await examineTenants(access(), grantable(roleName))).filter((one) => /just-in-time/.test(one.what));
    expect((await jit()).map((one) => [one.ok, one.what])).toEqual([[true, 'Entra northwind: just-in-time access'], [true, `Azure ${bed.azure.world.estate.production}: just-in-time access`]]);
    expect((await jit('Reader'))[0]).toMatchObject({ ok: false, text: expect.stringMatching(/is the role User Administrator, not Reader/) });
    bed.permit([...azureGraphPermissions().permissions.filter((one) => one !== 'RoleManagement.ReadWrite.Directory'), ...azureArmRole().Actions]);
    const texts = (await jit()).map((one) => one.text);
    expect(texts[0]).toMatch(/lacks: RoleManagement\.ReadWrite\.Directory .*permissions graph --jit/);
    expect(texts[1]).toMatch(/may not: .*roleAssignmentScheduleRequests\/write.*permissions arm --jit/);
  });

  test('names a missing permission on data', async () => {
    bed.permit([...azureGraphPermissions().permissions, ...azureArmRole().Actions]);
    expect((await examineTenants(access())).filter((one) => !one.ok).map((one) => one.text).join('\n')).toMatch(/may not: Microsoft\.Storage\/storageAccounts\/blobServices\/containers\/blobs\/read/);
  });

  test('says when the responder cannot sign in, and looks no further', async () => {
    const found = await examineTenants(as({ kind: 'client-secret', secret: () => 'wrong' }));
    expect(found).toEqual([expect.objectContaining({ ok: false, text: expect.stringMatching(/AADSTS7000215/) })]);
  });
});

describe('the report to Microsoft', () => {
  const wish = () => proposal('azure.contact-support', directoryTarget('tenant', bed.tenant, bed.tenant, 'northwind'), 'test', { body: 'what happened' });

  test('a subscription without a plan that has an API: a person reports it', async () => {
    const step = asStep(await bed.plan(wish()));
    await expect(actionOf('azure.contact-support').apply(bed.context(), step)).rejects.toMatchObject({ code: 'InvalidSupportPlan' });
    expect(await bed.plan(wish(), bed.context({ config: { support: null } }))).toMatchObject({ code: 'NOT_SUPPORTED' });
  });

  test('one ticket for one incident, however often it is asked for', async () => {
    bed.azure.sim.supportPlans.add(bed.azure.world.estate.production);
    const action = actionOf('azure.contact-support');
    const step = asStep(await bed.plan(wish()));
    expect((await action.verify(bed.context(), step)).holds).toBe(false);
    const { ticket } = await action.apply(bed.context(), step);
    expect(ticket).toMatch(/^24/);
    expect(await action.apply(bed.context(), step)).toMatchObject({ ticket, already: true });
    expect((await action.verify(bed.context(), step)).holds).toBe(true);
    expect((await action.undo(bed.context(), step)).left.join()).toMatch(/stays open/);
  });
});

describe('what is wished for', () => {
  const principal = (id: string, name: string): Principal => ({ provider: 'azure', account: bed.tenant, kind: 'user', id, name });
  const activity = (event: string, target: string, who: Principal, more: Partial<Alert> = {}): Alert => ({
    id: `alr-${'1'.repeat(24)}`, source: 'azure-activity', provider: 'azure', account: bed.tenant, region: null, time: new Date().toISOString(), receivedAt: null, event, service: null, outcome: 'success', errorCode: null, dryRun: false,
    principal: who, session: null, sourceIp: attackerIp, userAgent: null, channel: 'api', target: { kind: 'other', id: target, account: bed.tenant }, addresses: [attackerIp], facts: {}, raw: null, ...more,
  });
  const wishes = async (alerts: Alert[]) => (await proposeContainment(bed.context(), { principal: alerts[0]!.principal!, alerts }, [])).proposals;

  test('the address is blocked only where it could come in: groups in use that admit it, policies in use, and sign-ins', async () => {
    const who = person(bed);
    const { estate } = bed.azure.world;
    const found = await wishes([activity('x', '', principal(who.id, who.name))]);
    expect(found.filter((one) => one.action.startsWith('azure.block-')).map((one) => [one.action, one.target.id, one.params.address])).toEqual([
      ['azure.block-ip-nsg', estate.nsg, attackerIp], ['azure.block-ip-conditional-access', bed.tenant, attackerIp], ['azure.block-ip-waf', estate.waf, attackerIp],
    ]);
  });

  test.each([
    ['Microsoft.Compute/virtualMachines/runCommand/action', 'vm', 'azure.isolate-vm'],
    ['MICROSOFT.WEB/SITES/FUNCTIONS/WRITE', 'site', 'azure.isolate-function'],
    ['Microsoft.Logic/workflows/write', 'logicApp', 'azure.isolate-logic-app'],
    ['Microsoft.Storage/storageAccounts/listKeys/action', 'storage', 'azure.rotate-storage-keys'],
    ['Microsoft.Storage/storageAccounts/blobServices/containers/write', 'container', 'azure.close-public-container'],
    ['Microsoft.Insights/diagnosticSettings/delete', 'diagnostics', 'azure.restore-diagnostics'],
  ] as const)('%s leads to the resource’s own action', async (event, thing, action) => {
    const who = person(bed);
    // Exported records write ids in capitals: ARM does not care, and neither do we.
    const id = bed.azure.world.estate[thing].toUpperCase().replace('/SUBSCRIPTIONS/', '/subscriptions/');
    const facts = { request: { properties: { publicAccess: 'Container' } } };
    const wish = (await wishes([activity(event, id, principal(who.id, who.name), { facts })])).find((one) => one.action === action)!;
    expect(wish.target.id.toLowerCase()).toBe(bed.azure.world.estate[thing].toLowerCase());
    const planned = await bed.plan(wish);
    // A setting that is still there and a container that is closed need nothing; none is refused.
    expect('id' in planned).toBe(true);
  });

  test('a failed call made nothing, and hostile text is no resource', async () => {
    const who = person(bed);
    const failed = await wishes([activity('Microsoft.Compute/virtualMachines/write', bed.azure.world.estate.vm, principal(who.id, who.name), { outcome: 'failure' })]);
    expect(failed.some((one) => one.action === 'azure.isolate-vm')).toBe(false);
    expect(await bed.plan(proposal('azure.isolate-vm', resourceTarget('instance', bed.tenant, '/subscriptions/../x?y=z'), 'test'))).toMatchObject({ code: 'INVALID_INPUT' });
    const foreign = bed.azure.world.estate.vm.replace(bed.azure.world.estate.production, '99999999-9999-4999-8999-999999999999');
    expect(await bed.plan(proposal('azure.isolate-vm', resourceTarget('instance', bed.tenant, foreign), 'test'))).toMatchObject({ code: 'INVALID_CONFIG' });
  });

  test('a WAF policy that only detects is a task, not a rule that does nothing', async () => {
    const { waf } = bed.azure.world.estate;
    const shelf = bed.azure.sim.shelf<{ id: string; properties: Record<string, unknown> }>('arm');
    const found = shelf.truth().find((one) => one.id === waf)!;
    const id = waf.replace('waf-web', 'waf-detects');
    shelf.put(id.toLowerCase(), { ...found, id, properties: { ...found.properties, policySettings: { state: 'Enabled', mode: 'Detection' } } });
    expect(await bed.plan(proposal('azure.block-ip-waf', resourceTarget('waf-policy', bed.tenant, id), 'test', { address: attackerIp }))).toMatchObject({ code: 'NOT_SUPPORTED', message: expect.stringMatching(/only detects/) });
  });
});

test('the configuration names the field that is wrong', () => {
  const tenant = 'tenants:\n    - {id: not-a-guid, name: x, clientId: 11111111-2222-4333-8444-555555555555, credential: {kind: certificate, path: /x}}';
  const problems = (yaml: string): string => {
    try {
      parseConfig(yaml);
      return '';
    } catch (error) {
      return (error as ConfigError).problems.join('\n');
    }
  };
  expect(problems(`azure:\n  ${tenant}\n  budget: {monthlyUsd: 1, email: a@example.com}\n`)).toMatch(/azure\.tenants\.0\.id: a tenant id is a GUID/);
  expect(problems('azure:\n  endpoints: {graph: "http://127.0.0.1:1"}\n')).toMatch(/azure\.endpoints\.graph: https/);
});
