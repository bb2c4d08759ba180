import type { Principal } from '../../../playbook/model/principal';
import { withoutPath } from '../../../playbook/register';
import { isIdentityCenterRole } from './attribution';
import type { TrailRecord } from './record';

/** The identity behind a record, under the very id that intake gives it, so that incidents join; null for services, foreign identities and what names nobody. */
export function principalOf({ identity, account: trail }: TrailRecord): Principal | null {
  const account = identity.account ?? trail;
  const who = (kind: Principal['kind'], id: string, name: string, owner = account): Principal => ({ provider: 'aws', account: owner, kind, id, name });
  const last = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
  const { type, arn, issuer, userName } = identity;
  const root = (): Principal => who('root', `arn:${arn?.split(':')[1] ?? 'aws'}:iam::${account}:root`, 'root');
  switch (type) {
    case 'Root':
      return root();
    case 'IAMUser':
      return arn ? who('user', withoutPath(arn), last(arn), arn.split(':')[4] || account) : null;
    case 'AssumedRole': {
      const role = withoutPath(issuer?.arn.includes(':role/') ? issuer.arn : (arn ?? ''));
      if (!role.includes(':role/')) return null;
      const owner = role.split(':')[4] || account;
      const session = identity.principalId?.split(':').slice(1).join(':') ?? '';
      return isIdentityCenterRole(role) && session !== '' ? who('identity-center-user', `${owner}:sso:${session}`, session, owner) : who('role', role, last(role), owner);
    }
    case 'FederatedUser':
      if (issuer?.type === 'Root' || issuer?.arn.endsWith(':root')) return root();
      return issuer?.arn.includes(':user/') ? who('user', withoutPath(issuer.arn), last(issuer.arn)) : null;
    case 'SAMLUser':
    case 'WebIdentityUser': {
      const name = userName || identity.principalId;
      return name ? who('federated-user', `${identity.provider || account}:${name}`, name) : null;
    }
    default:
      return null;
  }
}
