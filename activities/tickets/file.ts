import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ChangeRequest } from '../../playbook/triage/inputs';
import { fail } from '../boundary';
import type { ChangeQuery, TaskRequest, TicketSystem } from './system';

const isoTime = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'an ISO 8601 time').transform((text) => new Date(text).toISOString());
const changes = z.strictObject({
  changes: z.array(z.strictObject({
    id: z.string().min(1).max(80), state: z.enum(['approved', 'open', 'closed', 'rejected']), who: z.array(z.string().min(1)).min(1), what: z.array(z.string().min(1)).min(1),
    targets: z.array(z.string().min(1)), from: isoTime, until: isoTime,
  })),
});

/**
 * Change requests in a YAML or JSON file, for those without a ticket system; read anew each time. Tasks for people become files in `taskFolder`.
 * Errors: TICKETS_UNAVAILABLE, with the field that is wrong.
 */
export function fileTickets(path: string, taskFolder: string): TicketSystem {
  const name = basename(path);
  const changesFor = async (query: ChangeQuery): Promise<ChangeRequest[]> => {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      throw fail('TICKETS_UNAVAILABLE', `${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
    }
    let document: unknown;
    try {
      document = parse(text, { maxAliasCount: 20 });
    } catch {
      throw fail('TICKETS_UNAVAILABLE', `${name} is not YAML or JSON`);
    }
    const read = changes.safeParse(document);
    if (!read.success) throw fail('TICKETS_UNAVAILABLE', `${name}: ${read.error.issues[0]!.path.join('.')}: ${read.error.issues[0]!.message}`);
    return read.data.changes
      .map((change, index) => ({ ...change, source: `file:${name}#${index + 1}` }))
      .filter((change) => change.from <= new Date(query.until).toISOString() && change.until >= new Date(query.from).toISOString());
  };
  const openTask = async ({ key, title, instructions }: TaskRequest) => {
    const id = `TASK-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
    const cannot = (error: unknown) => fail('TICKETS_UNAVAILABLE', `the task folder cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
    await mkdir(taskFolder, { recursive: true, mode: 0o700 }).catch((error: unknown) => { throw cannot(error); });
    await writeFile(join(taskFolder, `${id}.json`), `${JSON.stringify({ id, title, instructions }, null, 2)}\n`, { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannot(error); // There already: opened before.
    });
    return { reference: `file:${id}` };
  };
  return { name, changesFor, openTask };
}
