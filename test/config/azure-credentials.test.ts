import { ClientCertificateCredential, ClientSecretCredential, ManagedIdentityCredential, WorkloadIdentityCredential } from '@azure/identity';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endpointsOf, type AzureTenantConfig } from '../../activities/azure/config';
import { responderCredential, tokensOf } from '../../activities/azure/tokens';
import { credentialOf } from '../../workers/config/azure';
import { azureCredential } from '../../workers/config/azure-schema';

const ID = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const asConfigured = (credential: object): AzureTenantConfig => ({ id: ID, name: 'northwind', clientId: ID, credential: credentialOf(azureCredential.parse(credential)), subscriptions: [], emergencyIdentities: [] });
const built = (credential: object) => responderCredential({ endpoints: endpointsOf('public') }, asConfigured(credential));
const env = { ...process.env };
const asked: IncomingMessage[] = [];
let server: Server;
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ access_token: 'from the platform', expires_on: String(Math.floor(Date.now() / 1000) + 3600), resource: 'https://graph.microsoft.com', token_type: 'Bearer', client_id: ID }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // As App Service and Functions offer it (App Service: managed identities, REST endpoint reference). The library looks once.
  Object.assign(process.env, { IDENTITY_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`, IDENTITY_HEADER: 'platform-header' });
});
afterAll(() => {
  process.env = env;
  server.close();
});

test.each([
  [{ kind: 'workload-identity', tokenFile: '/var/run/secrets/token' }, WorkloadIdentityCredential],
  [{ kind: 'certificate', path: '/etc/tourniquet/responder.pem' }, ClientCertificateCredential],
  [{ kind: 'managed-identity' }, ManagedIdentityCredential],
  [{ kind: 'managed-identity', clientId: ID }, ManagedIdentityCredential],
] as const)('%o is built as what it says', (credential, type) => expect(built(credential)).toBeInstanceOf(type));

test('a secret is read when the credential is made, not when the file is', () => {
  process.env['RESPONDER_SECRET'] = 'first';
  const tenant = asConfigured({ kind: 'client-secret', secret: { env: 'RESPONDER_SECRET' } });
  process.env['RESPONDER_SECRET'] = 'second';
  expect(tenant.credential.kind === 'client-secret' && tenant.credential.secret()).toBe('second');
  expect(responderCredential({ endpoints: endpointsOf('public') }, tenant)).toBeInstanceOf(ClientSecretCredential);
});

test.each([{ kind: 'password' }, { kind: 'certificate' }, { kind: 'client-secret', secret: 'in the file itself' }, { kind: 'managed-identity', path: 'x' }])('%o is no credential', (credential) => expect(() => azureCredential.parse(credential)).toThrow());

test.each([[null], [ID]])('a managed identity asks the platform that it runs on, by its client id %s', async (clientId) => {
  const tokens = tokensOf(() => built({ kind: 'managed-identity', clientId }));
  await expect(tokens.get('https://graph.microsoft.com')).resolves.toBe('from the platform');
  const url = new URL(asked.at(-1)!.url!, 'http://127.0.0.1');
  expect([url.searchParams.get('resource'), url.searchParams.get('client_id'), asked.at(-1)!.headers['x-identity-header']]).toEqual(['https://graph.microsoft.com', clientId, 'platform-header']);
});
