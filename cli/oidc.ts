import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as oidc from 'openid-client';
import type { OidcVote } from '../approvals/oidc';
import { CommandError, exit } from './exit';

const PATIENCE_MS = 5 * 60_000;

/**
 * Signs a person in at the organisation’s identity provider, in their own browser: authorization code with PKCE, back to this machine (RFC 8252).
 * A fresh sign-in is asked for. Returns the ID token, which carries `nonce`. Throws CommandError.
 */
export async function signIn(settings: { issuer: string; clientId: string }, nonce: string, say: (line: string) => void, patienceMs = PATIENCE_MS): Promise<string> {
  const issuer = new URL(settings.issuer);
  const provider = await oidc.discovery(issuer, settings.clientId, undefined, oidc.None(), issuer.protocol === 'http:' ? { execute: [oidc.allowInsecureRequests] } : undefined).catch((error: unknown) => {
    throw new CommandError(`the identity provider does not answer as one: ${error instanceof Error ? error.message : 'unknown'}`, exit.unreachable);
  });
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  try {
    const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const parameters = { redirect_uri: here, scope: 'openid', code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256', state, nonce, prompt: 'login' };
    say(`Sign in here, within ${Math.round(patienceMs / 60_000)} minutes:\n  ${oidc.buildAuthorizationUrl(provider, parameters).href}`);
    const back = await new Promise<URL>((resolve, reject) => {
      const late = setTimeout(() => reject(new CommandError('nobody signed in in time', exit.failed)), patienceMs);
      server.on('request', (request, response) => {
        const url = new URL(request.url ?? '/', here);
        // Browsers ask for an icon too, and anybody on this machine may knock.
        if (url.pathname !== '/' || url.searchParams.get('state') !== state) return void response.writeHead(404).end();
        response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end('You may close this page and go back to the command line.');
        clearTimeout(late);
        resolve(url);
      });
    });
    const tokens = await oidc.authorizationCodeGrant(provider, back, { pkceCodeVerifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }).catch((error: unknown) => {
      throw new CommandError(`not signed in: ${error instanceof Error ? error.message : 'unknown'}`, exit.failed);
    });
    return tokens.id_token!;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** Hands the vote and its proof to the console, which verifies it. Throws CommandError with the console’s own words. */
export async function sendVote(console: string, approval: string, sent: OidcVote): Promise<void> {
  const answer = await fetch(`${console.replace(/\/$/, '')}/api/approvals/${encodeURIComponent(approval)}/votes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(sent), redirect: 'error', signal: AbortSignal.timeout(30_000) }).catch(() => {
    throw new CommandError(`the console does not answer at ${console}`, exit.unreachable);
  });
  if (answer.ok) return;
  const { message } = (await answer.json().catch(() => ({}))) as { message?: unknown };
  throw new CommandError(`refused: ${typeof message === 'string' ? message : `the console answers ${answer.status}`}`, answer.status >= 500 ? exit.unreachable : exit.failed);
}
