import { FieldProblem, membersOf, text, type Members } from './fields';

/** What a finding of unused access names: an ARN of a role or user, with the access key when it names that; in Entra an object id. */
export interface Unused { kind: 'role' | 'user' | 'access-key' | 'service-principal'; id: string; key: string | null }

/** Security Hub's controls of unused credentials, and the Config rule behind them. Source: Security Hub user guide, IAM controls; AWS Config, iam-user-unused-credentials-check. */
const CONTROLS: ReadonlySet<string> = new Set(['IAM.8', 'IAM.22']);
const RULE = /^(securityhub-)?iam-user-unused-credentials-check(-[0-9a-z]{1,32})?$/;
/** Access Analyzer's finding types, as it names them itself and as it names them to Security Hub (last part of the ASFF type, without blanks). */
const KINDS: Record<string, Unused['kind']> = { unusediamrole: 'role', unusediamuserpassword: 'user', unusediamuseraccesskey: 'access-key', unusedpermission: 'user' };
export const unusedKindOf = (type: string): Unused['kind'] | null => KINDS[type.replace(/[\s_-]/g, '').toLowerCase()] ?? null;

const IDENTITY = /^arn:aws[a-z-]{0,20}:iam::\d{12}:(role|user)\//;
const KEY = /^(?:AWS::IAM::AccessKey:)?((?:AKIA|ASIA)[A-Z2-7]{12,28})$/;

export interface Said {
  /** `IAM.8`, by whatever field. */
  control: string;
  rule: string;
  /** Access Analyzer's types; empty when it is not by it. */
  types: readonly string[];
  resources: readonly { id: string; key: string; path: string }[];
  /** The field that says that it is about unused access. */
  path: string;
}

/** Null: the finding is about something else. Throws FieldProblem when it is about unused access of a kind or a thing that is not known. */
export function unusedOf({ control, rule, types, resources, path }: Said): Unused | null {
  const about = types.filter((one) => /unused/i.test(one)).map((one) => one.split('/').pop() ?? '');
  const credentials = CONTROLS.has(control) || RULE.test(rule);
  if (!credentials && about.length === 0) return null;
  const kind = credentials ? 'user' : about.map(unusedKindOf).find((one) => one !== null);
  if (!kind) throw new FieldProblem(path, `${about[0]!.slice(0, 80)} is no kind of unused access that is known`);
  const identity = resources.find((one) => IDENTITY.test(one.id));
  if (!identity) throw new FieldProblem(resources[0]?.path ?? path, 'names no IAM role or user');
  const key = resources.map((one) => KEY.exec(one.key)?.[1] ?? KEY.exec(one.id)?.[1]).find((one) => one !== undefined) ?? null;
  return { kind: IDENTITY.exec(identity.id)![1] === 'role' ? 'role' : kind === 'access-key' && key ? kind : 'user', id: identity.id.slice(0, 2_048), key };
}

/** The access key that Access Analyzer's finding names: in its event, or as GetFindingV2 answers. */
export function keyOf(finding: Members): string | null {
  const details = Array.isArray(finding['findingDetails']) ? finding['findingDetails'].slice(0, 20).map(membersOf) : [];
  const named = [finding['accessKeyId'], membersOf(finding['unusedIamUserAccessKeyDetails'])['accessKeyId'], ...details.map((one) => membersOf(one['unusedIamUserAccessKeyDetails'])['accessKeyId'])].map(text);
  return named.map((one) => KEY.exec(one)?.[1]).find((one) => one !== undefined) ?? null;
}
