import type { RotationProof } from '../../activities/contract';
import type { Alert } from '../../playbook/model/alert';
import type { ApprovalResult } from '../../playbook/model/approval';
import type { RecordEntry } from '../../playbook/model/evidence';
import type { Finding } from '../../playbook/model/finding';
import type { Phase, Plan, Step, StepOutcome } from '../../playbook/model/plan';
import type { Principal } from '../../playbook/model/principal';
import type { IncidentSettings } from '../../playbook/model/settings';
import type { Documents, LookedUp } from '../../playbook/triage/inputs';
import type { Signature } from '../../playbook/signed-request';
import type { Verdict } from '../../playbook/model/verdict';
import { widens } from '../../playbook/superseded';

export type IncidentPhase = 'triage' | 'containment' | 'investigation' | 'root' | 'break-glass' | 'eradication' | 'recovery' | 'watch' | 'handed-over' | 'closing' | 'closed';
export type Outcome = 'contained-and-recovered' | 'false-positive' | 'undone' | 'escalated' | 'handed-over';

export interface UndoRequest {
  by: string;
  reason: string;
  signature?: Signature;
}

export interface BreakGlassResult {
  outcome: 'used' | 'denied' | 'expired' | 'failed' | 'withdrawn' | 'not-configured';
  approval: string | null;
  steps: StepOutcome[];
  proof: RotationProof | null;
  error: string | null;
}

/** One applied step, all that undo and the watch need. */
export interface Applied {
  step: Step;
  outcome: StepOutcome;
  digest: string;
  approval: string | null;
  plan: Plan['kept'];
}

export interface HumanTask {
  step: Step;
  reference: string;
  openedAt: number;
  doneAt: number | null;
  escalated: boolean;
}

/** Everything the incident knows: carried through continue-as-new, so it is plain data and bounded. */
export interface IncidentState {
  incident: string;
  principal: Principal;
  /** The same person in other clouds, one for each: contained, investigated and watched with the principal. */
  others: Principal[];
  caseKey: string;
  settings: IncidentSettings | null;
  documents: Documents | null;
  lookedUp: LookedUp | null;
  linkedPeople: string[];
  phase: IncidentPhase;
  /** Phases that are over: a run after continue-as-new goes on where the last one stood. */
  done: string[];
  verdict: Verdict | null;
  /** The alerts that say something new, at most `KEPT_ALERTS`; the rest are counted and in the evidence. */
  alerts: Alert[];
  /** Short ids of alerts seen, newest last, at most `SEEN_ALERTS`. */
  seen: string[];
  joined: number;
  /** Incidents that alerts of sessions were sent on to. */
  handedTo: { incident: string; name: string }[];
  /** The first of those alerts, for this case's own report. */
  handed: Alert[];
  /** Set by a new kind of alert: containment looks again. */
  fresh: boolean;
  findings: Finding[];
  applied: Applied[];
  /** Asked and not yet applied: plan per question. */
  questions: { approval: string; purpose: Phase | 'undo'; plan: Plan }[];
  answers: Record<string, ApprovalResult>;
  breakGlass: BreakGlassResult | null;
  /** Workflow id of the break-glass sequence, once it was asked for. */
  breakGlassWorkflow: string | null;
  escalated: string[];
  /** What the law wants by a time (PDPA: 72 h from discovery), and how many reminders went out. */
  deadlines: { condition: string; title: string; to: string[]; at: string; reminded: number }[];
  humanTasks: HumanTask[];
  undo: (UndoRequest & { at: number }) | null;
  times: { firstEvent: string; alerted: string; acknowledged: string | null; contained: string | null };
  /** How many of `settings.reverifyAfterMs` are over. */
  reverified: number;
  watch: { since: string; until: number | null; moves: number; reopened: number };
  /** Entries that an activity could not record; sent again with the next ones. */
  unrecorded: RecordEntry[];
  problems: string[];
  /** Wanted by the playbook and not done: denied, unanswered, impossible. */
  unfinished: string[];
}

export const KEPT_ALERTS = 60;
export const SEEN_ALERTS = 5_000;

export interface IncidentInput {
  incident: string;
  principal: Principal;
  /** Set after continue-as-new. */
  carried?: IncidentState;
}

export interface IncidentResult {
  outcome: Outcome | 'already-handled';
  caseKey: string;
  sealHash: string | null;
}

/** What the query shows: for the CLI, the console and the demo. Payloads are encrypted, so names may be in it. */
export interface IncidentStatus {
  incident: string;
  caseKey: string;
  principal: Principal;
  others: Principal[];
  phase: IncidentPhase;
  verdict: Verdict | null;
  alerts: number;
  joined: number;
  handedTo: IncidentState['handedTo'];
  findings: { check: string; state: Finding['state']; summary: string }[];
  steps: { step: string; row: string; title: string; target: string; state: StepOutcome['state']; holds: boolean; at: string }[];
  waitingFor: { approval: string; purpose: string }[];
  humanTasks: { title: string; reference: string; done: boolean }[];
  breakGlass: BreakGlassResult | null;
  escalated: string[];
  deadlines: { title: string; at: string }[];
  times: IncidentState['times'];
  watchUntil: string | null;
  problems: string[];
}

export function newState(input: IncidentInput, now: string): IncidentState {
  return {
    incident: input.incident, principal: input.principal, others: [], caseKey: `${input.incident}.0`, settings: null, documents: null, lookedUp: null, linkedPeople: [],
    phase: 'triage', done: [], verdict: null, alerts: [], seen: [], joined: 0, handedTo: [], handed: [], fresh: false, findings: [], applied: [], questions: [], answers: {},
    breakGlass: null, breakGlassWorkflow: null, escalated: [], deadlines: [], humanTasks: [], undo: null, times: { firstEvent: now, alerted: now, acknowledged: null, contained: null },
    reverified: 0, watch: { since: now, until: null, moves: 0, reopened: 0 }, unrecorded: [], problems: [], unfinished: [],
  };
}

/** Joins alerts: one seen before changes nothing; one that says the same as a kept one is counted only. */
export function joinAlerts(state: IncidentState, alerts: readonly Alert[]): void {
  const seen = new Set(state.seen);
  for (const alert of alerts) {
    const short = alert.id.slice(-12);
    if (seen.has(short)) continue;
    seen.add(short);
    state.seen.push(short);
    state.joined += 1;
    if (alert.time < state.times.firstEvent || state.joined === 1) state.times.firstEvent = alert.time;
    if (state.joined === 1 && alert.receivedAt) state.times.alerted = alert.receivedAt;
    if (state.alerts.length < KEPT_ALERTS && !state.alerts.some((kept) => saysTheSame(kept, alert))) {
      state.alerts.push(alert);
      state.fresh = true;
    }
  }
  if (state.seen.length > SEEN_ALERTS) state.seen.splice(0, state.seen.length - SEEN_ALERTS);
}

function saysTheSame(a: Alert, b: Alert): boolean {
  return (
    a.event === b.event && a.outcome === b.outcome && a.sourceIp === b.sourceIp && a.session?.accessKeyId === b.session?.accessKeyId &&
    a.target?.id === b.target?.id && a.account === b.account && a.region === b.region
  );
}


export function statusOf(state: IncidentState): IncidentStatus {
  return {
    incident: state.incident, caseKey: state.caseKey, principal: state.principal, others: state.others, phase: state.phase, verdict: state.verdict,
    alerts: state.alerts.length, joined: state.joined, handedTo: state.handedTo,
    findings: state.findings.map(({ check, state: found, summary }) => ({ check, state: found, summary })),
    steps: state.applied.map(({ step, outcome }) => ({
      step: step.id, row: step.row, title: step.title, target: step.target.name, state: outcome.state, holds: outcome.holds, at: outcome.at,
    })),
    waitingFor: state.questions.filter((question) => !state.answers[question.approval]).map(({ approval, purpose }) => ({ approval, purpose })),
    humanTasks: state.humanTasks.map((task) => ({ title: task.step.title, reference: task.reference, done: task.doneAt !== null })),
    breakGlass: state.breakGlass, escalated: state.escalated, deadlines: state.deadlines.map(({ title, at }) => ({ title, at })), times: state.times,
    watchUntil: state.watch.until ? new Date(state.watch.until).toISOString() : null, problems: state.problems,
  };
}

const succeeded = ({ outcome }: Applied): boolean => outcome.state === 'done' || outcome.state === 'already';

/** Done, done before, or done by a later step that does all of it and more. */
export const carriedOut = ({ applied }: IncidentState, one: Applied): boolean => succeeded(one) || applied.some((other) => succeeded(other) && widens(other.step, one.step));
