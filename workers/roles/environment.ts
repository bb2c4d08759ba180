import type { RoleName } from '.';
import type { Config } from '../config/schema';

/** What each role reads of the configuration, beside what reaches Temporal; its secrets follow from it (the table of docs/production.md). */
const reads: Record<RoleName, (config: Config) => unknown> = {
  workflows: () => null,
  case: ({ slack, smtp, contacts, onCall, tickets, evidence }) => [slack?.botToken, smtp, contacts, onCall, tickets, evidence],
  aws: ({ evidence }) => evidence,
  azure: ({ azure, evidence }) => [azure, evidence],
  'break-glass': ({ vault, passkeys, azure, evidence }) => [vault, passkeys, azure, evidence],
  intake: ({ intake, evidence }) => [intake, evidence],
  slack: ({ slack }) => slack,
  console: ({ console, passkeys, evidence }) => [console, passkeys, evidence],
};

const usesAws: Record<RoleName, (config: Config) => boolean> = {
  workflows: () => false, slack: () => false, aws: () => true, 'break-glass': ({ aws }) => aws !== null,
  case: evidenceInS3, azure: evidenceInS3, console: evidenceInS3, intake: (config) => evidenceInS3(config) || config.intake.queues.length > 0,
};
const usesAzure: Record<RoleName, (config: Config) => boolean> = {
  workflows: () => false, slack: () => false, aws: () => false, case: () => false, console: () => false,
  azure: () => true, 'break-glass': ({ azure }) => azure !== null, intake: ({ intake }) => intake.azureReader !== null,
};

/** Says where, not who: every role may have it. */
const harmless = new Set(['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_CA_BUNDLE', 'AZURE_AUTHORITY_HOST']);
const EVIDENCE = 'EVIDENCE_';

/**
 * The environment of one role when several start from one shell: `env` without the secrets that only other roles read. What both clouds' own credential chains
 * look for is withheld too; with evidence in S3 the `EVIDENCE_AWS_…` of docker-compose.yml are used where there are some.
 */
export function environmentOf(role: RoleName, config: Config, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const secrets = new Set(variablesIn(config));
  const own = new Set(variablesIn([config.temporal, config.encryption, reads[role](config)]));
  const evidenceOnly = role !== 'aws' && role !== 'break-glass' && Object.keys(env).some((name) => name.startsWith(`${EVIDENCE}AWS_`));
  const given = Object.entries(env).flatMap(([name, value]): [string, string | undefined][] => {
    if (name.startsWith(`${EVIDENCE}AWS_`)) return evidenceOnly && usesAws[role](config) ? [[name.slice(EVIDENCE.length), value]] : [];
    if (secrets.has(name)) return own.has(name) ? [[name, value]] : [];
    if (harmless.has(name)) return [[name, value]];
    if (name.startsWith('AWS_')) return usesAws[role](config) && !evidenceOnly ? [[name, value]] : [];
    if (/^(AZURE|IDENTITY|MSI)_/.test(name)) return usesAzure[role](config) ? [[name, value]] : [];
    return [[name, value]];
  });
  return Object.fromEntries(given);
}

function evidenceInS3({ evidence }: Config): boolean {
  return evidence.kind === 's3';
}

/** Names of all `{env: NAME}` in a part of the configuration. */
function variablesIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(variablesIn);
  if (part === null || typeof part !== 'object') return [];
  const values = Object.values(part);
  return 'env' in part && typeof part.env === 'string' && values.length === 1 ? [part.env] : values.flatMap(variablesIn);
}
