import { collectIocs } from '../../playbook/iocs';
import type { Alert } from '../../playbook/model/alert';
import type { ChainedEntry } from '../../playbook/model/evidence';
import type { Person } from '../../playbook/model/people';
import type { Principal } from '../../playbook/model/principal';
import type { Verdict } from '../../playbook/model/verdict';
import { plain } from '../../playbook/message/text';
import type { ClosedCase } from '../contract';
import type { SignedSeal } from '../evidence';
import { duration } from './duration';
import type { Report } from './model';
import { objectIn, objectsIn, textIn } from './read';
import { actionsOf, approvalsOf, breakGlassOf, findingRows, leftForPeople, recordedFindings } from './sections';

export interface ReportInput {
  caseKey: string;
  /** In order, from the first entry. */
  chain: readonly ChainedEntry[];
  /** Null while the incident is open: what the record says so far is reported. */
  closed: ClosedCase | null;
  seal: SignedSeal | null;
  people: readonly Person[];
}

/** The report of one case, from its record. Pure: the same record gives the same report. */
export function buildReport({ caseKey, chain, closed, seal, people }: ReportInput): Report {
  const opened = chain.find((entry) => entry.key === 'opened');
  const alerts: readonly Alert[] = closed?.alerts ?? (opened ? (objectsIn(opened.data, 'alerts') as unknown as Alert[]) : []);
  const principal = closed?.principal ?? (opened ? (objectIn(opened.data, 'principal') as unknown as Principal | null) : null);
  const verdict = closed?.verdict ?? recordedVerdict(chain);
  const findings = closed?.findings ?? recordedFindings(chain);
  const times = closed?.times ?? recordedTimes(chain, alerts);
  const actions = actionsOf(chain);
  const { tasks, left } = leftForPeople(chain);
  const nameOf = (id: string) => people.find((person) => person.id === id)?.name ?? id;
  const last = chain[chain.length - 1];
  const report: Report = {
    caseKey, incident: caseKey.replace(/\.\d+$/, ''), principal, outcome: closed?.outcome ?? null, verdict, summary: [], times,
    metrics: { mttd: between(times.firstEvent, times.alerted), mtta: between(times.alerted, times.acknowledged), mttc: between(times.alerted, times.contained) },
    timeline: timelineOf(chain, alerts), actions, approvals: approvalsOf(chain, nameOf), breakGlass: breakGlassOf(chain), findings: findingRows(findings),
    artifacts: findings.flatMap((finding) => finding.artifacts), iocs: principal ? collectIocs({ principal, alerts, findings }) : [],
    escalations: chain.filter((entry) => entry.kind === 'escalation').map(({ at, text, data }) => ({ at, text, deadline: textIn(data, 'deadline') })),
    tasks, left: [...left, ...tasks.filter((task) => !task.done).map((task) => `${task.title}${task.reference ? ` (${task.reference})` : ''}`)],
    problems: [...new Set(chain.filter((entry) => entry.kind === 'error').map((entry) => entry.text))],
    evidence: { entries: last?.seq ?? 0, head: last?.hash ?? '', seal },
  };
  return { ...report, summary: summaryOf(report) };
}

function recordedVerdict(chain: readonly ChainedEntry[]): Verdict | null {
  const entries = chain.filter((entry) => entry.kind === 'triage');
  const last = entries[entries.length - 1];
  return last ? (objectIn(last.data, 'verdict') as unknown as Verdict | null) : null;
}

function recordedTimes(chain: readonly ChainedEntry[], alerts: readonly Alert[]): Report['times'] {
  const sorted = (times: (string | null)[]) => times.filter((time) => time !== null).sort();
  const answered = chain.find((entry) => entry.kind === 'approval' && !entry.key.endsWith('/asked'));
  return {
    firstEvent: sorted(alerts.map((alert) => alert.time))[0] ?? null, alerted: sorted(alerts.map((alert) => alert.receivedAt))[0] ?? chain[0]?.at ?? null,
    acknowledged: answered?.at ?? null, contained: chain.find((entry) => entry.key === 'contained')?.at ?? null, closed: null,
  };
}

/** What happened in the cloud and what was done about it, by time; equal times keep the record's order. */
function timelineOf(chain: readonly ChainedEntry[], alerts: readonly Alert[]): Report['timeline'] {
  const events = alerts.map((alert) => ({ at: alert.time, kind: 'event', text: eventText(alert) }));
  const record = chain.filter((entry) => entry.key !== 'opened').map(({ at, kind, text }) => ({ at, kind: kind as string, text }));
  return [...events, ...record].map((line, index) => ({ line, index })).sort((a, b) => Date.parse(a.line.at) - Date.parse(b.line.at) || a.index - b.index).map(({ line }) => line);
}

/** One line about an alert, its hostile parts made visible and short. */
export function eventText(alert: Alert): string {
  const target = alert.target ? ` on ${plain(alert.target.id, 200)}` : '';
  const from = alert.sourceIp ? ` from ${plain(alert.sourceIp, 60)}` : '';
  const failed = alert.outcome === 'failure' ? ` (failed${alert.errorCode ? `: ${plain(alert.errorCode, 80)}` : ''})` : '';
  return `${plain(alert.event, 120)} by ${plain(alert.principal?.name ?? 'nobody that can be named', 120)}${target}${from}${failed} [${plain(alert.source, 40)}]`;
}

function between(from: string | null, until: string | null): number | null {
  if (from === null || until === null) return null;
  const ms = Date.parse(until) - Date.parse(from);
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

function summaryOf(report: Report): string[] {
  const { principal, verdict, actions, metrics, outcome } = report;
  const who = principal ? `${principal.kind} ${plain(principal.name, 120)} in ${principal.provider === 'aws' ? 'AWS account' : 'tenant'} ${plain(principal.account, 60)}` : 'an identity that cannot be named';
  const inEffect = actions.filter((action) => action.effect === 'in effect').length;
  const found = report.findings.filter((finding) => finding.state === 'found').length;
  const blind = report.findings.filter((finding) => finding.state === 'could-not-look').length;
  const attackers = report.artifacts.filter((artifact) => artifact.attribution === 'attacker').length;
  return [
    `${outcome === null ? 'This incident is open. It' : 'This incident'} is about ${who}.`,
    ...(verdict ? [`Triage: ${verdict.kind}, risk ${verdict.risk}${verdict.techniques.length ? ` (${verdict.techniques.join(', ')})` : ''}.`] : ['There is no verdict yet.']),
    ...(metrics.mttc !== null ? [`Contained ${duration(metrics.mttc)} after the alert.`] : outcome === 'false-positive' ? ['Nothing had to be contained.'] : outcome === 'handed-over' ? ['Its alerts went on to the incident of who opened the session, and are answered there.'] : ['Not contained.']),
    ...(actions.length ? [`${inEffect} of ${actions.length} actions are in effect${report.approvals.length ? `; people were asked ${report.approvals.length} ${report.approvals.length === 1 ? 'question' : 'questions'}` : ''}.`] : []),
    ...(found + blind ? [`${found} checks found something${attackers ? ` (${attackers} things attributed to the attacker)` : ''}${blind ? `; ${blind} could not be made` : ''}.`] : []),
    ...(report.breakGlass ? [`The emergency credential: ${report.breakGlass.proof ? 'used, returned and rotated, with proof' : (report.breakGlass.outcome ?? 'asked for')}.`] : []),
    ...(report.left.length ? [`${report.left.length} ${report.left.length === 1 ? 'thing is' : 'things are'} left for people.`] : []),
    ...(outcome ? [`Outcome: ${outcome.replace(/-/g, ' ')}.`] : []),
  ];
}
