import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { mappedSource, mappingSchema } from '../../intake/mapping';
import { SOURCES } from '../../intake/sources';
import type { Source } from '../../intake/source';
import { z } from 'zod';
import { ConfigError } from '../config/load';

const file = z.record(z.string().regex(/^[a-z0-9-]{1,40}$/, 'a source id: lower-case letters, digits and dashes'), mappingSchema);

/** Every source: the known ones, and those of the mapping file; a mapping of a known id replaces it. Throws ConfigError with file and field. */
export function sourcesWith(path: string | null): readonly Source[] {
  if (path === null) return SOURCES;
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'), { maxAliasCount: 50 });
  } catch (error) {
    throw new ConfigError([`${path}: cannot be read (${(error as Error).message.split('\n')[0]})`]);
  }
  const checked = file.safeParse(content);
  if (!checked.success) throw new ConfigError(checked.error.issues.map((issue) => `${path}: ${issue.path.join('.') || '(top)'}: ${issue.message}`));
  const own = Object.entries(checked.data).map(([id, mapping]) => mappedSource(id, mapping));
  return [...SOURCES.filter(({ id }) => !Object.hasOwn(checked.data, id)), ...own];
}

/** The sources of these ids; all when none is named. Throws ConfigError for one that does not exist. */
export function chosen(sources: readonly Source[], ids: readonly string[], where: string): readonly Source[] {
  if (ids.length === 0) return sources;
  return ids.map((id) => {
    const source = sources.find((one) => one.id === id);
    if (!source) throw new ConfigError([`${where}: there is no source ${id}`]);
    return source;
  });
}
