import { verifyAuthenticationResponse, type AuthenticationResponseJSON, type AuthenticatorTransport } from '@simplewebauthn/server';
import type { JsonObject } from '../../playbook/json';
import { challengeOf, type Challenged } from './challenge';
import { fingerprintOf, type Register } from './register';
import { PasskeyRefused, type Passkey, type RelyingParty } from './ports';

export interface Proven {
  passkey: Passkey;
  counter: number;
}

/**
 * Verifies an assertion against the register: the exact challenge, origin and relying party, the person present and verified (PIN, finger, face), a key that is
 * registered, not revoked, and of a kind that is allowed. Says whose it is; throws PasskeyRefused, in words for people. Does not look at the counter.
 */
export async function verifyAssertion(register: Pick<Register, 'find'>, party: RelyingParty, challenged: Challenged, assertion: JsonObject): Promise<Proven> {
  const response = assertion as unknown as AuthenticationResponseJSON;
  if (typeof response.id !== 'string' || response.id.length > 2_000) throw new PasskeyRefused('That is not an answer of a passkey.');
  const passkey = await register.find(response.id);
  if (!passkey) throw new PasskeyRefused('This passkey is not registered here, or was revoked.');
  const { verified, authenticationInfo: info } = await verifyAuthenticationResponse({
    response, expectedChallenge: challengeOf(challenged), expectedOrigin: party.origin, expectedRPID: party.rpId, requireUserVerification: true,
    // Counters are kept in the register, where two at the same time cannot both win.
    credential: { id: passkey.credentialId, publicKey: Buffer.from(passkey.publicKey, 'base64url'), counter: 0, transports: passkey.transports as AuthenticatorTransport[] },
  }).catch((error: unknown) => {
    throw new PasskeyRefused(reasonOf(error));
  });
  if (!verified) throw new PasskeyRefused('The signature of the passkey does not hold.');
  if (party.backedUp === 'refuse' && (info.credentialDeviceType === 'multiDevice' || info.credentialBackedUp)) throw new PasskeyRefused('This passkey is synced to other devices, which is not allowed here.');
  return { passkey, counter: info.newCounter };
}

/** The library's words, without what was sent. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : '';
  if (/challenge/i.test(text)) return 'The passkey answered another question than this one.';
  if (/origin/i.test(text)) return 'The passkey was used on another page than this one.';
  if (/RP ?ID/i.test(text)) return 'The passkey belongs to another site.';
  if (/user (could not be verified|verification)/i.test(text)) return 'The authenticator did not verify the person (PIN, finger or face).';
  return 'The answer of the passkey does not hold.';
}

export { fingerprintOf };
