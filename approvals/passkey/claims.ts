import type { JsonObject } from '../../playbook/json';
import { isPersonalId, type Claim, type Sealed } from '../../playbook/break-glass-person';
import type { PasskeyDesk, Question } from './desk';
import { PasskeyRefused } from './ports';

/** A request as its workflow tells it (`PersonalView` of workflows/break-glass-person fits as it is). */
export interface ClaimView {
  id: string;
  what: string;
  account: string;
  requester: string;
  reason: string;
  ttlMs: number;
  digest: string;
  status: string;
  bypassed: boolean;
  until: string | null;
  outcome: string | null;
}

/** The way to the workflow of a request. Updates are refused with words for the person (`refused`). */
export interface ClaimPort {
  stateOf(id: string): Promise<ClaimView | null>;
  claim(id: string, claim: Claim): Promise<{ refused: string | null }>;
  sealed(id: string): Promise<Sealed | null>;
  opened(id: string, by: string): Promise<{ refused: string | null }>;
  giveBack(id: string, by: string): Promise<{ refused: string | null }>;
}

/** The one page on which one person sees a credential once. Throws PasskeyRefused. */
export class Claims {
  constructor(private readonly desk: PasskeyDesk, private readonly port: ClaimPort) {}

  stateOf(id: string): Promise<ClaimView | null> {
    return isPersonalId(id) ? this.port.stateOf(id) : Promise.resolve(null);
  }

  async question(id: string, sealTo: unknown): Promise<Question> {
    const view = await this.stateOf(id);
    if (!view) throw new PasskeyRefused('There is no such request.');
    if (view.status !== 'ready') throw new PasskeyRefused(view.status === 'asked' ? 'It is not approved yet.' : 'It was claimed already: each approval shows it once.');
    if (typeof sealTo !== 'string' || !/^[\w-]{80,100}$/.test(sealTo)) throw new PasskeyRefused('This page is too old: load it again.');
    const passkeys = await this.desk.register.all([view.requester]);
    if (passkeys.length === 0) throw new PasskeyRefused(`${view.requester} has no passkey. An administrator invites with: tourniquet passkey invite --person ${view.requester}`);
    return this.desk.ask({ purpose: 'claim', subject: id, digest: view.digest, sealTo }, passkeys);
  }

  async claim(id: string, nonce: unknown, assertion: JsonObject): Promise<void> {
    const challenged = this.desk.taken(nonce, 'claim', id);
    const { person } = await this.desk.prove(challenged, assertion);
    const { digest, expires, sealTo } = challenged;
    const { refused } = await this.port.claim(id, { person, digest, nonce: challenged.nonce, expires, sealTo: sealTo!, assertion });
    if (refused) throw new PasskeyRefused(refused);
  }

  /** What the page then opens with the key that only it has; null while it is not there yet. */
  sealed(id: string): Promise<Sealed | null> {
    return isPersonalId(id) ? this.port.sealed(id) : Promise.resolve(null);
  }

  async say(verb: 'opened' | 'giveBack', id: string, by: string): Promise<void> {
    if (!isPersonalId(id)) throw new PasskeyRefused('There is no such request.');
    const { refused } = await this.port[verb](id, by);
    if (refused) throw new PasskeyRefused(refused);
  }
}
