import type { ApplicationFailure } from '@temporalio/common';
import { codeOf } from '../../activities/boundary';
import type { LeaseRef } from '../../activities/contract';
import { checkout, createVaultActivities, deliver, returnLease, settle, type CheckoutInput, type Kv } from '../../activities/vault';
import { sealToPage } from '../../activities/vault/seal-to-page';
import { stolenWrappingOf } from '../../playbook/stolen-wrapping';
import { ClaimingPage as Page } from '../../sandbox/passkey';
import type { SandboxVault } from '../../sandbox/vault';
import { clientOf, failure, kvOf, openVault } from './setup';

let vault: SandboxVault;
let kv: Kv;
beforeAll(async () => {
  vault = await openVault();
  kv = kvOf(clientOf(vault));
}, 120_000);
afterAll(() => vault?.stop());

const CANARY = 'CANARY/root-password/5f1c';
let number = 0;

async function lent(over: Partial<CheckoutInput> = {}): Promise<{ name: string; lease: LeaseRef }> {
  number += 1;
  const name = `root-${number}`;
  await vault.putPersonal(name, { username: 'root@example.com', password: `${CANARY}/1` });
  const lease = await checkout(kv, { credential: `people.${name}`, account: '111111111111', incident: 'bgp-0', holder: 'ada', approval: `approval-${number}`, ttlSeconds: 600, ...over });
  return { name, lease };
}

/** A vault client whose wire somebody sits on: `meddle` sees the wrapping token before it is looked at. */
function tapped(meddle: (token: string, path: string) => Promise<string>): Kv {
  const spying: typeof globalThis.fetch = async (url, init) => {
    const answer = await fetch(url, init);
    if (!String(url).includes('/data/people/')) return answer;
    const body = (await answer.json()) as { wrap_info: { token: string } };
    body.wrap_info.token = await meddle(body.wrap_info.token, String(url));
    return new Response(JSON.stringify(body), { status: answer.status });
  };
  return kvOf(clientOf(vault, { fetch: spying }));
}
const as = (token: string, path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(`${vault.address}/v1/${path}`, { method: 'POST', headers: { 'X-Vault-Token': token, ...headers }, body: JSON.stringify(body) });

test('the credential reaches the page that claimed it, and nobody who keeps what was sent', async () => {
  const { lease } = await lent();
  const [page, other] = [new Page(), new Page()];
  const { sealed, accessor } = await deliver(kv, 'bgp-1', lease, page);
  expect(page.open('bgp-1', sealed)).toEqual({ username: 'root@example.com', password: `${CANARY}/1` });
  expect(accessor).toMatch(/\w{10}/);
  expect(JSON.stringify(sealed)).not.toContain('CANARY');
  expect(() => other.open('bgp-1', sealed)).toThrow();
  expect(() => page.open('bgp-2', sealed)).toThrow();
  expect(await failure(deliver(kv, 'bgp-1', lease, { sealTo: 'bm90IGEgcG9pbnQ' }))).toBe('INVALID_INPUT');
});

test('the worker cannot read it in one request: the policy demands the wrapping', async () => {
  const { name } = await lent();
  expect(await failure(kv.read(`people/${name}`))).toBe('VAULT_REFUSED');
  const long = await clientOf(vault).request('GET', `break-glass/data/people/${name}`, undefined, [400, 403], { 'X-Vault-Wrap-TTL': '1h' });
  expect(long.status).toBeGreaterThanOrEqual(400);
});

test.each<[string, (token: string, path: string) => Promise<string>]>([
  ['stolen and opened before us', async (token) => { expect((await as(token, 'sys/wrapping/unwrap', {})).status).toBe(200); return token; }],
  ['opened and wrapped again, to hide that', async (token) => {
    const { data } = (await (await as(token, 'sys/wrapping/unwrap', {})).json()) as { data: object };
    const again = (await (await as(vault.rootToken, 'sys/wrapping/wrap', data, { 'X-Vault-Wrap-TTL': '60s' })).json()) as { wrap_info: { token: string } };
    return again.wrap_info.token;
  }],
  ['exchanged for one of another credential', async () => {
    await vault.putPersonal('decoy', { password: 'decoy' });
    const made = await fetch(`${vault.address}/v1/break-glass/data/people/decoy`, { headers: { 'X-Vault-Token': vault.rootToken, 'X-Vault-Wrap-TTL': '60s' } });
    return ((await made.json()) as { wrap_info: { token: string } }).wrap_info.token;
  }],
  ['made up', () => Promise.resolve('s.notATokenAtAll')],
])('a wrapping token %s is an incident, and nothing is shown', async (_what, meddle) => {
  const { name, lease } = await lent();
  const error: unknown = await deliver(tapped(meddle), 'bgp-1', lease, new Page()).then(() => null, (caught: unknown) => caught);
  expect(codeOf(error)).toBe('WRAPPING_COMPROMISED');
  const seen = stolenWrappingOf((error as ApplicationFailure).details![0])!;
  expect(seen).toMatchObject({ path: `break-glass/data/people/${name}`, accessor: expect.stringMatching(/\w{10}/), at: expect.stringMatching(/^20/) });
  expect(JSON.stringify(seen)).not.toContain('CANARY');
});

test('stolen, returned, changed: at every point some version in the vault logs in, and at the end none that the thief has seen', async () => {
  const { name, lease } = await lent();
  let atTheCloud = `${CANARY}/1`;
  const seenByThief: string[] = [];
  const logsIn = async (): Promise<string[]> => {
    const { live } = await kv.versions(`people/${name}`);
    const held = await Promise.all(live.map(async (version) => {
      const answer = await fetch(`${vault.address}/v1/break-glass/data/people/${name}?version=${version}`, { headers: { 'X-Vault-Token': vault.rootToken } });
      return ((await answer.json()) as { data: { data: { password: string } } }).data.data.password;
    }));
    return held.filter((password) => password === atTheCloud);
  };
  const thief = tapped(async (token) => {
    const { data } = (await (await as(token, 'sys/wrapping/unwrap', {})).json()) as { data: { data: { password: string } } };
    seenByThief.push(data.data.password);
    return token;
  });
  expect(await failure(deliver(thief, 'bgp-1', lease, new Page()))).toBe('WRAPPING_COMPROMISED');
  expect(seenByThief).toEqual([`${CANARY}/1`]);
  // Nobody gets it again under this lease or another before it is changed.
  await returnLease(kv, lease);
  expect(await failure(deliver(kv, 'bgp-1', lease, new Page()))).toBe('LEASE_LOST');
  expect(await failure(checkout(kv, { credential: lease.credential, account: '1', incident: 'bgp-2', holder: 'bo', approval: `next-${name}`, ttlSeconds: 60 }))).toBe('LEASE_TAKEN');
  expect(await logsIn()).toHaveLength(1);
  await vault.putPersonal(name, { username: 'root@example.com', password: `${CANARY}/2` });
  expect(await logsIn()).toHaveLength(1);
  atTheCloud = `${CANARY}/2`;
  expect(await logsIn()).toHaveLength(1);
  expect(await settle(kv, lease, '2026-03-01T14:00:00Z')).toMatchObject({ newVersion: 2 });
  expect(await logsIn()).toEqual([`${CANARY}/2`]);
  expect(seenByThief).not.toContain(atTheCloud);
  expect((await kv.versions(`people/${name}`)).live).toEqual([2]);
});

test('a token opened between our look and our opening is an incident', async () => {
  const { lease } = await lent();
  const quick: typeof globalThis.fetch = async (url, init) => {
    if (String(url).endsWith('sys/wrapping/unwrap')) await as(new Headers(init?.headers).get('X-Vault-Token')!, 'sys/wrapping/unwrap', {});
    return fetch(url, init);
  };
  expect(await failure(deliver(kvOf(clientOf(vault, { fetch: quick })), 'bgp-1', lease, new Page()))).toBe('WRAPPING_COMPROMISED');
});

test('only under the lease: over, overdue, returned, or somebody else’s gives nothing', async () => {
  const { lease } = await lent();
  expect(await failure(deliver(kv, 'bgp-1', lease, new Page(), () => Date.parse(lease.deadline)))).toBe('LEASE_LOST');
  expect(await failure(deliver(kv, 'bgp-1', { ...lease, leaseId: 'guess' }, new Page()))).toBe('LEASE_LOST');
  await returnLease(kv, lease);
  expect(await failure(deliver(kv, 'bgp-1', lease, new Page()))).toBe('LEASE_LOST');
});

test('it is free again only when a newer version is in the vault; the old one is then gone, and the proof is the same ever after', async () => {
  const { name, lease } = await lent();
  expect(await failure(settle(kv, lease, 'now'))).toBe('LEASE_LOST');
  await returnLease(kv, lease);
  expect(await settle(kv, lease, 'now')).toBeNull();
  expect(await failure(checkout(kv, { credential: lease.credential, account: '1', incident: 'bgp-2', holder: 'bo', approval: 'other', ttlSeconds: 60 }))).toBe('LEASE_TAKEN');
  const custodian = await vault.tokenFor(['break-glass-custodian']);
  expect((await as(custodian, `break-glass/data/people/${name}`, { options: { cas: 1 }, data: { username: 'root@example.com', password: `${CANARY}/2` } })).status).toBe(200);
  expect((await fetch(`${vault.address}/v1/break-glass/data/people/${name}`, { headers: { 'X-Vault-Token': custodian } })).status).toBe(403);
  const proof = await settle(kv, lease, '2026-03-01T14:00:00Z');
  expect(proof).toEqual({ credential: `people.${name}`, oldFingerprint: 'version 1', newFingerprint: 'version 2', newVersion: 2, provenLoginAt: '2026-03-01T14:00:00Z', oldRefused: true });
  expect(await settle(kv, lease, 'later')).toEqual(proof);
  expect(await kv.versions(`people/${name}`)).toEqual({ current: 2, live: [2] });
  const next = await checkout(kv, { credential: lease.credential, account: '1', incident: 'bgp-2', holder: 'bo', approval: 'other', ttlSeconds: 60 });
  const page = new Page();
  expect(page.open('bgp-2', (await deliver(kv, 'bgp-2', next, page)).sealed)['password']).toBe(`${CANARY}/2`);
});

test.each(['before', 'after'] as const)('killed %s any single request, the next attempt ends the same, and no second person gets in', async (when) => {
  for (let at = 1, survived = false; !survived; at += 1) {
    const { lease } = await lent();
    let done = 0;
    const mortal: typeof globalThis.fetch = async (url, init) => {
      done += 1;
      if (done === at && when === 'before') throw new Error('killed');
      const answer = await fetch(url, init);
      const text = await answer.text();
      if (done === at) throw new Error('killed');
      return new Response(text, { status: answer.status });
    };
    const page = new Page();
    survived = (await failure(deliver(kvOf(clientOf(vault, { fetch: mortal })), 'bgp-1', lease, page))) === 'none';
    expect(page.open('bgp-1', (await deliver(kv, 'bgp-1', lease, page)).sealed)['password']).toBe(`${CANARY}/1`);
    expect(await failure(checkout(kv, { credential: lease.credential, account: '1', incident: 'bgp-9', holder: 'eve', approval: 'eve', ttlSeconds: 60 }))).toBe('LEASE_TAKEN');
    expect(at).toBeLessThan(20);
  }
}, 120_000);

test('sealed in between: VAULT_SEALED, which is tried again', async () => {
  const { lease } = await lent();
  await vault.seal();
  try {
    expect(await failure(deliver(kv, 'bgp-1', lease, new Page()))).toBe('VAULT_SEALED');
  } finally {
    await vault.unseal();
  }
  expect(await failure(deliver(kv, 'bgp-1', lease, new Page()))).toBe('none');
}, 60_000);

test('machines and people are two doors: neither lends what belongs to the other, nor without a proof', async () => {
  const acts = (confirmLoan?: () => Promise<{ ttlMs: number }>) => createVaultActivities({ vault: clientOf(vault), providerFor: () => { throw new Error('none'); }, confirmApproval: async () => undefined, confirmLoan, beat: () => undefined });
  const { name } = await lent({});
  const request = { credential: `people.${name}`, what: 'root', account: '111111111111', requester: 'ada', reason: 'x', ttlMs: 60_000, bypass: null };
  const loan = { id: 'bgp-1', caseKey: 'bgp-1', approval: 'apr-1', request, claim: { person: 'ada', digest: '', nonce: '', expires: '', sealTo: new Page().sealTo, assertion: {} } };
  expect(await failure(acts().checkOut({ incident: 'i', caseKey: 'c', credential: `people.${name}`, account: '1', holder: 'i', approval: 'a', digest: 'd', ttlMs: 1_000 }))).toBe('NOT_APPROVED');
  expect(await failure(acts().checkOutForPerson(loan))).toBe('NOT_APPROVED');
  expect(await failure(acts(async () => ({ ttlMs: 1_000 })).checkOutForPerson({ ...loan, request: { ...request, credential: 'aws-machine' } }))).toBe('NOT_APPROVED');
});

test('every sealing is different, also to the same page', () => {
  const page = new Page();
  const [one, two] = [sealToPage('r', page.sealTo, 'x'), sealToPage('r', page.sealTo, 'x')];
  expect(one.ephemeral).not.toBe(two.ephemeral);
  expect(one.ciphertext).not.toBe(two.ciphertext);
});
