import { globMatches } from '../glob';
import { canonicalJson, type JsonObject } from '../json';
import { knownUse, listOf, rawStatements, UNTRACKED_ACTIONS, type RawStatement, type Used } from './narrow';
import { covers, oddService, within } from './pattern';

/** All of a statement but its actions and its name: two that agree here bind the same resources under the same conditions. */
function elsewhere(statement: RawStatement): string {
  const rest: RawStatement = { ...statement };
  for (const name of ['Action', 'NotAction', 'Sid']) delete rest[name];
  return canonicalJson(rest);
}

const allowsOf = (document: JsonObject | null): RawStatement[] => (document ? rawStatements(document).filter((one) => one.Effect === 'Allow') : []);
const deniesOf = (document: JsonObject | null): string[] => (document ? rawStatements(document).filter((one) => one.Effect !== 'Allow').map((one) => canonicalJson(one)).sort() : []);

/** Does this one statement allow everything that the pattern matches? Sound: a doubt is a no. */
function grants(statement: RawStatement, pattern: string): boolean {
  if (statement.NotAction !== undefined) return listOf(statement.NotAction).every((but) => apart(but, pattern));
  return listOf(statement.Action).some((wide) => covers(wide, pattern));
}

/** Do two patterns never match the same action? Only judged where the second is one action, or all of one service. */
function apart(but: string, pattern: string): boolean {
  const [service = '', action = ''] = pattern.toLowerCase().split(':');
  if (action === '*' && !/[*?]/.test(service)) return within(but.toLowerCase(), service) === null;
  if (/[*?]/.test(pattern)) return false;
  return !covers(but, pattern);
}

/** What the new policy allows and the old did not, in words; empty is the proof. `after` null: it is taken away. */
export function allowsMore(before: JsonObject, after: JsonObject | null): string[] {
  if (after === null) return [];
  const old = allowsOf(before);
  const lost = deniesOf(before).filter((deny) => !deniesOf(after).includes(deny)).map(() => 'a Deny is gone');
  const more = allowsOf(after).flatMap((statement) => {
    const same = old.filter((one) => elsewhere(one) === elsewhere(statement));
    if (same.some((one) => canonicalJson(one.NotAction ?? null) === canonicalJson(statement.NotAction ?? null) && canonicalJson(one.Action ?? null) === canonicalJson(statement.Action ?? null))) return [];
    if (statement.NotAction !== undefined) return ['an Allow of all but a list is new'];
    return listOf(statement.Action).filter((action) => !same.some((one) => grants(one, action))).map((action) => `${action} was not allowed so before`);
  });
  return [...lost, ...more];
}

/** What was used and would not be allowed any more as it was, in words; empty is the proof. */
export function loses(before: JsonObject, after: JsonObject | null, use: readonly Used[]): string[] {
  const fresh = allowsOf(after);
  const needed = knownUse(use).flatMap((one): { service: string; action: string | null }[] => (one.actions === null ? [{ service: one.service, action: null }] : one.actions.map((action) => ({ service: one.service, action }))));
  const more = deniesOf(after).filter((deny) => !deniesOf(before).includes(deny)).map(() => 'a Deny is new');
  const lost = allowsOf(before).flatMap((statement) => {
    const same = fresh.filter((one) => elsewhere(one) === elsewhere(statement));
    const kept = (pattern: string): boolean => same.some((one) => grants(one, pattern) || canonicalJson(one.NotAction ?? null) === canonicalJson(statement.NotAction ?? 0));
    return needed.flatMap(({ service, action }) => {
      if (action !== null) return grants(statement, `${service}:${action}`) && !kept(`${service}:${action}`) ? [`${service}:${action}`] : [];
      const parts = statement.NotAction === undefined ? listOf(statement.Action).flatMap((pattern) => (oddService(pattern) ? pattern : within(pattern, service)) ?? []) : [`${service}:*`];
      return parts.filter((pattern) => !kept(pattern)).map((pattern) => pattern);
    });
  });
  const untracked = needed.length === 0 ? [] : UNTRACKED_ACTIONS.filter((action) => allowsOf(before).some((one) => grants(one, action)) && !fresh.some((one) => listOf(one.Action).some((pattern) => globMatches(pattern, action)) || one.NotAction !== undefined));
  return [...more, ...new Set([...lost, ...untracked])].map((what) => (what.startsWith('a Deny') ? what : `${what} was used, and would be lost`));
}
