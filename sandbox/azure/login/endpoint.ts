import type { Application, FederatedIdentityCredential, KeyCredential, PasswordCredential, ServicePrincipal, User } from '@microsoft/microsoft-graph-types';
import { createPublicKey } from 'node:crypto';
import { Fault, ok, type Answer, type Call } from '../protocol/types';
import { digest, type Session, type Sim, type Token } from '../state/sim';
import { readJwt, signedBy } from './assertion';
import { access, type SignInDetail } from './conditional-access';
import { grantedRoles } from './granted';
import { recordSignIn } from './record';
import { audienceOf, issue, startSession } from './tokens';

export interface Urls { login: string; graph: string; arm: string }

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const client = (code: string): Fault => new Fault(401, 'invalid_client', code);
const grant = (code: string): Fault => new Fault(400, 'invalid_grant', code);

/** `POST /{tenant}/oauth2/v2.0/token`. Source: Microsoft identity platform, OAuth 2.0 client credentials, ROPC and refresh flows. */
export function tokenEndpoint(sim: Sim, urls: Urls, call: Call): Answer {
  const scope = text(call.body['scope']);
  const audience = audienceOf(scope, urls);
  const resource = scope.split(' ').find((one) => one.includes('/'))?.replace(/\/\.default$/, '') ?? scope;
  const token = text(call.body['grant_type']) === 'client_credentials' ? forApplication(sim, urls, call, audience, resource) : forPerson(sim, call, audience, resource);
  const refresh = token.session ? [...sim.sessions.values()].find((one) => one.id === token.session)?.refreshToken : undefined;
  const seconds = Math.max(1, Math.floor((token.expiresAt - sim.now()) / 1000));
  return ok({ token_type: 'Bearer', scope, expires_in: seconds, ext_expires_in: seconds, access_token: token.text, ...(refresh && { refresh_token: refresh }) });
}

function forApplication(sim: Sim, urls: Urls, call: Call, audience: Token['audience'], resource: string): Token {
  const appId = text(call.body['client_id']);
  const application = sim.shelf<Application>('applications').list().find((one) => one.appId === appId) ?? null;
  const principal = sim.shelf<ServicePrincipal>('servicePrincipals').list().find((one) => one.appId === appId) ?? null;
  if (!principal) throw new Fault(400, 'unauthorized_client', `AADSTS700016: Application with identifier '${appId}' was not found in the directory '${sim.domain}'.`);
  const refuse = (fault: Fault): Fault => {
    recordSignIn(sim, call, { principal, resource, errorCode: fault.message, keyId: null });
    return fault;
  };
  const keyId = provenBy(sim, urls, call, appId, [application, principal], refuse);
  if (principal.accountEnabled === false) throw refuse(client(`AADSTS7000112: Application '${appId}'(${principal.displayName}) is disabled.`));
  recordSignIn(sim, call, { principal, resource, errorCode: null, keyId });
  return issue(sim, { audience, resource, session: null, caller: { kind: 'app', id: principal.id!, appId, name: principal.displayName ?? '', roles: grantedRoles(sim, principal.id!) } });
}

type Holder = { passwordCredentials?: PasswordCredential[] | null; keyCredentials?: KeyCredential[] | null; id?: string } | null;

function provenBy(sim: Sim, urls: Urls, call: Call, appId: string, holders: Holder[], refuse: (fault: Fault) => Fault): string {
  const secret = text(call.body['client_secret']);
  if (secret) {
    const held = holders.flatMap((one) => one?.passwordCredentials ?? []).find((one) => sim.secrets.get(one.keyId!) === digest(secret));
    if (!held) throw refuse(client(`AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${appId}'.`));
    if (Date.parse(held.endDateTime ?? '9999-12-31') < sim.now()) throw refuse(client(`AADSTS7000222: The provided client secret keys for app '${appId}' are expired.`));
    return held.keyId!;
  }
  const jwt = readJwt(text(call.body['client_assertion']));
  if (!jwt) throw refuse(client('AADSTS7000218: The request body must contain the following parameter: \'client_assertion\' or \'client_secret\'.'));
  if (jwt.claims['iss'] !== appId) return federated(sim, jwt, holders[0], refuse);
  try {
    const keys = holders.flatMap((one) => one?.keyCredentials ?? []) as { keyId?: string; key?: string; endDateTime?: string }[];
    return signedBy(jwt, appId, (aud) => aud.startsWith(urls.login) && aud.toLowerCase().includes(sim.tenantId), keys, sim.now());
  } catch (error) {
    throw error instanceof Fault ? refuse(error) : error;
  }
}

/** Workload identity: a token of another issuer that a federated credential of the application names. */
function federated(sim: Sim, jwt: NonNullable<ReturnType<typeof readJwt>>, application: Holder | undefined, refuse: (fault: Fault) => Fault): string {
  const { iss, sub, aud } = jwt.claims;
  const trusted = sim.shelf<FederatedIdentityCredential & { applicationId: string }>('federatedIdentityCredentials').list().find((one) => one.applicationId === application?.id && one.issuer === iss && one.subject === sub && (one.audiences ?? []).includes(String(aud)));
  if (!trusted) throw refuse(client(`AADSTS700213: No matching federated identity record found for presented assertion subject '${String(sub)}'.`));
  const key = sim.issuers.get(String(iss));
  if (!key || !jwt.verified(createPublicKey(key))) throw refuse(client('AADSTS700027: The signature of the presented assertion could not be validated.'));
  return trusted.id ?? '';
}

function forPerson(sim: Sim, call: Call, audience: Token['audience'], resource: string): Token {
  const appId = text(call.body['client_id']);
  const users = sim.shelf<User>('users');
  const kind = text(call.body['grant_type']);
  const old = kind === 'refresh_token' ? (sim.sessions.get(text(call.body['refresh_token'])) ?? null) : null;
  if (kind === 'refresh_token' && !old) throw grant('AADSTS9002313: Invalid request. Request is malformed or invalid.');
  if (kind !== 'refresh_token' && kind !== 'password') throw new Fault(400, 'unsupported_grant_type', `AADSTS70003: The app requested an unsupported grant type '${kind}'.`);
  const name = text(call.body['username']).toLowerCase();
  const user = old ? users.seen(old.user) : (users.list().find((one) => one.userPrincipalName?.toLowerCase() === name) ?? null);
  if (!user) throw grant(`AADSTS50034: The user account does not exist in the ${sim.tenantId} directory.`);
  const detail: SignInDetail = { user, appId, resource, mfa: old?.mfa ?? call.headers['x-sandbox-mfa'] === 'yes', interactive: !old, protocol: old ? 'none' : 'ropc' };
  const refuse = (fault: Fault): Fault => {
    recordSignIn(sim, call, { user, detail, resource, errorCode: fault.message });
    return fault;
  };
  if (!old && sim.passwords.get(user.id!) !== digest(text(call.body['password']))) throw refuse(grant('AADSTS50126: Error validating credentials due to invalid username or password.'));
  if (user.accountEnabled === false) throw refuse(grant('AADSTS50057: The user account is disabled.'));
  if (old && old.startedAt < Date.parse(user.signInSessionsValidFromDateTime ?? '1970-01-01')) throw refuse(grant('AADSTS50173: The provided grant has expired due to it being revoked, a fresh auth token is needed.'));
  const refused = access(sim, detail, call.caller.ip);
  if (refused) throw refuse(grant(refused));
  const session: Session = old ?? startSession(sim, user.id!, appId, detail.mfa);
  recordSignIn(sim, call, { user, detail, resource, errorCode: null, session: session.id });
  return issue(sim, { audience, resource, session, caller: { kind: 'user', id: user.id!, appId, name: user.userPrincipalName ?? '', roles: [] } });
}
