import type { Target } from '../model/plan';

/** What the audit judges: an identity, or one long-term key. `account`, `id` and `name` as in `Target`. */
export interface Subject extends Omit<Target, 'region' | 'kind'> {
  kind: 'role' | 'user' | 'access-key' | 'service-principal';
  /** Whose key it is; for keys only. */
  of?: string;
}

/** A report's word that something was used. Reports may count attempts that were denied. */
export interface Claim {
  /** `iam:ListUsers`, or a service alone (`s3`) where the report does not know the action. */
  what: string;
  /** ISO. */
  at: string;
  /** `service-last-accessed`, `role-last-used`, `key-last-used`, `password-last-used`, `sign-in`, `service-principal-report`: for people. */
  by: string;
}

/** What the cloud's own log has of the same identity. */
export interface Logged {
  what: string;
  at: string;
  denied: boolean;
}

/** What a provider read about one subject. */
export interface Observation {
  /** Null: the subject is gone. */
  createdAt: string | null;
  /** Why it is never proposed, in words (protected, service-linked, break-glass, …); null when it may be. */
  exempt: string | null;
  /** Tags and register entries by which an owner may be found, lower-case names. */
  tags: Record<string, string>;
  /** Whom the cloud itself names as its owner, by the names that a directory of people may know. */
  owners?: NamedOwner[];
  claims: Claim[];
  log: Logged[];
  /** Times that count as use by themselves: the provider's word for a success. */
  used: Claim[];
  /** Granted services, and those of them that were used; null when it was not looked at. */
  services: { granted: string[]; used: string[] } | null;
  /** What could not be read, one line each: the subject is then left alone. */
  failed: string[];
  /** What the provider cannot tell of it even when all could be read, one line each: for people. */
  notes?: string[];
}

/** Several names of one person; `because` is for people: `owner in Entra`. */
export interface NamedOwner {
  names: string[];
  because: string;
}

export interface AuditSettings {
  /** Unused for this long, and as old at least. */
  windowMs: number;
  /** How long a removal waits in quarantine, and a narrower policy for complaints. */
  quarantineMs: number;
  /** “Still needed” without a date is asked again after this long; with a date, no later than `neededAtMostMs`. */
  neededMs: number;
  neededAtMostMs: number;
  /** Share of granted services (0 to 1) that must be unused before a narrower policy is proposed. */
  unusedShare: number;
  approval: { quorum: number; deadlineMs: number; remindEveryMs: number; backupAfterMs: number };
  consoleUrl: string | null;
}

/** Who is asked. `owner` null: nobody could be found. */
export interface Owner {
  owner: string | null;
  /** Asked too when the owner does not answer: the owner's manager. */
  backup: string[];
  /** `tag owner`, `register`, `manager of dana`: for people. */
  because: string;
  /** People whose own identity the subject is: they decide nothing about it. */
  recused: string[];
}

export type Outcome = 'gone' | 'exempt' | 'young' | 'unreadable' | 'in-use' | 'unused' | 'over-permitted';

export interface Judgement {
  outcome: Outcome;
  /** ISO; null: never, as far as the provider remembers. */
  lastUse: string | null;
  /** One line each, for people. */
  why: string[];
}

export type ReviewStage =
  | 'looking' | 'asked' | 'in-quarantine' | 'narrowed' | 'needed' | 'restored' | 'removing' | 'removed' | 'in-use' | 'not-proposed' | 'no-owner' | 'unanswered' | 'withdrawn' | 'failed';

/** What a reader of the workflow may see. */
export interface ReviewView {
  review: string;
  subject: Subject;
  stage: ReviewStage;
  judgement: Judgement | null;
  owner: Owner | null;
  approval: string | null;
  /** ISO: end of the quarantine, or when it is asked again. */
  until: string | null;
  changes: string[];
  note: string;
}

/** How far an audit of whole accounts is. */
export interface AuditProgress {
  looked: number;
  /** Subjects by outcome. */
  outcomes: Partial<Record<Outcome, number>>;
  /** Reviews that were started, or were there. */
  reviews: string[];
  /** What could not be looked at, one line each. */
  failed: string[];
  done: boolean;
}
