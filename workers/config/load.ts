import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { auditProblems } from './audit';
import { jitProblems } from './jit';
import { configSchema, type Config } from './schema';
import { oidcProblems } from './oidc';
import { passkeyProblems } from './passkeys';
import { ed25519Of } from './signing-key';
import { emergencyHolders } from './settings';

/** The configuration is wrong: one line a problem, each with file, line and field. */
export class ConfigError extends Error {
  constructor(readonly problems: string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
  }
}

/** Reads and checks `tourniquet.yaml`. Throws ConfigError. */
export function loadConfig(path: string): Config {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError([`${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`]);
  }
  return parseConfig(text, path);
}

/** `name` is what the problems are prefixed with. */
export function parseConfig(text: string, name = 'tourniquet.yaml'): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const syntax = document.errors.map((error) => `${name}:${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0]}`);
  if (syntax.length > 0) throw new ConfigError(syntax);
  const checked = configSchema.safeParse(document.toJS({ maxAliasCount: 50 }));
  if (!checked.success) throw new ConfigError(checked.error.issues.map((issue) => `${name}:${lineOf(document, lines, issue.path)}: ${fieldOf(issue)}: ${issue.message}`));
  const problems = crossChecks(checked.data).map(({ path, message }) => `${name}:${lineOf(document, lines, path)}: ${path.join('.')}: ${message}`);
  if (problems.length > 0) throw new ConfigError(problems);
  return checked.data;
}

/** JSON Schema (draft 2020-12) for editors. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: 'input' });
}

const fieldOf = (issue: z.core.$ZodIssue): string => (issue.path.length ? issue.path.join('.') : '(top)');

/** The line of the deepest node on the path that exists. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node: unknown = document.getIn(path.slice(0, depth) as (string | number)[], true);
    const range = (node as { range?: [number, number, number] } | undefined)?.range;
    if (range) return lines.linePos(range[0]).line;
  }
  return 1;
}

function* problemsOf(config: Config): Generator<{ path: (string | number)[]; message: string }> {
  if (!config.aws && !config.azure) yield { path: ['aws'], message: 'neither aws nor azure is configured: at least one is needed' };
  const ids = new Set(config.people.map((one) => one.id));
  const roles = new Set([...config.people.flatMap((one) => one.roles), ...(config.onCall ? ['on-call'] : [])]);
  if (ids.size < config.people.length) yield { path: ['people'], message: 'two people have the same id' };
  const owners = new Map<string, string>();
  for (const [index, one] of config.people.entries()) {
    for (const identity of one.identities) {
      const other = owners.get(identity.toLowerCase());
      if (other) yield { path: ['people', index, 'identities'], message: `${identity} already belongs to ${other}` };
      owners.set(identity.toLowerCase(), one.id);
    }
    // A key that two people hold would let either vote as both.
    for (const key of one.signingKeys.flatMap((line) => ed25519Of(line) ?? [])) {
      const other = owners.get(key);
      if (other && other !== one.id) yield { path: ['people', index, 'signingKeys'], message: `that key already belongs to ${other}` };
      owners.set(key, one.id);
    }
  }
  for (const [name, rules] of Object.entries(config.approvals)) {
    for (const list of ['approvers', 'backup'] as const) {
      for (const [index, entry] of rules[list].entries()) {
        const known = entry.startsWith('role:') ? roles.has(entry.slice(5)) : ids.has(entry);
        if (!known) yield { path: ['approvals', name, list, index], message: `nobody is ${entry}` };
      }
    }
  }
  if (config.approvals.dual.quorum < 2) yield { path: ['approvals', 'dual', 'quorum'], message: 'dual means at least 2' };
  yield* passkeyProblems(config);
  yield* oidcProblems(config);
  if (emergencyHolders(config).some((account) => account.emergencyCredential) && !config.vault) yield { path: ['vault'], message: 'an account names an emergency credential and there is no vault' };
}

function* intakeProblems({ intake }: Config): Generator<{ path: (string | number)[]; message: string }> {
  for (const list of ['queues', 'hubs'] as const) {
    const ids = intake[list].map(({ id }) => id);
    for (const [index, one] of ids.entries()) if (ids.indexOf(one) !== index) yield { path: ['intake', list, index, 'id'], message: `two are called ${one}` };
  }
  for (const [index, one] of intake.queues.entries()) if (one.kind === 's3-files' && one.buckets.length === 0) yield { path: ['intake', 'queues', index, 'buckets'], message: 'log files are read from the buckets that are named: name them' };
  for (const [index, one] of intake.hubs.entries()) {
    if (!one.connectionString && !(one.namespace && intake.azureReader)) yield { path: ['intake', 'hubs', index], message: 'needs a connectionString, or a namespace and intake.azureReader' };
    if (!one.checkpoints.connectionString && !intake.azureReader) yield { path: ['intake', 'hubs', index, 'checkpoints'], message: 'needs a connectionString, or intake.azureReader' };
  }
}

const crossChecks = (config: Config): { path: (string | number)[]; message: string }[] => [...problemsOf(config), ...intakeProblems(config), ...jitProblems(config), ...auditProblems(config)];
