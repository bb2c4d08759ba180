import { plain } from '../../playbook/message/text';
import { clockTime } from './duration';
import type { Report } from './model';
import { howToVerify, metricRows } from './wording';

/**
 * The report as Markdown (CommonMark with GitHub's tables). Everything from outside is inert: no markup, no HTML, no link or mention forms
 * from it, and nothing starts a new line.
 */
export function renderMarkdown(report: Report): string {
  const { principal, verdict, evidence } = report;
  return [
    `# Incident ${md(report.incident)}${report.outcome === null ? ' (interim)' : ''}`,
    bullets(report.summary),
    section('Key facts', table(['', ''], [
      ['Case', code(report.caseKey)], ['Identity', principal ? `${md(principal.name)} (${md(principal.kind)}, ${code(principal.id)})` : 'not known'], ['Account', principal ? code(principal.account) : ''],
      ['Verdict', verdict ? `${md(verdict.kind)}, risk ${md(verdict.risk)}` : 'none yet'], ['Outcome', report.outcome ? md(report.outcome) : 'open'],
      ...metricRows(report).map(({ name, value, meaning }) => [`${name} (${meaning})`, md(value)]),
      ['First event', time(report.times.firstEvent)], ['Alert accepted', time(report.times.alerted)], ['Acknowledged', time(report.times.acknowledged)], ['Contained', time(report.times.contained)], ['Closed', time(report.times.closed)],
    ])),
    section('Verdict and reasons', verdict ? table(['Reason', 'Source'], verdict.reasons.map((reason) => [md(reason.text), code(reason.source)])) : 'No verdict yet.'),
    section('Timeline', table(['Time', 'Kind', 'What'], report.timeline.map((line) => [time(line.at), md(line.kind), md(line.text)]))),
    section('Actions', report.actions.length === 0 ? 'Nothing was changed.' : report.actions.map((action) => [
      `### ${md(`${action.row} ${action.title}`.trim())}: ${md(action.target)}`,
      bullets([
        `${clockTime(action.at)}, ${action.effect}${action.account ? `, account ${action.account}` : ''}${action.region ? `, ${action.region}` : ''}${action.approval ? `, approved by ${action.approval}` : ''}`,
        ...action.change,
      ]),
      ...(action.before ? [`Before:\n\n${json(action.before)}`] : []), ...(action.after ? [`After:\n\n${json(action.after)}`] : []),
    ].join('\n\n')).join('\n\n')),
    section('Approvals', report.approvals.length === 0 ? 'Nobody had to be asked.' : table(['Question', 'Tier', 'Outcome', 'Who, when, by which way'], report.approvals.map((approval) => [
      md(approval.title), md(approval.tier ?? ''), `${md(approval.outcome ?? 'open')} ${time(approval.decidedAt)}`.trim(),
      approval.votes.map((vote) => `${md(vote.person)}: ${md(vote.decision)}, ${time(vote.at)}${vote.via ? `, via ${md(vote.via)}` : ''}${vote.reason ? `, “${md(vote.reason)}”` : ''}`).join('<br>') || '—',
    ]))),
    ...(report.breakGlass ? [section('Break-glass', breakGlass(report.breakGlass))] : []),
    section('Findings', table(['Check', 'Answer', 'What', 'Looked up in'], report.findings.map((finding) => [
      md(`${finding.id.slice(0, 5)} ${finding.check}`), finding.state.replace(/-/g, ' '), `${md(finding.summary)}${finding.error ? ` (${md(finding.error)})` : ''}`, md(finding.how),
    ]))),
    section('What the attacker touched', report.artifacts.length === 0 ? 'Nothing was found.' : table(['Kind', 'Thing', 'How', 'Attribution', 'Account, region'], report.artifacts.map((one) => [
      md(one.kind), `${md(one.name)} ${code(one.id)}`, md(one.how), md(one.attribution), md(`${one.account}${one.region ? `, ${one.region}` : ''}`),
    ]))),
    section('Indicators of compromise', report.iocs.length === 0 ? 'None.' : table(['Type', 'Value', 'Source'], report.iocs.map((ioc) => [md(ioc.type), code(ioc.value), md(ioc.source)]))),
    ...(report.escalations.length ? [section('Escalations', bullets(report.escalations.map((one) => `${clockTime(one.at)}: ${one.text}${one.deadline ? `; due ${clockTime(one.deadline)}` : ''}`)))] : []),
    section('Left for people', report.left.length === 0 ? 'Nothing.' : bullets(report.left)),
    ...(report.tasks.length ? [section('Tasks', table(['Task', 'Reference', 'State'], report.tasks.map((task) => [md(task.title), code(task.reference), task.done ? 'done, proven' : 'open'])))] : []),
    ...(report.problems.length ? [section('Problems on the way', bullets(report.problems))] : []),
    section('Evidence', bullets(howToVerify(report)) + (evidence.head ? `\n\n- Head of the record: ${code(evidence.head)}` : '')),
  ].join('\n\n') + '\n';
}

function breakGlass(lease: NonNullable<Report['breakGlass']>): string {
  const { proof } = lease;
  return [
    ...(proof ? [table(['', ''], [
      ['Credential', code(proof.credential)], ['New version', String(proof.newVersion)], ['Old and new fingerprint', `${code(proof.oldFingerprint)} → ${code(proof.newFingerprint)}`],
      ['New one proven to log in', time(proof.provenLoginAt)], ['Old one', proof.oldRefused ? 'refused' : '**NOT refused**'],
    ])] : [`**There is no proof of rotation**${lease.outcome ? ` (${md(lease.outcome)}${lease.error ? `: ${md(lease.error)}` : ''})` : ''}.`]),
    bullets(lease.entries.map((entry) => `${clockTime(entry.at)}: ${entry.text}`)),
  ].join('\n\n');
}

/** One line of text in which nothing means anything to a Markdown renderer. */
export function md(text: string): string {
  return plain(text, 2_000)
    .replace(/[\\`*_[\]|~$]/g, '\\$&')
    .replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
    // A bare address, host or mention would become a link by itself.
    .replace(/:\/\//g, '&#58;//').replace(/@/g, '&#64;').replace(/www\./gi, (www) => `${www.slice(0, 3)}&#46;`)
    // At the start of a line: headings, lists, rules.
    .replace(/^[#+=-]/, '\\$&').replace(/^(\d+)([.)])/, '$1\\$2');
}

/** As code: nothing in it is markup, whatever back-ticks it has; a pipe would still end a table's cell. */
export function code(text: string): string {
  const inner = plain(text, 500);
  if (inner === '') return '';
  const fence = '`'.repeat(Math.max(0, ...[...inner.matchAll(/`+/g)].map((run) => run[0].length)) + 1);
  const pad = inner.startsWith('`') || inner.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${inner.replace(/\|/g, '\\|')}${pad}${fence}`;
}

function json(value: object): string {
  // Control characters are escapes in JSON already; a fence longer than any run inside cannot be closed from within.
  const text = JSON.stringify(value, null, 2).replace(/[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const shown = text.length > 4_000 ? `${text.slice(0, 4_000)}\n… (whole in the evidence)` : text;
  const fence = '`'.repeat(Math.max(3, ...[...shown.matchAll(/`+/g)].map((run) => run[0].length + 1)));
  return `${fence}json\n${shown}\n${fence}`;
}

const time = (iso: string | null): string => (iso === null ? '' : md(clockTime(iso)));
const section = (title: string, body: string): string => `## ${title}\n\n${body}`;
const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${md(line)}`).join('\n');

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

