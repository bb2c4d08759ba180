import type { Alert } from '../model/alert';
import type { Classification, Reason, Risk, Verdict, VerdictKind } from '../model/verdict';
import { adminEntryOf, automationEntryOf, changeOf, knownUseOf, rotationOf, type Match } from '../register';
import { riskRowOf } from '../risk-table';
import { howOpened } from '../session-chain';
import { baselineReasons, isStranger, type Baseline } from './baseline';
import { classify } from './classify';
import type { Documents, LookedUp } from './inputs';
import { graverRisk, graverVerdict, raisedRisk, riskRank, verdictRank } from './ranks';
import { reason } from './reading';

export interface DecideInput {
  /** All alerts of the incident so far; at least one. */
  alerts: readonly Alert[];
  /** One per alert, in the same order; left out, they are computed. */
  classifications?: readonly Classification[];
  documents: Documents;
  /** Null when nothing was looked up (`tourniquet triage`). */
  lookedUp: LookedUp | null;
  /** ISO 8601 UTC, the workflow's clock. */
  now: string;
}

interface Judgement {
  kind: VerdictKind;
  reasons: Reason[];
  /** What explains it names the address too. */
  placed?: true;
}

/** An event may be this far ahead of our clock; beyond it, its time proves nothing. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * The detection diagram and the decision flow of the playbook over all alerts of an incident: the gravest judgement wins, every reason is kept.
 * Pure. An unreadable register is neither absence nor permission: it leaves `critical` for critical rows and `verify` for the rest.
 */
export function decide(input: DecideInput): Verdict {
  const { alerts, documents, lookedUp, now } = input;
  let verdict: Verdict | null = null;
  for (const [index, alert] of alerts.entries()) {
    const classification = input.classifications?.[index] ?? classify(alert);
    const one = judge(alert, raised(classification, lookedUp), documents, lookedUp, now);
    verdict = verdict === null ? one : joined(verdict, one);
  }
  if (verdict === null) return { kind: 'verify', event: null, risk: 'info', type: 'other', techniques: [], reasons: [reason('no-alert', 'there is no alert to decide on', 'incident')] };
  return { ...verdict, reasons: [...distinct(verdict.reasons), ...lookUpReasons(lookedUp)] };
}

function joined(a: Verdict, b: Verdict): Verdict {
  const graver = verdictRank(b.kind) - verdictRank(a.kind) || riskRank(b.risk) - riskRank(a.risk);
  const lead = graver > 0 ? b : a;
  const rest = lead === a ? b : a;
  return {
    ...lead, kind: graverVerdict(a.kind, b.kind), risk: graverRisk(a.risk, b.risk), techniques: [...new Set([...a.techniques, ...b.techniques])].sort(), reasons: [...lead.reasons, ...rest.reasons],
  };
}

function distinct(reasons: readonly Reason[]): Reason[] {
  const seen = new Set<string>();
  return reasons.filter(({ code, text, source }) => {
    const key = JSON.stringify([code, text, source]);
    return !seen.has(key) && Boolean(seen.add(key));
  });
}

const lookUpReasons = (lookedUp: LookedUp | null): Reason[] =>
  (lookedUp?.failed ?? []).map(({ what, error }) => reason('could-not-look', `${what} could not be looked up (${error})`, 'lookup'));

/** What the look-up adds: a sign-in of a Global Administrator is row 1.1.1, and a permission change whose target administers is critical, whatever the policy's name. */
function raised(classification: Classification, lookedUp: LookedUp | null): Classification {
  if (classification.status === 'alert' && classification.event === 'suspicious-signin' && lookedUp?.globalAdmin === true) {
    const { event, risk, type, techniques } = riskRowOf('root-login');
    return { ...classification, event, risk, type, techniques: [...new Set([...classification.techniques, ...techniques])], reasons: [...classification.reasons, reason('global-admin-signin', 'the identity holds Global Administrator, directly, through a group, or eligible', 'lookup')] };
  }
  if (classification.status !== 'alert' || classification.type !== 'permission-change' || lookedUp?.target?.isAdmin !== true) return classification;
  return { ...classification, risk: 'critical', reasons: [...classification.reasons, reason('target-is-admin', 'the target administers the account now', 'lookup')] };
}

function judge(alert: Alert, classification: Classification, documents: Documents, lookedUp: LookedUp | null, now: string): Verdict {
  const { event, type, techniques } = classification;
  const { kind, risk, reasons } = besideItsPast(alert, classification, flow(alert, classification, documents, now), lookedUp?.baselines ?? []);
  const admin = lookedUp?.principalIsAdmin === true && classification.status === 'alert' ? [reason('actor-is-admin', 'the identity administers the account', 'lookup')] : [];
  const how = classification.status === 'alert' ? howOpened(alert) : null;
  return { kind, event, risk, type, techniques: [...techniques].sort(), reasons: [...classification.reasons, ...(how ? [reason('session-chain', how, 'cloudtrail')] : []), ...reasons, ...admin] };
}

/** The identity’s own past: first times are told. A stranger’s hand raises the risk by one step, up to high, and whatever speaks for the identity but not for the place no longer explains it. It contains nobody by itself, and lowers nothing. */
function besideItsPast(alert: Alert, { status, risk }: Classification, judgement: Judgement, baselines: readonly Baseline[]): Judgement & { risk: Risk } {
  if (status === 'ignored') return { ...judgement, risk };
  const reasons = [...judgement.reasons, ...baselineReasons(baselines, alert.id)];
  if (judgement.placed || !isStranger(baselines, alert.id)) return { ...judgement, risk, reasons };
  return { kind: graverVerdict(judgement.kind, 'verify'), risk: raisedRisk(risk), reasons: [...reasons, reason('stranger', 'a new place, and something else that is new for the identity: perhaps somebody else’s hand', 'baseline')] };
}

function flow(alert: Alert, classification: Classification, documents: Documents, now: string): Judgement {
  if (classification.status === 'ignored') return { kind: 'false-positive', reasons: [] };
  if (alert.principal === null) return { kind: classification.risk === 'critical' ? 'critical' : 'verify', reasons: [reason('no-document-without-principal', 'without an identity no document can speak for it', 'registers')] };
  if (!(Date.parse(alert.time) <= Date.parse(now) + CLOCK_SKEW_MS)) return { kind: classification.risk === 'critical' ? 'critical' : 'verify', reasons: [reason('time-in-future', `${alert.time} lies ahead of our clock: no document’s window can be checked`)] };

  const event = classification.event;
  const known = knownUseOf(alert, event, documents);
  if (known.state === 'match') return { kind: 'false-positive', reasons: [known.reason], ...(known.placed ? { placed: true } : {}) };
  const negative = known.state === 'mismatch' ? known.reasons : [];
  const judgement = undocumented(alert, classification, documents);
  // A register entry that no longer holds is worse than none: somebody relies on it.
  if (negative.length > 0 && judgement.kind !== 'false-positive') return { kind: 'critical', reasons: [...negative, ...judgement.reasons] };
  return judgement;
}

/** The five branches of the decision flow, after no known use was found. */
function undocumented(alert: Alert, classification: Classification, documents: Documents): Judgement {
  const { event, risk, type } = classification;
  switch (type) {
    case 'root-activity':
      // Somebody who failed to sign in has not acted as root.
      if (alert.outcome === 'failure') return missing(classification, documents, 'verify', 'no-known-use', 'no known use is documented; nobody got in', 'register:known-uses');
      return missing(classification, documents, 'critical', 'no-known-use', 'no legacy or known use is documented', 'register:known-uses');
    case 'new-identity':
      return byChange(alert, classification, documents, 'critical', risk !== 'critical');
    case 'permission-change': {
      const change = changeOf(alert, event, documents);
      if (change.state === 'match') return { kind: 'false-positive', reasons: [change.reason] };
      const entry = adminEntryOf(alert, documents) ?? (risk === 'critical' ? null : automationEntryOf(alert, documents));
      if (change.state === 'mismatch') return { kind: 'critical', reasons: entry ? [...change.reasons, entry] : change.reasons };
      if (!entry) return missing(classification, documents, 'critical', 'not-authorized', 'the identity is no authorised administrator', 'register:authorized-admins');
      return risk === 'critical' ? { kind: 'verify', reasons: [entry, reason('review-diff', 'what was granted is large enough for somebody to look at the difference', 'playbook')] } : { kind: 'false-positive', reasons: [entry] };
    }
    case 'access-key-created': {
      const rotation = rotationOf(alert, documents);
      if (rotation.state === 'match') return { kind: 'false-positive', reasons: [rotation.reason] };
      const change = changeOf(alert, event, documents);
      if (change.state === 'match') return { kind: 'false-positive', reasons: [change.reason] };
      const wrong = [rotation, change].flatMap((match: Match) => (match.state === 'mismatch' ? match.reasons : []));
      if (wrong.length > 0) return { kind: 'critical', reasons: wrong };
      return missing(classification, documents, 'critical', 'no-rotation', 'no rotation of this key is expected', 'register:rotations');
    }
    case 'finding':
      return missing(classification, documents, riskRank(risk) >= riskRank('high') ? 'critical' : 'verify', 'no-known-use', 'no known use explains the finding', 'register:known-uses');
    case 'exposure-or-tracks':
      // Automation explains an opening, never one that is critical and never tracks covered.
      return byChange(alert, classification, documents, riskRank(risk) >= riskRank('high') ? 'critical' : 'verify', risk !== 'critical' && event !== 'logging-disabled');
    case 'other':
      return byChange(alert, classification, documents, risk === 'critical' ? 'critical' : 'verify', risk !== 'critical');
  }
}

function byChange(alert: Alert, classification: Classification, documents: Documents, without: VerdictKind, automationExplains: boolean): Judgement {
  const change = changeOf(alert, classification.event, documents);
  if (change.state === 'match') return { kind: 'false-positive', reasons: [change.reason] };
  if (change.state === 'mismatch') return { kind: 'critical', reasons: change.reasons };
  const automation = automationExplains ? automationEntryOf(alert, documents) : null;
  if (automation) return { kind: 'false-positive', reasons: [automation] };
  return missing(classification, documents, without, 'no-change-request', 'no change request covers it', 'tickets');
}

/** Nothing speaks for the event, or it could not be read whether something does. */
function missing(classification: Classification, documents: Documents, kind: VerdictKind, code: string, text: string, source: string): Judgement {
  if (documents.unreadable.length === 0) return { kind, reasons: [reason(code, text, source)] };
  const reasons = documents.unreadable.map((one) => reason('register-unreadable', `${one.source} could not be read (${one.error}): what it says is unknown`, one.source));
  return { kind: classification.risk === 'critical' && kind === 'critical' ? 'critical' : 'verify', reasons };
}
