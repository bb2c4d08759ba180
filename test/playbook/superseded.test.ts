import { supersedes } from '../../playbook/superseded';

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
