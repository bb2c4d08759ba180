import { randomUUID } from 'node:crypto';
import { azureAppSecret, checkout, returnLease, rotate, withLease, type Kv, type Secret } from '../../activities/vault';
import { createDirectAzureAccess } from '../../activities/azure/clients';
import { defaultAzureNames, endpointsOf, type AzureConfig } from '../../activities/azure/config';
import { startAzureSandbox, type Azure } from '../../sandbox/azure';
import { linkId } from '../../sandbox/azure/state/membership';
import { addApplication, addSecret, grantPermissions } from '../../sandbox/azure/world/applications';
import { giveDirectoryRole } from '../../sandbox/azure/world/directory';
import type { SandboxVault } from '../../sandbox/vault';
import { clientOf, failure, kvOf, openVault, quick, seeded } from './setup';

let vault: SandboxVault;
let kv: Kv;
let azure: Azure;
let config: AzureConfig;
let secret: Secret;
let application: string;

beforeAll(async () => {
  [vault, azure] = await Promise.all([openVault(), startAzureSandbox()]);
  kv = kvOf(clientOf(vault));
  const made = addApplication(azure.sim, 'emergency');
  application = made.application.id!;
  const first = addSecret(azure.sim, 'applications', application, 'first');
  grantPermissions(azure.sim, made.principal.id!, ['Application.ReadWrite.OwnedBy', 'User.Read.All']);
  // An application may change its own secret when it is its own owner.
  const owner = linkId(application, made.principal.id!);
  azure.sim.shelf('owners').put(owner, { id: owner, from: application, to: made.principal.id! });
  giveDirectoryRole(azure.sim, made.principal.id!, 'Global Administrator');
  secret = { keyId: first.keyId, secret: first.secret, owner: made.application.appId! };
  config = {
    tenants: [{ id: azure.tenantId, name: 'northwind', clientId: azure.world.responder.appId, credential: { kind: 'managed-identity', clientId: null }, subscriptions: [], emergencyIdentities: [azure.world.emergency.id] }],
    endpoints: endpointsOf('public', { authority: azure.loginUrl, graph: azure.graphUrl, arm: azure.armUrl, ca: azure.ca }), protected: [], names: defaultAzureNames,
    billing: { monthlyBudgetUsd: 1, email: 'a@example.com' }, logDestination: { storageAccountId: null, workspaceId: null }, support: null,
  };
}, 120_000);
afterAll(() => Promise.all([vault?.stop(), azure?.stop()]));
afterEach(() => azure.faults.clear());

test('the emergency application’s secret: out, used, back, rotated; the old secret is refused by Entra’s counterpart', async () => {
  // A secret that nobody knows, as a crash between addPassword and the vault leaves it.
  addSecret(azure.sim, 'applications', application, 'orphan');
  await seeded(vault, 'azure-emergency', secret);
  const provider = azureAppSecret(config, azure.tenantId);
  expect(await failure(provider.login({ ...secret, secret: 'wrong' }))).toBe('CREDENTIALS_INVALID');

  const lease = await checkout(kv, { credential: 'azure-emergency', account: azure.tenantId, incident: 'inc-1', holder: 'ada', approval: 'a-1', ttlSeconds: 600 });
  const used = await withLease(kv, lease, async (held) => {
    const graph = createDirectAzureAccess(config, { clientId: held.owner, secret: held.secret }).graph(azure.tenantId);
    return (await graph.get<{ userPrincipalName: string }>(`/users/${azure.world.dana.id}`)).userPrincipalName;
  });
  expect(used).toBe(azure.world.dana.upn);
  await returnLease(kv, lease);
  const steps: string[] = [];
  const proof = await rotate({ kv, provider, patience: quick, onStep: (step) => void steps.push(step) }, lease);
  expect(proof).toMatchObject({ oldRefused: true, newVersion: 2 });
  expect(steps.indexOf('login-proven')).toBeLessThan(steps.indexOf('old-deleted'));
  expect(JSON.stringify(proof)).not.toContain(secret.keyId);

  const { data: fresh } = await kv.read<Secret>('credentials/azure-emergency');
  expect(await provider.refuses(secret)).toBe(true);
  expect(await provider.refuses(fresh as Secret)).toBe(false);
  expect(await provider.listIds(fresh as Secret)).toEqual([fresh?.keyId]);
  await provider.revoke(fresh as Secret, randomUUID());
  expect(await vault.inspect('azure-emergency')).toMatchObject({ lock: { state: 'free' }, liveVersions: [2], pendingLive: [] });
}, 120_000);

test('an authority that is away proves nothing about a secret', async () => {
  azure.faults.add({ surface: 'login', status: 503 });
  const provider = azureAppSecret(config, azure.tenantId);
  expect(await failure(provider.refuses(secret))).toBe('CLOUD_UNAVAILABLE');
  expect(await failure(provider.login(secret))).toBe('CLOUD_UNAVAILABLE');
}, 60_000);

test('a Graph that is away is not a refused secret', async () => {
  const other = addSecret(azure.sim, 'applications', application, 'other');
  azure.faults.add({ surface: 'graph', status: 503, retryAfter: 60 });
  expect(await failure(azureAppSecret(config, azure.tenantId).listIds({ keyId: other.keyId, secret: other.secret, owner: secret.owner }))).toBe('CLOUD_UNAVAILABLE');
}, 60_000);
