import { canonicalJson, type JsonObject } from './json';
import { accountOf, isPublic, statementsOf, trustsOutside, type Statement } from './policy-analysis';
import { ESCALATING_ACTIONS, grantsAdmin } from './policy-grants';
import { globMatches } from './glob';

export interface PolicyDiff {
  /** False when a side is not a policy document: then nothing about it may be believed. */
  readable: boolean;
  added: Statement[];
  removed: Statement[];
  /** Allowed actions (lower case) that are new, or no longer there. */
  actionsAdded: string[];
  actionsRemoved: string[];
  /** Principals that are let in now, or no longer: resource and trust policies. */
  principalsAdded: string[];
  principalsRemoved: string[];
  grantsAdmin: { before: boolean; after: boolean };
  isPublic: { before: boolean; after: boolean };
  /** One line each, as a person reads it: `+ Allow … on …`. */
  lines: string[];
}

/** Compares two documents statement by statement; null = it did not exist. Order, Sid and spelling (`"a"` or `["a"]`) do not matter. */
export function diffPolicies(before: unknown, after: unknown): PolicyDiff {
  const old = before === null || before === undefined ? [] : statementsOf(before);
  const fresh = after === null || after === undefined ? [] : statementsOf(after);
  const was = old ?? [];
  const is = fresh ?? [];
  const added = without(is, was);
  const removed = without(was, is);
  return {
    readable: old !== null && fresh !== null, added, removed,
    actionsAdded: minus(allowed(is), allowed(was)), actionsRemoved: minus(allowed(was), allowed(is)),
    principalsAdded: minus(admitted(is), admitted(was)), principalsRemoved: minus(admitted(was), admitted(is)),
    grantsAdmin: { before: grantsAdmin(before) === true, after: grantsAdmin(after) === true },
    isPublic: { before: isPublic(before) === true, after: isPublic(after) === true },
    lines: [...added.map((one) => `+ ${sentence(one)}`), ...removed.map((one) => `- ${sentence(one)}`)],
  };
}

/** The document as an object (from the object, its JSON text, or that URL-encoded, as IAM answers), or null. */
export function policyDocument(document: unknown): JsonObject | null {
  let value = document;
  if (typeof value === 'string') {
    try {
      value = JSON.parse(value.startsWith('%') ? decodeURIComponent(value) : value);
    } catch {
      return null;
    }
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** Does the document take everything back: Deny of all on all, unconditionally. */
export function deniesEverything(document: unknown): boolean {
  return (statementsOf(document) ?? []).some(
    (one) => one.effect === 'Deny' && one.conditions.length === 0 && one.resources.includes('*') && one.actions.some((action) => /^\*(:\*)?$/.test(action)),
  );
}

/** Those of the allowed actions that lead to more rights, on all resources. */
export function escalatingActions(document: unknown): string[] {
  const open = (statementsOf(document) ?? []).filter((one) => one.effect === 'Allow' && one.resources.includes('*'));
  return ESCALATING_ACTIONS.filter((action) =>
    open.some((one) => (one.notActions.length > 0 ? !one.notActions.some((pattern) => globMatches(pattern, action)) : one.actions.some((pattern) => globMatches(pattern, action)))),
  );
}

/** Who is let in that is not of these accounts: other accounts, everybody, unbound identity providers. The first account is the policy's own. */
export function outsiders(document: unknown, known: readonly string[]): string[] {
  return (trustsOutside(document, known[0] ?? null) ?? []).filter((one) => !known.includes(accountOf(one.who) ?? '')).map((one) => (one.kind === 'anyone' ? 'anyone' : one.who));
}

const identityOf = (one: Statement): string =>
  canonicalJson({ ...one, actions: lower(one.actions), notActions: lower(one.notActions), resources: [...one.resources].sort(), notResources: [...one.notResources].sort(), principals: who(one) });
const lower = (values: string[]): string[] => values.map((value) => value.toLowerCase()).sort();
const who = (one: Statement): string[] => (one.principals ?? []).map(({ type, value }) => `${one.notPrincipal ? 'all but ' : ''}${type}:${value}`).sort();
const without = (all: readonly Statement[], taken: readonly Statement[]): Statement[] => {
  const known = new Set(taken.map(identityOf));
  return all.filter((one) => !known.has(identityOf(one)));
};
const unique = (values: string[]): string[] => [...new Set(values)].sort();
const allows = (statements: readonly Statement[]): Statement[] => statements.filter((one) => one.effect === 'Allow');
const allowed = (statements: readonly Statement[]): string[] =>
  unique(allows(statements).flatMap((one) => [...lower(one.actions), ...lower(one.notActions).map((action) => `all but ${action}`)]));
const admitted = (statements: readonly Statement[]): string[] => unique(allows(statements).flatMap(who));
const minus = (all: string[], taken: string[]): string[] => all.filter((one) => !taken.includes(one));

function sentence(one: Statement): string {
  const what = one.notActions.length > 0 ? `everything but ${one.notActions.join(', ')}` : one.actions.join(', ');
  const on = one.notResources.length > 0 ? ` on everything but ${one.notResources.join(', ')}` : one.resources.length > 0 ? ` on ${one.resources.join(', ')}` : '';
  const to = one.principals ? ` to ${who(one).join(', ')}` : '';
  const only = one.conditions.length > 0 ? ` if ${one.conditions.map(({ operator, key, values }) => `${key} ${operator} ${values.join(' or ')}`).join(' and ')}` : '';
  return `${one.effect} ${what}${on}${to}${only}`;
}
