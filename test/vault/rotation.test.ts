import type { Kv} from '../../activities/vault';
import { checkout, fingerprint, rotate, type RotationStep, type Secret } from '../../activities/vault';
import type { SandboxVault } from '../../sandbox/vault';
import { FakeProvider, Mortal } from './fake-provider';
import { clientOf, failure, kvOf, openVault, quick, returned, seeded } from './setup';

let vault: SandboxVault;
let kv: Kv;
beforeAll(async () => {
  vault = await openVault();
  kv = kvOf(clientOf(vault));
}, 120_000);
afterAll(() => vault?.stop());

let number = 0;
async function credential(lagMs = 0): Promise<{ name: string; provider: FakeProvider; old: Secret }> {
  number += 1;
  const name = `aws-${number}`;
  const provider = new FakeProvider(name, lagMs);
  const old = provider.seed();
  await seeded(vault, name, old);
  return { name, provider, old };
}

async function inVault(path: string): Promise<Secret[]> {
  const { live } = await kv.versions(path);
  const found = await Promise.all(live.map((version) => kv.read<Secret>(path, version)));
  return found.flatMap(({ data }) => data ?? []);
}

/** Some version in the vault logs in. */
async function someVersionLogsIn(name: string, provider: FakeProvider): Promise<boolean> {
  const known = [...await inVault(`credentials/${name}`), ...await inVault(`pending/${name}`)];
  return known.some((secret) => provider.works(secret));
}

/** One key at the provider, the one in the vault, and none that existed before. */
async function expectRotated(name: string, provider: FakeProvider, old: Secret): Promise<void> {
  const { data: current, version } = await kv.read<Secret>(`credentials/${name}`);
  expect(provider.works(current as Secret)).toBe(true);
  expect(provider.alive()).toEqual([current?.keyId]);
  expect(provider.seen.filter((secret) => secret.keyId !== current?.keyId).filter((secret) => provider.works(secret))).toEqual([]);
  expect(provider.works(old)).toBe(false);
  expect(await inVault(`pending/${name}`)).toEqual([]);
  expect(await kv.versions(`credentials/${name}`)).toEqual({ current: version, live: [version] });
  expect((await vault.inspect(name)).lock).toMatchObject({ state: 'free', rotation: null });
}

test('a returned credential is replaced, the old one is dead, and the proof says so without a secret', async () => {
  const { name, provider, old } = await credential(60);
  const lease = await returned(kv, name);
  const steps: RotationStep[] = [];
  const proof = await rotate({ kv, provider, patience: quick, onStep: (step) => steps.push(step) }, lease);
  await expectRotated(name, provider, old);
  const { data: current } = await kv.read<Secret>(`credentials/${name}`);
  expect(proof).toEqual({ credential: name, oldFingerprint: fingerprint(old.keyId), newFingerprint: fingerprint(current?.keyId ?? ''), newVersion: 2, provenLoginAt: expect.stringMatching(/^\d{4}-.*Z$/), oldRefused: true });
  expect(steps).toEqual(['begun', 'orphans-removed', 'created', 'pending', 'login-proven', 'promoted', 'old-deleted', 'old-refused', 'destroyed']);
  expect(JSON.stringify(proof)).not.toContain('CANARY');
  // Again: the same proof, and nothing changes.
  expect(await rotate({ kv, provider, patience: quick }, lease)).toEqual(proof);
  expect(provider.seen).toHaveLength(2);
});

const STEPS: RotationStep[] = ['begun', 'orphans-removed', 'created', 'pending', 'login-proven', 'promoted', 'old-deleted', 'old-refused', 'destroyed'];
test.each(STEPS)('killed after the step "%s", the next run finishes, and the vault can log in all the while', async (fatal) => {
  const { name, provider, old } = await credential();
  const lease = await returned(kv, name);
  const onStep = (step: RotationStep): void => { if (step === fatal) throw new Error('killed'); };
  await expect(rotate({ kv, provider, patience: quick, onStep }, lease)).rejects.toThrow('killed');
  expect(await someVersionLogsIn(name, provider)).toBe(true);
  expect((await rotate({ kv, provider, patience: quick }, lease)).oldRefused).toBe(true);
  await expectRotated(name, provider, old);
});

test.each(['before', 'after'] as const)('killed %s any single call to vault or provider, even twice, it ends the same', async (when) => {
  let survived = false;
  for (let at = 1; !survived; at += 1) {
    const { name, provider, old } = await credential();
    const lease = await returned(kv, name);
    const runs = [new Mortal(at, when), new Mortal(Math.ceil(at / 2), when)];
    const died: boolean[] = [];
    for (const mortal of runs) {
      const own = kvOf(clientOf(vault, { fetch: mortal.fetch }));
      await rotate({ kv: own, provider: mortal.provider(provider), patience: quick }, lease).catch(() => undefined);
      died.push(mortal.died);
      expect({ at, logsIn: await someVersionLogsIn(name, provider) }).toEqual({ at, logsIn: true });
    }
    await rotate({ kv, provider, patience: quick }, lease);
    await expectRotated(name, provider, old);
    survived = !died[0];
    expect(at).toBeLessThan(100);
  }
}, 300_000);

test('a key that does not work in time leaves the old one in force, and the same key is used by the next run', async () => {
  const { name, provider, old } = await credential(700);
  const lease = await returned(kv, name);
  expect(await failure(rotate({ kv, provider, patience: { boundMs: 100, firstMs: 10 } }, lease))).toBe('ROTATION_UNPROVEN');
  expect(provider.works(old)).toBe(true);
  expect((await kv.read<Secret>(`credentials/${name}`)).data).toEqual(old);
  await rotate({ kv, provider, patience: quick }, lease);
  expect(provider.seen).toHaveLength(2);
  await expectRotated(name, provider, old);
});

test('an old key that does not die is ROTATION_UNPROVEN, and stays in the vault until it does', async () => {
  const { name, provider, old } = await credential();
  const lease = await returned(kv, name);
  const stubborn = Object.assign(Object.create(provider) as FakeProvider, { refuses: async () => false });
  expect(await failure(rotate({ kv, provider: stubborn, patience: { boundMs: 60, firstMs: 10 } }, lease))).toBe('ROTATION_UNPROVEN');
  expect((await kv.versions(`credentials/${name}`)).live).toEqual([1, 2]);
  expect(await failure(checkout(kv, { credential: name, account: '1', incident: 'inc-2', holder: 'bo', approval: 'another', ttlSeconds: 60 }))).toBe('LEASE_TAKEN');
  await rotate({ kv, provider, patience: quick }, lease);
  await expectRotated(name, provider, old);
});

test('a key that nobody knows is deleted, and makes room under the limit of two', async () => {
  const { name, provider, old } = await credential();
  await provider.create(old);
  const lease = await returned(kv, name);
  await rotate({ kv, provider, patience: quick }, lease);
  await expectRotated(name, provider, old);
  expect(provider.seen).toHaveLength(3);
});

test('a pending key that the provider has lost is replaced', async () => {
  const { name, provider, old } = await credential();
  const lease = await returned(kv, name);
  await expect(rotate({ kv, provider, patience: quick, onStep: (step) => { if (step === 'pending') throw new Error('killed'); } }, lease)).rejects.toThrow('killed');
  await provider.revoke(old, provider.seen[1]?.keyId ?? '');
  await rotate({ kv, provider, patience: { boundMs: 50, firstMs: 5 } }, lease);
  await expectRotated(name, provider, old);
});

test('when the stored key was deleted by somebody, a pending one carries the rotation on; without one it is CREDENTIALS_INVALID', async () => {
  const first = await credential();
  const lease = await returned(kv, first.name);
  await expect(rotate({ kv, provider: first.provider, patience: quick, onStep: (step) => { if (step === 'pending') throw new Error('killed'); } }, lease)).rejects.toThrow('killed');
  await first.provider.revoke(first.old, first.old.keyId);
  await rotate({ kv, provider: first.provider, patience: quick }, lease);
  await expectRotated(first.name, first.provider, first.old);

  const second = await credential();
  const other = await returned(kv, second.name);
  await second.provider.revoke(second.old, second.old.keyId);
  expect(await failure(rotate({ kv, provider: second.provider, patience: quick }, other))).toBe('CREDENTIALS_INVALID');
});

test('five runs at the same time end in one rotation', async () => {
  const { name, provider, old } = await credential();
  const lease = await returned(kv, name);
  const ends = await Promise.all(Array.from({ length: 5 }, () => failure(rotate({ kv, provider, patience: quick }, lease))));
  expect(ends.filter((end) => end !== 'none').every((end) => end === 'CONFLICT' || end === 'LEASE_LOST' || end === 'CREDENTIALS_INVALID' || end === 'ROTATION_UNPROVEN')).toBe(true);
  await rotate({ kv, provider, patience: quick }, lease);
  await expectRotated(name, provider, old);
});

test('a lease that is somebody else’s rotates nothing', async () => {
  const { name, provider, old } = await credential();
  const lease = await returned(kv, name);
  expect(await failure(rotate({ kv, provider, patience: quick }, { ...lease, leaseId: 'made-up' }))).toBe('LEASE_LOST');
  expect(provider.works(old)).toBe(true);
  expect(provider.seen).toHaveLength(1);
});

test('a key promoted by hand in the middle is proven first, and nothing is deleted for one that does not log in', async () => {
  const stop = (step: RotationStep): void => { if (step === 'begun') throw new Error('killed'); };
  const admin = async (name: string, secret: Secret): Promise<void> => {
    await fetch(`${vault.address}/v1/break-glass/data/credentials/${name}`, { method: 'POST', headers: { 'X-Vault-Token': vault.rootToken }, body: JSON.stringify({ options: { cas: 1 }, data: secret }) });
  };
  const good = await credential();
  const lease = await returned(kv, good.name);
  await rotate({ kv, provider: good.provider, patience: quick, onStep: stop }, lease).catch(() => undefined);
  await admin(good.name, await good.provider.create(good.old));
  expect((await rotate({ kv, provider: good.provider, patience: quick }, lease)).provenLoginAt).toMatch(/Z$/);
  await expectRotated(good.name, good.provider, good.old);

  const bad = await credential();
  const other = await returned(kv, bad.name);
  await rotate({ kv, provider: bad.provider, patience: quick, onStep: stop }, other).catch(() => undefined);
  await admin(bad.name, { ...bad.old, secret: 'mistyped' });
  expect(await failure(rotate({ kv, provider: bad.provider, patience: { boundMs: 60, firstMs: 10 } }, other))).toBe('ROTATION_UNPROVEN');
  expect(bad.provider.works(bad.old)).toBe(true);
});

test('a new key of another identity is not promoted', async () => {
  const { name, provider, old } = await credential();
  const lease = await returned(kv, name);
  const confused = Object.assign(Object.create(provider) as FakeProvider, { login: async (secret: Secret) => ({ identity: secret.keyId }) });
  expect(await failure(rotate({ kv, provider: confused, patience: quick }, lease))).toBe('CONFLICT');
  expect((await kv.read<Secret>(`credentials/${name}`)).data).toEqual(old);
});
