import type { ApprovalRequest, Vote } from '../../playbook/model/approval';

export const DIGEST = 'a'.repeat(64);
export const OTHER_DIGEST = 'b'.repeat(64);
export const MINUTE = 60_000;
export const T0 = Date.parse('2026-03-01T14:00:00Z');

export function request(over: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    id: `apr-${'0123456789abcdef0123'}`, incident: 'inc-1', tier: 'dual', title: 'Delete what the attacker planted', changes: ['Delete user eve', 'Delete role backdoor'],
    because: ['CreateUser by the stolen key at 13:58'], ifNobodyAnswers: 'Nothing is deleted; the deny stays.', onTimeout: 'stay-undone', digest: DIGEST,
    requester: 'rita', recused: ['vic'], quorum: 2, deadlineMs: 60 * MINUTE, remindEveryMs: 10 * MINUTE, backupAfterMs: 25 * MINUTE, ...over,
  };
}

let clicks = 0;
export function vote(person: string, decision: Vote['decision'] = 'approve', over: Partial<Vote> = {}): Vote {
  clicks += 1;
  return { person, decision, digest: DIGEST, reason: 'seen the plan', via: 'slack', voteId: `click-${clicks}`, ...over };
}
