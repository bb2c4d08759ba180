import type { Person } from './model/people';
import type { Principal } from './model/principal';

/** Where the organisation's people live: the Entra tenant, and the AWS account whose IAM Identity Center they are federated into. */
export interface Federation {
  tenant: string | null;
  identityCenterAccount: string | null;
}

const OBJECT_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const isEntra = (identity: string): boolean => OBJECT_ID.test(identity);
/** Identity Center user names are what is neither an ARN nor an object id. */
const isIdentityCenter = (identity: string): boolean => !isEntra(identity) && !identity.startsWith('arn:');

/** Sessions that an identity provider opened: whoever has the person's sign-in has these too. An IAM user is an identity of its own. */
const federated: ReadonlySet<Principal['kind']> = new Set(['identity-center-user', 'federated-user']);

const entraSide = (person: Person, { tenant }: Federation): Principal | null => {
  const id = person.identities.find(isEntra);
  return id && tenant ? { provider: 'azure', account: tenant, kind: 'user', id, name: person.email } : null;
};

const awsSide = (person: Person, { identityCenterAccount }: Federation): Principal | null => {
  const name = person.identities.find(isIdentityCenter);
  return name && identityCenterAccount ? { provider: 'aws', account: identityCenterAccount, kind: 'identity-center-user', id: `${identityCenterAccount}:sso:${name}`, name } : null;
};

/** Whose incident a principal's alerts belong to: somebody federated from Entra is one person there, whatever account the session is in. Anybody else: the principal itself. */
export function originOf(principal: Principal, people: readonly Person[], federation: Federation): Principal {
  if (principal.provider !== 'aws' || !federated.has(principal.kind)) return principal;
  const person = people.find((one) => one.identities.some((identity) => isIdentityCenter(identity) && identity.toLowerCase() === principal.name.toLowerCase()));
  return (person && entraSide(person, federation)) ?? principal;
}

/** The same person's identity in the other cloud, when it hangs on this one: contained and watched with it. */
export function otherSides(principal: Principal, people: readonly Person[], federation: Federation): Principal[] {
  if (principal.provider !== 'azure') return [];
  const person = people.find((one) => one.identities.some((identity) => identity.toLowerCase() === principal.id.toLowerCase()));
  const other = person ? awsSide(person, federation) : null;
  return other ? [other] : [];
}
