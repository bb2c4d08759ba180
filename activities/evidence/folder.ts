import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { codeOf, fail } from '../boundary';
import { assertObjectKey, assertPrefix, type ObjectStore } from './objects';

/**
 * Evidence in a folder: files 0600, folders 0700, each object written aside, flushed and linked into place, so that it is whole or not there.
 * Several processes may share the folder on a local file system. Errors: EVIDENCE_UNAVAILABLE.
 */
export function folderObjects(root: string): ObjectStore {
  const base = resolve(root);
  const pathOf = (key: string) => join(base, ...assertObjectKey(key).split('/'));
  return {
    where: base,
    putIfAbsent: (key, content) => guarded('write', key, () => store(pathOf(key), content)),
    get: (key) => guarded('read', key, () => read(pathOf(key))),
    list: (prefix, shallow = false) => guarded('list', prefix, async () => (await walk(join(base, ...assertPrefix(prefix).slice(0, -1).split('/')), prefix, shallow)).sort()),
  };
}

async function store(path: string, content: Uint8Array): Promise<boolean> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // A leading dot can never be one of our keys, so that what a crash leaves behind is not taken for evidence.
  const aside = join(folder, `.${randomUUID()}`);
  const file = await open(aside, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(aside, path);
  } catch (error) {
    if (code(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(aside);
  }
  await syncFolder(folder);
  return true;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function read(path: string): Promise<Uint8Array | null> {
  try {
    // O_NOFOLLOW: a link planted in place of evidence is not evidence.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    // ELOOP, EISDIR: something that is no evidence stands in its place, which reads as missing.
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR'].includes(code(error) ?? '')) return null;
    throw error;
  }
}

async function walk(folder: string, prefix: string, shallow: boolean): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (code(error) === 'ENOENT' || code(error) === 'ENOTDIR') return [];
    throw error;
  }
  const found: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    if (!entry.isDirectory()) found.push(`${prefix}${entry.name}`);
    else if (shallow) found.push(`${prefix}${entry.name}/`);
    else found.push(...(await walk(join(folder, entry.name), `${prefix}${entry.name}/`, false)));
  }
  return found;
}

const code = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

async function guarded<T>(verb: string, key: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (codeOf(error)) throw error;
    throw fail('EVIDENCE_UNAVAILABLE', `the evidence folder cannot ${verb} ${key} (${code(error) ?? 'unknown error'})`, { cause: error });
  }
}
