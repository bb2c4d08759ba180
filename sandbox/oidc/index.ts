import { serve, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { createHash, randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';

export interface SandboxOidc {
  issuer: string;
  clientId: string;
  /** Who sits at the browser: the subject that the next sign-in gives. */
  person: string;
  /** Answers everything with 503 while true. */
  away: boolean;
  /** A token as the provider makes them, with any claim changed; undefined leaves one out. */
  token(claims: Record<string, unknown>, key?: CryptoKey): Promise<string>;
  /** A new signing key; the old one is no longer published. */
  rotate(): Promise<void>;
  publicKey(): JWK;
  stop(): Promise<void>;
}

interface Asked { challenge: string; redirect: string; nonce: string }

/** An identity provider with what the command line and the console use of OpenID Connect: discovery, authorization code with PKCE S256, ID tokens, JWKS. */
export async function startOidc(clientId = 'tourniquet-cli'): Promise<SandboxOidc> {
  const codes = new Map<string, Asked>();
  let issuer = '';
  let key = await fresh();
  const app = new Hono();
  const house: SandboxOidc = {
    issuer, clientId, person: 'sub-ada', away: false,
    token: (claims, own) => {
      const now = Math.floor(Date.now() / 1_000);
      const all = { iss: issuer, aud: clientId, sub: house.person, iat: now, exp: now + 600, ...claims };
      return new SignJWT(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))).setProtectedHeader({ alg: 'ES256', kid: key.jwk.kid! }).sign(own ?? key.privateKey);
    },
    rotate: async () => {
      key = await fresh();
    },
    publicKey: () => key.jwk,
    stop: async () => undefined,
  };
  app.use((context, next) => (house.away ? Promise.resolve(context.text('away', 503)) : next()));
  app.get('/.well-known/openid-configuration', (context) => context.json({
    issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys`, response_types_supported: ['code'], subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'], code_challenge_methods_supported: ['S256'],
  }));
  app.get('/keys', (context) => context.json({ keys: [key.jwk] }));
  app.get('/authorize', (context) => {
    const { client_id: client, redirect_uri: redirect = '', code_challenge: challenge = '', code_challenge_method: method, state = '', nonce = '', scope = '', prompt } = context.req.query();
    // RFC 8252: a native application's loopback redirect may have any port.
    if (client !== clientId || !/^http:\/\/127\.0\.0\.1:\d+\/$/.test(redirect)) return context.text('unknown client or redirect address', 400);
    if (method !== 'S256' || !challenge || !scope.split(' ').includes('openid') || prompt !== 'login') return context.redirect(`${redirect}?error=invalid_request&state=${encodeURIComponent(state)}`);
    const code = randomBytes(16).toString('base64url');
    codes.set(code, { challenge, redirect, nonce });
    return context.redirect(`${redirect}?code=${code}&state=${encodeURIComponent(state)}`);
  });
  app.post('/token', async (context) => {
    const { code = '', code_verifier: verifier = '', redirect_uri: redirect, client_id: client } = (await context.req.parseBody()) as Record<string, string>;
    const asked = codes.get(code);
    codes.delete(code);
    if (!asked || client !== clientId || redirect !== asked.redirect || createHash('sha256').update(verifier).digest('base64url') !== asked.challenge) return context.json({ error: 'invalid_grant' }, 400);
    return context.json({ access_token: randomBytes(16).toString('hex'), token_type: 'Bearer', expires_in: 600, id_token: await house.token({ nonce: asked.nonce }) });
  });
  const server = await new Promise<ServerType>((resolve) => {
    const started: ServerType = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(started));
  });
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  house.issuer = issuer;
  house.stop = () => new Promise((resolve) => void server.close(() => resolve()));
  return house;
}

async function fresh(): Promise<{ privateKey: CryptoKey; jwk: JWK }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  return { privateKey, jwk: { ...jwk, alg: 'ES256', use: 'sig', kid: await calculateJwkThumbprint(jwk) } };
}
