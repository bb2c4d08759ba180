/** What workflows may call, by worker. Types only: workflows import these and nothing else from activities. */
import type { Claim, PersonalRequest, Sealed } from '../playbook/break-glass-person';
import type { Watchers } from '../playbook/blindness';
import type { JsonObject } from '../playbook/json';
import type { Alert, EvidenceRef } from '../playbook/model/alert';
import type { ApprovalRequest, ApprovalResult, Vote } from '../playbook/model/approval';
import type { RecordEntry } from '../playbook/model/evidence';
import type { CheckId, Finding } from '../playbook/model/finding';
import type { Phase, Plan, PlanPhase, Step, StepOutcome } from '../playbook/model/plan';
import type { Person } from '../playbook/model/people';
import type { Principal } from '../playbook/model/principal';
import type { SessionOrigin } from '../playbook/session-chain';
import type { IncidentSettings } from '../playbook/model/settings';
import type { Baseline } from '../playbook/triage/baseline';
import type { Documents, LookedUp } from '../playbook/triage/inputs';
import type { Verdict } from '../playbook/model/verdict';

/** Names the case in the evidence store: incident id and episode (`inc-….1`); the same principal attacked again next month is episode 2. */
export type CaseKey = string;

export interface OpenedIncident {
  caseKey: CaseKey;
  episode: number;
  settings: IncidentSettings;
  documents: Documents;
  /** People whose own identity the principal is. */
  linkedPeople: string[];
  /** The same person in another cloud, federated from this principal. */
  otherSides?: Principal[];
  /** Set when every alert was already handled by an earlier, closed episode: the same alert twice changes nothing. */
  alreadyHandledIn: CaseKey | null;
}

/** Task queue `tourniquet-case`: evidence, tickets, people. Holds no cloud credential. */
export interface CaseActivities {
  openIncident(input: { incident: string; runId: string; principal: Principal; alerts: Alert[] }): Promise<OpenedIncident>;
  /** Registers, tickets, rotations and authorised admins that speak for or against these alerts. */
  findDocuments(input: { principal: Principal; alerts: Alert[] }): Promise<Documents>;
  record(input: { caseKey: CaseKey; entries: RecordEntry[] }): Promise<void>;
  /** To the people of one escalation condition (section 6), over every channel configured for them; once per key. */
  escalate(input: Escalation): Promise<Delivery[]>;
  notify(input: Notice): Promise<Delivery[]>;
  /** Posts or updates in place; returns the handle to update it again. Never throws for Slack being away: says `delivered: false`. */
  showApproval(input: ShownApproval): Promise<{ delivered: boolean; handle: JsonObject; retryAfterMs?: number }>;
  /** Who may decide now, freshly from the directory; `backup` adds the back-up approvers. */
  lookUpApprovers(input: { request: Pick<ApprovalRequest, 'tier' | 'requester' | 'recused' | 'deciders'>; backup: boolean }): Promise<Person[]>;
  /** The person's own public keys, freshly from the directory; none for somebody who is not there, or not active. */
  lookUpKeys(input: { person: string }): Promise<string[]>;
  /** Tells the organisation's campaign about a critical incident; several accounts are one major incident, and incidents that share an address are linked. */
  joinCampaign(input: { caseKey: CaseKey; incident: string; provider: string; account: string; at: string; accounts: number; windowMs: number; addresses?: string[] }): Promise<void>;
  /** Sends alerts on to the incident of whoever opened their session. Returns whose incident that is: a federated person is one with their identity in Entra. */
  handOver(input: { incident: string; caseKey: CaseKey; origin: SessionOrigin; alerts: Alert[] }): Promise<{ incident: string; principal: Principal }>;
  /** Starts or joins the incident of the alert's principal; resolves only when Temporal has it. The same alert twice changes nothing. */
  raiseAlert(input: { principal: Principal; alert: Alert }): Promise<{ incident: string }>;
  /** Keeps a plan that joins several providers' plans, under its own digest, as each provider keeps its own. */
  keepPlan(input: { caseKey: CaseKey; incident: string; phase: PlanPhase; steps: Step[] }): Promise<EvidenceRef>;
  /** Opens a tracked task for people (ticket when there is a ticket system); returns its reference. */
  openHumanTask(input: { caseKey: CaseKey; key: string; title: string; instructions: string[] }): Promise<{ reference: string }>;
  /** Report in Markdown and HTML, IoCs as JSON, CSV and STIX 2.1, then the chain is sealed. */
  closeCase(input: ClosedCase): Promise<{ sealHash: string; entries: number; reportKey: string }>;
}

export interface Escalation {
  caseKey: CaseKey;
  /** Section 6 row, e.g. `6.1`; once per case and condition. */
  condition: string;
  title: string;
  lines: string[];
  /** Contact groups by name: `ciso`, `cloud-team`, `soc-lead`, `legal`, `dpo`, `finance`, `major-incident`. */
  to: string[];
  /** ISO time by which law wants it done (PDPA 72 h), or null. */
  deadline: string | null;
}

export interface Notice {
  caseKey: CaseKey | null;
  key: string;
  level: 'info' | 'warn' | 'page';
  title: string;
  lines: string[];
}

export interface Delivery {
  channel: 'slack' | 'email' | 'pagerduty' | 'webhook';
  to: string;
  delivered: boolean;
  error: string | null;
}

export interface ShownApproval {
  request: ApprovalRequest;
  /** Null at first; then what `showApproval` returned. */
  handle: JsonObject | null;
  state: 'open' | ApprovalResult['outcome'];
  votes: (Vote & { at: string })[];
  approvers: string[];
  /** ISO. */
  deadline: string;
  reminder: boolean;
  /** Page with the whole question, when a console is configured. */
  link?: string | null;
  /** Whose yes still waits for their passkey, and the page where they confirm it; absent where no second factor is asked for. */
  unconfirmed?: string[];
  confirmLink?: string | null;
}

export interface ClosedCase {
  caseKey: CaseKey;
  incident: string;
  principal: Principal;
  verdict: Verdict;
  alerts: Alert[];
  /** Last 12 hex digits of the id of every alert that joined, also of those that are not in `alerts`: none of them opens a case again. */
  seen?: string[];
  findings: Finding[];
  outcome: 'contained-and-recovered' | 'false-positive' | 'undone' | 'escalated' | 'handed-over';
  /** ISO times: first event, alert accepted, contained, closed; null when it did not happen. */
  times: { firstEvent: string; alerted: string; acknowledged: string | null; contained: string | null; closed: string };
}

/** What every provider activity needs to know about the incident. */
export interface CaseContext {
  incident: string;
  caseKey: CaseKey;
  principal: Principal;
  /** This provider's own; the case of a person with sides in several clouds may have none here. */
  alerts: Alert[];
  /** What the same person's alerts in the other clouds tell: the attacker's addresses, and when it began (ISO). */
  elsewhere?: { addresses: string[]; firstAlert: string };
  /** ISO: when every automatic step of 2.1 had been carried out, the first time; absent before. */
  contained?: string;
}

export interface ActionInput {
  incident: string;
  caseKey: CaseKey;
  step: Step;
  /** The digest of the plan that the step is part of, and where that plan is kept: the digest is what is trusted. */
  digest: string;
  plan: EvidenceRef | null;
  /** The approval workflow's id for tiers above automatic; the activity asks Temporal itself whether it was approved for this digest. */
  approval: string | null;
  /** Set on the break-glass queue only: which lease to act with. */
  lease: LeaseRef | null;
}

/**
 * Task queue `tourniquet-<provider>`; each name is registered as `<provider>.<name>`, checks as `<provider>.check.<id>`,
 * and actions as `<action id>.apply|verify|undo`.
 */
export interface ProviderActivities {
  /** Context that a name lacks, for triage: is the role admin, is the target known, what does the policy grant. */
  lookUp(input: { principal: Principal; alerts: Alert[] }): Promise<LookedUp>;
  /** What of the alerts is new for the principal, by its own past before them; for what is not critical, and so can wait for it. */
  baseline(input: { principal: Principal; alerts: Alert[] }): Promise<Baseline>;
  /** Proposes the phase's actions and plans them all in parallel; keeps the plan as evidence under its digest, unless the case is not open yet (`keep: false`). */
  plan(input: CaseContext & { phase: Phase; findings: Finding[]; keep?: false }): Promise<Plan>;
  check(input: CaseContext & { check: CheckId }): Promise<Finding>;
  /** Verifies many steps in one go (5 s, 30 s, 5 min, 15 min after, and in the watch). */
  verifyAll(input: { incident: string; caseKey: CaseKey; steps: Step[] }): Promise<StepOutcome[]>;
  /** What the principal, its keys, roles and addresses did since `since`. */
  watch(input: CaseContext & { findings: Finding[]; since: string }): Promise<Watched>;
}

/** On the AWS queue, registered as `backstop.<name>`. */
export interface BackstopActivities {
  /** Reads CloudTrail's event history and delivers what is worth an incident, except the `known` alerts. Returns all alerts of the window, by id; `unreadBefore` (ISO) when older events are left. */
  sweep(input: { account: string; region: string; from: string; to: string; known: string[] }): Promise<{ read: number; alerts: string[]; unreadBefore: string | null }>;
  watchers(input: { account: string; region: string }): Promise<Watchers>;
  /** Opens or joins the incident of the account's blindness. */
  raise(alerts: Alert[]): Promise<void>;
}

export interface Watched {
  until: string;
  /** Things that moved; empty is quiet. */
  moves: { time: string; event: string; by: string; text: string; blocked: boolean }[];
  error: string | null;
}

/** A break-glass credential checked out for one use; holds no secret. */
export interface LeaseRef {
  credential: string;
  leaseId: string;
  version: number;
  /** ISO. */
  deadline: string;
  account: string;
}

export interface RotationProof {
  credential: string;
  /** First 12 hex digits of SHA-256 of the key ids. */
  oldFingerprint: string;
  newFingerprint: string;
  newVersion: number;
  provenLoginAt: string;
  oldRefused: boolean;
}

/** A loan to a person, as the workflow passes it on; the worker verifies all of it again. */
export interface PersonalLoan {
  /** The request's workflow. */
  id: string;
  caseKey: CaseKey;
  approval: string;
  request: PersonalRequest;
  claim: Claim;
}

/** Task queue `tourniquet-break-glass`: the only process that reaches the vault; it also runs cloud actions under a lease. */
export interface BreakGlassActivities {
  checkOut(input: { incident: string; caseKey: CaseKey; credential: string; account: string; holder: string; approval: string; digest: string; ttlMs: number }): Promise<LeaseRef>;
  returnCredential(input: { caseKey: CaseKey; lease: LeaseRef }): Promise<void>;
  rotateCredential(input: { caseKey: CaseKey; lease: LeaseRef }): Promise<RotationProof>;
  /** For a person, on their claim: verifies approval (or bypass) and passkey, then lends exclusively. */
  checkOutForPerson(input: PersonalLoan): Promise<LeaseRef>;
  /** The credential, sealed to the page that claimed it; nothing readable. */
  deliverToPerson(input: PersonalLoan & { lease: LeaseRef }): Promise<{ sealed: Sealed; accessor: string }>;
  /** After a person changed it and the cloud's record proved that: null while the vault has no newer version. */
  settleForPerson(input: { caseKey: CaseKey; lease: LeaseRef; provenAt: string }): Promise<RotationProof | null>;
  /** Ends a lease that is overdue, in the name of a person, so that it can be rotated; null when the credential is free; LEASE_TAKEN before its deadline. */
  reclaimCredential(input: { caseKey: CaseKey; credential: string; by: string }): Promise<LeaseRef | null>;
}
