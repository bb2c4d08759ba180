import fc from 'fast-check';
import { approvalPolicy, checkVote, CONFIRM_GRACE_MS, openApproval, type ApprovalEffect, type ApprovalState } from '../../approvals/policy';
import type { Vote } from '../../playbook/model/approval';
import { DIGEST, MINUTE, OTHER_DIGEST, request, T0 } from './fixtures';

const PEOPLE = ['ada', 'ben', 'cy', 'dee', 'rita', 'vic', 'mallory'];
const person = fc.constantFrom(...PEOPLE);
/** What can happen, in any order: votes (also repeated, also for an old plan), the directory changing and answering late, time, withdrawal. */
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('vote' as const), person, deny: fc.boolean(), old: fc.nat(9).map((n) => n === 0), click: fc.nat(12) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('directory' as const), people: fc.uniqueArray(person) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('answer' as const), late: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.nat(25) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), by: person }) },
);
const game = fc.record({ happenings: fc.array(happening, { maxLength: 60 }), quorum: fc.integer({ min: 1, max: 3 }), proceed: fc.boolean() });

interface Played {
  states: ApprovalState[];
  effects: ApprovalEffect[];
  /** The directory as it was when the deciding answer was given. */
  lastAnswer: string[] | null;
  accepted: { vote: Vote; now: number }[];
  end: ApprovalState;
}

function play({ happenings, quorum, proceed }: typeof game extends fc.Arbitrary<infer G> ? G : never): Played {
  const question = request({ tier: proceed ? 'approve' : 'break-glass', onTimeout: proceed ? 'proceed' : 'stay-undone', quorum });
  let state = openApproval(question, T0);
  let now = T0;
  let directory = ['ada', 'ben', 'cy'];
  const asked: number[] = [];
  const played: Played = { states: [state], effects: [], lastAnswer: null, accepted: [], end: state };
  const send = (event: Parameters<typeof approvalPolicy>[1]): void => {
    const before = JSON.stringify(state);
    const step = approvalPolicy(state, event);
    expect(JSON.stringify(state)).toBe(before);
    if (event.type === 'approversLookedUp' && step.state.looked !== state.looked) played.lastAnswer = event.approvers;
    state = step.state;
    played.states.push(state);
    played.effects.push(...step.effects);
    for (const effect of step.effects) if (effect.type === 'lookUpApprovers') asked.push(effect.generation);
  };
  send({ type: 'opened', now });
  for (const one of happenings) {
    if (one.kind === 'vote') {
      const vote: Vote = { person: one.person, decision: one.deny ? 'deny' : 'approve', digest: one.old ? OTHER_DIGEST : DIGEST, reason: '', via: 'slack', voteId: `${one.person}-${one.click}` };
      const fresh = !state.seen.includes(vote.voteId);
      if (!checkVote(state, vote, now) && fresh) played.accepted.push({ vote, now });
      send({ type: 'vote', vote, now });
    } else if (one.kind === 'directory') directory = one.people;
    else if (one.kind === 'answer') send({ type: 'approversLookedUp', generation: asked[asked.length - 1 - one.late] ?? 0, approvers: directory, now });
    else if (one.kind === 'wait') send({ type: 'tick', now: (now += one.minutes * MINUTE) });
    else send({ type: 'withdrawn', by: one.by, now });
  }
  played.end = state;
  return played;
}

const always = (check: (played: Played, input: { quorum: number; proceed: boolean }) => void): void =>
  fc.assert(fc.property(game, (input) => check(play(input), input)), { numRuns: 400 });

test('approved means: a quorum of different, allowed people said yes to this plan in time, and nobody counted said no', () =>
  always(({ end, lastAnswer, accepted }, { quorum }) => {
    if (end.status !== 'approved') return;
    const yes = end.votes.filter((one) => one.decision === 'approve');
    expect(new Set(yes.map((one) => one.person)).size).toBeGreaterThanOrEqual(quorum);
    expect(end.votes.every((one) => one.decision === 'approve')).toBe(true);
    for (const one of yes) {
      expect(lastAnswer).toContain(one.person);
      expect(['rita', 'vic']).not.toContain(one.person);
      expect(one.digest).toBe(DIGEST);
      expect(Date.parse(one.at)).toBeLessThan(end.deadlineAt);
      expect(accepted.some(({ vote }) => vote.voteId === one.voteId)).toBe(true);
    }
    expect(end.looked).toBe(end.wanted);
  }));

test('a person has one vote at any moment, and a click counts once', () =>
  always(({ states }) => {
    for (const state of states) {
      expect(new Set(state.votes.map((one) => one.person)).size).toBe(state.votes.length);
      expect(new Set(state.seen).size).toBe(state.seen.length);
    }
  }));

test('an end is final, and is announced once', () =>
  always(({ states, effects }) => {
    const first = states.findIndex((state) => state.status !== 'open');
    if (first >= 0) for (const state of states.slice(first)) expect(state).toBe(states[first]);
    expect(effects.filter((effect) => effect.type === 'decided')).toHaveLength(first >= 0 ? 1 : 0);
  }));

test('a counted deny never ends approved or expired', () =>
  always(({ end }) => {
    if (end.votes.some((one) => one.decision === 'deny')) expect(['open', 'denied', 'withdrawn']).toContain(end.status);
    if (end.status === 'denied') expect(end.votes.some((one) => one.decision === 'deny')).toBe(true);
  }));

test('it always ends: past the deadline and its grace nothing is open', () =>
  always(({ end }) => {
    const { state } = approvalPolicy(end, { type: 'tick', now: end.deadlineAt + CONFIRM_GRACE_MS });
    expect(state.status).not.toBe('open');
  }));

test('only the requester withdraws', () =>
  fc.assert(fc.property(game, (input) => {
    const without = { ...input, happenings: input.happenings.filter((one) => one.kind !== 'withdraw' || one.by !== 'rita') };
    expect(play(without).end.status).not.toBe('withdrawn');
  }), { numRuns: 200 }));

test('each reason escalates at most once', () =>
  always(({ effects }) => {
    const reasons = effects.flatMap((effect) => (effect.type === 'escalate' ? [effect.reason] : []));
    expect(new Set(reasons).size).toBe(reasons.length);
  }));

test('a deny and an approve at the same moment end the same in either order', () =>
  fc.assert(fc.property(fc.shuffledSubarray(['ada', 'ben', 'cy'], { minLength: 3, maxLength: 3 }), fc.nat(2), (order, denier) => {
    const played = play({ quorum: 2, proceed: false, happenings: [
      { kind: 'answer', late: 0 },
      ...order.map((name) => ({ kind: 'vote' as const, person: name, deny: name === ['ada', 'ben', 'cy'][denier], old: false, click: 0 })),
      { kind: 'answer', late: 0 },
    ] });
    expect(played.end.status).toBe('denied');
  })));
