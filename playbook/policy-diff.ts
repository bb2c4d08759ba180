import { canonicalJson, type Json, type JsonObject } from './json';

/** One statement with every member as a list (IAM User Guide: “Policy elements reference”). Values keep their case. */
export interface Statement {
  sid: string | null;
  effect: 'Allow' | 'Deny';
  actions: string[];
  notActions: string[];
  resources: string[];
  notResources: string[];
  /** `AWS:arn…`, `Service:ec2.amazonaws.com`, `Federated:…`, `*`. */
  principals: string[];
  notPrincipals: string[];
  condition: JsonObject | null;
}

export interface PolicyDiff {
  /** False when a side is not a policy document: then nothing about it may be believed. */
  readable: boolean;
  added: Statement[];
  removed: Statement[];
  /** Allowed actions that are new, or no longer there; for trust policies the principals. */
  actionsAdded: string[];
  actionsRemoved: string[];
  principalsAdded: string[];
  principalsRemoved: string[];
  grantsAdmin: { before: boolean; after: boolean };
  isPublic: { before: boolean; after: boolean };
  /** One line each, as a person reads it. */
  lines: string[];
}

/** A policy's statements; `document` is the object, its JSON text, or that URL-encoded (as IAM answers). Null when it is none. */
export function parsePolicy(document: unknown): Statement[] | null {
  const value = typeof document === 'string' ? fromText(document) : document;
  if (!isObject(value) || !('Statement' in value)) return null;
  const statements = Array.isArray(value.Statement) ? value.Statement : [value.Statement];
  const parsed = statements.map((one) => (isObject(one) ? statement(one) : null));
  return parsed.every((one) => one !== null) ? parsed : null;
}

/** The document as an object, or null. */
export function policyDocument(document: unknown): JsonObject | null {
  const value = typeof document === 'string' ? fromText(document) : document;
  return isObject(value) ? value : null;
}

/** Compares two documents statement by statement; `null` before = it did not exist. The order and Sid of statements do not matter. */
export function diffPolicies(before: unknown, after: unknown): PolicyDiff {
  const old = before === null || before === undefined ? [] : parsePolicy(before);
  const fresh = after === null || after === undefined ? [] : parsePolicy(after);
  const was = old ?? [];
  const is = fresh ?? [];
  const added = without(is, was);
  const removed = without(was, is);
  const actionsAdded = minus(allowed(is), allowed(was));
  const actionsRemoved = minus(allowed(was), allowed(is));
  const principalsAdded = minus(admitted(is), admitted(was));
  const principalsRemoved = minus(admitted(was), admitted(is));
  return {
    readable: old !== null && fresh !== null, added, removed, actionsAdded, actionsRemoved, principalsAdded, principalsRemoved,
    grantsAdmin: { before: allowsEverything(was), after: allowsEverything(is) },
    isPublic: { before: letsEveryoneIn(was), after: letsEveryoneIn(is) },
    lines: [...added.map((one) => `+ ${sentence(one)}`), ...removed.map((one) => `- ${sentence(one)}`)],
  };
}

/** Does it allow everything, or everything about identities, on all resources, with no condition and no Deny that takes it all back. */
export function grantsAdmin(document: unknown): boolean {
  return allowsEverything(parsePolicy(document) ?? []);
}

/** Does a resource or trust policy let anybody in: principal `*` with no condition that names who (S3 User Guide: “The meaning of public”). */
export function isPublicPolicy(document: unknown): boolean {
  return letsEveryoneIn(parsePolicy(document) ?? []);
}

/** Principals that are let in and are not of these accounts: other accounts, everybody, federation. Services are no outsiders. */
export function outsidePrincipals(document: unknown, knownAccounts: readonly string[]): string[] {
  const known = new Set(knownAccounts);
  return admitted(parsePolicy(document) ?? []).filter((principal) => {
    if (principal.startsWith('Service:')) return false;
    if (!principal.startsWith('AWS:')) return true;
    const account = /^AWS:(\d{12})$/.exec(principal)?.[1] ?? /^AWS:arn:[^:]*:(?:iam|sts)::(\d{12}):/.exec(principal)?.[1];
    // A deleted principal leaves its unique id (AIDA…, AROA…): it lets nobody in.
    if (!account && /^AWS:A[A-Z0-9]{15,}$/.test(principal)) return false;
    return !account || !known.has(account);
  });
}

/** Actions with which an identity can make itself an administrator (MITRE T1098.003). */
const escalating = [
  'iam:putuserpolicy', 'iam:attachuserpolicy', 'iam:putrolepolicy', 'iam:attachrolepolicy', 'iam:putgrouppolicy', 'iam:attachgrouppolicy', 'iam:createpolicyversion',
  'iam:setdefaultpolicyversion', 'iam:createaccesskey', 'iam:createloginprofile', 'iam:updateloginprofile', 'iam:addusertogroup', 'iam:updateassumerolepolicy', 'iam:passrole',
  'sts:assumerole', 'lambda:updatefunctioncode',
];

/** Those of the document's allowed actions that lead to administrator rights on all resources. */
export function escalatingActions(document: unknown): string[] {
  const statements = parsePolicy(document) ?? [];
  return escalating.filter((action) => statements.some((one) => one.effect === 'Allow' && one.resources.includes('*') && covers(one, action)));
}

function statement(one: JsonObject): Statement | null {
  if (one.Effect !== 'Allow' && one.Effect !== 'Deny') return null;
  return {
    sid: typeof one.Sid === 'string' ? one.Sid : null, effect: one.Effect, actions: list(one.Action), notActions: list(one.NotAction), resources: list(one.Resource),
    notResources: list(one.NotResource), principals: principals(one.Principal), notPrincipals: principals(one.NotPrincipal),
    condition: isObject(one.Condition) && Object.keys(one.Condition).length > 0 ? one.Condition : null,
  };
}

function principals(value: Json | undefined): string[] {
  if (value === '*') return ['*'];
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([type, who]) => list(who).map((one) => (type === 'AWS' && one === '*' ? '*' : `${type}:${one}`))).sort();
}

function allowsEverything(statements: readonly Statement[]): boolean {
  const takenBack = statements.some((one) => one.effect === 'Deny' && !one.condition && one.resources.includes('*') && one.actions.some((action) => /^\*(:\*)?$/.test(action)));
  return !takenBack && statements.some((one) => one.effect === 'Allow' && !one.condition && (one.resources.includes('*') || one.notResources.length > 0) && coversAdmin(one));
}

const coversAdmin = (one: Statement): boolean =>
  one.actions.some((action) => /^(\*|\*:\*|iam:\*)$/i.test(action)) || (one.notActions.length > 0 && !one.notActions.some((action) => /^(\*|iam:)/i.test(action)));

/** Condition keys that say who or from where; anything else leaves the door open. */
const narrowing = /^(aws:(principal(account|arn|orgid|orgpaths|isawsservice)|source(account|arn|vpc|vpce|owner|orgid)|sourceip|userid|username)|s3:(dataaccesspointaccount|x-amz-server-side-encryption-context).*|sts:externalid|lambda:functionurlauthtype)$/i;

function letsEveryoneIn(statements: readonly Statement[]): boolean {
  return statements.some((one) => one.effect === 'Allow' && (one.principals.includes('*') || one.notPrincipals.length > 0) && !narrows(one.condition));
}

function narrows(condition: JsonObject | null): boolean {
  if (!condition) return false;
  return Object.entries(condition).some(
    ([operator, keys]) =>
      isObject(keys) && !/^(forallvalues:)?.*not/i.test(operator) && !/ifexists$/i.test(operator) &&
      Object.entries(keys).some(([key, values]) => narrowing.test(key) && !list(values).some((value) => value === '*' || /^(0\.0\.0\.0\/0|::\/0)$/.test(value))),
  );
}

/** Does an Allow statement's action list cover this (lower-case) action, wildcards included. */
function covers(one: Statement, action: string): boolean {
  if (one.notActions.length > 0) return !one.notActions.some((pattern) => matches(pattern, action));
  return one.actions.some((pattern) => matches(pattern, action));
}

/** `*` and `?` as IAM reads them, case-insensitive, without a regular expression that hostile text could slow down. */
export function matches(pattern: string, text: string): boolean {
  const glob = pattern.toLowerCase();
  const value = text.toLowerCase();
  let at = 0;
  let star = -1;
  let mark = 0;
  let from = 0;
  while (from < value.length) {
    if (glob[at] === '?' || (glob[at] !== '*' && glob[at] === value[from])) { at += 1; from += 1; }
    else if (glob[at] === '*') { star = at; mark = from; at += 1; }
    else if (star >= 0) { at = star + 1; mark += 1; from = mark; }
    else return false;
  }
  while (glob[at] === '*') at += 1;
  return at === glob.length;
}

const identityOf = (one: Statement): string => canonicalJson({ ...one, sid: null, actions: sorted(one.actions), notActions: sorted(one.notActions), resources: [...one.resources].sort(), notResources: [...one.notResources].sort() });
const sorted = (values: string[]): string[] => values.map((value) => value.toLowerCase()).sort();
const without = (all: readonly Statement[], taken: readonly Statement[]): Statement[] => {
  const known = new Set(taken.map(identityOf));
  return all.filter((one) => !known.has(identityOf(one)));
};
const unique = (values: string[]): string[] => [...new Set(values)].sort();
const allowed = (statements: readonly Statement[]): string[] =>
  unique(statements.filter((one) => one.effect === 'Allow').flatMap((one) => [...one.actions.map((action) => action.toLowerCase()), ...one.notActions.map((action) => `all but ${action.toLowerCase()}`)]));
const admitted = (statements: readonly Statement[]): string[] => unique(statements.filter((one) => one.effect === 'Allow').flatMap((one) => [...one.principals, ...one.notPrincipals.map((who) => `all but ${who}`)]));
const minus = (all: string[], taken: string[]): string[] => all.filter((one) => !taken.includes(one));

function sentence(one: Statement): string {
  const what = one.notActions.length > 0 ? `everything but ${one.notActions.join(', ')}` : one.actions.join(', ');
  const on = one.notResources.length > 0 ? ` on everything but ${one.notResources.join(', ')}` : one.resources.length > 0 ? ` on ${one.resources.join(', ')}` : '';
  const who = one.principals.length > 0 ? ` to ${one.principals.join(', ')}` : one.notPrincipals.length > 0 ? ` to all but ${one.notPrincipals.join(', ')}` : '';
  return `${one.effect} ${what}${on}${who}${one.condition ? ` if ${canonicalJson(one.condition)}` : ''}`;
}

function fromText(text: string): unknown {
  for (const read of [() => text, () => decodeURIComponent(text)]) {
    try {
      return JSON.parse(read()) as unknown;
    } catch {
      // The other form is tried; neither = not a policy.
    }
  }
  return null;
}

function list(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
