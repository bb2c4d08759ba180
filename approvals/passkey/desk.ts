import { generateAuthenticationOptions, type AuthenticatorTransport, type PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server';
import type { JsonObject } from '../../playbook/json';
import type { Decided } from '../ports';
import type { ApprovalView } from '../policy';
import { CHALLENGE_LIFE_MS, challengeOf, Challenges, type Challenged, type Purpose } from './challenge';
import { PasskeyRefused, type Passkey, type PasskeyDeps } from './ports';
import { fingerprintOf, Register } from './register';
import { verifyAssertion } from './verify';

/** What a page hands to the browser, and gets back with the answer. */
export interface Question {
  nonce: string;
  options: PublicKeyCredentialRequestOptionsJSON;
}

/** Everything that is proven with a passkey on our page: who signs in, and that an approver means exactly this plan. Throws PasskeyRefused. */
export class PasskeyDesk {
  readonly register: Register;
  readonly challenges: Challenges;
  private readonly now: () => number;

  constructor(readonly deps: PasskeyDeps) {
    this.now = deps.now ?? Date.now;
    this.register = new Register(deps.store, deps.keys, this.now);
    this.challenges = new Challenges(CHALLENGE_LIFE_MS, this.now);
  }

  signInQuestion(): Promise<Question> {
    return this.ask({ purpose: 'sign-in', subject: '', digest: '' }, []);
  }

  /** The person behind the passkey. */
  async signIn(nonce: unknown, assertion: JsonObject): Promise<string> {
    return (await this.prove(this.taken(nonce, 'sign-in', ''), assertion)).person;
  }

  stateOf(approval: string): Promise<ApprovalView | null> {
    return this.deps.approvals.stateOf(approval);
  }

  /** For those who said yes and have not confirmed it yet. */
  async confirmQuestion(approval: string): Promise<Question> {
    const view = await this.stateOf(approval);
    if (!view) throw new PasskeyRefused('There is no such question.');
    if (view.status !== 'open') throw new PasskeyRefused(`This question is already ${view.status}.`);
    if (view.unconfirmed.length === 0) throw new PasskeyRefused('Nobody’s yes waits for a passkey: approve the question in Slack first.');
    const passkeys = await this.register.all(view.unconfirmed);
    if (passkeys.length === 0) throw new PasskeyRefused(`${view.unconfirmed.join(', ')}: no passkey is registered. An administrator invites with: tourniquet passkey invite --person ${view.unconfirmed[0]!}`);
    return this.ask({ purpose: 'confirm', subject: approval, digest: view.digest }, passkeys);
  }

  /** The passkey's word goes into the workflow with all that is needed to verify it again. */
  async confirm(approval: string, nonce: unknown, assertion: JsonObject): Promise<Decided & { person: string }> {
    const challenged = this.taken(nonce, 'confirm', approval);
    const { person } = await this.prove(challenged, assertion);
    return { ...(await this.deps.approvals.confirm(approval, { person, digest: challenged.digest, nonce: challenged.nonce, expires: challenged.expires, assertion })), person };
  }

  async ask(about: Omit<Challenged, 'nonce' | 'expires'>, passkeys: readonly Passkey[]): Promise<Question> {
    const challenged = this.challenges.issue(about);
    const options = await generateAuthenticationOptions({
      rpID: this.deps.party.rpId, challenge: Buffer.from(challengeOf(challenged), 'base64url'), userVerification: 'required', timeout: CHALLENGE_LIFE_MS,
      allowCredentials: passkeys.map((one) => ({ id: one.credentialId, transports: one.transports as AuthenticatorTransport[] })),
    });
    return { nonce: challenged.nonce, options };
  }

  taken(nonce: unknown, purpose: Purpose, subject: string): Challenged {
    const challenged = this.challenges.take(nonce, purpose, subject);
    if (!challenged) throw new PasskeyRefused('This page is too old, or was answered already: load it again.');
    return challenged;
  }

  /** The passkey that answered: signature, counter, and a person who is still one of ours. */
  async prove(challenged: Challenged, assertion: JsonObject): Promise<Passkey> {
    const { passkey, counter } = await verifyAssertion(this.register, this.deps.party, challenged, assertion);
    if (!(await this.register.advance(passkey.credentialId, counter))) await this.cloned(passkey, counter);
    const person = (await this.deps.people()).find((one) => one.id === passkey.person);
    if (!person?.active) throw new PasskeyRefused('This person is not active in the directory.');
    return passkey;
  }

  /** A counter that does not move forward: the key is ended at once, and people are woken. */
  private async cloned(passkey: Passkey, counter: number): Promise<never> {
    const fingerprint = fingerprintOf(passkey.credentialId);
    await this.register.revoke(passkey.credentialId, 'tourniquet', `its counter went back to ${counter}`);
    await this.deps.tell({
      key: `passkey-cloned/${fingerprint}`, level: 'page', title: `A passkey of ${passkey.person} may have been copied`,
      lines: [`Passkey ${fingerprint} answered with a counter that was seen before (${counter}).`, 'It was revoked. Ask the person, look at what it confirmed lately, and invite them anew.'],
    });
    throw new PasskeyRefused('This passkey answered with a counter that was seen before: it was revoked, and people were told.');
  }
}
