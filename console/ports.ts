/** What the console reads, as interfaces: the composition root ties them to Temporal, the evidence store and the codec. The console changes nothing but the vote of whoever is signed in as themselves. */
import type { Vote } from '../playbook/model/approval';
import type { ChainedEntry } from '../playbook/model/evidence';
import type { Principal } from '../playbook/model/principal';
import type { Verdict } from '../playbook/model/verdict';

export interface IncidentRow {
  incident: string;
  /** Null when only the search attributes are at hand. */
  principal: Pick<Principal, 'name' | 'account' | 'provider' | 'kind'> | null;
  verdict: string | null;
  risk: string | null;
  phase: string;
  /** ISO. */
  openedAt: string;
  closedAt: string | null;
}

/** One incident as its workflow tells it (`IncidentStatus` of workflows/incident fits as it is). */
export interface IncidentView {
  incident: string;
  caseKey: string;
  principal: Principal;
  phase: string;
  verdict: Verdict | null;
  alerts: number;
  joined: number;
  findings: { check: string; state: 'found' | 'nothing' | 'could-not-look'; summary: string }[];
  steps: { step: string; row: string; title: string; target: string; state: string; holds: boolean; at: string }[];
  humanTasks: { title: string; reference: string; done: boolean }[];
  breakGlass: { outcome: string; error: string | null } | null;
  escalated: string[];
  times: { firstEvent: string; alerted: string; acknowledged: string | null; contained: string | null };
  watchUntil: string | null;
  problems: string[];
}

export interface ApprovalCard {
  id: string;
  title: string;
  tier: string;
  state: 'open' | 'approved' | 'denied' | 'expired' | 'withdrawn';
  quorum: number;
  /** ISO. */
  deadline: string | null;
  changes: string[];
  votes: { person: string; decision: string; at: string; via: string }[];
  /** Whose yes waits for their passkey. */
  unconfirmed: string[];
}

/** A question as the page shows it before a passkey confirms it (`ApprovalView` of approvals/policy fits as it is). */
export interface QuestionCard {
  id: string;
  incident: string | null;
  title: string;
  changes: string[];
  because: string[];
  ifNobodyAnswers: string;
  digest: string;
  requester: string | null;
  status: string;
  deadline: string;
  waitingFor: string;
  unconfirmed: string[];
  votes: { person: string; decision: string; reason: string; at: string }[];
}

/** The same with what its page shows besides. */
export interface ApprovalQuestion extends QuestionCard {
  tier: string;
  quorum: number;
  approvals: number;
  /** What yes and no mean, when not “approve” and “deny”; `date`: a no may say until when. */
  words?: { approve: string; deny: string; date?: string };
  votes: { person: string; decision: string; reason: string; at: string; via: string }[];
}

/** The way to the approval workflow: `ApprovalPort` of approvals/ports fits. */
export interface ApprovalsPort {
  /** Null when there is no such question. */
  question(approval: string): Promise<ApprovalQuestion | null>;
  /** Resolves only when Temporal holds the vote, or says in words why it does not count. */
  decide(approval: string, vote: Vote): Promise<{ ok: true } | { ok: false; message: string }>;
}

/** Votes of people who signed in at the organisation’s identity provider. Refusals are thrown as an Error named `OidcRefused`, in words for the person. */
export interface OidcPort {
  vote(approval: string, sent: { vote: Pick<Vote, 'person' | 'decision' | 'digest' | 'reason' | 'voteId'>; at: string; idToken: string }): Promise<{ ok: true } | { ok: false; message: string }>;
}

/** A challenge for the browser; `options` goes to WebAuthn as it is. */
export interface PasskeyQuestion {
  nonce: string;
  options: object;
}

type Answer = Record<string, unknown>;

/** What passkeys prove. Refusals are thrown as an Error named `PasskeyRefused`, in words for the person. */
export interface PasskeyPort {
  invitation(token: unknown): Promise<PasskeyQuestion & { person: string }>;
  register(token: unknown, nonce: unknown, response: Answer): Promise<{ person: string; fingerprint: string }>;
  signInQuestion(): Promise<PasskeyQuestion>;
  /** The person. */
  signIn(nonce: unknown, assertion: Answer): Promise<string>;
  /** Null when there is no such question. */
  question(approval: string): Promise<QuestionCard | null>;
  confirmQuestion(approval: string): Promise<PasskeyQuestion>;
  confirm(approval: string, nonce: unknown, assertion: Answer): Promise<{ person: string; said: string }>;
  claims: ClaimsPort;
}

/** A person's request for a credential (`PersonalView` of workflows/break-glass-person fits as it is). */
export interface ClaimCard {
  id: string;
  what: string;
  account: string;
  requester: string;
  reason: string;
  ttlMs: number;
  status: string;
  bypassed: boolean;
  until: string | null;
  outcome: string | null;
}

/** Refusals as in `PasskeyPort`. */
export interface ClaimsPort {
  stateOf(id: string): Promise<ClaimCard | null>;
  question(id: string, sealTo: unknown): Promise<PasskeyQuestion>;
  claim(id: string, nonce: unknown, assertion: Answer): Promise<void>;
  /** For the page's own key; null while it is not there yet, or was opened. */
  sealed(id: string): Promise<object | null>;
  say(verb: 'opened' | 'giveBack', id: string, by: string): Promise<void>;
}

export interface IncidentsPort {
  /** Newest first. */
  list(): Promise<IncidentRow[]>;
  /** Null when Temporal does not know it (any more). */
  get(incident: string): Promise<IncidentView | null>;
  approvals(incident: string): Promise<ApprovalCard[]>;
}

export interface VerifiedEvidence {
  ok: boolean;
  entries: number;
  rawObjects: number;
  sealed: boolean;
  sealHash: string | null;
  signature: string;
  first: { where: string; what: string; text: string } | null;
}

export interface EvidencePort {
  cases(): Promise<string[]>;
  /** In order. */
  timeline(caseKey: string): Promise<ChainedEntry[]>;
  /** The report as it is now; null when there is no such case. */
  report(caseKey: string, format: 'html' | 'markdown'): Promise<string | null>;
  verify(caseKey: string): Promise<VerifiedEvidence>;
}

/** A Temporal payload in its JSON form: every value base64 (docs.temporal.io/codec-server). */
export interface PayloadJson {
  metadata?: Record<string, string>;
  data?: string;
}

export interface CodecPort {
  decode(payloads: PayloadJson[]): Promise<PayloadJson[]>;
}

/** Who a token belongs to; null when to nobody. A verifier of OIDC tokens fits here as well as `tokenAuth`. */
export interface Auth {
  whoIs(token: string): Promise<string | null>;
}

/** As pino has it. */
export interface ConsoleLog {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
}

export interface ConsoleOptions {
  incidents: IncidentsPort;
  evidence: EvidencePort;
  codec: CodecPort;
  auth: Auth;
  /** Null where no browser could use one. */
  passkeys: PasskeyPort | null;
  /** Null without an identity provider of the organisation. */
  oidc: OidcPort | null;
  /** Left out where questions are only shown with their incident. */
  approvals?: ApprovalsPort | null;
  log: ConsoleLog;
  /** The Temporal UI's origin, exactly; null = no browser of another origin may decode. */
  uiOrigin: string | null;
  /** Where an incident is in the Temporal UI; null = no links. */
  workflowUrl: ((incident: string) => string) | null;
  /** True behind https: cookies are then `Secure` and bound to the host. */
  secureCookies: boolean;
  /** Also takes the token as part of the codec's address, for a Temporal UI that cannot send one (the dev server's). Off unless asked for: an address is easily seen. */
  codecTokenInPath?: boolean;
  now?: () => number;
}

/** What a signed-in request carries; `own` when the person signed in with their own passkey. */
export type Env = { Variables: { person: string; own: boolean } };
