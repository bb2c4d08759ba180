import type { JsonObject } from '../../playbook/json';
import type { Artifact } from '../../playbook/model/finding';
import type { Principal } from '../../playbook/model/principal';
import type { Verdict } from '../../playbook/model/verdict';
import type { Ioc } from '../../playbook/iocs';
import type { SignedSeal } from '../evidence';

/** What a report says, before it has a form. Texts in it are as recorded: hostile until a renderer has escaped them. */
export interface Report {
  caseKey: string;
  incident: string;
  principal: Principal | null;
  /** Null while the incident is open: an interim report. */
  outcome: string | null;
  verdict: Verdict | null;
  /** A few sentences for whoever reads nothing else. */
  summary: string[];
  times: { firstEvent: string | null; alerted: string | null; acknowledged: string | null; contained: string | null; closed: string | null };
  /** Milliseconds; null when it did not happen. */
  metrics: { mttd: number | null; mtta: number | null; mttc: number | null };
  timeline: { at: string; kind: string; text: string }[];
  actions: ReportAction[];
  approvals: ReportApproval[];
  breakGlass: ReportBreakGlass | null;
  findings: { id: string; check: string; how: string; state: 'found' | 'nothing' | 'could-not-look' | 'not-looked'; summary: string; error: string | null }[];
  artifacts: Artifact[];
  iocs: Ioc[];
  escalations: { at: string; text: string; deadline: string | null }[];
  tasks: { title: string; reference: string; done: boolean }[];
  /** What is left for people, one line each. */
  left: string[];
  problems: string[];
  evidence: { entries: number; head: string; seal: SignedSeal | null };
}

export interface ReportAction {
  row: string;
  title: string;
  target: string;
  account: string;
  region: string | null;
  at: string;
  undone: boolean;
  /** The effect as read back. */
  effect: 'in effect' | 'not in effect' | 'undone' | 'failed';
  before: JsonObject | null;
  change: string[];
  after: JsonObject | null;
  approval: string | null;
}

export interface ReportApproval {
  id: string;
  title: string;
  tier: string | null;
  quorum: number | null;
  askedAt: string | null;
  outcome: string | null;
  decidedAt: string | null;
  votes: { person: string; decision: string; at: string | null; via: string | null; reason: string }[];
}

export interface ReportBreakGlass {
  outcome: string | null;
  approval: string | null;
  error: string | null;
  proof: { credential: string; newVersion: number; oldFingerprint: string; newFingerprint: string; provenLoginAt: string; oldRefused: boolean } | null;
  entries: { at: string; text: string }[];
}
