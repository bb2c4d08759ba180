import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, packageRoot, startChild, waitFor, type Child } from '../tools';

/** `deploy/openbao/server.hcl` with the sandbox's folder and ports, and without TLS because it listens on loopback only. Each replacement must find its place. */
export async function writeConfig(dir: string, port: number, clusterPort: number): Promise<string> {
  let text = await readFile(join(packageRoot(), 'deploy', 'openbao', 'server.hcl'), 'utf8');
  const replacements: [RegExp, string][] = [
    [/"\/var\/lib\/openbao"/, JSON.stringify(join(dir, 'data'))],
    [/"\/var\/log\/openbao\/audit\.log"/, JSON.stringify(join(dir, 'audit.log'))],
    [/"0\.0\.0\.0:8200"/, `"127.0.0.1:${port}"`],
    [/"https:\/\/127\.0\.0\.1:8200"/, `"http://127.0.0.1:${port}"`],
    [/"127\.0\.0\.1:8201"/, `"127.0.0.1:${clusterPort}"`],
    [/"https:\/\/127\.0\.0\.1:8201"/, `"https://127.0.0.1:${clusterPort}"`],
    [/ {2}tls_cert_file .*\n/, '  tls_disable     = true\n'],
    [/ {2}tls_key_file .*\n/, ''],
  ];
  for (const [place, value] of replacements) {
    if (!place.test(text)) throw new Error(`deploy/openbao/server.hcl has no ${place.source}: the sandbox must follow its change`);
    text = text.replace(place, value);
  }
  await mkdir(join(dir, 'data'), { recursive: true });
  await chmod(dir, 0o700);
  const path = join(dir, 'server.hcl');
  await writeFile(path, text);
  return path;
}

/** Starts `bao server` in `dir` and waits until it answers (sealed or not). */
export async function startServer(bao: string, dir: string, wantedPort?: number): Promise<{ server: Child; address: string }> {
  const port = await freePort(wantedPort, 'the vault');
  const config = await writeConfig(dir, port, await freePort(undefined, 'the vault'));
  const server = startChild(bao, ['server', `-config=${config}`], { log: join(dir, 'server.log') });
  const address = `http://127.0.0.1:${port}`;
  try {
    await waitFor(async () => {
      if (!server.running()) throw new Error(`OpenBao ended while starting:\n${server.tail()}`);
      return fetch(`${address}/v1/sys/seal-status`).then(() => true, () => null);
    }, 30_000, () => new Error(`OpenBao did not answer on ${address} within 30 s:\n${server.tail()}`));
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { server, address };
}

/** One call as an administrator; throws with the status and the vault's own words. `sys` answers that are not JSON count as {}. */
export async function call(address: string, token: string | null, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`${address}/v1/${path}`, {
    method,
    headers: { ...(token ? { 'X-Vault-Token': token } : {}), 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the vault answered ${response.status} to ${method} ${path}: ${text.slice(0, 300)}`);
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}
