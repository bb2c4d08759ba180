import { createRemoteJWKSet, customFetch, errors, jwtVerify } from 'jose';
import type { Person } from '../playbook/model/people';
import type { Vote } from '../playbook/model/approval';
import { voteNonce } from '../playbook/vote-statement';
import { ofNow, SIGNATURE_LIFE_MS } from './policy';
import type { ApprovalPort, Decided } from './ports';

/** Asymmetric only: `none` and an HMAC with the public key as secret verify nothing. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];
const CLOCK_SKEW_S = 60;

export interface OidcSettings {
  /** Exactly as the provider names itself. */
  issuer: string;
  clientId: string;
  /** The claim that names a person for good: `sub`, or Entra’s `oid`. Never an e-mail address, which other tenants can claim. */
  claim: 'sub' | 'oid';
}

/** What an ID token shows; refused in words for the person. Anything else (provider away) is thrown as it is. */
export class OidcRefused extends Error {
  override readonly name = 'OidcRefused';
}

/** Who signed in, as the provider names them, for an ID token with exactly this nonce. */
export type IdTokenVerifier = (idToken: string, nonce: string) => Promise<string>;

/** Keys are read from the provider’s discovery document (OpenID Connect Discovery 1.0) and kept; an unknown key id reads them again. */
export function idTokenVerifier({ issuer, clientId, claim }: OidcSettings, fetcher: typeof fetch = fetch): IdTokenVerifier {
  let keys: Promise<ReturnType<typeof createRemoteJWKSet>> | null = null;
  const known = (): NonNullable<typeof keys> => {
    keys ??= keySet(issuer, fetcher).catch((error: unknown) => {
      keys = null;
      throw error;
    });
    return keys;
  };
  return async (idToken, nonce) => {
    const set = await known();
    try {
      const { payload } = await jwtVerify(idToken, set, { issuer, audience: clientId, algorithms: ALGORITHMS, clockTolerance: CLOCK_SKEW_S, maxTokenAge: SIGNATURE_LIFE_MS / 1_000, requiredClaims: ['exp', 'iat', 'sub', 'nonce', claim] });
      if (payload['nonce'] !== nonce) throw new OidcRefused('The sign-in was for something else: question, plan, decision, reason and time must be as signed in for.');
      if (Array.isArray(payload.aud) && payload.aud.length > 1 && payload['azp'] !== clientId) throw new OidcRefused('The sign-in was made for another application.');
      const subject = payload[claim];
      if (typeof subject !== 'string' || subject === '') throw new OidcRefused(`The sign-in does not say who you are (${claim}).`);
      return subject;
    } catch (error) {
      // jose's answers for keys that cannot be read are no word about the token.
      if (!(error instanceof errors.JOSEError) || error.code === 'ERR_JWKS_TIMEOUT' || error.code === 'ERR_JOSE_GENERIC') throw error;
      throw new OidcRefused(`The sign-in does not hold (${error.code}).`);
    }
  };
}

async function keySet(issuer: string, fetcher: typeof fetch): Promise<ReturnType<typeof createRemoteJWKSet>> {
  const answer = await fetcher(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, { redirect: 'error', signal: AbortSignal.timeout(5_000) });
  if (!answer.ok) throw new Error(`the identity provider answers ${answer.status} for its configuration`);
  const { issuer: named, jwks_uri: uri } = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (named !== issuer || typeof uri !== 'string') throw new Error('the identity provider’s configuration names another issuer, or no keys');
  if (new URL(uri).protocol !== 'https:' && new URL(issuer).protocol === 'https:') throw new Error('the identity provider’s keys are not behind https');
  return createRemoteJWKSet(new URL(uri), { [customFetch]: fetcher as never });
}

/** A vote as the command line sends it after a sign-in whose nonce is `voteNonce`: the token is for this vote and no other. `at` is ISO. */
export interface OidcVote {
  vote: Pick<Vote, 'person' | 'decision' | 'digest' | 'reason' | 'voteId'>;
  at: string;
  idToken: string;
}

/** Passes on the vote of a person who signed in for it. Throws OidcRefused; the approval workflow judges all else. */
export function oidcVotes({ verify, people, decide, now }: { verify: IdTokenVerifier; people: () => Promise<readonly Person[]>; decide: ApprovalPort['decide']; now: () => number }) {
  return async (approval: string, { vote, at, idToken }: OidcVote): Promise<Decided> => {
    if (!ofNow(at, now())) throw new OidcRefused('The vote is not of now: sign in again.');
    const subject = await verify(idToken, voteNonce(approval, vote, at));
    const person = (await people()).find((one) => one.oidc === subject && one.active);
    if (!person) throw new OidcRefused('The directory knows nobody active by that sign-in.');
    if (person.id !== vote.person) throw new OidcRefused(`You signed in as ${person.id}, and vote as somebody else.`);
    return decide(approval, { ...vote, via: 'console', voteId: `oidc/${person.id}/${vote.voteId}` });
  };
}
