import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { idTokenVerifier, OidcRefused, oidcVotes, type OidcVote } from '../../approvals/oidc';
import { voteNonce } from '../../playbook/vote-statement';
import { startOidc, type SandboxOidc } from '../../sandbox/oidc';
import { Desk, PEOPLE } from '../slack/harness';

let provider: SandboxOidc;
beforeAll(async () => {
  provider = await startOidc();
});
afterAll(() => provider.stop());
beforeEach(() => {
  provider.away = false;
  provider.person = 'sub-ada';
});

const people = PEOPLE.map((one) => ({ ...one, oidc: `sub-${one.id}`, active: one.id !== 'cy' }));

/** A question, a vote by `ada`, and the way in under test; `at` is the vote's time. */
function bench(now = Date.now()) {
  const desk = new Desk();
  const { id, digest } = desk.ask();
  const vote = { person: 'ada', decision: 'approve' as const, digest, reason: 'plan read', voteId: 'cli-00000000' };
  const at = new Date(now).toISOString();
  const nonce = voteNonce(id, vote, at);
  const send = oidcVotes({ verify: idTokenVerifier({ ...provider, claim: 'sub' }), people: async () => people, decide: desk.decide, now: Date.now });
  return { desk, id, vote, at, nonce, send: (idToken: string, over: Partial<OidcVote> = {}, approval = id) => send(approval, { vote, at, idToken, ...over }) };
}

test('a sign-in made for exactly this vote is a vote', async () => {
  const { desk, nonce, send } = bench();
  expect(await send(await provider.token({ nonce }))).toMatchObject({ ok: true });
  expect(desk.votes).toMatchObject([{ person: 'ada', decision: 'approve', via: 'console', voteId: 'oidc/ada/cli-00000000' }]);
});

test('the same token again, and fifty at once, is one vote', async () => {
  const { desk, nonce, send } = bench();
  const token = await provider.token({ nonce });
  await Promise.all(Array.from({ length: 50 }, () => send(token)));
  expect(desk.votes).toHaveLength(1);
});

test.each<[string, Partial<OidcVote['vote']>]>([
  ['another decision', { decision: 'deny' }], ['another plan', { digest: 'b'.repeat(64) }], ['another reason', { reason: 'something else' }], ['another person', { person: 'ben' }], ['another number', { voteId: 'cli-11111111' }],
])('a sign-in for one vote is none for %s', async (_what, over) => {
  const { desk, nonce, vote, send } = bench();
  await expect(send(await provider.token({ nonce }), { vote: { ...vote, ...over } })).rejects.toThrow(/for something else/);
  expect(desk.votes).toEqual([]);
});

test('nor for another question, nor for another time', async () => {
  const { desk, nonce, send } = bench();
  const other = desk.ask({ id: 'apr-ffffffffffffffffffff' });
  const token = await provider.token({ nonce });
  await expect(send(token, {}, other.id)).rejects.toThrow(/for something else/);
  await expect(send(token, { at: new Date(Date.now() - 1_000).toISOString() })).rejects.toThrow(/for something else/);
  expect(desk.votes).toEqual([]);
});

const seconds = (ms: number): number => Math.floor((Date.now() + ms) / 1_000);
test.each<[string, (nonce: string) => Promise<string>, RegExp]>([
  ['of another issuer', (nonce) => provider.token({ nonce, iss: 'https://login.example.org' }), /CLAIM_VALIDATION/],
  ['for another application', (nonce) => provider.token({ nonce, aud: 'other' }), /CLAIM_VALIDATION/],
  ['for several applications, made for another', (nonce) => provider.token({ nonce, aud: [provider.clientId, 'other'], azp: 'other' }), /another application/],
  ['that is over', (nonce) => provider.token({ nonce, iat: seconds(-200_000), exp: seconds(-120_000) }), /EXPIRED|CLAIM/],
  ['that is still good but old', (nonce) => provider.token({ nonce, iat: seconds(-20 * 60_000), exp: seconds(600_000) }), /EXPIRED/],
  ['of the future', (nonce) => provider.token({ nonce, iat: seconds(10 * 60_000), exp: seconds(20 * 60_000) }), /CLAIM_VALIDATION/],
  ['without an end', (nonce) => provider.token({ nonce, exp: undefined }), /CLAIM_VALIDATION/],
  ['without a nonce', () => provider.token({ nonce: undefined }), /CLAIM_VALIDATION/],
  ['without a subject', (nonce) => provider.token({ nonce, sub: undefined }), /CLAIM_VALIDATION/],
  ['by a key of the attacker’s under the provider’s name', async (nonce) => provider.token({ nonce }, (await generateKeyPair('ES256')).privateKey), /SIGNATURE_VERIFICATION/],
  ['that is not signed', async (nonce) => new UnsecuredJWT({ nonce }).setIssuer(provider.issuer).setAudience(provider.clientId).setSubject('sub-ada').setIssuedAt().setExpirationTime('5m').encode(), /does not hold/],
  ['signed with the public key as a secret', (nonce) => new SignJWT({ nonce }).setProtectedHeader({ alg: 'HS256', kid: provider.publicKey().kid! }).setIssuer(provider.issuer).setAudience(provider.clientId).setSubject('sub-ada').setIssuedAt().setExpirationTime('5m').sign(new TextEncoder().encode(JSON.stringify(provider.publicKey()))), /does not hold/],
  ['that is none', async () => 'not.a.token-at-all-of-any-kind', /does not hold/],
])('a token %s proves nobody', async (_what, make, why) => {
  const { desk, nonce, send } = bench();
  const refused = send(await make(nonce));
  await expect(refused).rejects.toThrow(OidcRefused);
  await expect(refused).rejects.toThrow(why);
  expect(desk.votes).toEqual([]);
});

test('a token with a key of its own in the header is not believed', async () => {
  const { nonce, send } = bench();
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  const token = await new SignJWT({ nonce }).setProtectedHeader({ alg: 'ES256', jwk }).setIssuer(provider.issuer).setAudience(provider.clientId).setSubject('sub-ada').setIssuedAt().setExpirationTime('5m').sign(privateKey);
  await expect(send(token)).rejects.toThrow(/SIGNATURE_VERIFICATION/);
});

test.each([['nobody knows', 'sub-mallory', /knows nobody active/], ['who has left', 'sub-cy', /knows nobody active/], ['who is somebody else', 'sub-ben', /signed in as ben/]])('a person %s decides nothing', async (_what, subject, why) => {
  const { desk, nonce, send } = bench();
  await expect(send(await provider.token({ nonce, sub: subject }))).rejects.toThrow(why);
  expect(desk.votes).toEqual([]);
});

test('a vote that was signed in for and kept for later is none', async () => {
  const { desk, nonce, send } = bench(Date.now() - 6 * 60_000);
  await expect(send(await provider.token({ nonce }))).rejects.toThrow(/not of now/);
  expect(desk.votes).toEqual([]);
});

test('what the rules refuse is still refused', async () => {
  const desk = new Desk();
  const { id, digest } = desk.ask();
  const vote = { person: 'rita', decision: 'approve' as const, digest, reason: 'mine', voteId: 'cli-00000000' };
  const at = new Date().toISOString();
  const send = oidcVotes({ verify: idTokenVerifier({ ...provider, claim: 'sub' }), people: async () => people, decide: desk.decide, now: Date.now });
  expect(await send(id, { vote, at, idToken: await provider.token({ nonce: voteNonce(id, vote, at), sub: 'sub-rita' }) })).toMatchObject({ ok: false, message: expect.stringMatching(/asked for this yourself/) });
});

test('a provider that is away refuses nobody: it is an error, and works again when it is back', async () => {
  const { desk, nonce, send } = bench();
  const token = await provider.token({ nonce });
  provider.away = true;
  const failed = await send(token).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(Error);
  expect(failed).not.toBeInstanceOf(OidcRefused);
  provider.away = false;
  expect(await send(token)).toMatchObject({ ok: true });
  expect(desk.votes).toHaveLength(1);
});

test('keys that cannot be read are an error too, not a refusal', async () => {
  const verify = idTokenVerifier({ ...provider, claim: 'sub' }, (async (url: string | URL, init?: RequestInit) => (String(url).endsWith('/keys') ? new Response('away', { status: 503 }) : fetch(url, init))) as typeof fetch);
  const failed = await verify(await provider.token({ nonce: 'n' }), 'n').catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(Error);
  expect(failed).not.toBeInstanceOf(OidcRefused);
});

test('a key that the provider has withdrawn signs nothing any more', async () => {
  const old = await provider.token({ nonce: 'n' });
  await provider.rotate();
  const verify = idTokenVerifier({ ...provider, claim: 'sub' });
  await expect(verify(old, 'n')).rejects.toThrow(/NO_MATCHING_KEY/);
  expect(await verify(await provider.token({ nonce: 'n' }), 'n')).toBe('sub-ada');
});

test('a provider that names itself otherwise is not trusted', async () => {
  const verify = idTokenVerifier({ ...provider, issuer: provider.issuer.replace('127.0.0.1', 'localhost'), claim: 'sub' });
  await expect(verify(await provider.token({ nonce: 'n' }), 'n')).rejects.toThrow(/another issuer/);
});

test('Entra’s object id is taken where the configuration says so, and its absence is refused', async () => {
  const verify = idTokenVerifier({ ...provider, claim: 'oid' });
  expect(await verify(await provider.token({ nonce: 'n', oid: 'object' }), 'n')).toBe('object');
  await expect(verify(await provider.token({ nonce: 'n' }), 'n')).rejects.toThrow(OidcRefused);
});
