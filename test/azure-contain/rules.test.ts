import fc from 'fast-check';
import { defaultAzureNames, endpointsOf, type AzureConfig } from '../../activities/azure/config';
import { classifyAzure } from '../../activities/azure/errors';
import { at, claimsOf, literal } from '../../activities/azure/graph';
import { armRoleOf, graphPermissionsOf } from '../../activities/azure/permissions';
import { protectedBy } from '../../activities/azure/protect';
import { directoryTarget, inOrder, parseResourceId, proposal } from '../../activities/azure/contain/targets';
import { rolesIn } from '../../activities/azure/tokens';

const tenant = '11111111-2222-4333-8444-555555555555';

const graphError = (statusCode: number, code: string | null, headers: Record<string, string> = {}) => Object.assign(new Error('Insufficient privileges'), { name: 'Error', statusCode, code, headers: new Headers(headers) });

test.each([
  [graphError(403, 'Authorization_RequestDenied'), 'ACCESS_DENIED'],
  [graphError(404, 'Request_ResourceNotFound'), 'NOT_FOUND'],
  [Object.assign(graphError(400, 'Request_BadRequest'), { message: 'No password credential found with keyId \'x\'.' }), 'NOT_FOUND'],
  [graphError(400, 'Request_BadRequest'), 'REJECTED_BY_CLOUD'],
  [graphError(429, 'TooManyRequests', { 'retry-after': '17' }), 'THROTTLED'],
  [graphError(429, null), 'THROTTLED'],
  [graphError(503, 'serviceNotAvailable'), 'CLOUD_UNAVAILABLE'],
  [graphError(401, 'InvalidAuthenticationToken'), 'CREDENTIALS_INVALID'],
  [graphError(409, 'Directory_ConcurrencyViolation'), 'CONFLICT'],
  [graphError(412, null), 'CONFLICT'],
  [graphError(403, 'Authentication_RequestFromNonPremiumTenantOrB2CTenant'), 'NOT_SUPPORTED'],
  [graphError(400, 'Request_BadRequest'), 'REJECTED_BY_CLOUD'],
  [graphError(404, 'WhateverNew'), 'NOT_FOUND'],
  [Object.assign(new Error('AADSTS7000222: The provided client secret keys are expired.'), { name: 'AuthenticationError', statusCode: 401 }), 'CREDENTIALS_INVALID'],
  [Object.assign(new Error('server_error'), { name: 'AuthenticationError', statusCode: 503 }), 'CLOUD_UNAVAILABLE'],
  [Object.assign(new Error('endpoints_resolution_error: See https://aka.ms/msal.js.errors'), { name: 'CredentialUnavailableError' }), 'CLOUD_UNAVAILABLE'],
  [Object.assign(new Error('serviceNotAvailable: Error(s): 0 - Timestamp: …'), { name: 'AuthenticationRequiredError' }), 'CLOUD_UNAVAILABLE'],
  [Object.assign(new Error('TooManyRequests: Error(s): 0 - Timestamp: …'), { name: 'AuthenticationRequiredError' }), 'THROTTLED'],
  [Object.assign(new Error('invalid_client: Error(s): 7000215 - Description: AADSTS7000215: Invalid client secret provided.'), { name: 'AuthenticationRequiredError' }), 'CREDENTIALS_INVALID'],
  [Object.assign(new Error('no token file'), { name: 'CredentialUnavailableError' }), 'CREDENTIALS_INVALID'],
  [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'CLOUD_UNAVAILABLE'],
  [Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } }), 'CLOUD_UNAVAILABLE'],
])('%s is %s', (error, code) => expect(classifyAzure(error)?.type).toBe(code));

test('what the service asks to wait is kept for Temporal', () => {
  expect(classifyAzure(graphError(429, 'TooManyRequests', { 'retry-after': '17' }))?.nextRetryDelay).toBe(17_000);
});

test('an error that nobody knows is not guessed at', () => {
  expect(classifyAzure(new Error('odd'))).toBeNull();
  expect(classifyAzure('odd')).toBeNull();
});

test('a name from an alert is one segment of a path, whatever it holds', () => {
  expect(at`/users/${'a/../b?x#EXT#@c'}/authentication/methods`).toBe('/users/a%2F..%2Fb%3Fx%23EXT%23%40c/authentication/methods');
  fc.assert(fc.property(fc.string(), (value) => at`/users/${value}/x`.split('/').length === 4));
});

test('a literal cannot end early', () => {
  fc.assert(fc.property(fc.string(), (value) => /^'(?:[^']|'')*'$/.test(literal(value))));
});

test('a resource id is read, and what is none is refused', () => {
  const sub = 'AAAAAAAA-1111-4111-8111-111111111111';
  expect(parseResourceId(`/subscriptions/${sub}/resourceGroups/web-rg/providers/Microsoft.Storage/storageAccounts/acme/blobServices/default/containers/public`)).toEqual({
    subscription: sub.toLowerCase(), group: 'web-rg', type: 'microsoft.storage/storageaccounts', name: 'acme', parts: ['blobServices', 'default', 'containers', 'public'],
  });
  for (const bad of ['', 'web', '/subscriptions/x/resourceGroups/r/providers/a/b/c', `/subscriptions/${sub}/resourceGroups/r/providers/Microsoft.Web/sites/a?b=c`, `/subscriptions/${sub}/resourceGroups/../providers/Microsoft.Web/sites/a#b`]) {
    expect(() => parseResourceId(bad)).toThrow(expect.objectContaining({ type: 'INVALID_INPUT' }));
  }
});

test('the emergency accounts and our own application are protected without being listed; a resource group covers what is in it', () => {
  const config: Pick<AzureConfig, 'protected' | 'tenants'> = {
    protected: ['ceo@contoso.com', '/subscriptions/s/resourceGroups/core', 'sp-*'],
    tenants: [{ id: tenant, name: 'contoso', clientId: 'app-1', credential: { kind: 'managed-identity', clientId: null }, subscriptions: [], emergencyIdentities: ['EMERGENCY-1'] }],
  };
  expect(protectedBy(config, 'emergency-1')).toBe('EMERGENCY-1');
  expect(protectedBy(config, 'APP-1')).toBe('app-1');
  expect(protectedBy(config, 'CEO@contoso.com')).toBe('ceo@contoso.com');
  expect(protectedBy(config, '/subscriptions/s/resourcegroups/core/providers/x/y/z')).toBe('/subscriptions/s/resourceGroups/core');
  expect(protectedBy(config, 'sp-billing')).toBe('sp-*');
  expect(protectedBy(config, 'x-ceo@contoso.com', '', '/subscriptions/s/resourcegroups/core2/x')).toBeNull();
});

test('sessions come after disabling whatever the order of the wishes, and lists are joined', () => {
  const user = directoryTarget('user', tenant, 'u1', 'mallory');
  const ordered = inOrder([proposal('azure.revoke-sessions', user, 'x'), proposal('azure.disable-user', user, 'x', { a: ['1'] }), proposal('azure.disable-user', user, 'y', { a: ['2'] })]);
  expect(ordered.map((one) => one.action)).toEqual(['azure.disable-user', 'azure.revoke-sessions']);
  expect(ordered[0]!.params).toEqual({ a: ['1', '2'] });
});

test('permissions are split into Graph’s and ARM’s, data operations apart', () => {
  const users = [{ permissions: ['User.Read.All', 'Microsoft.Compute/virtualMachines/read', 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'] }, { permissions: ['User.Read.All'] }];
  expect(graphPermissionsOf(users).permissions).toEqual(['User.Read.All']);
  expect(armRoleOf(users, ['s'])).toMatchObject({
    Actions: ['Microsoft.Compute/virtualMachines/read'], DataActions: ['Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'], AssignableScopes: ['/subscriptions/s'],
  });
});

test('a sovereign cloud has its own endpoints, and a replaced endpoint keeps the audience', () => {
  expect(endpointsOf('us-government')).toMatchObject({ graph: 'https://graph.microsoft.us', armAudience: 'https://management.usgovcloudapi.net' });
  expect(endpointsOf('public', { graph: 'https://localhost:1' })).toMatchObject({ graph: 'https://localhost:1', graphAudience: 'https://graph.microsoft.com' });
  expect(defaultAzureNames.denyUserPolicy).toContain('Tourniquet');
});

test('a demand for claims is passed on, anything else is not', () => {
  const claims = JSON.stringify({ access_token: { nbf: { essential: true, value: '1' } } });
  expect(claimsOf(`Bearer realm="", error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`)).toBe(claims);
  expect(claimsOf('Bearer error="invalid_token"')).toBeUndefined();
  expect(claimsOf(null)).toBeUndefined();
});

test('an opaque token has no roles to show', () => {
  expect(rolesIn(`x.${Buffer.from(JSON.stringify({ roles: ['User.Read.All', 1] })).toString('base64url')}.y`)).toEqual(['User.Read.All']);
  expect(rolesIn('opaque')).toEqual([]);
});
