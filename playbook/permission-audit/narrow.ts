import { globMatches } from '../glob';
import type { Json, JsonObject } from '../json';
import { oddService, within } from './pattern';

/** One service that was used; `actions` null: which of its actions is not known, so the grant stays as wide as it is there. */
export interface Used {
  service: string;
  actions: readonly string[] | null;
}

/**
 * Services with data events (CloudTrail User Guide, "Logging data events"): last-accessed reports track management events only, so their use is never known by action.
 */
const DATA_PLANE: ReadonlySet<string> = new Set([
  's3', 'dynamodb', 'lambda', 'sqs', 'sns', 'kinesis', 'kinesisvideo', 'cognito-identity', 'kendra', 'sagemaker', 'bedrock', 'ssmmessages', 'ssm', 'ebs', 'managedblockchain', 'timestream', 's3-object-lambda', 's3express', 's3-outposts',
  'qbusiness', 'rds-data', 'cloudfront-keyvaluestore', 'execute-api', 'appsync', 'iot', 'iotsitewise', 'codewhisperer', 'states', 'swf', 'verifiedpermissions', 'xray', 'cloudwatch', 'logs', 'secretsmanager', 'kms', 'dax', 'athena', 'sdb', 'neptune-db', 'cassandra',
]);

/** Permissions that no API call bears the name of: no report tracks them (IAM User Guide, "Last accessed information", things to know). */
export const UNTRACKED_ACTIONS: readonly string[] = ['iam:PassRole'];

/** Whether use of this service may be invisible by action: then it was used whole, or not at all. */
export const hasDataEvents = (service: string): boolean => DATA_PLANE.has(service.toLowerCase());

/** Data services count as used whole. */
export const knownUse = (used: readonly Used[]): Used[] => used.map((one) => (hasDataEvents(one.service) ? { ...one, actions: null } : one));

export type RawStatement = JsonObject;

export const rawStatements = (document: JsonObject): RawStatement[] =>
  [document.Statement ?? []].flat().filter((one): one is RawStatement => typeof one === 'object' && one !== null && !Array.isArray(one));
export const listOf = (value: Json | undefined): string[] => (value === undefined ? [] : [value].flat()).filter((one): one is string => typeof one === 'string');

export const textLength = (document: JsonObject): number => JSON.stringify(document).length;

/**
 * The document with each Allow cut down to what was used; resources, conditions and every Deny stay as they are. Null: nothing of it was used.
 * Longer than `limit` characters: the longest services get back the patterns that they had, until it fits.
 */
export function narrower(document: JsonObject, use: readonly Used[], limit: number): JsonObject | null {
  const used = knownUse(use);
  const whole = new Set(used.filter((one) => one.actions === null).map((one) => one.service));
  const build = (): JsonObject | null => {
    const statements = rawStatements(document).flatMap((statement): RawStatement[] => (statement.Effect === 'Allow' ? [narrowed(statement, used.map((one) => (whole.has(one.service) ? { ...one, actions: null } : one)))].filter((one) => one !== null) : [statement]));
    return statements.some((one) => one.Effect === 'Allow') ? { ...document, Statement: statements } : null;
  };
  for (;;) {
    const made = build();
    if (made === null || textLength(made) <= limit) return made;
    const longest = used.filter((one) => !whole.has(one.service)).sort((a, b) => b.actions!.join().length - a.actions!.join().length)[0];
    if (!longest) return document;
    whole.add(longest.service);
  }
}

/** One Allow; null when nothing of it was used. */
function narrowed(statement: RawStatement, used: readonly Used[]): RawStatement | null {
  const rest: RawStatement = { ...statement };
  delete rest.Action;
  delete rest.NotAction;
  if (statement.NotAction !== undefined) {
    const but = listOf(statement.NotAction);
    // What is left of a service that the exception touches cannot be written as a list: such a statement stays.
    if (used.some((one) => one.actions === null && but.some((pattern) => within(pattern, one.service) !== null))) return statement;
    const actions = used.flatMap((one) => (one.actions === null ? [`${one.service}:*`] : one.actions.map((action) => `${one.service}:${action}`))).concat(used.length > 0 ? UNTRACKED_ACTIONS : []);
    return withActions(rest, actions.filter((action) => !but.some((pattern) => globMatches(pattern === '*' ? '*:*' : pattern, action))));
  }
  const patterns = listOf(statement.Action);
  const actions = patterns.flatMap((pattern) => (oddService(pattern) ? [pattern] : [
    ...used.flatMap((one) => {
      const here = within(pattern, one.service);
      if (here === null) return [];
      return one.actions === null ? [here] : one.actions.map((action) => `${one.service}:${action}`).filter((action) => globMatches(here, action));
    }),
    ...(used.length > 0 ? UNTRACKED_ACTIONS.filter((action) => globMatches(pattern === '*' ? '*:*' : pattern, action)) : []),
  ]));
  return withActions(rest, actions);
}

function withActions(rest: RawStatement, actions: readonly string[]): RawStatement | null {
  const once = [...new Map(actions.map((action) => [action.toLowerCase(), action])).values()].sort();
  return once.length === 0 ? null : { ...rest, Action: once };
}
