import type { LeaseRef } from '../../activities/contract';
import { checkout, holdsRotatedKey, Kv, MAX_TTL_SECONDS, reclaim, returnLease, rotate, storeRotatedKey, withLease, type CheckoutInput } from '../../activities/vault';
import { fail } from '../../activities/boundary';
import type { SandboxVault } from '../../sandbox/vault';
import { FakeProvider } from './fake-provider';
import { clientOf, failure, kvOf, openVault, quick, seeded } from './setup';

let vault: SandboxVault;
let kv: Kv;
beforeAll(async () => {
  vault = await openVault();
  kv = kvOf(clientOf(vault));
}, 120_000);
afterAll(() => vault?.stop());

let number = 0;
async function ready(): Promise<{ input: CheckoutInput; provider: FakeProvider }> {
  number += 1;
  const credential = `aws-${number}`;
  const provider = new FakeProvider(credential);
  await seeded(vault, credential, provider.seed());
  return { provider, input: { credential, account: '111111111111', incident: 'inc-a', holder: 'ada', approval: `approval-${number}`, ttlSeconds: 600 } };
}
const later = (lease: LeaseRef) => () => Date.parse(lease.deadline) + 1;

test('of ten checkouts at the same time exactly one wins, the others learn who holds it', async () => {
  const { input } = await ready();
  const ends = await Promise.allSettled(Array.from({ length: 10 }, (_, at) => checkout(kv, { ...input, incident: `inc-${at}`, holder: `person-${at}`, approval: `own-${at}` })));
  const won = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
  expect(won).toHaveLength(1);
  const { lock } = await vault.inspect(input.credential);
  for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject({ type: 'LEASE_TAKEN', nonRetryable: true, message: expect.stringContaining(`held by ${String(lock?.holder)} for ${String(lock?.incident)} until`) });
  expect(won[0]).toEqual({ credential: input.credential, leaseId: lock?.leaseId, version: 1, deadline: lock?.deadline, account: '111111111111' });
});

test('somebody who comes between the look and the write wins', async () => {
  const { input } = await ready();
  let looked = false;
  const slow: typeof globalThis.fetch = async (url, init) => {
    const answer = await fetch(url, init);
    if (String(url).includes('/locks/') && !looked) {
      looked = true;
      await checkout(kv, { ...input, holder: 'quick', incident: 'inc-quick', approval: 'quick' });
    }
    return answer;
  };
  await expect(checkout(kvOf(clientOf(vault, { fetch: slow })), input)).rejects.toMatchObject({ type: 'LEASE_TAKEN', message: expect.stringContaining('held by quick') });
  expect((await vault.inspect(input.credential)).lock).toMatchObject({ holder: 'quick' });
});

test('the same holder, incident and approval get the same lease again; any other does not', async () => {
  const { input } = await ready();
  const [first, ...rest] = await Promise.all(Array.from({ length: 5 }, () => checkout(kv, input)));
  for (const lease of rest) expect(lease).toEqual(first);
  for (const other of [{ holder: 'bo' }, { incident: 'inc-b' }, { approval: 'b' }]) expect(await failure(checkout(kv, { ...input, ...other }))).toBe('LEASE_TAKEN');
});

test('an overdue lease is refused to its holder, stays taken, and is passed on only through reclaim and rotation', async () => {
  const { input, provider } = await ready();
  const lease = await checkout(kv, input);
  expect(await failure(reclaim(kv, input.credential, 'bo'))).toBe('LEASE_TAKEN');
  const now = later(lease);
  expect(await failure(withLease(kv, lease, async () => 'used', now))).toBe('LEASE_LOST');
  await expect(checkout(kv, { ...input, holder: 'bo', approval: 'bo-1' }, now)).rejects.toMatchObject({ type: 'LEASE_TAKEN', message: expect.stringContaining('overdue since') });
  expect(await failure(checkout(kv, input, now))).toBe('LEASE_TAKEN');
  expect(await reclaim(kv, input.credential, 'bo', now)).toEqual(lease);
  expect(await reclaim(kv, input.credential, 'bo', now)).toEqual(lease);
  expect((await vault.inspect(input.credential)).lock).toMatchObject({ state: 'returned', reclaimedBy: 'bo' });
  // Fenced off: the first holder has nothing any more, whatever its clock says.
  expect(await failure(withLease(kv, lease, async () => 'used'))).toBe('LEASE_LOST');
  expect(await failure(checkout(kv, { ...input, holder: 'bo', approval: 'bo-1' }, now))).toBe('LEASE_TAKEN');
  await rotate({ kv, provider, patience: quick }, lease);
  expect(await reclaim(kv, input.credential, 'bo', now)).toBeNull();
  expect((await checkout(kv, { ...input, holder: 'bo', approval: 'bo-1' }, now)).version).toBe(2);
});

test('a lease is good for its time only: returned twice is fine, used afterwards is LEASE_LOST, lent again only after rotation', async () => {
  const { input, provider } = await ready();
  const lease = await checkout(kv, input);
  expect(await withLease(kv, lease, async ({ keyId }) => keyId)).toBe(`KEY-${input.credential}-1`);
  await returnLease(kv, lease);
  await returnLease(kv, lease);
  expect(await failure(withLease(kv, lease, async () => 'used'))).toBe('LEASE_LOST');
  await expect(checkout(kv, { ...input, approval: 'next' })).rejects.toMatchObject({ type: 'LEASE_TAKEN', message: expect.stringContaining('not rotated yet') });
  await rotate({ kv, provider, patience: quick }, lease);
  await returnLease(kv, lease);
  const next = await checkout(kv, { ...input, approval: 'next' });
  expect(next.leaseId).not.toBe(lease.leaseId);
  expect(await failure(withLease(kv, lease, async () => 'used'))).toBe('LEASE_LOST');
  expect(await withLease(kv, next, async ({ keyId }) => keyId)).toBe(`KEY-${input.credential}-2`);
  // A late repetition of the first return must not end the second lease.
  await returnLease(kv, lease);
  expect((await vault.inspect(input.credential)).lock).toMatchObject({ state: 'held', leaseId: next.leaseId });
});

test('an approval is good for one lease', async () => {
  const { input, provider } = await ready();
  const lease = await checkout(kv, input);
  await returnLease(kv, lease);
  await rotate({ kv, provider, patience: quick }, lease);
  expect(await failure(checkout(kv, input))).toBe('NOT_APPROVED');
});

test('a lease that never was is LEASE_LOST', async () => {
  const { input } = await ready();
  const lease = await checkout(kv, input);
  const forged = { ...lease, leaseId: 'guess' };
  expect(await failure(withLease(kv, forged, async () => 'used'))).toBe('LEASE_LOST');
  expect(await failure(returnLease(kv, forged))).toBe('LEASE_LOST');
  // Another version named by the caller changes nothing: the lock says what was lent.
  expect(await withLease(kv, { ...lease, version: 99 }, async ({ keyId }) => keyId)).toBe(`KEY-${input.credential}-1`);
});

test('neither a result nor an error carries the secret out', async () => {
  const { input, provider } = await ready();
  const lease = await checkout(kv, input);
  const canary = provider.seen[0]?.secret ?? '';
  expect(canary).toContain('CANARY');
  const leaks: (() => Promise<unknown>)[] = [
    async () => ({ deep: [canary] }),
    async () => Buffer.from(canary).toString('base64'),
    async () => encodeURIComponent(canary),
    async () => { throw new Error(`signed with ${canary}`); },
    async () => { throw new Error('outer', { cause: new Error(canary) }); },
    async () => { throw Object.assign(new Error('with a field'), { config: { key: canary } }); },
    async () => { throw fail('UNEXPECTED', canary); },
    async () => { throw canary; },
    async () => { throw Object.assign(new Error('x'), { message: canary }); },
    async () => { const ring: Record<string, unknown> = { canary }; ring.self = ring; throw Object.assign(new Error('circular'), { ring }); },
    async () => Buffer.from(`bytes ${canary}`),
    async () => new Map([['key', canary]]),
  ];
  for (const leak of leaks) {
    const error: unknown = await withLease(kv, lease, leak).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ type: 'SECRET_IN_PAYLOAD' });
    expect(`${String(error)} ${(error as Error).stack} ${JSON.stringify(error)}`).not.toContain('CANARY');
  }
  await expect(withLease(kv, lease, async () => { throw fail('THROTTLED', 'slow down'); })).rejects.toMatchObject({ type: 'THROTTLED', message: 'slow down' });
});

test.each([
  ['credential with a path', { credential: '../locks/x' }, 'INVALID_INPUT'],
  ['credential with a query', { credential: 'x?version=1' }, 'INVALID_INPUT'],
  ['empty credential', { credential: '' }, 'INVALID_INPUT'],
  ['no time', { ttlSeconds: 0 }, 'INVALID_INPUT'],
  ['not a number', { ttlSeconds: Number.NaN }, 'INVALID_INPUT'],
  ['too long', { ttlSeconds: MAX_TTL_SECONDS + 1 }, 'INVALID_INPUT'],
  ['nobody', { holder: '' }, 'INVALID_INPUT'],
  ['no approval', { approval: '' }, 'INVALID_INPUT'],
  ['a credential the vault does not have', { credential: 'aws-unknown' }, 'INVALID_CONFIG'],
])('checkout refuses %s', async (_, change, code) => {
  const { input } = await ready();
  expect(await failure(checkout(kv, { ...input, ...change }))).toBe(code);
  expect((await vault.inspect(input.credential)).lock).toBeNull();
});

describe('new keys of rotated accounts', () => {
  const key = { account: '222222222222', user: 'ci+deploy@example.com', accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secret: 'CANARY/rotated+key' };
  test('are written once, and read by their owner only', async () => {
    const rotated = new Kv(clientOf(vault), 'rotated');
    expect(await holdsRotatedKey(rotated, key)).toBe(false);
    const places = await Promise.all([storeRotatedKey(rotated, key), storeRotatedKey(rotated, key)]);
    expect(await storeRotatedKey(rotated, key)).toEqual(places[0]);
    expect(places[1]).toEqual(places[0]);
    expect(await holdsRotatedKey(rotated, key)).toBe(true);
    expect(await failure(holdsRotatedKey(rotated, { ...key, user: '..' }))).toBe('INVALID_INPUT');
    expect(JSON.stringify(places)).not.toContain('CANARY');
    const path = places[0].path.replace('rotated/', '');
    expect(await failure(rotated.read(path))).toBe('VAULT_REFUSED');
    expect(await failure(rotated.write(path, { secret: 'x' }, 1))).toBe('VAULT_REFUSED');
    const owner = await vault.tokenFor(['rotated-key-owner']);
    const read = await fetch(`${vault.address}/v1/rotated/data/${path}`, { headers: { 'X-Vault-Token': owner } });
    expect(await read.json()).toMatchObject({ data: { data: { keyId: key.accessKeyId, secret: key.secret, owner: key.user }, metadata: { version: 1 } } });
  });
  test.each([['account', { account: '1/2' }], ['user', { user: '../x' }], ['user', { user: '..' }], ['accessKeyId', { accessKeyId: 'short' }], ['secret', { secret: '' }]])('a bad %s is named', async (field, change) => {
    await expect(storeRotatedKey(new Kv(clientOf(vault), 'rotated'), { ...key, ...change })).rejects.toMatchObject({ type: 'INVALID_INPUT', message: expect.stringMatching(new RegExp(`^${field}:`)) });
  });
});
