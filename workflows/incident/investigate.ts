import { caseActivities, providerActivities, risk } from '../options';
import type { CheckId, Finding } from '../../playbook/model/finding';
import { changeRequestFinding, investigationChecks, rootChecks, postCompromiseChecks } from '../../playbook/checklist';
import type { Principal } from '../../playbook/model/principal';
import { isRootOrGlobalAdmin } from '../../playbook/root';
import { escalationsDue } from '../../playbook/escalation';
import { failureCode, messageOf, type Engine } from './engine';
import { caseContext, onSide, sideLabel, sidesOf } from './sides';
import type { IncidentState } from './state';

/** 1.2 and 1.3, and the audits of 2.2 for root: every check side by side; one that fails ends as “could not look”, never missing. */
export async function investigate(engine: Engine): Promise<void> {
  await runChecks(engine, (side) => [...investigationChecks, ...(isRootOrGlobalAdmin(side, engine.state.lookedUp) ? rootChecks : [])]);
}

/** 1.3 again: finds what was made since. Returns true when the attacker’s things are more than before. */
export async function lookAgain(engine: Engine): Promise<boolean> {
  const before = attackersThings(engine.state);
  await runChecks(engine, () => postCompromiseChecks);
  const fresh = [...attackersThings(engine.state)].filter((thing) => !before.has(thing));
  if (fresh.length > 0) engine.record('note', `new/${fresh.join()}`, `New since the last look: ${fresh.join(', ')}`);
  return fresh.length > 0;
}

function attackersThings(state: IncidentState): Set<string> {
  return new Set(state.findings.flatMap((finding) => finding.artifacts.filter((one) => one.attribution === 'attacker').map((one) => `${one.kind}|${one.how}|${one.id}`)));
}

async function runChecks(engine: Engine, checksOf: (side: Principal) => readonly CheckId[]): Promise<void> {
  const { state } = engine;
  const looks = sidesOf(state).flatMap((side) => checksOf(side).map((check) => ({ side, check })));
  // The tickets are the same whatever the cloud.
  const once = looks.filter(({ side, check }) => check !== '1.2.5-change-request' || side === state.principal);
  const findings = await Promise.all(once.map(({ side, check }) => (check === '1.2.5-change-request' ? fromTickets(engine) : lookAt(engine, side, check))));
  for (const finding of findings) {
    state.findings = [...state.findings.filter((one) => one.check !== finding.check || one.provider !== finding.provider), finding];
    const of = finding.provider ? sideLabel(state, finding.provider) : '';
    engine.record('finding', `finding/${of}${finding.check}/${finding.state}/${finding.summary}`, `${of}${finding.check}: ${finding.state}: ${finding.summary}`, {
      check: finding.check, ...(finding.provider ? { provider: finding.provider } : {}), state: finding.state, error: finding.error, facts: finding.facts,
      artifacts: finding.artifacts.map((one) => ({ ...one })), evidence: finding.evidence.map((one) => ({ ...one })),
    });
  }
}

async function lookAt(engine: Engine, side: Principal, check: CheckId): Promise<Finding> {
  const { state } = engine;
  try {
    return onSide(state, side, await engine.during(() => providerActivities(side.provider, risk.read, `Check ${check}`).check({ ...caseContext(state, side), check })));
  } catch (error) {
    return onSide(state, side, { check, state: 'could-not-look', summary: messageOf(error), error: failureCode(error), artifacts: [], facts: {}, evidence: [] });
  }
}

async function fromTickets(engine: Engine): Promise<Finding> {
  return changeRequestFinding(engine.state.documents!, engine.state.alerts);
}

/** Section 6: each condition to its people, once, as it appears. Never holds up the response. */
export function escalateDue(engine: Engine): void {
  const { state } = engine;
  for (const due of escalationsDue({ verdict: state.verdict!, principal: state.principal, alerts: state.alerts, findings: state.findings, globalAdmin: sidesOf(state).some((side) => isRootOrGlobalAdmin(side, state.lookedUp)), now: new Date().toISOString() })) {
    if (state.escalated.includes(due.condition)) continue;
    state.escalated.push(due.condition);
    if (due.deadline) state.deadlines.push({ condition: due.condition, title: due.title, to: due.to, at: due.deadline, reminded: 0 });
    engine.record('escalation', `escalation/${due.condition}`, `Escalated ${due.condition}: ${due.title} → ${due.to.join(', ')}`, { to: due.to, deadline: due.deadline });
    void engine
      .during(() => caseActivities(`Escalate ${due.condition}`, risk.notify).escalate({ caseKey: state.caseKey, ...due }))
      .catch((error: unknown) => engine.problem(`escalation ${due.condition} reached nobody: ${failureCode(error)}`));
  }
}

/** Tells the channel; best effort. */
export function tell(engine: Engine, key: string, level: 'info' | 'warn' | 'page', title: string, lines: string[]): void {
  void engine
    .during(() => caseActivities(title.slice(0, 100), risk.notify).notify({ caseKey: engine.state.caseKey, key, level, title, lines }))
    .catch((error: unknown) => engine.problem(`“${title}” reached nobody: ${failureCode(error)}`));
}

/** Left of a legal deadline when its people are told again. */
const REMIND_BEFORE_MS = [24 * 3_600_000, 6 * 3_600_000, 0];

/** The tracked deadline: its people hear again a day before, six hours before, and when it has passed. */
export function trackDeadlines(engine: Engine): void {
  for (const deadline of engine.state.deadlines) {
    const due = REMIND_BEFORE_MS.filter((before) => Date.now() >= Date.parse(deadline.at) - before).length;
    if (due <= deadline.reminded) continue;
    deadline.reminded = due;
    const left = Math.max(0, Math.round((Date.parse(deadline.at) - Date.now()) / 3_600_000));
    const title = left > 0 ? `${left} h left: ${deadline.title}` : `Deadline passed: ${deadline.title}`;
    engine.record('escalation', `deadline/${deadline.condition}/${due}`, title, { to: deadline.to, deadline: deadline.at });
    void engine
      .during(() => caseActivities(title.slice(0, 100), risk.notify).escalate({ caseKey: engine.state.caseKey, condition: `${deadline.condition}/reminder-${due}`, title, lines: [`due ${deadline.at}`], to: deadline.to, deadline: deadline.at }))
      .catch((error: unknown) => engine.problem(`“${title}” reached nobody: ${failureCode(error)}`));
  }
}
