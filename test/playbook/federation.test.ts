import { originOf, otherSides } from '../../playbook/federation';
import type { Person } from '../../playbook/model/people';
import type { Principal } from '../../playbook/model/principal';

const objectId = '0f0f0f0f-0000-4000-8000-0000000000aa';
const dana: Person = { id: 'dana', name: 'Dana', email: 'dana@example.com', slack: null, roles: [], active: true, identities: ['arn:aws:iam::111122223333:user/dana', objectId, 'dana@example.com'] };
const awsOnly: Person = { ...dana, id: 'ada', email: 'ada@example.com', identities: ['ada@example.com'] };
const people = [awsOnly, dana];
const federation = { tenant: 'tenant-1', identityCenterAccount: '111122223333' };
const entra: Principal = { provider: 'azure', account: 'tenant-1', kind: 'user', id: objectId, name: 'dana@example.com' };
const session = (name: string, kind: Principal['kind'] = 'identity-center-user', account = '444455556666'): Principal => ({ provider: 'aws', account, kind, id: `${account}:sso:${name}`, name });

test.each<[string, Principal, Principal]>([
  ['an Identity Center session in any account is the person in Entra', session('dana@example.com'), entra],
  ['names differ in case only', session('Dana@Example.com'), entra],
  ['a SAML sign-in too', session('dana@example.com', 'federated-user'), entra],
  ['a person without an Entra identity stays', session('ada@example.com'), session('ada@example.com')],
  ['nobody known stays', session('mallory@example.com'), session('mallory@example.com')],
  ['an IAM user is an identity of its own', { provider: 'aws', account: '111122223333', kind: 'user', id: 'arn:aws:iam::111122223333:user/dana', name: 'dana@example.com' }, { provider: 'aws', account: '111122223333', kind: 'user', id: 'arn:aws:iam::111122223333:user/dana', name: 'dana@example.com' }],
  ['a role whose session a caller named after the person stays a role', session('dana@example.com', 'role'), session('dana@example.com', 'role')],
  ['Entra itself stays', entra, entra],
])('%s', (_what, principal, origin) => expect(originOf(principal, people, federation)).toEqual(origin));

test('without a tenant nothing is joined', () => expect(originOf(session('dana@example.com'), people, { ...federation, tenant: null })).toEqual(session('dana@example.com')));

test('whoever is taken over in Entra is contained in AWS too', () => {
  expect(otherSides(entra, people, federation)).toEqual([session('dana@example.com', 'identity-center-user', '111122223333')]);
  expect(otherSides({ ...entra, id: objectId.toUpperCase() }, people, federation)).toHaveLength(1);
});

test.each<[string, Principal]>([
  ['an Entra stranger', { ...entra, id: '0f0f0f0f-0000-4000-8000-0000000000bb' }],
  ['a stolen IAM key does not reach back into Entra', { provider: 'aws', account: '111122223333', kind: 'user', id: 'arn:aws:iam::111122223333:user/dana', name: 'dana' }],
])('no other side: %s', (_what, principal) => expect(otherSides(principal, people, federation)).toEqual([]));

test('no Identity Center, no other side', () => expect(otherSides(entra, people, { ...federation, identityCenterAccount: null })).toEqual([]));
