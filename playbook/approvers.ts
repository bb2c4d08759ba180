import type { ApprovalRequest } from './model/approval';
import type { Person } from './model/people';

/** Who may decide: a person's id, or everybody with a role (`role:manager`). */
export type ApproverRule = string;

export type ApproverSets = Record<ApprovalRequest['tier'], { approvers: ApproverRule[]; backup: ApproverRule[] }>;

/**
 * Who may decide this request now: active people of the tier's set (and its back-up), never the requester nor the recused.
 * Ids are unique in the answer; an empty one means that nobody can decide.
 */
export function approversOf(people: readonly Person[], sets: ApproverSets, request: Pick<ApprovalRequest, 'tier' | 'requester' | 'recused' | 'deciders'>, backup: boolean): Person[] {
  const set = request.deciders ? { approvers: request.deciders.people, backup: request.deciders.backup } : sets[request.tier];
  const rules = backup ? [...set.approvers, ...set.backup] : set.approvers;
  const barred = new Set([request.requester, ...request.recused]);
  return people.filter((person) => person.active && !barred.has(person.id) && rules.some((rule) => matches(rule, person)));
}

function matches(rule: ApproverRule, person: Person): boolean {
  return rule.startsWith('role:') ? person.roles.includes(rule.slice('role:'.length)) : rule === person.id;
}

/** The one active person behind a Slack member; null for none, and for more than one: a doubtful identity decides nothing. */
export function personBySlack(people: readonly Person[], team: string, user: string): Person | null {
  const found = people.filter((person) => person.slack?.team === team && person.slack.user === user);
  const [only] = found;
  return found.length === 1 && only!.active ? only! : null;
}
