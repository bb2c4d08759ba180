import { ApplicationFailure } from '@temporalio/workflow';
import type { LeaseRef } from '../../activities/contract';
import { personalDigest, type Claim, type Sealed } from '../../playbook/break-glass-person';
import type { ErrorCode } from '../../playbook/errors';
import type { PersonalInput, PersonalResult, PersonalStatus, PersonalView } from './messages';

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
  until: string | null = null;
  result: PersonalResult | null = null;
  readonly digest: string;

  constructor(readonly input: PersonalInput) {
    this.digest = personalDigest(input.request);
  }

  view(): PersonalView {
    const { bypass: _bypass, ...request } = this.input.request;
    return { ...request, id: this.input.id, digest: this.digest, status: this.status, bypassed: this.bypassed, approval: this.approval, until: this.until, outcome: this.result?.outcome ?? null };
  }

  checkClaim(claim: Claim, now: number): void {
    if (this.status !== 'ready') throw refused('APPROVAL_CLOSED', this.claim ? 'It was claimed already: each approval shows it once.' : 'It may not be claimed now.');
    if (claim.person !== this.input.request.requester) throw refused('VOTER_NOT_ALLOWED', 'Only the person who asked may have it.');
    if (claim.digest !== this.digest) throw refused('APPROVAL_DIGEST', 'The request is another one than the page showed.');
    if (!(Date.parse(claim.expires) > now)) throw refused('SECOND_FACTOR_REFUSED', 'The passkey’s answer came too late: load the page again.');
    if (!/^[\w-]{80,100}$/.test(claim.sealTo) || typeof claim.assertion !== 'object' || claim.assertion === null) throw refused('INVALID_INPUT', 'sealTo, assertion: not of a page of ours');
  }

  checkBy(by: string): void {
    if (by !== this.input.request.requester) throw refused('VOTER_NOT_ALLOWED', 'Only the person who asked may do that.');
    if (this.status === 'ended' || this.status === 'changing') throw refused('APPROVAL_CLOSED', 'It is given back already.');
  }
}

export const refused = (code: ErrorCode, message: string): ApplicationFailure => ApplicationFailure.create({ type: code, message, nonRetryable: true });
