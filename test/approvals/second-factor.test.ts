import fc from 'fast-check';
import { approvalPolicy, checkConfirmation, CHALLENGE_LIFE_MS, openApproval, viewOf, waitingFor, type ApprovalState } from '../../approvals/policy';
import type { Confirmation } from '../../playbook/model/approval';
import { DIGEST, MINUTE, OTHER_DIGEST, request, T0, vote } from './fixtures';

let nonces = 0;
function confirmation(person: string, over: Partial<Confirmation> = {}, now = T0): Confirmation {
  nonces += 1;
  return { person, digest: DIGEST, nonce: `nonce-${String(nonces).padStart(20, '0')}`, expires: new Date(now + MINUTE).toISOString(), assertion: { id: 'key' }, ...over };
}

/** Plays events; the directory answers each look-up at once. */
function played(events: ({ vote: ReturnType<typeof vote> } | { confirm: Confirmation } | { directory: string[] })[], over: Parameters<typeof request>[0] = {}, now = T0): ApprovalState {
  let directory = ['ada', 'ben', 'mia'];
  let state = openApproval(request({ tier: 'break-glass', quorum: 1, secondFactor: true, ...over }), T0);
  const send = (event: Parameters<typeof approvalPolicy>[1]): void => {
    const step = approvalPolicy(state, event);
    state = step.state;
    for (const effect of step.effects) if (effect.type === 'lookUpApprovers') send({ type: 'approversLookedUp', generation: effect.generation, approvers: directory, now });
  };
  send({ type: 'opened', now });
  for (const event of events) {
    if ('vote' in event) send({ type: 'vote', vote: event.vote, now });
    else if ('confirm' in event) send({ type: 'confirmed', confirmation: event.confirm, now });
    else directory = event.directory;
  }
  return state;
}

test('a click alone waits for the second factor, and says so; the passkey then decides', () => {
  const clicked = played([{ vote: vote('mia') }]);
  expect(clicked.status).toBe('open');
  expect(viewOf(clicked)).toMatchObject({ approvals: 0, unconfirmed: ['mia'], secondFactor: true });
  expect(waitingFor(clicked)).toBe('waiting for the second factor of mia until 15:00 UTC');
  const done = played([{ vote: vote('mia') }, { confirm: confirmation('mia') }]);
  expect(done.status).toBe('approved');
  expect(viewOf(done).unconfirmed).toEqual([]);
});

test('the result carries the second factors of the votes that counted, and only where they were asked for', () => {
  const results: unknown[] = [];
  const collect = (state: ApprovalState, confirm: Confirmation | null): void => {
    let now = state;
    const send = (event: Parameters<typeof approvalPolicy>[1]): void => {
      const step = approvalPolicy(now, event);
      now = step.state;
      for (const effect of step.effects) {
        if (effect.type === 'lookUpApprovers') send({ type: 'approversLookedUp', generation: effect.generation, approvers: ['ada', 'mia'], now: T0 });
        if (effect.type === 'decided') results.push(effect.result);
      }
    };
    if (confirm) send({ type: 'confirmed', confirmation: confirm, now: T0 });
    else send({ type: 'vote', vote: vote('ada'), now: T0 });
  };
  collect(played([{ vote: vote('mia') }]), confirmation('mia'));
  collect(played([], { secondFactor: false }), null);
  expect(results[0]).toMatchObject({ outcome: 'approved', confirmations: [{ person: 'mia', assertion: { id: 'key' }, at: new Date(T0).toISOString() }] });
  expect(results[1]).not.toHaveProperty('confirmations');
});

test('a deny needs no second factor', () => {
  expect(played([{ vote: vote('mia', 'deny') }]).status).toBe('denied');
  expect(played([{ vote: vote('mia') }, { vote: vote('ben', 'deny') }]).status).toBe('denied');
});

test('a quorum of two needs two passkeys', () => {
  const both = [{ vote: vote('mia') }, { vote: vote('ben') }];
  expect(played(both, { quorum: 2 }).status).toBe('open');
  expect(played([...both, { confirm: confirmation('mia') }], { quorum: 2 }).status).toBe('open');
  expect(played([...both, { confirm: confirmation('mia') }, { confirm: confirmation('ben') }], { quorum: 2 }).status).toBe('approved');
});

test('somebody who lost the right between click and passkey does not count', () => {
  expect(played([{ vote: vote('mia') }, { directory: ['ada', 'ben'] }, { confirm: confirmation('mia') }]).status).toBe('open');
});

const used = confirmation('mia');
test.each<[string, ApprovalState, Confirmation, number, string]>([
  ['before the click', played([]), confirmation('mia'), T0, 'VOTER_NOT_ALLOWED'],
  ['of somebody else', played([{ vote: vote('mia') }]), confirmation('ben'), T0, 'VOTER_NOT_ALLOWED'],
  ['after a deny of their own', played([{ vote: vote('mia', 'deny') }], { quorum: 1 }), confirmation('mia'), T0, 'APPROVAL_CLOSED'],
  ['for another plan', played([{ vote: vote('mia') }]), confirmation('mia', { digest: OTHER_DIGEST }), T0, 'APPROVAL_DIGEST'],
  ['used before', played([{ vote: vote('mia') }, { confirm: used }], { quorum: 2 }), used, T0, 'SECOND_FACTOR_REFUSED'],
  ['a second one', played([{ vote: vote('mia') }, { confirm: confirmation('mia') }], { quorum: 2 }), confirmation('mia'), T0, 'SECOND_FACTOR_REFUSED'],
  ['too late', played([{ vote: vote('mia') }]), confirmation('mia', { expires: new Date(T0).toISOString() }), T0, 'SECOND_FACTOR_REFUSED'],
  ['dated ahead', played([{ vote: vote('mia') }]), confirmation('mia', { expires: new Date(T0 + CHALLENGE_LIFE_MS + 60_001).toISOString() }), T0, 'SECOND_FACTOR_REFUSED'],
  ['after the deadline', played([{ vote: vote('mia') }]), confirmation('mia', { expires: new Date(T0 + 61 * MINUTE).toISOString() }), T0 + 60 * MINUTE, 'APPROVAL_CLOSED'],
  ['where none is asked for', played([{ vote: vote('mia') }], { secondFactor: false, quorum: 2 }), confirmation('mia'), T0, 'SECOND_FACTOR_REFUSED'],
  ['without a nonce', played([{ vote: vote('mia') }]), confirmation('mia', { nonce: '' }), T0, 'INVALID_INPUT'],
  ['with a time that is none', played([{ vote: vote('mia') }]), confirmation('mia', { expires: 'soon' }), T0, 'INVALID_INPUT'],
  ['without an assertion', played([{ vote: vote('mia') }]), confirmation('mia', { assertion: null as never }), T0, 'INVALID_INPUT'],
])('a confirmation %s is refused and changes nothing', (_name, state, one, now, code) => {
  expect(checkConfirmation(state, one, now)?.code).toBe(code);
  expect(approvalPolicy(state, { type: 'confirmed', confirmation: one, now }).state).toEqual(state);
});

test('in any order of clicks, passkeys and a changing directory: approved means a confirmed yes of a quorum', () => {
  const person = fc.constantFrom('ada', 'ben', 'mia', 'vic');
  const event = fc.oneof(
    fc.record({ vote: fc.tuple(person, fc.integer({ min: 0, max: 20 })).map(([who, n]) => vote(who, n === 0 ? 'deny' : 'approve')) }),
    fc.record({ confirm: fc.tuple(person, fc.integer({ min: 0, max: 4 })).map(([who, n]) => confirmation(who, n === 0 ? { digest: OTHER_DIGEST } : {})) }),
    fc.record({ directory: fc.subarray(['ada', 'ben', 'mia']) }),
  );
  let approved = 0;
  fc.assert(fc.property(fc.array(event, { maxLength: 25 }), fc.integer({ min: 1, max: 2 }), (events, quorum) => {
    const end = played(events, { quorum });
    if (end.status !== 'approved') return;
    approved += 1;
    const yes = end.votes.filter((one) => one.decision === 'approve' && end.confirmations.some((factor) => factor.person === one.person && factor.digest === DIGEST));
    expect(new Set(yes.map((one) => one.person)).size).toBeGreaterThanOrEqual(quorum);
  }), { numRuns: 500 });
  expect(approved).toBeGreaterThan(10);
});
