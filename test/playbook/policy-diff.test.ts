import fc from 'fast-check';
import { deniesEverything, diffPolicies, escalatingActions, outsiders, policyDocument } from '../../playbook/policy-diff';

const allow = (Action: string | string[], Resource: string | string[] = '*', more: object = {}) => ({ Effect: 'Allow', Action, Resource, ...more });
const policy = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });

test('what was added and removed, statement by statement', () => {
  const diff = diffPolicies(policy(allow('s3:GetObject'), allow('ec2:Describe*')), policy(allow('ec2:Describe*'), allow('*')));
  expect(diff).toMatchObject({ readable: true, actionsAdded: ['*'], actionsRemoved: ['s3:getobject'], grantsAdmin: { before: false, after: true } });
  expect(diff.lines).toEqual(['+ Allow * on *', '- Allow s3:GetObject on *']);
});

test('trust policies: who is let in now', () => {
  const trust = (...arns: string[]) => policy(...arns.map((AWS) => ({ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' })));
  const diff = diffPolicies(trust('arn:aws:iam::111111111111:root'), trust('arn:aws:iam::111111111111:root', 'arn:aws:iam::999999999999:root'));
  expect(diff.principalsAdded).toEqual(['AWS:arn:aws:iam::999999999999:root']);
  expect(diff.actionsAdded).toEqual([]);
});

test.each([
  ['the same as text', JSON.stringify(policy(allow('s3:*')))],
  ['the same URL-encoded, as IAM answers', encodeURIComponent(JSON.stringify(policy(allow('s3:*'))))],
  ['with another Sid', policy(allow('s3:*', '*', { Sid: 'x' }))],
  ['a single statement, not a list', { Version: '2012-10-17', Statement: allow(['s3:*'], ['*']) }],
])('no difference: %s', (_name, other) => {
  expect(diffPolicies(policy(allow('s3:*')), other)).toMatchObject({ readable: true, added: [], removed: [], lines: [] });
});

test.each(['not json', 42, [], '{"Statement":'])('a document that is none is not readable: %j', (document) => {
  expect(diffPolicies(null, document).readable).toBe(false);
});

test('a policy that vanishes removes everything it gave', () => {
  expect(diffPolicies(policy(allow('*')), null)).toMatchObject({ actionsRemoved: ['*'], grantsAdmin: { before: true, after: false } });
});

test('the difference turns round, and a document does not differ from itself', () => {
  const action = fc.constantFrom('s3:GetObject', 's3:*', 'iam:PassRole', 'ec2:RunInstances', '*');
  const document = fc.array(fc.record({ Effect: fc.constantFrom('Allow', 'Deny'), Action: fc.uniqueArray(action, { minLength: 1 }), Resource: fc.constantFrom('*', 'arn:aws:s3:::a') }), { maxLength: 5 }).map((all) => policy(...all));
  fc.assert(fc.property(document, document, (a, b) => {
    const there = diffPolicies(a, b);
    const back = diffPolicies(b, a);
    expect(diffPolicies(a, a).lines).toEqual([]);
    expect(back.actionsAdded).toEqual(there.actionsRemoved);
    expect(back.added).toEqual(there.removed);
    expect(diffPolicies(policy(...[...a.Statement].reverse()), b).actionsAdded).toEqual(there.actionsAdded);
  }));
});

test('which actions escalate', () => {
  expect(escalatingActions(policy(allow('iam:Put*')))).toEqual(expect.arrayContaining(['iam:PutUserPolicy', 'iam:PutRolePolicy']));
  expect(escalatingActions(policy(allow('iam:PutUserPolicy', 'arn:aws:iam::1:user/a')))).toEqual([]);
  expect(escalatingActions(policy({ Effect: 'Allow', NotAction: 's3:*', Resource: '*' }))).toContain('iam:PassRole');
});

test('outsiders: not ours, not services', () => {
  const trust = policy(
    { Effect: 'Allow', Principal: { AWS: ['111111111111', 'arn:aws:iam::222222222222:role/x', 'arn:aws:iam::999999999999:root'], Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
    { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' },
  );
  expect(outsiders(trust, ['111111111111', '222222222222'])).toEqual(['arn:aws:iam::999999999999:root', 'anyone']);
  expect(outsiders('nonsense', ['111111111111'])).toEqual([]);
});

test('a Deny of everything, and only that', () => {
  expect(deniesEverything(policy({ Effect: 'Deny', Action: '*', Resource: '*' }))).toBe(true);
  expect(deniesEverything(policy({ Effect: 'Deny', Action: '*', Resource: '*', Condition: { Bool: { a: 'b' } } }))).toBe(false);
  expect(policyDocument('%ZZ')).toBeNull();
});
