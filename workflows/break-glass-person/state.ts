import { ApplicationFailure } from '@temporalio/workflow';
import type { LeaseRef } from '../../activities/contract';
import type { LeaseUse } from '../../playbook/lease-use';
import { personalDigest, type Claim, type Sealed } from '../../playbook/break-glass-person';
import type { ErrorCode } from '../../playbook/errors';
import { unsigned } from '../signed';
import { record } from './say';
import type { GiveBack, PersonalInput, PersonalResult, PersonalStatus, PersonalView } from './messages';

/** One request as it stands. Everything that messages may change is here, synchronously. */
export class Desk {
  status: PersonalStatus = 'asked';
  approval = '';
  bypassed = false;
  claim: (Claim & { at: string }) | null = null;
  lease: LeaseRef | null = null;
  sealed: Sealed | null = null;
  opened = false;
  givenBack = false;
  /** ISO: when the lease was over, and when the change after it was made, by the cloud's own record. */
  returnedAt: string | null = null;
  changedAt: string | null = null;
  /** Somebody else opened it: the change does not wait for anything. */
  stolen = false;
  until: string | null = null;
  result: PersonalResult | null = null;
  readonly digest: string;

  constructor(readonly input: PersonalInput) {
    this.digest = personalDigest(input.request);
  }

  view(): PersonalView {
    const { bypass: _bypass, ...request } = this.input.request;
    return { ...request, id: this.input.id, digest: this.digest, status: this.status, bypassed: this.bypassed, approval: this.approval, until: this.until, outcome: this.result?.outcome ?? null, principal: this.input.principal, use: this.use() };
  }

  private use(): LeaseUse | null {
    if (!this.lease || !this.claim || this.stolen) return null;
    const { id, request: { what, requester } } = this.input;
    return { request: id, what, requester, from: this.claim.at, until: this.returnedAt ?? this.lease.deadline, changedAt: this.changedAt };
  }

  checkClaim(claim: Claim, now: number): void {
    if (this.status !== 'ready') throw refused('APPROVAL_CLOSED', this.claim ? 'It was claimed already: each approval shows it once.' : 'It may not be claimed now.');
    if (claim.person !== this.input.request.requester) throw refused('VOTER_NOT_ALLOWED', 'Only the person who asked may have it.');
    if (claim.digest !== this.digest) throw refused('APPROVAL_DIGEST', 'The request is another one than the page showed.');
    if (!(Date.parse(claim.expires) > now)) throw refused('SECOND_FACTOR_REFUSED', 'The passkey’s answer came too late: load the page again.');
    if (!/^[\w-]{80,100}$/.test(claim.sealTo) || typeof claim.assertion !== 'object' || claim.assertion === null) throw refused('INVALID_INPUT', 'sealTo, assertion: not of a page of ours');
  }

  /** What is wrong with the request's own signature; null when the requester made it. `startedAt` in milliseconds. */
  unsigned(startedAt: number): Promise<string | null> {
    const { id, signature, request: { requester: person, credential, ttlMs: forMs, bypass, reason } } = this.input;
    return unsigned({ act: 'break-glass-request', person, request: id, credential, forMs, bypass: bypass !== null, reason }, signature, startedAt);
  }

  /** Counts once it is known to be the requester's own; it only ends what there is, so nothing waits for it. */
  async giveBack(back: GiveBack, now: number): Promise<void> {
    const problem = back.via === 'console' ? null : await unsigned({ act: 'break-glass-return', person: back.by, request: this.input.id }, back.signature, now).catch(() => 'the directory cannot be read');
    if (problem === null) this.givenBack = true;
    else await record(this.input, `return-not-theirs/${now}`, `A return in the name of ${back.by} does not count: ${problem}`, {}).catch(() => undefined);
  }

  checkBy(by: string, via: GiveBack['via'] = 'console'): void {
    if (via !== 'console' && via !== 'cli') throw refused('INVALID_INPUT', 'via: must be console or cli');
    if (by !== this.input.request.requester) throw refused('VOTER_NOT_ALLOWED', 'Only the person who asked may do that.');
    if (this.status === 'ended' || this.status === 'changing') throw refused('APPROVAL_CLOSED', 'It is given back already.');
  }
}

export const refused = (code: ErrorCode, message: string): ApplicationFailure => ApplicationFailure.create({ type: code, message, nonRetryable: true });
