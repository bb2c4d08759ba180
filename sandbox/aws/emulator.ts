import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePython, freePort, startChild, waitFor, type Say } from '../tools';

export interface Emulator {
  url: URL;
  stop(): Promise<void>;
}

/** Starts moto on loopback; it ends with this process. Throws MissingTool, or says moto's last words when it does not come up. */
export async function startEmulator(say: Say): Promise<Emulator> {
  const { moto } = await ensurePython(say);
  const port = await freePort(undefined, 'moto');
  const folder = await mkdtemp(join(tmpdir(), 'tourniquet-moto-'));
  const env = {
    ...process.env,
    MOTO_IAM_LOAD_MANAGED_POLICIES: 'true',
    // The emulator must never reach real AWS, whatever the shell has set.
    AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox', AWS_DEFAULT_REGION: 'us-east-1', AWS_PROFILE: undefined, AWS_SESSION_TOKEN: undefined,
    MOTO_LAMBDA_DATA_DIR: folder,
  };
  const child = startChild(moto, ['-H', '127.0.0.1', '-p', String(port)], { log: join(folder, 'moto.log'), env });
  const url = new URL(`http://127.0.0.1:${port}/`);
  try {
    await waitFor(async () => {
      if (!child.running()) throw new Error(`moto did not start: ${child.tail()}`);
      return (await fetch(new URL('moto-api/', url)).then((answer) => answer.ok, () => false)) ? true : null;
    }, 60_000, () => new Error(`moto did not come up within a minute: ${child.tail()}`));
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { url, stop: async () => { await child.stop(2000); await rm(folder, { recursive: true, force: true }); } };
}
