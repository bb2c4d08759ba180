import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttachUserPolicyCommand, CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import type { Kv} from '../../activities/vault';
import { awsAccessKey, checkout, returnLease, rotate, withLease, type Secret } from '../../activities/vault';
import { ensurePython, freePort, startChild, waitFor, type Child } from '../../sandbox/tools';
import type { SandboxVault } from '../../sandbox/vault';
import { clientOf, failure, kvOf, openVault, quick, seeded } from './setup';

const owner = 'break-glass-emergency';
const region = 'us-east-1';
let vault: SandboxVault;
let kv: Kv;
let moto: Child;
let endpoint: string;
let admin: IAMClient;

/** moto with its check of keys and policies switched on once the administrator exists. */
beforeAll(async () => {
  const say = (): void => undefined;
  const tools = await ensurePython(say);
  const port = await freePort(undefined, 'moto');
  endpoint = `http://127.0.0.1:${port}`;
  moto = startChild(tools.moto, ['-H', '127.0.0.1', '-p', String(port)], {
    log: join(mkdtempSync(join(tmpdir(), 'tourniquet-moto-')), 'moto.log'),
    env: { ...process.env, INITIAL_NO_AUTH_ACTION_COUNT: '100000', MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' },
  });
  vault = await openVault();
  kv = kvOf(clientOf(vault));
  await waitFor(async () => {
    if (!moto.running()) throw new Error(moto.tail());
    return fetch(`${endpoint}/moto-api/`).then(() => true, () => null);
  }, 60_000, () => new Error(`moto did not start:\n${moto.tail()}`));
  admin = new IAMClient({ region, endpoint, credentials: { accessKeyId: 'bootstrap', secretAccessKey: 'bootstrap' } });
  await admin.send(new CreateUserCommand({ UserName: owner }));
  await admin.send(new AttachUserPolicyCommand({ UserName: owner, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }));
}, 120_000);
afterAll(async () => {
  admin?.destroy();
  await Promise.all([vault?.stop(), moto?.stop()]);
});

const enforce = (count: number): Promise<Response> => fetch(`${endpoint}/moto-api/reset-auth`, { method: 'POST', body: String(count) });

test('the emergency user’s access key: out, used, back, rotated; the old key is refused by AWS’s counterpart', async () => {
  const first = (await admin.send(new CreateAccessKeyCommand({ UserName: owner }))).AccessKey;
  const secret: Secret = { keyId: first?.AccessKeyId ?? '', secret: first?.SecretAccessKey ?? '', owner };
  // A second key that nobody knows fills the limit of two, as a crash between CreateAccessKey and the vault leaves it.
  await admin.send(new CreateAccessKeyCommand({ UserName: owner }));
  await enforce(0);
  await seeded(vault, 'aws-emergency', secret);
  const provider = awsAccessKey({ region, endpoint });
  expect(await failure(provider.create(secret))).toBe('LIMIT_EXCEEDED');
  expect(await failure(provider.login({ ...secret, secret: 'wrong' }))).toBe('CREDENTIALS_INVALID');

  const lease = await checkout(kv, { credential: 'aws-emergency', account: '123456789012', incident: 'inc-1', holder: 'ada', approval: 'a-1', ttlSeconds: 600 });
  const used = await withLease(kv, lease, async (key) => {
    const client = new IAMClient({ region, endpoint, credentials: { accessKeyId: key.keyId, secretAccessKey: key.secret } });
    await client.send(new PutUserPolicyCommand({ UserName: owner, PolicyName: 'mark', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }) }));
    client.destroy();
    return (await provider.login(key)).identity;
  });
  expect(used).toBe(`arn:aws:iam::123456789012:user/${owner}`);
  await returnLease(kv, lease);
  const proof = await rotate({ kv, provider, patience: quick }, lease);
  expect(proof).toMatchObject({ oldRefused: true, newVersion: 2 });
  expect(JSON.stringify(proof)).not.toContain(secret.keyId);

  const { data: fresh } = await kv.read<Secret>('credentials/aws-emergency');
  expect(await provider.refuses(secret)).toBe(true);
  expect(await provider.refuses(fresh as Secret)).toBe(false);
  expect(await provider.listIds(fresh as Secret)).toEqual([fresh?.keyId]);
  await provider.revoke(fresh as Secret, 'AKIAGONEGONEGONEGONE');
  expect(await vault.inspect('aws-emergency')).toMatchObject({ lock: { state: 'free' }, liveVersions: [2], pendingLive: [] });
});

test('a provider that is away proves nothing about a key', async () => {
  const broken = createServer((_, response) => response.writeHead(503).end());
  await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
  const away = awsAccessKey({ region, endpoint: `http://127.0.0.1:${(broken.address() as AddressInfo).port}` });
  const secret = { keyId: 'AKIAIOSFODNN7EXAMPLE', secret: 's', owner };
  expect(await failure(away.refuses(secret))).toBe('CLOUD_UNAVAILABLE');
  expect(await failure(away.login(secret))).toBe('CLOUD_UNAVAILABLE');
  broken.closeAllConnections();
  await new Promise((resolve) => broken.close(resolve));
});
