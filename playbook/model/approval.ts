import type { JsonObject } from '../json';
import type { Signature } from '../signed-request';
import type { Tier } from './plan';

/** A question to people. Everything in it was made by Tourniquet; texts from alerts inside are hostile and escaped where shown. */
export interface ApprovalRequest {
  /** `apr-` and 20 hex digits; the approval workflow's id. */
  id: string;
  incident: string | null;
  tier: Exclude<Tier, 'automatic'>;
  title: string;
  /** What exactly will change, one line each. */
  changes: string[];
  /** Why it is asked, one line each. */
  because: string[];
  /** What happens when nobody answers, in words. */
  ifNobodyAnswers: string;
  /** `proceed` only for reversible containment of a critical (tier `approve`); else `stay-undone`. */
  onTimeout: 'proceed' | 'stay-undone';
  /** The plan's digest: what is approved is what runs. */
  digest: string;
  /** Who asks: a person id, or null when Tourniquet asks on an alert. */
  requester: string | null;
  /** People whose own identity is the matter: they may not decide. */
  recused: string[];
  /** How many different people must approve. */
  quorum: number;
  /** Milliseconds from the start, on the workflow's clock. */
  deadlineMs: number;
  remindEveryMs: number;
  /** After this long the back-up approvers are asked too. */
  backupAfterMs: number;
  /** A yes counts only once its person has confirmed it with a passkey; a no needs none. */
  secondFactor?: boolean;
  /** These people decide, in place of the tier's; still active, never the requester nor the recused. */
  deciders?: { people: string[]; backup: string[] };
  /** What yes and no mean, where they are not “approve” and “deny”; `date`: a no may say until when. */
  words?: { approve: string; deny: string; date?: string };
}

export type Via = 'slack' | 'cli' | 'console';

/** One person's vote, as the edge that authenticated it passes it on. */
export interface Vote {
  person: string;
  decision: 'approve' | 'deny';
  digest: string;
  reason: string;
  /** With a no, where the question takes one: the date (YYYY-MM-DD) until which it holds. */
  until?: string;
  via: Via;
  /** The edge's own id of the click: the same click twice is one vote. */
  voteId: string;
  /** Of a vote from the command line: by the person's own key over `voteStatement`. */
  signature?: Signature;
}

/**
 * A passkey's word that its person means exactly this plan: a WebAuthn assertion over a challenge made of approval, digest, person, nonce and expiry.
 * Public material only. Whoever acts on it verifies the signature against the register of passkeys; the rules see to who, when and once.
 */
export interface Confirmation {
  person: string;
  digest: string;
  /** Of one challenge; counts once. */
  nonce: string;
  /** ISO; after it the challenge is void. */
  expires: string;
  /** `AuthenticationResponseJSON` of WebAuthn. */
  assertion: JsonObject;
}

export interface ApprovalResult {
  id: string;
  digest: string;
  outcome: 'approved' | 'denied' | 'expired' | 'withdrawn';
  /** The votes that counted, in order, with ISO times. */
  votes: (Vote & { at: string })[];
  /** Second factors of the votes that counted; absent where none was asked for. */
  confirmations?: (Confirmation & { at: string })[];
  decidedAt: string;
}
