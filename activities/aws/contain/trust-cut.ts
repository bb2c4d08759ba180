import type { Json, JsonObject } from '../../../playbook/json';
import { principalsOf, statementsOf, type Statement } from '../iam-read';

const CUT_SID = 'TourniquetCut';

/** The account id when a principal is a whole account (`123456789012` or its root ARN), else null. */
export function wholeAccount(principal: string): string | null {
  return /^(?:arn:[^:]+:iam::)?(\d{12})(?::root)?$/.exec(principal)?.[1] ?? null;
}

const same = (a: string, b: string): boolean => a === b || (wholeAccount(a) !== null && wholeAccount(a) === wholeAccount(b));

/** True when the entry of a trust policy names the principal, or someone of the account when the principal is a whole account. */
function names(entry: string, principal: string): boolean {
  const account = wholeAccount(principal);
  return same(entry, principal) || (account !== null && entry.split(':')[4] === account);
}

/**
 * The trust policy without the attacker: entries that name one of `principals` (or are `*`, when that is one) go, the rest stays as it was, and a Deny is put
 * in front for what an entry like `*` or a whole account would still let in. The Deny is a condition and not a principal, because
 * IAM refuses a policy that names somebody who does not exist (IAM User Guide: “AWS JSON policy elements: Principal”).
 */
export function cutTrust(trust: JsonObject, principals: readonly string[]): JsonObject {
  const kept = statementsOf(trust).filter((statement) => statement.Sid === undefined || !statement.Sid.startsWith(CUT_SID)).flatMap((statement) => without(statement, principals));
  const statements = [...kept, ...denials(principals)];
  // IAM refuses a trust policy without statements.
  if (statements.length === 0) statements.push({ Sid: `${CUT_SID}Everybody`, Effect: 'Deny', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' });
  return { ...trust, Statement: statements as unknown as Json };
}

/** True when nothing lets the principals in: no Allow does, or none names them and the Deny against them is there. */
export function isOut(trust: JsonObject, principals: readonly string[]): boolean {
  return admitting(trust, principals).length === 0 || isCut(trust, principals);
}

function isCut(trust: JsonObject, principals: readonly string[]): boolean {
  const statements = statementsOf(trust);
  const named = statements.some((statement) => statement.Effect === 'Allow' && principalsOf(statement).some((entry) => principals.some((one) => names(entry, one))));
  const text = (value: unknown): string => JSON.stringify(value);
  return !named && denials(principals).every((denial) => statements.some((statement) => text(statement) === text(denial)));
}

/** Allow entries that name one of the principals, or let it in with everybody else. */
export function admitting(trust: JsonObject, principals: readonly string[]): string[] {
  const allowed = statementsOf(trust).filter((statement) => statement.Effect === 'Allow').flatMap(principalsOf);
  const home = principals.map((one) => wholeAccount(one) ?? one.split(':')[4] ?? '');
  return allowed.filter((entry) => entry === '*' || principals.some((one) => names(entry, one)) || home.some((account) => account !== '' && wholeAccount(entry) === account));
}

function without(statement: Statement, principals: readonly string[]): Statement[] {
  const { Principal: principal } = statement;
  if (statement.Effect !== 'Allow' || principal === undefined) return [statement];
  if (typeof principal === 'string') return principals.includes(principal) ? [] : [statement];
  const gone = (entry: string): boolean => principals.some((one) => names(entry, one));
  if (!Object.values(principal).flat().some(gone)) return [statement];
  const rest = Object.entries(principal).flatMap(([kind, entries]): [string, string | string[]][] => {
    const left = [entries].flat().filter((entry) => !gone(entry));
    if (left.length === 0) return [];
    return [[kind, Array.isArray(entries) ? left : left[0]!]];
  });
  return rest.length === 0 ? [] : [{ ...statement, Principal: Object.fromEntries(rest) }];
}

function denials(principals: readonly string[]): Statement[] {
  const accounts = principals.flatMap((one) => wholeAccount(one) ?? []).sort();
  const arns = principals.filter((one) => /^arn:[^:]+:iam::\d{12}:(user|role)\//.test(one)).sort();
  const deny = (sid: string, Condition: Statement['Condition']): Statement => ({ Sid: sid, Effect: 'Deny', Principal: { AWS: '*' }, Action: 'sts:AssumeRole', Condition });
  return [
    ...(arns.length > 0 ? [deny(`${CUT_SID}Principals`, { ArnEquals: { 'aws:PrincipalArn': arns } })] : []),
    ...(accounts.length > 0 ? [deny(`${CUT_SID}Accounts`, { StringEquals: { 'aws:PrincipalAccount': accounts } })] : []),
  ];
}
