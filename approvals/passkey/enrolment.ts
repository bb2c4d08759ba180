import { generateRegistrationOptions, verifyRegistrationResponse, type PublicKeyCredentialCreationOptionsJSON, type RegistrationResponseJSON } from '@simplewebauthn/server';
import { createHash } from 'node:crypto';
import type { JsonObject } from '../../playbook/json';
import type { Person } from '../../playbook/model/people';
import { challengeOf } from './challenge';
import type { PasskeyDesk } from './desk';
import { PasskeyRefused, type Invite, type Passkey } from './ports';
import { fingerprintOf } from './register';
import { reasonOf } from './verify';

/** Registering a passkey by an administrator's one-time link. Throws PasskeyRefused. */
export class Enrolment {
  constructor(private readonly desk: PasskeyDesk) {}

  async question(token: unknown): Promise<{ nonce: string; person: string; expires: string; options: PublicKeyCredentialCreationOptionsJSON }> {
    const { invite, person, subject } = await this.invited(token);
    const { party } = this.desk.deps;
    const challenged = this.desk.challenges.issue({ purpose: 'register', subject, digest: '' });
    const known = await this.desk.register.all([person.id]);
    const options = await generateRegistrationOptions({
      rpName: 'Tourniquet', rpID: party.rpId, userName: person.id, userDisplayName: person.name, userID: createHash('sha256').update(`tourniquet-person:${person.id}`).digest(),
      challenge: Buffer.from(challengeOf(challenged), 'base64url'), attestationType: 'none', excludeCredentials: known.map((one) => ({ id: one.credentialId })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' }, supportedAlgorithmIDs: [-7, -8, -257],
    });
    return { nonce: challenged.nonce, person: person.id, expires: invite.expires, options };
  }

  async register(token: unknown, nonce: unknown, response: JsonObject): Promise<Passkey> {
    const { invite, subject, text } = await this.invited(token);
    const { party } = this.desk.deps;
    const challenged = this.desk.taken(nonce, 'register', subject);
    const { verified, registrationInfo: info } = await verifyRegistrationResponse({
      response: response as unknown as RegistrationResponseJSON, expectedChallenge: challengeOf(challenged), expectedOrigin: party.origin, expectedRPID: party.rpId,
      requireUserVerification: true, supportedAlgorithmIDs: [-7, -8, -257],
    }).catch((error: unknown) => {
      throw new PasskeyRefused(reasonOf(error));
    });
    if (!verified || !info) throw new PasskeyRefused('The answer of the authenticator does not hold.');
    if (party.backedUp === 'refuse' && (info.credentialDeviceType === 'multiDevice' || info.credentialBackedUp)) {
      throw new PasskeyRefused('This passkey is synced to other devices, which is not allowed here: use a security key, or a passkey bound to this device.');
    }
    const { credential } = info;
    const passkey: Passkey = {
      person: invite.person, credentialId: credential.id, publicKey: Buffer.from(credential.publicKey).toString('base64url'), transports: credential.transports ?? [],
      deviceType: info.credentialDeviceType, backedUp: info.credentialBackedUp, aaguid: info.aaguid, registeredAt: new Date(this.desk.deps.now?.() ?? Date.now()).toISOString(), invitedBy: invite.by,
    };
    await this.desk.register.add(text, passkey);
    if (credential.counter > 0) await this.desk.register.advance(credential.id, credential.counter);
    await this.desk.deps.tell({
      key: `passkey-registered/${fingerprintOf(passkey.credentialId)}`, level: 'warn', title: `${passkey.person} registered a passkey`,
      lines: [`Passkey ${fingerprintOf(passkey.credentialId)} (${passkey.deviceType}), invited by ${invite.by}.`, 'Was it not you? tourniquet passkey revoke ends it.'],
    });
    return passkey;
  }

  private async invited(token: unknown): Promise<{ invite: Invite; person: Person; subject: string; text: string }> {
    const text = typeof token === 'string' && /^[\w-]{20,100}$/.test(token) ? token : '';
    const invite = text ? await this.desk.register.openInvite(text) : null;
    const person = invite && (await this.desk.deps.people()).find((one) => one.id === invite.person && one.active);
    if (!invite || !person) throw new PasskeyRefused('This invitation is used, expired or not known: ask for a new one.');
    return { invite, person, subject: createHash('sha256').update(text).digest('hex').slice(0, 20), text };
  }
}
