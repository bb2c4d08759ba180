import { mkdtempSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout, createVaultActivities, VaultClient } from '../../activities/vault';
import { fail } from '../../activities/boundary';
import { ensurePython, freePort, startChild, waitFor } from '../../sandbox/tools';
import type { SandboxVault } from '../../sandbox/vault';
import { FakeProvider } from './fake-provider';
import { clientOf, failure, kvOf, openVault, seeded } from './setup';

let vault: SandboxVault;
beforeAll(async () => { vault = await openVault(); }, 120_000);
afterAll(() => vault?.stop());

test('a sealed vault is VAULT_SEALED and retryable; unsealed, the same call succeeds', async () => {
  const provider = new FakeProvider('sealed');
  await seeded(vault, 'sealed', provider.seed());
  const kv = kvOf(clientOf(vault));
  const input = { credential: 'sealed', account: '1', incident: 'inc-1', holder: 'ada', approval: 'a', ttlSeconds: 60 };
  await kv.versions('credentials/sealed');
  await vault.seal();
  await expect(checkout(kv, input)).rejects.toMatchObject({ type: 'VAULT_SEALED', nonRetryable: false });
  // Also for a worker that has no token yet.
  expect(await failure(checkout(kvOf(new VaultClient({ address: vault.address, appRole: { roleId: vault.roleId, secretId: async () => 'x' } })), input))).toBe('VAULT_SEALED');
  await vault.unseal();
  expect((await checkout(kv, input)).version).toBe(1);
});

test('a wrong AppRole is VAULT_REFUSED, final, and does not repeat the secret id', async () => {
  for (const options of [{ secretId: async () => 'CANARY-secret-id' }, { roleId: 'CANARY-role-id' }]) {
    const error: unknown = await kvOf(clientOf(vault, options)).versions('credentials/x').catch((caught: unknown) => caught);
    expect(error).toMatchObject({ type: 'VAULT_REFUSED', nonRetryable: true });
    expect(`${String(error)} ${(error as Error).stack}`).not.toContain('CANARY');
  }
});

test('nobody at the address is VAULT_UNAVAILABLE; so are a redirect, a 500, a 429 and silence', async () => {
  const appRole = { roleId: 'r', secretId: async () => 's' };
  const answers: Record<string, number> = { '/redirect': 307, '/broken': 500, '/busy': 429 };
  let elsewhere = 0;
  const server: Server = createServer((request, response) => {
    const path = Object.keys(answers).find((one) => request.url?.startsWith(one));
    if (request.url?.startsWith('/elsewhere')) elsewhere += 1;
    if (path) response.writeHead(answers[path] ?? 500, { Location: '/elsewhere' }).end('not json');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const path of [...Object.keys(answers), '/silent']) {
    await expect(new VaultClient({ address: `${address}${path}`, appRole, timeoutMs: 200 }).request('GET', 'x')).rejects.toMatchObject({ type: 'VAULT_UNAVAILABLE', nonRetryable: false });
  }
  expect(elsewhere).toBe(0);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await failure(new VaultClient({ address, appRole }).request('GET', 'x'))).toBe('VAULT_UNAVAILABLE');
});

test('a vault behind a private CA answers only when that CA is given', async () => {
  const { bao } = await ensurePython(() => undefined);
  const dir = mkdtempSync(join(tmpdir(), 'tourniquet-tls-'));
  const port = await freePort(undefined, 'the vault');
  const server = startChild(bao, ['server', '-dev-tls', `-dev-tls-cert-dir=${dir}`, `-dev-listen-address=127.0.0.1:${port}`, '-dev-no-store-token'], { log: join(dir, 'log') });
  try {
    const address = `https://127.0.0.1:${port}`;
    const appRole = { roleId: 'r', secretId: async () => 'CANARY-secret-id' };
    // It has no AppRole, so being refused shows that it was reached.
    const ca = await waitFor(async () => {
      if (!server.running()) throw new Error(server.tail());
      const pem = await readFile(join(dir, 'vault-ca.pem'), 'utf8').catch(() => null);
      return pem && (await failure(new VaultClient({ address, appRole, ca: pem }).request('GET', 'x'))) === 'VAULT_REFUSED' ? pem : null;
    }, 20_000, () => new Error(server.tail()));
    expect(await failure(new VaultClient({ address, appRole }).request('GET', 'x'))).toBe('VAULT_UNAVAILABLE');
    await server.stop();
    await expect(new VaultClient({ address, appRole, ca }).request('GET', 'x')).rejects.toMatchObject({ type: 'VAULT_UNAVAILABLE', message: expect.stringContaining('ECONNREFUSED') });
  } finally {
    await server.stop();
  }
});

test('only https, or http on loopback', () => {
  const appRole = { roleId: 'r', secretId: async () => 's' };
  for (const address of ['http://vault.example.com:8200', 'ftp://127.0.0.1']) expect(() => new VaultClient({ address, appRole })).toThrow(/vault\.address/);
  expect(() => new VaultClient({ address: 'https://vault.example.com', appRole })).not.toThrow();
});

test('a token is shared, renewed at half its life, and replaced when it was revoked or has aged out', async () => {
  const seen: string[] = [];
  let now = Date.now();
  const spy: typeof globalThis.fetch = (url, init) => {
    seen.push(String(url).replace(/.*\/v1\//, ''));
    return fetch(url, init);
  };
  const client = clientOf(vault, { fetch: spy, now: () => now });
  const calls = (): string[] => seen.splice(0).map((path) => (path.startsWith('auth/') ? path : 'read'));
  const look = (): Promise<unknown> => client.request('GET', 'break-glass/metadata/credentials/x', undefined, [404]);
  await Promise.all([look(), look(), look()]);
  expect(calls()).toEqual(['auth/approle/login', 'read', 'read', 'read']);
  now += 11 * 60_000;
  await look();
  expect(calls()).toEqual(['auth/token/renew-self', 'read']);
  await client.request('POST', 'auth/token/revoke-self', {}, [204]);
  calls();
  await look();
  expect(calls()).toEqual(['read', 'auth/approle/login', 'read']);
  now += 21 * 60_000;
  await look();
  expect(calls()).toEqual(['auth/approle/login', 'read']);
});

describe('who may do what', () => {
  const paths = ['break-glass/data/credentials/aws-p', 'break-glass/data/locks/aws-p', 'break-glass/metadata/credentials/aws-p', 'rotated/data/1/u/k', 'sys/policies/acl/break-glass-worker', 'auth/approle/role/break-glass-worker'];
  beforeAll(() => seeded(vault, 'aws-p', new FakeProvider('aws-p').seed()));

  test.each([
    ['break-glass-worker', [200, 404, 200, 403, 403, 403]],
    ['break-glass-observer', [403, 404, 200, 403, 403, 403]],
    ['break-glass-custodian', [403, 403, 200, 403, 403, 403]],
    ['rotated-key-owner', [403, 403, 403, 404, 403, 403]],
  ])('%s reads only what is its own', async (policy, statuses) => {
    const token = await vault.tokenFor([policy]);
    const seen = await Promise.all(paths.map(async (path) => (await fetch(`${vault.address}/v1/${path}`, { headers: { 'X-Vault-Token': token } })).status));
    expect(seen).toEqual(statuses);
  });

  test('the worker cannot delete the record of a credential, make one up, or write without check-and-set', async () => {
    const token = await vault.tokenFor(['break-glass-worker']);
    const status = async (method: string, path: string, body: object): Promise<number> => (await fetch(`${vault.address}/v1/${path}`, { method, headers: { 'X-Vault-Token': token }, body: JSON.stringify(body) })).status;
    expect(await status('DELETE', 'break-glass/metadata/credentials/aws-p', {})).toBe(403);
    expect(await status('DELETE', 'break-glass/metadata/locks/aws-p', {})).toBe(403);
    expect(await status('POST', 'break-glass/data/credentials/new', { options: { cas: 0 }, data: { a: 'b' } })).toBe(403);
    expect(await status('POST', 'break-glass/data/credentials/aws-p', { data: { a: 'b' } })).toBe(400);
    expect(await status('POST', 'break-glass/config', { cas_required: false })).toBe(403);
    expect(await status('POST', 'sys/seal', {})).toBe(403);
  });

  test('a custodian can put a credential in once and not replace it', async () => {
    const token = await vault.tokenFor(['break-glass-custodian']);
    const put = async (cas: number): Promise<number> => (await fetch(`${vault.address}/v1/break-glass/data/credentials/by-hand`, { method: 'POST', headers: { 'X-Vault-Token': token }, body: JSON.stringify({ options: { cas }, data: { keyId: 'k', secret: 's', owner: 'o' } }) })).status;
    expect(await put(0)).toBe(200);
    expect(await put(1)).toBe(403);
  });
});

test('every use is in the audit log, no secret is', async () => {
  const provider = new FakeProvider('audited');
  const secret = provider.seed();
  await seeded(vault, 'audited', secret);
  await kvOf(clientOf(vault)).read('credentials/audited');
  const log = await readFile(vault.auditLog, 'utf8');
  expect(log).toContain('break-glass/data/credentials/audited');
  expect(log).not.toContain('CANARY');
});

test('as activities: no approval, no lease; with one, out, back and rotated, and nothing that leaves carries the secret', async () => {
  const provider = new FakeProvider('acted');
  await seeded(vault, 'acted', provider.seed());
  const asked: string[] = [];
  const activities = createVaultActivities({
    vault: clientOf(vault),
    providerFor: (credential, account) => { asked.push(`${credential} in ${account}`); return provider; },
    confirmApproval: async ({ approval, digest }) => { if (approval !== 'yes' || digest !== 'd1') throw fail('NOT_APPROVED', 'nobody said yes'); },
    boundMs: 2000,
    beat: () => undefined,
  });
  const input = { incident: 'inc-9', caseKey: 'inc-9.1', credential: 'acted', account: '111111111111', holder: 'ada', approval: 'no', digest: 'd1', ttlMs: 60_000 };
  expect(await failure(activities.checkOut(input))).toBe('NOT_APPROVED');
  const lease = await activities.checkOut({ ...input, approval: 'yes' });
  await activities.returnCredential({ caseKey: 'inc-9.1', lease });
  const proof = await activities.rotateCredential({ caseKey: 'inc-9.1', lease });
  expect(await activities.reclaimCredential({ caseKey: 'inc-9.1', credential: 'acted', by: 'bo' })).toBeNull();
  expect(asked).toEqual(['acted in 111111111111']);
  expect(JSON.stringify([lease, proof])).not.toMatch(/CANARY|KEY-/);
  const foreign = createVaultActivities({ vault: clientOf(vault), providerFor: () => { throw new Error('boom'); }, confirmApproval: async () => undefined, beat: () => undefined });
  expect(await failure(foreign.rotateCredential({ caseKey: 'c', lease }))).toBe('UNEXPECTED');
});
