import { sha256Hex } from '../../../playbook/digest';
import type { Json, JsonObject } from '../../../playbook/json';
import { sameDocument } from '../eradicate/support';
import { statementsOf, type Statement } from '../iam-read';

/** An Identity Center session lives 12 hours at most (User Guide, "Set session duration for AWS accounts"): then its statement has no one left to deny. */
const LONGEST_SESSION_MS = 12 * 3_600_000;

/** One person in one account, through one permission set. */
export interface Boxed {
  userId: string;
  account: string;
}

const sidOf = ({ userId, account }: Boxed, what: 'End' | 'Old'): string => `TourniquetJit${what}${sha256Hex(`${userId}/${account}`).slice(0, 12)}`;

const denying = (who: Boxed, what: 'End' | 'Old', when: Statement['Condition']): Statement => ({
  Sid: sidOf(who, what), Effect: 'Deny', Action: '*', Resource: '*',
  Condition: { StringEquals: { 'identitystore:UserId': who.userId, 'aws:PrincipalAccount': who.account }, ...when },
});

/** After `until` every session of the person here is denied, whether or not anybody is left to end it. */
const endsAt = (who: Boxed, until: string): Statement => denying(who, 'End', { DateGreaterThan: { 'aws:CurrentTime': until } });

/** Sessions issued before `cutoff` are denied (User Guide, "Use a Deny policy to revoke active user permissions"). */
const olderThan = (who: Boxed, cutoff: string): Statement => denying(who, 'Old', { DateLessThan: { 'aws:TokenIssueTime': cutoff } });

const timeOf = (statement: Statement): string | null => {
  const time = statement.Condition?.DateGreaterThan?.['aws:CurrentTime'] ?? statement.Condition?.DateLessThan?.['aws:TokenIssueTime'];
  return typeof time === 'string' ? time : null;
};

/** Ours of anybody whose last session is over by itself. */
const spent = (statement: Statement, now: number): boolean => /^TourniquetJit(End|Old)/.test(statement.Sid ?? '') && Date.parse(timeOf(statement) ?? '') < now - LONGEST_SESSION_MS;

const rebuilt = (policy: JsonObject | null, statements: Statement[]): JsonObject => ({ Version: '2012-10-17', ...policy, Statement: statements as unknown as Json });

/** The policy with the end of this grant in it; older sessions that were ended stay ended. */
export function withEnd(policy: JsonObject | null, who: Boxed, until: string, now: number): JsonObject {
  const rest = statementsOf(policy).filter((one) => one.Sid !== sidOf(who, 'End') && !spent(one, now));
  return rebuilt(policy, [...rest, endsAt(who, until)]);
}

/** The policy with every session so far denied, and without the end that it replaces. */
export function withoutSessions(policy: JsonObject | null, who: Boxed, cutoff: string, now: number): JsonObject {
  const rest = statementsOf(policy).filter((one) => one.Sid !== sidOf(who, 'End') && one.Sid !== sidOf(who, 'Old') && !spent(one, now));
  return rebuilt(policy, [...rest, olderThan(who, cutoff)]);
}

export const hasEnd = (policy: JsonObject | null, who: Boxed, until: string): boolean => holds(policy, endsAt(who, until));

/** Some end of this person here is in it. */
export const isBoxed = (policy: JsonObject | null, who: Boxed): boolean => statementsOf(policy).some((one) => one.Sid === sidOf(who, 'End'));

/** Sessions issued at `since` or before are denied. */
export function sessionsDenied(policy: JsonObject | null, who: Boxed, since: string): boolean {
  const ours = statementsOf(policy).find((one) => one.Sid === sidOf(who, 'Old'));
  const cutoff = ours ? timeOf(ours) : null;
  return cutoff !== null && Date.parse(cutoff) >= Date.parse(since) && holds(policy, olderThan(who, cutoff));
}

const holds = (policy: JsonObject | null, wanted: Statement): boolean => statementsOf(policy).some((one) => sameDocument(one, wanted));
