import type { User } from '@microsoft/microsoft-graph-types';
import { createSign, randomBytes } from 'node:crypto';
import { Fault, type Caller } from '../protocol/types';
import { newId, type Session, type Sim, type Token } from '../state/sim';

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What a scope or resource names: the v2 endpoint takes `<resource>/.default`. Sovereign clouds have other hosts, the words stay. */
export function audienceOf(scope: string, urls: { graph: string; arm: string }): Token['audience'] {
  if (scope.startsWith(urls.graph) || /graph\.microsoft/i.test(scope)) return 'graph';
  if (scope.startsWith(urls.arm) || /management\.(core\.|azure|usgovcloudapi|chinacloudapi)|management\.azure/i.test(scope)) return 'arm';
  return /storage\.azure\.com|blob\.core/i.test(scope) ? 'storage' : 'other';
}

export interface Asked {
  audience: Token['audience'];
  /** The `aud` claim. */
  resource: string;
  caller: Token['caller'];
  session: Session | null;
  claims?: Record<string, unknown>;
}

/** Issues an access token: a signed JWT with the claims that Entra writes, and kept, because a token is only as good as what it stands for. */
export function issue(sim: Sim, asked: Asked): Token {
  const now = sim.now();
  const token: Token = { text: '', audience: asked.audience, caller: asked.caller, session: asked.session?.id ?? null, issuedAt: now, expiresAt: now + sim.tokenLifeMs };
  const { id, appId, kind, name, roles } = asked.caller;
  const payload = {
    aud: asked.resource, iss: `https://sts.windows.net/${sim.tenantId}/`, iat: Math.floor(now / 1000), nbf: Math.floor(now / 1000), exp: Math.ceil(token.expiresAt / 1000),
    appid: appId, oid: id, sub: id, tid: sim.tenantId, uti: randomBytes(16).toString('base64url'), ver: '1.0', ...(kind === 'app' ? { idtyp: 'app', app_displayname: name, roles } : { idtyp: 'user', upn: name, scp: 'user_impersonation' }), ...asked.claims,
  };
  const head = `${base64({ typ: 'JWT', alg: 'RS256', kid: 'sandbox' })}.${base64(payload)}`;
  token.text = `${head}.${createSign('RSA-SHA256').update(head).sign(sim.signingKey.privateKey, 'base64url')}`;
  sim.tokens.set(token.text, token);
  return token;
}

export function startSession(sim: Sim, user: string, appId: string, mfa: boolean): Session {
  const session: Session = { id: newId(), user, appId, mfa, refreshToken: `0.${randomBytes(32).toString('base64url')}`, startedAt: sim.now() };
  sim.sessions.set(session.refreshToken, session);
  return session;
}

const invalid = (message: string): Fault =>
  new Fault(401, 'InvalidAuthenticationToken', message, { 'WWW-Authenticate': 'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="invalid_token"' });

/** Who makes the call; throws what Graph or ARM answer when the token is missing, foreign, expired, or no longer worth anything. */
export function callerOf(sim: Sim, audience: 'graph' | 'arm' | 'storage', authorization: string | undefined): Token['caller'] {
  const text = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  if (!text) throw audience === 'arm' ? new Fault(401, 'AuthenticationFailed', 'Authentication failed. The \'Authorization\' header is missing.') : invalid('Access token is empty.');
  const token = sim.tokens.get(text);
  if (audience === 'storage' && (token?.audience !== audience || token.expiresAt <= sim.now())) throw new Fault(401, 'InvalidAuthenticationInfo', 'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.', { 'WWW-Authenticate': 'Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize resource_id=https://storage.azure.com' });
  if (!token) throw audience === 'arm' ? new Fault(401, 'InvalidAuthenticationToken', 'The access token is invalid.') : invalid('CompactToken validation failed.');
  if (token.audience !== audience) throw audience === 'arm' ? new Fault(401, 'InvalidAuthenticationTokenAudience', 'The access token has been obtained for wrong audience or resource.') : invalid('Access token validation failure. Invalid audience.');
  if (token.expiresAt <= sim.now()) throw audience === 'arm' ? new Fault(401, 'ExpiredAuthenticationToken', 'The access token expiry UTC time is earlier than current UTC time.') : invalid('Lifetime validation failed, the token is expired.');
  if (token.caller.kind === 'user' && cutOff(sim, token)) throw new Fault(401, 'InvalidAuthenticationToken', 'Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenCreatedWithOutdatedPolicies', { 'WWW-Authenticate': 'Bearer error="insufficient_claims"' });
  return token.caller;
}

/** Continuous access evaluation: a person disabled, deleted or revoked loses running tokens too, some time later. Applications have no such thing here. */
function cutOff(sim: Sim, token: Token): boolean {
  const user = sim.shelf<User>('users').get(token.caller.id);
  if (!user) return true;
  const by = sim.now() - sim.lags.sessionMs;
  const session = [...sim.sessions.values()].find((one) => one.id === token.session);
  const revokedAt = Date.parse(user.signInSessionsValidFromDateTime ?? '') || 0;
  if (session && session.startedAt < revokedAt && revokedAt <= by) return true;
  return user.accountEnabled === false && (sim.disabledAt.get(token.caller.id) ?? 0) <= by;
}

/** The caller with what only this request tells. */
export const withRequest = (caller: Token['caller'], ip: string, userAgent: string): Caller => ({ ...caller, ip, userAgent });
