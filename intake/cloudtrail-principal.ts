import { withoutPath } from '../playbook/register';
import type { Session } from '../playbook/model/alert';
import type { Principal } from '../playbook/model/principal';
import { isoTime, membersOf, object, optional, rejecting, text, type Members } from './fields';

export interface Actor {
  principal: Principal | null;
  session: Session;
  /** The caller's own account: another one than the record's when somebody came from outside. */
  account: string;
}

const SSO_ROLE = /^AWSReservedSSO_/;

/**
 * The identity behind `userIdentity` (CloudTrail user guide, userIdentity element), the same for every event and every source, so that alerts join:
 * - IAM user: its ARN without path (`arn:aws:iam::<account>:user/<name>`; names are unique in an account, and findings do not tell the path)
 * - role session: its role, `arn:aws:iam::<account>:role/<name>`; the session's name is in `session`
 * - Identity Center (`AWSReservedSSO_…` sessions, named after the person): `<account>:sso:<session name>`, kind `identity-center-user`
 * - federated user (GetFederationToken): the user or root whose key made it, because that is what must be contained
 * - root: `arn:aws:iam::<account>:root`
 * - AWS service: its name; another account's identity: `<account>:<unique id>`, kind `unknown`
 * - nothing usable: null
 */
export function actorOf(identity: Members | null, recordAccount: string, path: string): Actor {
  const of = identity ?? {};
  const account = text(of['accountId']) || recordAccount;
  const context = object(of, 'sessionContext', path) ?? {};
  const attributes = membersOf(context['attributes']);
  const issuer = membersOf(context['sessionIssuer']);
  const arn = optional(of, 'arn', path, 2048) ?? '';
  const type = optional(of, 'type', path, 64) ?? '';
  const userName = optional(of, 'userName', path, 1024) ?? '';
  const principalId = optional(of, 'principalId', path, 2048) ?? '';
  const issued = text(attributes['creationDate']);
  const time = issued === '' ? null : rejecting(() => isoTime(issued, ''));
  const mfa = attributes['mfaAuthenticated'];
  const session: Session = {
    accessKeyId: optional(of, 'accessKeyId', path, 256),
    name: null,
    issuedAt: time !== null && 'value' in time ? time.value : null,
    mfa: mfa === 'true' || mfa === true ? 'yes' : mfa === 'false' || mfa === false ? 'no' : 'unknown',
    roleArn: null,
  };
  const partition = arn.startsWith('arn:aws:') ? 'aws' : (/^arn:(aws[a-z-]*):/.exec(arn)?.[1] ?? 'aws');
  const iam = (kind: 'user' | 'role', name: string, owner = account): string => `arn:${partition}:iam::${owner}:${kind}/${name}`;
  const who = (kind: Principal['kind'], id: string, name: string, owner = account): Actor => ({ principal: { provider: 'aws', account: owner, kind, id, name }, session, account });

  switch (type) {
    case 'Root':
      return account === '' ? nobody(session, account) : who('root', `arn:${partition}:iam::${account}:root`, 'root');
    case 'IAMUser': {
      const name = userName || arn.slice(arn.lastIndexOf('/') + 1);
      return name === '' ? nobody(session, account) : who('user', iam('user', name, accountIn(arn) ?? account), name, accountIn(arn) ?? account);
    }
    case 'AssumedRole':
    case 'Role':
      return roleSession(arn, principalId, issuer, userName, account, session, partition);
    case 'FederatedUser': {
      const issuerArn = text(issuer['arn']);
      session.name = arn.slice(arn.lastIndexOf('/') + 1) || null;
      if (text(issuer['type']) === 'Root' || issuerArn.endsWith(':root')) return who('root', `arn:${partition}:iam::${account}:root`, 'root');
      if (issuerArn.includes(':user/')) return who('user', withoutPath(issuerArn), issuerArn.slice(issuerArn.lastIndexOf('/') + 1));
      return arn === '' ? nobody(session, account) : who('federated-user', arn, session.name ?? arn);
    }
    case 'SAMLUser':
    case 'WebIdentityUser': {
      const name = userName || principalId;
      return name === '' ? nobody(session, account) : who('federated-user', `${text(of['identityProvider']) || account}:${name}`, name, account || recordAccount);
    }
    case 'IdentityCenterUser': {
      const onBehalf = membersOf(of['onBehalfOf']);
      const name = userName || text(onBehalf['userId']) || principalId;
      return name === '' ? nobody(session, account) : who('identity-center-user', `${account}:sso:${name}`, name);
    }
    case 'Directory':
    case 'Unknown':
      return userName === '' ? nobody(session, account) : who('identity-center-user', `${account}:sso:${userName}`, userName);
    case 'AWSService': {
      const service = text(of['invokedBy']) || principalId;
      return service === '' ? nobody(session, account) : who('service', service, service);
    }
    case 'AWSAccount': {
      const [unique, name] = principalId.split(':');
      if (name) session.name = name;
      return unique ? who('unknown', `${account}:${unique}`, principalId) : nobody(session, account);
    }
    default:
      return nobody(session, account);
  }
}

const nobody = (session: Session, account: string): Actor => ({ principal: null, session, account });
const accountIn = (arn: string): string | null => {
  // arn:partition:service:region:account:resource
  let start = 0;
  for (let colon = 0; colon < 4; colon++) {
    start = arn.indexOf(':', start) + 1;
    if (start === 0) return null;
  }
  const account = arn.slice(start, start + 12);
  return /^\d{12}$/.test(account) && arn[start + 12] === ':' ? account : null;
};

function roleSession(arn: string, principalId: string, issuer: Members, userName: string, account: string, session: Session, partition: string): Actor {
  const resource = arn.slice(arn.indexOf(':assumed-role/') + ':assumed-role/'.length).split('/');
  const inArn = arn.includes(':assumed-role/');
  const issuerArn = text(issuer['arn']);
  const role = (inArn ? resource[0] : undefined) || issuerArn.slice(issuerArn.lastIndexOf('/') + 1) || text(issuer['userName']) || userName;
  if (!role) return nobody(session, account);
  const owner = accountIn(issuerArn) ?? accountIn(arn) ?? account;
  const name = (inArn ? resource.slice(1).join('/') : '') || principalId.slice(principalId.indexOf(':') + 1 || principalId.length) || '';
  session.name = name === '' ? null : name;
  session.roleArn = issuerArn.includes(':role/') ? issuerArn : `arn:${partition}:iam::${owner}:role/${role}`;
  if (SSO_ROLE.test(role) && name !== '') return { principal: { provider: 'aws', account: owner, kind: 'identity-center-user', id: `${owner}:sso:${name}`, name }, session, account };
  return { principal: { provider: 'aws', account: owner, kind: 'role', id: `arn:${partition}:iam::${owner}:role/${role}`, name: role }, session, account };
}
