import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { RotationProof } from '../../activities/contract';
import type { Claim, PersonalRequest, Sealed } from '../../playbook/break-glass-person';
import type { IncidentSettings } from '../../playbook/model/settings';
import type { LeaseUse } from '../../playbook/lease-use';
import type { Principal } from '../../playbook/model/principal';
import type { Step } from '../../playbook/model/plan';
import type { Signature } from '../../playbook/signed-request';

/** One person asks for one credential that only people can use. */
export interface PersonalInput {
  /** `bgp-` and 20 hex digits: the workflow's id and its case in the evidence store. */
  id: string;
  request: PersonalRequest;
  /** By the requester's own key over `requestStatement`: without it nobody is asked. */
  signature: Signature;
  /** Whom the credential signs in as: root of the account, or the emergency account of the tenant. */
  principal: Principal;
  /** Of the break-glass tier. */
  asking: IncidentSettings['approvals']['break-glass'];
  consoleUrl: string | null;
  /** How long an approval waits to be claimed: nothing is lent before. */
  claimMs: number;
  /** Every how long the cloud is asked whether the change is on record, and when it is escalated. */
  humanTask: IncidentSettings['humanTask'];
  /** The human task that changes it, as an action whose `verify` reads the cloud's own record. */
  change: Step;
}

/**
 * asked → ready (may be claimed) → lending → shown → changing (returned; a person changes it, the cloud's record proves it) → ended
 */
export type PersonalStatus = 'asked' | 'ready' | 'lending' | 'shown' | 'changing' | 'ended';

export interface PersonalView extends Omit<PersonalRequest, 'bypass'> {
  id: string;
  digest: string;
  status: PersonalStatus;
  bypassed: boolean;
  approval: string;
  /** ISO: until when it may be claimed, later until when it may be held; null before. */
  until: string | null;
  outcome: PersonalResult['outcome'] | null;
  /** Whom it signs in as, and when it was lent; null before it is, and when somebody else opened it. */
  principal: Principal;
  use: LeaseUse | null;
}

export interface PersonalResult {
  outcome: 'changed' | 'refused' | 'denied' | 'expired' | 'unclaimed' | 'withdrawn' | 'failed';
  bypassed: boolean;
  proof: RotationProof | null;
  error: string | null;
}

export const personalQuery = defineQuery<PersonalView>('request');
/** The credential sealed to the page that claimed it; null before, and once the page has opened it. */
export const sealedQuery = defineQuery<Sealed | null>('sealed');
/** Refused unless it may be claimed now, by its requester, over this very request. Use the claim's nonce as the update id. */
export const claimUpdate = defineUpdate<PersonalView, [Claim]>('claim');
/** The page has opened it. */
export const openedUpdate = defineUpdate<PersonalView, [{ by: string }]>('opened');
/** The console's page has authenticated them by their passkey; from the command line it is signed. */
export type GiveBack = { by: string; via: 'console' } | { by: string; via: 'cli'; signature: Signature };
/** By the requester: given back before the time is over, or not wanted any more. */
export const giveBackUpdate = defineUpdate<PersonalView, [GiveBack]>('giveBack');
