import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Holds a lock file while `work` runs, so that several processes install a thing once. A lock whose process is gone is taken over. */
export async function withLock<T>(path: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  for (let waits = 0; !(await take(path)); waits += 1) {
    if (waits === 0) onWait();
    await delay(100);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = Number(await readFile(path, 'utf8').catch(() => ''));
  // An empty file is a lock being written this instant; it is looked at again.
  if (holder > 0 && !alive(holder)) {
    // Rename, not remove: of two processes that see the same dead holder only one gets it.
    const aside = `${path}.${process.pid}`;
    if (!(await rename(path, aside).then(() => true, () => false))) return false;
    // Between the look and the rename somebody may have taken it over and be alive: then it is put back.
    if (Number(await readFile(aside, 'utf8')) !== holder) await link(aside, path).catch(() => undefined);
    await rm(aside, { force: true });
  }
  return false;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
