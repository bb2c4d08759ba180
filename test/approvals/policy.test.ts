import { approvalPolicy, checkRequest, checkVote, CONFIRM_GRACE_MS, nextTickAt, openApproval, viewOf, waitingFor, type ApprovalEffect, type ApprovalEvent, type ApprovalState } from '../../approvals/policy';
import type { ApprovalRequest, Vote } from '../../playbook/model/approval';
import { MINUTE, OTHER_DIGEST, request, T0, vote } from './fixtures';

/** Plays events in order; `directory` answers every look-up at once. */
class Game {
  state: ApprovalState;
  effects: ApprovalEffect[] = [];
  now = T0;
  constructor(over: Partial<ApprovalRequest> = {}, public directory: string[] | null = ['ada', 'ben', 'cy']) {
    this.state = openApproval(request(over), T0);
    this.send({ type: 'opened', now: T0 });
  }
  send(event: ApprovalEvent): this {
    const step = approvalPolicy(this.state, event);
    this.state = step.state;
    this.effects.push(...step.effects);
    for (const effect of step.effects) {
      if (effect.type === 'lookUpApprovers' && this.directory) this.send({ type: 'approversLookedUp', generation: effect.generation, approvers: this.directory, now: this.now });
    }
    return this;
  }
  vote(cast: Vote): this {
    return this.send({ type: 'vote', vote: cast, now: this.now });
  }
  at(ms: number): this {
    this.now = T0 + ms;
    return this;
  }
  tick(): this {
    return this.send({ type: 'tick', now: this.now });
  }
  code(cast: Vote): string | null {
    return checkVote(this.state, cast, this.now)?.code ?? null;
  }
  escalations(): string[] {
    return this.effects.flatMap((effect) => (effect.type === 'escalate' ? [effect.reason] : []));
  }
}

describe('who may vote', () => {
  test.each<[string, Partial<Vote> & { person: string }, string]>([
    ['a stranger', { person: 'mallory' }, 'VOTER_NOT_ALLOWED'],
    ['the requester', { person: 'rita' }, 'VOTER_NOT_ALLOWED'],
    ['a person whose own identity is the matter', { person: 'vic' }, 'VOTER_NOT_ALLOWED'],
    ['a voter for another plan', { person: 'ada', digest: OTHER_DIGEST }, 'APPROVAL_DIGEST'],
    ['a voter without a digest', { person: 'ada', digest: '' }, 'APPROVAL_DIGEST'],
    ['nobody', { person: '' }, 'INVALID_INPUT'],
    ['a vote without an id', { person: 'ada', voteId: '' }, 'INVALID_INPUT'],
    ['a vote that is neither', { person: 'ada', decision: 'maybe' as 'deny' }, 'INVALID_INPUT'],
    ['a vote with an endless id', { person: 'ada', voteId: 'x'.repeat(201) }, 'INVALID_INPUT'],
    ['a book for a reason', { person: 'ada', reason: 'x'.repeat(2001) }, 'INVALID_INPUT'],
  ])('%s is refused and changes nothing', (_name, over, code) => {
    const game = new Game({}, ['ada', 'ben', 'rita', 'vic']);
    const cast = { ...vote('ada'), ...over };
    expect(game.code(cast)).toBe(code);
    const before = game.state;
    expect(game.vote(cast).state).toEqual(before);
  });

  test.each([['rita', /asked for this yourself/], ['vic', /identity of your own/], ['mallory', /not among the people/]])('%s hears the reason that is true', (who, why) => {
    expect(checkVote(new Game().state, vote(who), T0)?.message).toMatch(why);
  });
  test('an approver is welcome', () => expect(new Game().code(vote('ada'))).toBeNull());
  test('not an object is refused, not a crash', () => expect(new Game().code(null as unknown as Vote)).toBe('INVALID_INPUT'));
  test('before the directory has answered, nobody may', () => expect(new Game({}, null).code(vote('ada'))).toBe('VOTER_NOT_ALLOWED'));
  test('the requester is not an approver even when the directory says so', () => expect(new Game({}, ['rita', 'ada', 'ben']).state.approvers).toEqual(['ada', 'ben']));
});

describe('deciding', () => {
  test('a quorum of different people approves', () => {
    const game = new Game().vote(vote('ada'));
    expect(game.state.status).toBe('open');
    expect(waitingFor(game.state)).toBe('waiting for the second approver until 15:00 UTC');
    expect(game.vote(vote('ben')).state.status).toBe('approved');
    expect(game.effects.find((effect) => effect.type === 'decided')).toMatchObject({ result: { outcome: 'approved', votes: [{ person: 'ada' }, { person: 'ben' }] } });
  });
  test('one person is one vote, however often they click', () => {
    const game = new Game().vote(vote('ada'));
    expect(game.code(vote('ada'))).toBe('VOTER_NOT_ALLOWED');
    expect(game.code(vote('ada', 'deny'))).toBe('VOTER_NOT_ALLOWED');
    expect(game.vote(vote('ada')).state.votes).toHaveLength(1);
  });
  test('the same click twice is one vote and no error', () => {
    const click = vote('ada');
    const game = new Game().vote(click);
    expect(game.code(click)).toBeNull();
    expect(game.vote(click).state.votes).toHaveLength(1);
    game.vote(vote('ben'));
    expect(game.code(click)).toBeNull();
  });
  test('one deny ends it', () => expect(new Game().vote(vote('ada')).vote(vote('ben', 'deny')).state.status).toBe('denied'));
  test('a deny wins over a complete quorum that is still being confirmed', () => {
    const game = new Game();
    game.directory = null;
    game.vote(vote('ada')).vote(vote('ben')).vote(vote('cy', 'deny'));
    expect(game.state.status).toBe('open');
    game.send({ type: 'approversLookedUp', generation: game.state.wanted, approvers: ['ada', 'ben', 'cy'], now: T0 });
    expect(game.state.status).toBe('denied');
  });
  test('decided is final', () => {
    const game = new Game().vote(vote('ada')).vote(vote('ben'));
    const done = game.state;
    expect(game.code(vote('cy', 'deny'))).toBe('APPROVAL_CLOSED');
    game.vote(vote('cy', 'deny')).at(90 * MINUTE).tick().send({ type: 'withdrawn', by: 'rita', now: game.now });
    expect(game.state).toBe(done);
  });
  test('at quorum the directory is asked again, and a voter who left is not counted', () => {
    const game = new Game().vote(vote('ada'));
    game.directory = ['ben', 'cy'];
    game.vote(vote('ben'));
    expect(game.state.status).toBe('open');
    expect(game.state.votes.map((one) => one.person)).toEqual(['ben']);
    expect(game.vote(vote('cy')).state.status).toBe('approved');
  });
  test('an answer older than the last vote decides nothing', () => {
    const game = new Game();
    game.directory = null;
    game.vote(vote('ada'));
    const stale = game.state.wanted;
    game.vote(vote('ben'));
    game.send({ type: 'approversLookedUp', generation: stale, approvers: ['ada', 'ben'], now: T0 });
    expect(game.state.status).toBe('open');
    game.send({ type: 'approversLookedUp', generation: game.state.wanted, approvers: ['ada'], now: T0 });
    expect(game.state.status).toBe('open');
    expect(game.state.votes.map((one) => one.person)).toEqual(['ada']);
  });
  test('an answer that comes after a newer one is ignored', () => {
    const game = new Game();
    game.directory = null;
    game.vote(vote('ada'));
    const older = game.state.wanted;
    game.at(10 * MINUTE).tick().send({ type: 'approversLookedUp', generation: game.state.wanted, approvers: ['ada', 'ben'], now: game.now });
    const newest = game.state;
    expect(game.send({ type: 'approversLookedUp', generation: older, approvers: ['mallory'], now: game.now }).state).toBe(newest);
    expect(game.send({ type: 'approversLookedUp', generation: newest.looked, approvers: ['mallory'], now: game.now }).state).toBe(newest);
  });
  test('a deny that waits for the directory is not an approval', () => {
    const game = new Game();
    game.directory = null;
    expect(viewOf(game.vote(vote('ada', 'deny')).state).approvals).toBe(0);
  });
  test('an answer to a question that was not asked is ignored', () => {
    const game = new Game();
    expect(game.send({ type: 'approversLookedUp', generation: 99, approvers: [], now: T0 }).state.approvers).toEqual(['ada', 'ben', 'cy']);
  });
  test('a vote that was dropped cannot come back by replaying its click', () => {
    const click = vote('ada');
    const game = new Game().vote(click);
    game.directory = ['ben', 'cy'];
    game.vote(vote('ben'));
    game.directory = ['ada', 'ben', 'cy'];
    game.at(10 * MINUTE).tick().vote(click);
    expect(game.state.votes.map((one) => one.person)).toEqual(['ben']);
    expect(game.vote(vote('ada')).state.status).toBe('approved');
  });
});

describe('time', () => {
  test('nobody answers: reminders, the back-up, then it expires undone and escalates', () => {
    const game = new Game();
    game.at(10 * MINUTE - 1).tick();
    expect(game.effects.filter((effect) => effect.type === 'show' && effect.reminder)).toHaveLength(0);
    game.at(10 * MINUTE).tick().at(11 * MINUTE).tick().at(20 * MINUTE).tick().tick();
    expect(game.effects.filter((effect) => effect.type === 'show' && effect.reminder)).toHaveLength(2);
    expect(game.state.backup).toBe(false);
    game.at(25 * MINUTE).tick();
    expect(game.state.backup).toBe(true);
    expect(game.effects.filter((effect) => effect.type === 'lookUpApprovers').at(-1)).toMatchObject({ backup: true });
    expect(game.escalations()).toEqual(['nobody-answered']);
    game.at(60 * MINUTE - 1).tick();
    expect(game.state.status).toBe('open');
    game.at(60 * MINUTE).tick();
    expect(game.state.status).toBe('expired');
    expect(game.escalations()).toEqual(['nobody-answered', 'expired']);
  });
  test('asking the back-up is a reminder, once: the next one is a whole interval later', () => {
    const game = new Game().at(10 * MINUTE).tick().at(20 * MINUTE).tick().at(25 * MINUTE).tick();
    expect(nextTickAt(game.state, game.now)).toBe(T0 + 35 * MINUTE);
    const effects = game.effects.length;
    game.at(30 * MINUTE).tick().at(35 * MINUTE - 1).tick();
    expect(game.effects).toHaveLength(effects);
    expect(game.at(35 * MINUTE).tick().effects.filter((effect) => effect.type === 'show' && effect.reminder)).toHaveLength(4);
  });
  test('a question that proceeds by itself does not escalate its end: the incident decides', () => {
    const game = new Game({ tier: 'approve', quorum: 1, onTimeout: 'proceed' }).at(60 * MINUTE).tick();
    expect(game.state.status).toBe('expired');
    expect(game.escalations()).toEqual([]);
  });
  test('a vote at the deadline is late; one before it counts while the directory confirms it', () => {
    const game = new Game({ tier: 'approve', quorum: 1 });
    expect(game.at(60 * MINUTE).code(vote('ada'))).toBe('APPROVAL_CLOSED');
    game.directory = null;
    game.at(60 * MINUTE - 1).vote(vote('ada')).at(60 * MINUTE).tick();
    expect(game.state.status).toBe('open');
    expect(nextTickAt(game.state, game.now)).toBe(T0 + 60 * MINUTE + CONFIRM_GRACE_MS);
    game.at(60 * MINUTE + 500).send({ type: 'approversLookedUp', generation: game.state.wanted, approvers: ['ada'], now: game.now });
    expect(game.state.status).toBe('approved');
  });
  test.each([['approve', 'expired'], ['deny', 'denied']] as const)('a last-minute %s that the directory never confirms ends %s', (decision, outcome) => {
    const game = new Game({ tier: 'approve', quorum: 1, onTimeout: 'proceed' });
    game.directory = null;
    game.at(60 * MINUTE - 1).vote(vote('ada', decision)).at(60 * MINUTE + CONFIRM_GRACE_MS - 1).tick();
    expect(game.state.status).toBe('open');
    expect(game.at(60 * MINUTE + CONFIRM_GRACE_MS).tick().state.status).toBe(outcome);
  });
  test('a late answer that takes the vote away expires', () => {
    const game = new Game({ tier: 'approve', quorum: 1 });
    game.directory = null;
    game.at(60 * MINUTE - 1).vote(vote('ada')).at(60 * MINUTE).tick();
    game.send({ type: 'approversLookedUp', generation: game.state.wanted, approvers: ['ben'], now: game.now });
    expect(game.state.status).toBe('expired');
  });
  test('no reminders when they are switched off', () => {
    const game = new Game({ remindEveryMs: 0, backupAfterMs: 120 * MINUTE });
    expect(nextTickAt(game.state, T0)).toBe(T0 + 60 * MINUTE);
    expect(game.at(30 * MINUTE).tick().effects.some((effect) => effect.type === 'show' && effect.reminder)).toBe(false);
  });
});

describe('too few approvers', () => {
  test.each([[[]], [['ada']], [['rita', 'vic', 'ada']]])('%j: the back-up is asked at once, then it escalates, once', (directory) => {
    const game = new Game({}, directory);
    expect(game.state.backup).toBe(true);
    expect(game.escalations()).toEqual(['too-few-approvers']);
    expect(waitingFor(game.state)).toMatch(/nobody can decide/);
    expect(game.at(10 * MINUTE).tick().escalations()).toEqual(['too-few-approvers']);
    game.directory = ['ada', 'ben'];
    expect(game.at(20 * MINUTE).tick().vote(vote('ada')).vote(vote('ben')).state.status).toBe('approved');
  });
});

describe('withdrawal', () => {
  test('only the requester, only while open', () => {
    const game = new Game();
    expect(game.send({ type: 'withdrawn', by: 'ada', now: T0 }).state.status).toBe('open');
    expect(game.send({ type: 'withdrawn', by: 'rita', now: T0 }).state.status).toBe('withdrawn');
    expect(game.code(vote('ada'))).toBe('APPROVAL_CLOSED');
  });
  test('a question of nobody cannot be taken back by an empty name', () => {
    const game = new Game({ requester: null });
    expect(game.send({ type: 'withdrawn', by: null as unknown as string, now: T0 }).state.status).toBe('open');
  });
});

describe('questions that may not be asked', () => {
  test.each<[string, Partial<ApprovalRequest>]>([
    ['a quorum of 0', { tier: 'approve', quorum: 0 }],
    ['dual with one person', { quorum: 1 }],
    ['half a person', { quorum: 2.5 }],
    ['no number', { quorum: Number.NaN }],
    ['no time', { deadlineMs: 0 }],
    ['for ever', { deadlineMs: Number.POSITIVE_INFINITY }],
    ['destruction that proceeds by itself', { onTimeout: 'proceed' }],
    ['no digest', { digest: 'latest' }],
  ])('%s', (_name, over) => expect(checkRequest(request(over))?.code).toBe('INVALID_INPUT'));
  test('the usual ones may', () => {
    expect(checkRequest(request())).toBeNull();
    expect(checkRequest(request({ tier: 'approve', quorum: 1, onTimeout: 'proceed' }))).toBeNull();
  });
});

test('the view names people by id and holds no click ids', () => {
  const game = new Game().vote(vote('ada', 'approve', { voteId: 'secret-click' }));
  expect(viewOf(game.state)).toMatchObject({ status: 'open', approvals: 1, votes: [{ person: 'ada', decision: 'approve', reason: 'seen the plan', via: 'slack' }], approvers: ['ada', 'ben', 'cy'] });
  expect(JSON.stringify(viewOf(game.state))).not.toContain('secret-click');
});
