import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { approvalPolicy, checkConfirmation, checkRequest, checkVote, checkWithdrawal, CHALLENGE_LIFE_MS, confirming, CONFIRM_GRACE_MS, nextTickAt, openApproval, REASON_MAX, unconfirmed, viewOf, waitingFor, type ApprovalEvent, type ApprovalState, type Refusal } from '../../approvals/policy';
import type { ApprovalRequest, Confirmation, Vote } from '../../playbook/model/approval';
import { VOTE_NAMESPACE, voteStatement } from '../../playbook/vote-statement';
import { DIGEST, MINUTE, OTHER_DIGEST, request, T0, vote } from './fixtures';

/** Every word and every effect, exactly: people act on the words, workflows on the effects. */

const asked = (over: Partial<ApprovalRequest> = {}): ApprovalState => openApproval(request(over), T0);
/** The directory has answered. */
const ready = (over: Partial<ApprovalRequest> = {}, approvers = ['ada', 'ben', 'cy'], keys?: Record<string, string[]>): ApprovalState => step(step(asked(over), { type: 'opened', now: T0 }).state, { type: 'approversLookedUp', generation: 1, approvers, keys, now: T0 }).state;
const step = (state: ApprovalState, event: ApprovalEvent) => approvalPolicy(state, event);
const cast = (state: ApprovalState, ...votes: Vote[]): ApprovalState => votes.reduce((now, one) => step(now, { type: 'vote', vote: one, now: T0 }).state, state);
const closed = (state: ApprovalState): ApprovalState => ({ ...state, status: 'denied', decidedAt: T0 + MINUTE });
/** A question whose no may carry a date. */
function dated(): Partial<ApprovalRequest> {
  return { words: { approve: 'No longer needed', deny: 'Still needed', date: 'Needed until' } };
}
let nonces = 0;
const confirmation = (over: Partial<Confirmation> = {}): Confirmation => ({ person: 'ada', digest: DIGEST, nonce: `nonce-${String((nonces += 1)).padStart(20, '0')}`, expires: new Date(T0 + MINUTE).toISOString(), assertion: { id: 'key' }, ...over });
const mark = /^The plan has changed \(it is .+ now\): read it again( and use the new message)?\.$/;

test('a new question is nothing but its request', () => {
  const of = request();
  expect(openApproval(of, T0)).toEqual({
    request: of, openedAt: T0, deadlineAt: T0 + of.deadlineMs, status: 'open', votes: [], confirmations: [], seen: [], approvers: null, keys: {}, backup: false, wanted: 0, looked: 0, remindedAt: T0, escalated: [], decidedAt: null,
  });
});

const bad = (message: string): Refusal => ({ code: 'INVALID_INPUT', message });
const no = (message: string): Refusal => ({ code: 'VOTER_NOT_ALLOWED', message });

test.each<[string, Refusal, () => Refusal | null]>([
  ['a closed question', { code: 'APPROVAL_CLOSED', message: 'This question is already denied.' }, () => checkVote(closed(ready()), vote('ada'), T0)],
  ['a vote at the deadline', { code: 'APPROVAL_CLOSED', message: 'The time to answer is over.' }, () => checkVote(ready(), vote('ada'), T0 + 60 * MINUTE)],
  ['the requester', no('You asked for this yourself: another person must decide.'), () => checkVote(ready(), vote('rita'), T0)],
  ['a person concerned', no('This concerns an identity of your own: another person must decide.'), () => checkVote(ready(), vote('vic'), T0)],
  ['before the directory', no('The directory has not answered yet who may decide: try again in a moment.'), () => checkVote(asked(), vote('ada'), T0)],
  ['a stranger', no('You are not among the people who may decide this.'), () => checkVote(ready(), vote('mallory'), T0)],
  ['a second vote', no('You have already voted (deny): each person has one vote.'), () => checkVote(cast(ready(), vote('ada', 'deny')), vote('ada'), T0)],
  ['a withdrawal of a closed question', { code: 'APPROVAL_CLOSED', message: 'This question is already denied.' }, () => checkWithdrawal(closed(ready()), 'rita')],
  ['a withdrawal by somebody else', no('Only the person who asked can withdraw the question.'), () => checkWithdrawal(ready(), 'ada')],
  ['a withdrawal of what nobody asked', no('Only the person who asked can withdraw the question.'), () => checkWithdrawal(ready({ requester: null }), 'rita')],
  ['a dual question of one', bad('quorum: dual needs two people at least'), () => checkRequest(request({ quorum: 1 }))],
  ['a question of nobody', bad('quorum: approve needs one person at least'), () => checkRequest(request({ tier: 'approve', quorum: 0 }))],
  ['a question of one and a half', bad('quorum: dual needs two people at least'), () => checkRequest(request({ quorum: 2.5 }))],
  ['a question without time', bad('deadlineMs: must be a positive number of milliseconds'), () => checkRequest(request({ deadlineMs: 0 }))],
  ['a destructive question that proceeds', bad('onTimeout: dual never proceeds without an answer'), () => checkRequest(request({ onTimeout: 'proceed' }))],
  ['a digest with more before', bad('digest: must be a SHA-256 in hex'), () => checkRequest(request({ digest: `x${DIGEST}` }))],
  ['a digest with more behind', bad('digest: must be a SHA-256 in hex'), () => checkRequest(request({ digest: `${DIGEST}x` }))],
])('%s is refused in these words', (_what, refusal, of) => expect(of()).toEqual(refusal));

test('a plan that has changed', () => expect(checkVote(ready(), vote('ada', 'approve', { digest: OTHER_DIGEST }), T0)).toEqual({ code: 'APPROVAL_DIGEST', message: expect.stringMatching(mark) as string }));
test('one person is enough for an approve question, two for a dual one', () => expect([checkRequest(request({ tier: 'approve', quorum: 1 })), checkRequest(request({ tier: 'break-glass', quorum: 1 })), checkRequest(request())]).toEqual([null, null, null]));
test('who asked may withdraw', () => expect(checkWithdrawal(ready(), 'rita')).toBeNull());

test.each<[string, unknown, string]>([
  ['null', null, 'vote: must be an object'], ['a text', 'vote', 'vote: must be an object'], ['undefined', undefined, 'vote: must be an object'],
  ['a number for a person', { person: 5 }, 'person: must name a person'], ['nobody', { person: '' }, 'person: must name a person'], ['a decision of its own', { decision: 'maybe' }, 'decision: must be approve or deny'],
  ['no id', { voteId: '' }, 'voteId: must be 1 to 200 characters'], ['a number for an id', { voteId: 5 }, 'voteId: must be 1 to 200 characters'], ['an id too long', { voteId: 'x'.repeat(201) }, 'voteId: must be 1 to 200 characters'],
  ['no reason', { reason: undefined }, `reason: must be text of at most ${REASON_MAX} characters`], ['a reason too long', { reason: 'x'.repeat(REASON_MAX + 1) }, `reason: must be text of at most ${REASON_MAX} characters`],
  ['a number for a digest', { digest: 5 }, 'digest: must be text'], ['a way of its own', { via: 'fax' }, 'via: must be slack, cli or console'],
  ['a signature that is null', { signature: null }, 'signature: must have a time and a blob'], ['one without a time', { signature: { sshsig: 'ab' } }, 'signature: must have a time and a blob'], ['one without a blob', { signature: { at: 'now' } }, 'signature: must have a time and a blob'],
])('a vote with %s says what is wrong with it', (_what, over, message) => {
  const given = typeof over === 'object' && over !== null ? { ...vote('ada'), ...over } : over;
  expect(checkVote(ready(), given as Vote, T0)).toEqual(bad(message));
});

test.each<[string, Partial<Vote>, Partial<ApprovalRequest>, string]>([
  ['no text', { decision: 'deny', until: 20260401 as never }, dated(), 'until: must be a date, YYYY-MM-DD'], ['more before it', { decision: 'deny', until: 'x2026-04-01' }, dated(), 'until: must be a date, YYYY-MM-DD'],
  ['a time behind it', { decision: 'deny', until: '2026-04-01T00:00:00Z' }, dated(), 'until: must be a date, YYYY-MM-DD'], ['a month that is none', { decision: 'deny', until: '2026-13-01' }, dated(), 'until: must be a date, YYYY-MM-DD'],
  ['a yes', { decision: 'approve', until: '2026-04-01' }, dated(), 'until: this answer takes no date.'], ['a question without dates', { decision: 'deny', until: '2026-04-01' }, {}, 'until: this answer takes no date.'],
  ['a day that is over', { decision: 'deny', until: '2026-02-28' }, dated(), 'until: must be a date that is still to come.'],
])('a date with %s is refused', (_what, over, of, message) => expect(checkVote(ready(of), vote('ada', 'approve', over), T0)).toEqual(bad(message)));

test('a date that is today still is to come', () => {
  expect(checkVote(ready(dated()), vote('ada', 'deny', { until: '2026-03-01' }), T0)).toBeNull();
  expect(checkVote(ready({ ...dated(), deadlineMs: 2_000 * MINUTE }), vote('ada', 'deny', { until: '2026-03-01' }), Date.parse('2026-03-01T23:59:59.999Z'))).toEqual(bad('until: must be a date that is still to come.'));
});

test('at the edge of what is allowed a vote counts', () => {
  expect(checkVote(ready(), vote('ada', 'approve', { voteId: 'x'.repeat(200), reason: 'x'.repeat(REASON_MAX) }), T0 + 60 * MINUTE - 1)).toBeNull();
});

describe('the second factor', () => {
  const two = { tier: 'break-glass', quorum: 2, secondFactor: true } as const;
  const said = (over: Partial<ApprovalRequest> = {}): ApprovalState => cast(ready({ ...two, ...over }), vote('ada'));
  const refused = (message: string): Refusal => ({ code: 'SECOND_FACTOR_REFUSED', message });

  test.each<[string, Refusal, () => Refusal | null]>([
    ['after the end', { code: 'APPROVAL_CLOSED', message: 'This question is already denied.' }, () => checkConfirmation(closed(said()), confirmation(), T0)],
    ['at the deadline', { code: 'APPROVAL_CLOSED', message: 'The time to answer is over.' }, () => checkConfirmation(said(), confirmation(), T0 + 60 * MINUTE)],
    ['that nobody asked for', refused('This question asks for no second factor.'), () => checkConfirmation(said({ secondFactor: false }), confirmation(), T0)],
    ['that is over', refused('The confirmation came too late: open the page again.'), () => checkConfirmation(said(), confirmation(), T0 + MINUTE)],
    ['dated ahead', refused('The confirmation is dated too far ahead.'), () => checkConfirmation(said(), confirmation({ expires: new Date(T0 + CHALLENGE_LIFE_MS + MINUTE + 1).toISOString() }), T0)],
    ['of who denied', no('Approve the question first; the passkey then confirms your own yes.'), () => checkConfirmation(cast(ready(two), vote('ada', 'deny')), confirmation(), T0)],
    ['of who said nothing', no('Approve the question first; the passkey then confirms your own yes.'), () => checkConfirmation(said(), confirmation({ person: 'ben' }), T0)],
    ['of a shape of its own', bad('confirmation: must be an object'), () => checkConfirmation(said(), 'yes' as never, T0)],
    ['of nothing', bad('confirmation: must be an object'), () => checkConfirmation(said(), null as never, T0)],
    ['of nobody', bad('person: must name a person'), () => checkConfirmation(said(), confirmation({ person: '' }), T0)],
    ['of a number', bad('person: must name a person'), () => checkConfirmation(said(), confirmation({ person: 5 as never }), T0)],
    ['for no plan', bad('digest: must be text'), () => checkConfirmation(said(), confirmation({ digest: 5 as never }), T0)],
    ['with a number for a nonce', bad('nonce: must be 16 to 64 characters of base64url'), () => checkConfirmation(said(), confirmation({ nonce: 1234567890123456 as never }), T0)],
    ['with more before its nonce', bad('nonce: must be 16 to 64 characters of base64url'), () => checkConfirmation(said(), confirmation({ nonce: '!aaaaaaaaaaaaaaaa' }), T0)],
    ['with more behind its nonce', bad('nonce: must be 16 to 64 characters of base64url'), () => checkConfirmation(said(), confirmation({ nonce: 'aaaaaaaaaaaaaaaa!' }), T0)],
    ['with a number for its end', bad('expires: must be an ISO time'), () => checkConfirmation(said(), confirmation({ expires: (T0 + MINUTE) as never }), T0)],
    ['that never ends', bad('expires: must be an ISO time'), () => checkConfirmation(said(), confirmation({ expires: 'never' }), T0)],
    ['without an assertion', bad('assertion: must be an object'), () => checkConfirmation(said(), confirmation({ assertion: null as never }), T0)],
    ['with a text for one', bad('assertion: must be an object'), () => checkConfirmation(said(), confirmation({ assertion: 'key' as never }), T0)],
  ])('%s is refused in these words', (_what, refusal, of) => expect(of()).toEqual(refusal));

  test('for a plan that has changed', () => expect(checkConfirmation(said(), confirmation({ digest: OTHER_DIGEST }), T0)).toEqual({ code: 'APPROVAL_DIGEST', message: expect.stringMatching(mark) as string }));

  test('dated as far ahead as may be, it counts; a challenge lives five minutes', () => {
    expect(CHALLENGE_LIFE_MS).toBe(300_000);
    expect(checkConfirmation(said(), confirmation({ expires: new Date(T0 + CHALLENGE_LIFE_MS + MINUTE).toISOString() }), T0)).toBeNull();
  });

  test('used once: again by the same person, and by another with the same nonce, are two refusals', () => {
    const once = confirmation();
    const after = cast(step(said(), { type: 'confirmed', confirmation: once, now: T0 }).state, vote('ben'));
    expect(checkConfirmation(after, { ...once, person: 'ben' }, T0)).toEqual(refused('This confirmation was used before.'));
    expect(checkConfirmation(after, confirmation(), T0)).toEqual(refused('Your yes is confirmed already.'));
    expect(checkConfirmation(after, confirmation({ person: 'ben' }), T0)).toBeNull();
  });

  test('nobody is waited for once it is over, nor for a no', () => {
    expect(unconfirmed(said())).toEqual(['ada']);
    expect(unconfirmed(closed(said()))).toEqual([]);
    expect(unconfirmed(cast(ready(two), vote('ada', 'deny')))).toEqual([]);
  });

  test('only the confirmations of votes that count are in the result', () => {
    let state = step(said(), { type: 'confirmed', confirmation: confirmation(), now: T0 }).state;
    state = step(state, { type: 'approversLookedUp', generation: state.wanted, approvers: ['ben', 'cy'], now: T0 }).state;
    state = cast(state, vote('ben'), vote('cy'));
    for (const person of ['ben', 'cy']) state = step(state, { type: 'confirmed', confirmation: confirmation({ person }), now: T0 }).state;
    const done = step(state, { type: 'approversLookedUp', generation: state.wanted, approvers: ['ben', 'cy'], now: T0 });
    expect(done.effects).toEqual([{ type: 'decided', result: expect.objectContaining({ outcome: 'approved', confirmations: [expect.objectContaining({ person: 'ben' }), expect.objectContaining({ person: 'cy' })] }) as unknown }, { type: 'show', reminder: false }]);
  });

  test('a confirmation that counts is looked up and shown', () => {
    const state = said();
    expect(step(state, { type: 'confirmed', confirmation: confirmation(), now: T0 }).effects).toEqual([{ type: 'lookUpApprovers', generation: state.wanted + 1, backup: false }, { type: 'show', reminder: false }]);
  });
});

describe('what an event leaves to be done', () => {
  test.each<[string, ApprovalState, ApprovalEvent]>([
    ['an event after the end', closed(ready()), { type: 'tick', now: T0 + 90 * MINUTE }],
    ['a withdrawal by somebody else', ready(), { type: 'withdrawn', by: 'ada', now: T0 }],
    ['a vote that does not count', ready(), { type: 'vote', vote: vote('mallory'), now: T0 }],
    ['a confirmation that does not count', ready(), { type: 'confirmed', confirmation: confirmation(), now: T0 }],
    ['an old answer of the directory', ready(), { type: 'approversLookedUp', generation: 1, approvers: [], now: T0 }],
    ['an answer that was never asked for', ready(), { type: 'approversLookedUp', generation: 9, approvers: [], now: T0 }],
    ['a tick before anything is due', ready(), { type: 'tick', now: T0 + 1 }],
    ['the deadline while a complete decision waits for the directory', cast(ready(), vote('ada'), vote('ben')), { type: 'tick', now: T0 + 60 * MINUTE }],
  ])('%s: nothing', (_what, state, event) => expect(step(state, event)).toEqual({ state, effects: [] }));

  test('a vote: the directory is asked, and it is shown', () => {
    expect(step(ready(), { type: 'vote', vote: vote('ada'), now: T0 }).effects).toEqual([{ type: 'lookUpApprovers', generation: 2, backup: false }, { type: 'show', reminder: false }]);
  });

  const lookedAt = (state: ApprovalState, approvers: string[], keys?: Record<string, string[]>) => {
    const waiting = step(state, { type: 'tick', now: T0 + 10 * MINUTE }).state;
    return step(waiting, { type: 'approversLookedUp', generation: waiting.wanted, approvers, keys, now: T0 + 10 * MINUTE }).effects;
  };
  const shown = [{ type: 'show', reminder: false }];

  test('the directory’s answer is shown when it is the first, names others, or takes a vote away, and only then', () => {
    const first = step(asked(), { type: 'opened', now: T0 }).state;
    expect(step(first, { type: 'approversLookedUp', generation: 1, approvers: ['ada', 'ben'], now: T0 }).effects).toEqual(shown);
    expect(lookedAt(ready(), ['ada', 'ben', 'cy'])).toEqual([]);
    expect(lookedAt(ready(), ['cy', 'ada', 'ben'])).toEqual([]);
    expect(lookedAt(ready(), ['ada', 'ben', 'zoe'])).toEqual(shown);
    expect(lookedAt(ready(), ['ada', 'ben'])).toEqual(shown);
    expect(lookedAt(ready(), ['ada', 'ben', 'cy', 'zoe'])).toEqual(shown);
    expect(lookedAt(cast(ready(), vote('cy')), ['ada', 'ben', 'cy'])).toEqual([]);
  });

  test('as many approvers as it needs are enough; one fewer and the backups are asked', () => {
    expect(lookedAt(ready({}, ['ada', 'ben']), ['ada', 'ben'])).toEqual([]);
    expect(lookedAt(ready({}, ['ada', 'ben']), ['ada'])).toEqual([{ type: 'lookUpApprovers', generation: 3, backup: true }, ...shown]);
  });

  test('nobody answers: an approve question asks the backups, any other escalates too', () => {
    const due = { type: 'tick', now: T0 + 25 * MINUTE } as const;
    expect(step(ready({ tier: 'approve', quorum: 1 }), due).effects).toEqual([{ type: 'lookUpApprovers', generation: 2, backup: true }, { type: 'show', reminder: true }]);
    expect(step(ready(), due).effects).toEqual([{ type: 'lookUpApprovers', generation: 2, backup: true }, { type: 'show', reminder: true }, { type: 'escalate', reason: 'nobody-answered' }]);
  });

  test('the end is told once, and shown', () => {
    const state = step(ready(), { type: 'withdrawn', by: 'rita', now: T0 });
    expect(state.effects).toEqual([{ type: 'decided', result: { id: state.state.request.id, digest: DIGEST, outcome: 'withdrawn', votes: [], decidedAt: new Date(T0).toISOString() } }, ...shown]);
  });
});

describe('what is waited for', () => {
  test('a decision waits for the directory only while an answer is out', () => {
    const denied = cast(ready(), vote('ada', 'deny'));
    const complete = cast(ready(), vote('ada'), vote('ben'));
    const half = cast(ready(), vote('ada'));
    expect([denied, complete, half].map(confirming)).toEqual([true, true, false]);
    expect([denied, complete].map((state) => confirming({ ...state, looked: state.wanted }))).toEqual([false, false]);
    expect(confirming(cast(ready({ quorum: 3 }), vote('ada'), vote('ben', 'deny')))).toBe(true);
    expect(waitingFor(complete)).toBe('asking the directory whether the voters may still decide');
  });

  test('in words', () => {
    expect(waitingFor(ready({}, ['ada', 'ben']))).toBe('waiting for the first approver until 15:00 UTC');
    expect(waitingFor(ready({}, ['ada']))).toBe('nobody can decide: 1 of 2 approvers; escalated, waiting until 15:00 UTC');
    expect(waitingFor(asked())).toBe('waiting for the first approver until 15:00 UTC');
    expect(waitingFor(closed(ready()))).toBe('denied at 14:01 UTC');
    expect(waitingFor(cast(ready({ tier: 'break-glass', secondFactor: true }), vote('ada'), vote('ben')))).toBe('waiting for the second factor of ada, ben until 15:00 UTC');
  });

  test.each(['first', 'second', 'third', 'fourth', 'fifth', '6th'].map((word, at) => [word, at] as const))('the %s approver', (word, votes) => {
    const people = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7'];
    expect(waitingFor(cast(ready({ quorum: 7 }, people), ...people.slice(0, votes).map((one) => vote(one))))).toBe(`waiting for the ${word} approver until 15:00 UTC`);
  });

  test('a reader sees what there is, and nothing before it is there', () => {
    expect(viewOf(asked())).toMatchObject({ approvers: [], secondFactor: false, unconfirmed: [], decidedAt: null, status: 'open' });
    expect(viewOf(closed(ready()))).toMatchObject({ approvers: ['ada', 'ben', 'cy'], decidedAt: new Date(T0 + MINUTE).toISOString(), status: 'denied' });
  });

  test('the next look: reminder, backup, deadline, the end of the grace', () => {
    const plain = { remindEveryMs: 0 };
    expect(nextTickAt(ready(), T0)).toBe(T0 + 10 * MINUTE);
    expect(nextTickAt(ready(plain), T0)).toBe(T0 + 25 * MINUTE);
    expect(nextTickAt({ ...ready(plain), backup: true }, T0)).toBe(T0 + 60 * MINUTE);
    expect(nextTickAt(ready(), T0 + 60 * MINUTE)).toBe(T0 + 60 * MINUTE + CONFIRM_GRACE_MS);
  });
});

describe('signatures, byte by byte', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const own = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  const at = new Date(T0).toISOString();
  const string = (value: Buffer | string): Buffer => {
    const bytes = Buffer.from(value as string);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const strings = (...values: (Buffer | string)[]): Buffer => Buffer.concat(values.map(string));
  interface Parts { hash: string; key: Buffer; keyBlob?: Buffer; signature?: Buffer; type: string }
  /** A vote of ada’s in SSHSIG form (PROTOCOL.sshsig), with any part replaced. */
  const signed = (over: Partial<Parts> = {}): Vote => {
    const { hash, key, type, keyBlob, signature } = { hash: 'sha512', key: own, type: 'ssh-ed25519', ...over };
    const bare = vote('ada', 'approve', { via: 'cli' });
    const known = hash === 'sha256' || hash === 'sha512' ? hash : 'sha512';
    const digest = createHash(known).update(voteStatement(request().id, bare, at)).digest();
    const bytes = signature ?? sign(null, Buffer.concat([Buffer.from('SSHSIG'), strings(VOTE_NAMESPACE, '', hash, digest)]), privateKey);
    const blob = Buffer.concat([Buffer.from('SSHSIG'), Buffer.from([0, 0, 0, 1]), strings(keyBlob ?? strings(type, key), VOTE_NAMESPACE, '', hash, strings(type, bytes))]);
    return { ...bare, signature: { at, sshsig: blob.toString('hex') } };
  };
  const judged = (of: Vote, key = own): Refusal | null => checkVote(ready({}, ['ada'], { ada: [key.toString('hex')] }), of, T0);
  const form = no('The signature is not one of an Ed25519 key in SSHSIG form.');

  test('both hashes of the form are taken', () => expect([judged(signed()), judged(signed({ hash: 'sha256' }))]).toEqual([null, null]));
  test('somebody without a key in the directory signs nothing', () => expect(checkVote(ready({}, ['ada'], {}), signed(), T0)).toEqual(no('The signature is not by a key that the directory holds for you.')));
  test.each<[string, () => Vote]>([
    ['another hash', () => signed({ hash: 'sha384' })], ['another kind of key', () => signed({ type: 'ssh-rsa' })], ['a key with more behind it', () => signed({ keyBlob: strings('ssh-ed25519', own, 'more') })], ['a key too short', () => signed({ key: own.subarray(1) })],
    ['a signature too short', () => signed({ signature: Buffer.alloc(63) })],
  ])('%s is not of the form', (_what, make) => expect(judged(make())).toEqual(form));
  test.each<[string, (hex: string) => string]>([['a letter before', (hex) => `x${hex}`], ['a letter behind', (hex) => `${hex}x`], ['half a byte more', (hex) => `${hex}a`]])('%s: not of the form', (_what, spoil) => {
    const good = signed();
    expect(judged({ ...good, signature: { at, sshsig: spoil(good.signature!.sshsig) } })).toEqual(form);
  });

  test('a key of small order, under which one signature fits every text, signs nothing', () => {
    const identity = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);
    expect(judged(signed({ key: identity, signature: Buffer.concat([identity, Buffer.alloc(32)]) }), identity)).toEqual(no('The signature does not cover this: who, what, why and when must be as signed.'));
  });

  test('a signature is of now, for votes from the command line only', () => {
    const good = signed();
    const state = ready({}, ['ada'], { ada: [own.toString('hex')] });
    expect(checkVote(state, good, T0 + 6 * MINUTE)).toEqual(no('The signature is not of now: sign again.'));
    expect(checkVote(state, { ...good, via: 'slack' }, T0 + 6 * MINUTE)).toBeNull();
  });
});
