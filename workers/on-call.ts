import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { pagerDutyRota, shiftRota, withOnCall, type Directory } from '../activities/notify';
import type { Config } from './config/schema';
import { readSecret } from './config/secret';

const isoTime = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'an ISO 8601 time');
const shifts = z.array(z.strictObject({ person: z.string().min(1), from: isoTime, until: isoTime }));

/** The directory with whoever is on duty, where a rota is configured; `warn` hears when it cannot be read. */
export function onCallDirectory(config: Config, directory: Directory, warn: (why: string) => void): Directory {
  const { onCall } = config;
  if (!onCall) return directory;
  if (onCall.kind === 'file') {
    return withOnCall(directory, shiftRota(async () => {
      const read = shifts.safeParse(parse(await readFile(onCall.path, 'utf8')));
      if (!read.success) throw new Error(`${onCall.path} is no rota: a list of {person, from, until}`);
      return read.data;
    }), warn);
  }
  const people = new Map(config.people.flatMap((person) => (person.pagerDuty ? [[person.pagerDuty, person.id]] : [])));
  return withOnCall(directory, pagerDutyRota({ token: readSecret(onCall.token), url: onCall.url ?? undefined, schedules: onCall.schedules, escalationPolicies: onCall.escalationPolicies, people }), warn);
}
