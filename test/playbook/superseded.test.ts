import { supersedes, widens } from '../../playbook/superseded';

const on = (action: string, id = 'dana') => ({ action, target: { id } });

test.each([
  ['aws.lift-deny', 'aws.deny-user'], ['aws.lift-deny', 'aws.deny-permission-set'], ['aws.restore-trust', 'aws.cut-role-trust'], ['aws.restore-bucket-policy', 'aws.close-public-bucket'],
  ['azure.lift-deny', 'azure.disable-user'], ['azure.lift-deny', 'azure.deny-sign-in'],
])('%s ends %s of the same target, and of no other', (later, earlier) => {
  expect(supersedes(on(later), on(earlier))).toBe(true);
  expect(supersedes(on(later), on(earlier, 'eve'))).toBe(false);
  expect(supersedes(on(earlier), on(later))).toBe(false);
});

test.each(['azure.reset-password', 'azure.remove-directory-roles', 'azure.revoke-sessions', 'azure.disable-service-principal', 'azure.restore-diagnostics'])('a lift does not end %s', (earlier) => {
  expect(supersedes(on('azure.lift-deny'), on(earlier))).toBe(false);
});

describe('a later step that does all of an earlier one, and more', () => {
  const [early, late] = ['2026-01-01T10:00:00.000Z', '2026-01-01T11:00:00.000Z'];
  const methods = (params: object, id = 'dana', action = 'azure.remove-auth-methods') => ({ ...on(action, id), params: params as never });

  test.each([
    ['the same', { since: early }, { since: early }], ['from an earlier time', { since: early }, { since: late }], ['with a registration that is known now', { since: early, registered: [late] }, { since: early }],
    ['with one more', { since: early, registered: [early, late] }, { since: early, registered: [late] }],
  ])('%s', (_what, later, earlier) => expect(widens(methods(later), methods(earlier))).toBe(true));

  test.each([
    ['from a later time', { since: late }, { since: early }], ['with one less', { since: early, registered: [early] }, { since: early, registered: [late] }], ['without a time', {}, { since: early }],
    ['with a time where there was none', { since: early }, {}], ['for some things where all were to go', { ids: ['a'] }, {}], ['for all things where some were to go', {}, { ids: ['a'] }], ['of another address', { address: '192.0.2.1' }, { address: '192.0.2.2' }],
  ])('not %s', (_what, later, earlier) => expect(widens(methods(later), methods(earlier))).toBe(false));

  test('not of another target, nor another action', () => {
    expect(widens(methods({}, 'eve'), methods({}))).toBe(false);
    expect(widens(methods({}, 'dana', 'azure.disable-user'), methods({}))).toBe(false);
  });
});
