import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readRule, ruleFires, type SigmaRule } from '../playbook/sigma/rule';
import { packageRoot } from '../sandbox/tools';
import { CommandError, exit } from './exit';

/** Of one rule that fired. */
export interface SigmaHit {
  id: string;
  title: string;
  level: SigmaRule['level'];
}

/** The rules of a folder (`*.yml`), every one understood whole; with `convert/lists.yaml` in it, its lists. Throws CommandError that names the rule and what is not supported. */
export function loadRules(folder: string = join(packageRoot(), 'detections')): SigmaRule[] {
  const lists = listsOf(join(folder, 'convert', 'lists.yaml'));
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.yml')).sort();
  } catch {
    throw new CommandError(`${folder} cannot be read`, exit.usage);
  }
  if (names.length === 0) throw new CommandError(`there is no Sigma rule (*.yml) in ${folder}`, exit.usage);
  return names.map((name) => {
    try {
      return readRule(parse(readFileSync(join(folder, name), 'utf8'), { maxAliasCount: 0 }), lists);
    } catch (error) {
      throw new CommandError(`${name}: ${error instanceof Error ? error.message : 'cannot be read'}`, exit.usage);
    }
  });
}

function listsOf(file: string): Record<string, string[]> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  const { vars } = parse(text) as { vars?: Record<string, unknown> };
  return Object.fromEntries(Object.entries(vars ?? {}).map(([name, values]) => [name, [values].flat().map(String)]));
}

/** Which rules fire on a raw event; for a list or a log file, on any record of it. */
export function sigmaHits(rules: readonly SigmaRule[], value: unknown): SigmaHit[] {
  const records = recordsOf(value);
  return rules.filter((rule) => records.some((record) => ruleFires(rule, record))).map(({ id, title, level }) => ({ id, title, level }));
}

function recordsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return [value];
  for (const name of ['Records', 'records', 'value']) {
    const list: unknown = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    if (Array.isArray(list)) return list;
  }
  return [value];
}
