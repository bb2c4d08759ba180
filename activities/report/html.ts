import { html as template, raw } from 'hono/html';
import { plain } from '../../playbook/message/text';
import { clockTime } from './duration';
import type { Report, ReportAction } from './model';
import { style } from './style';
import { howToVerify, metricRows } from './wording';

/** Text that the template has escaped; every part here is made at once, so it is never a promise. */
type Html = ReturnType<typeof raw>;
const html = template as (strings: TemplateStringsArray, ...values: (string | number | Html | Html[] | false | null)[]) => Html;

/** The report as one page: no script, no outside resource, everything escaped; prints well. */
export function renderHtml(report: Report): string {
  const { principal, verdict } = report;
  const title = `Incident ${report.incident}`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><meta name="referrer" content="no-referrer">
<title>${title}</title><style>${raw(style)}</style></head><body><main>
<header><div class="brand">Tourniquet · incident report${report.outcome === null ? ' (interim)' : ''}</div>
<h1>${principal ? one(principal.name) : title}</h1>
<div class="meta">${principal ? html`${one(principal.kind)} in ${principal.provider === 'aws' ? 'AWS account' : 'tenant'} ${one(principal.account)} · ` : ''}${report.caseKey}</div>
<p style="margin:12px 0 0">${verdict ? html`<span class="badge ${tone[verdict.kind] ?? 'calm'}">${verdict.kind}</span> <span class="badge calm">risk ${verdict.risk}</span> ` : ''}<span class="badge ${report.outcome === null ? 'warn' : 'good'}">${report.outcome?.replace(/-/g, ' ') ?? 'open'}</span></p></header>
<ul>${report.summary.map((line) => html`<li>${line}</li>`)}</ul>
<div class="tiles">${metricRows(report).map(({ name, value, meaning }) => html`<div class="tile"><span>${name}</span><b>${value}</b><span>${meaning}</span></div>`)}</div>
${section('Key facts', facts(report))}
${section('Verdict and reasons', verdict ? table(['Reason', 'Source'], verdict.reasons.map((reason) => [one(reason.text), code(reason.source)])) : html`<p>No verdict yet.</p>`)}
${section('Timeline', html`<div class="wide"><table><thead><tr><th>Time</th><th>Kind</th><th>What</th></tr></thead><tbody>${report.timeline.map((line) => html`<tr><td class="when">${clockTime(one(line.at))}</td><td class="tight">${one(line.kind)}</td><td>${one(line.text)}</td></tr>`)}</tbody></table></div>`)}
${section('Actions', report.actions.length ? html`${report.actions.map(action)}` : html`<p>Nothing was changed.</p>`)}
${section('Approvals', approvals(report))}
${report.breakGlass ? section('Break-glass', breakGlass(report.breakGlass)) : ''}
${section('Findings', table(['Check', 'Answer', 'What', 'Looked up in'], report.findings.map((finding) => [
    html`${finding.id.slice(0, 5)} ${finding.check}`, badge(finding.state.replace(/-/g, ' '), finding.state === 'found' && finding.id.startsWith('1.2') ? 'ink' : tone[finding.state]), html`${one(finding.summary)}${finding.error ? html` <span class="muted">${one(finding.error)}</span>` : ''}`, html`<span class="muted">${finding.how}</span>`,
  ])))}
${section('What the attacker touched', report.artifacts.length ? table(['Kind', 'Thing', 'How', 'Attribution', 'Account'], report.artifacts.map((artifact) => [
    one(artifact.kind), html`${one(artifact.name)}<br>${code(artifact.id)}`, one(artifact.how), badge(one(artifact.attribution), artifact.attribution === 'attacker' ? 'bad' : 'warn'), `${one(artifact.account)}${artifact.region ? ` ${one(artifact.region)}` : ''}`,
  ])) : html`<p>Nothing was found.</p>`)}
${section('Indicators of compromise', report.iocs.length ? table(['Type', 'Value', 'Source'], report.iocs.map((ioc) => [ioc.type, code(ioc.value), one(ioc.source)])) : html`<p>None.</p>`)}
${report.escalations.length ? section('Escalations', table(['Time', 'What', 'Due'], report.escalations.map((escalation) => [clockTime(escalation.at), one(escalation.text), escalation.deadline ? clockTime(escalation.deadline) : '']))) : ''}
${section('Left for people', report.left.length ? html`<ul>${report.left.map((line) => html`<li>${one(line)}</li>`)}</ul>` : html`<p>Nothing.</p>`)}
${report.tasks.length ? section('Tasks', table(['Task', 'Reference', 'State'], report.tasks.map((task) => [one(task.title), code(task.reference), badge(task.done ? 'done, proven' : 'open', task.done ? 'good' : 'warn')]))) : ''}
${report.problems.length ? section('Problems on the way', html`<div class="alert"><ul>${report.problems.map((line) => html`<li>${one(line)}</li>`)}</ul></div>`) : ''}
${section('Evidence', html`<ul>${howToVerify(report).map((line) => html`<li>${line}</li>`)}${report.evidence.head ? html`<li>Head of the record: <code>${report.evidence.head}</code></li>` : ''}</ul>`)}
<footer>Written by Tourniquet from the hash-chained record of the case.</footer></main></body></html>
`.toString();
}

const tone: Record<string, string> = {
  critical: 'bad', verify: 'warn', 'false-positive': 'good', found: 'bad', nothing: 'good', 'could-not-look': 'warn', 'not-looked': 'calm', approved: 'good', denied: 'bad', expired: 'warn',
  'in effect': 'good', 'not in effect': 'bad', undone: 'warn', failed: 'bad',
};

/** One visible line: hidden and direction-changing characters are taken out before the template escapes the rest. */
const one = (text: string): string => plain(text, 2_000);
const code = (text: string): Html | string => (text === '' ? '' : html`<code>${plain(text, 500)}</code>`);
const badge = (text: string, of = 'calm'): Html => html`<span class="badge ${of}">${text}</span>`;
const section = (title: string, body: Html): Html => html`<section><h2>${title}</h2>${body}</section>`;

function table(head: string[], rows: (string | Html)[][]): Html {
  return html`<div class="wide"><table><thead><tr>${head.map((cell) => html`<th>${cell}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

function facts({ principal, times }: Report): Html {
  const rows: [string, string | Html][] = [
    ...(principal ? [['Identity', code(principal.id)] as [string, string | Html]] : []),
    ...([['First event', times.firstEvent], ['Alert accepted', times.alerted], ['Acknowledged', times.acknowledged], ['Contained', times.contained], ['Closed', times.closed]] as const).map(
      ([name, at]): [string, string] => [name, at ? clockTime(one(at)) : '—'],
    ),
  ];
  return html`<dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function action(done: ReportAction): Html {
  const where = [clockTime(one(done.at)), done.account && `account ${one(done.account)}`, done.region && one(done.region), done.approval && `approved by ${one(done.approval)}`].filter(Boolean).join(' · ');
  return html`<div class="action"><div class="top"><h3>${`${done.row} ${done.title}`.trim()}: ${one(done.target)}</h3>${badge(done.effect, tone[done.effect])}</div>
<div class="meta">${where}</div>${done.change.length ? html`<ul>${done.change.map((line) => html`<li>${one(line)}</li>`)}</ul>` : ''}
${done.before || done.after ? html`<div class="states"><div><span class="muted">Before</span>${state(done.before)}</div><div><span class="muted">After, as read back</span>${state(done.after)}</div></div>` : ''}</div>`;
}

function state(value: object | null): Html {
  const text = value === null || Object.keys(value).length === 0 ? '—' : JSON.stringify(value, null, 2).split('\n').map((line) => line.match(/^ */)![0] + plain(line, 1_000)).join('\n');
  return html`<pre>${text.length > 3_000 ? `${text.slice(0, 3_000)}\n… (whole in the evidence)` : text}</pre>`;
}

function approvals(report: Report): Html {
  if (report.approvals.length === 0) return html`<p>Nobody had to be asked.</p>`;
  return table(['Question', 'Tier', 'Outcome', 'Who, when, by which way'], report.approvals.map((approval) => [
    html`${one(approval.title)}<br><span class="muted">${one(approval.id)}</span>`, one(approval.tier ?? ''), html`${badge(one(approval.outcome ?? 'open'), tone[approval.outcome ?? ''])}${approval.decidedAt ? html`<br><span class="muted">${clockTime(one(approval.decidedAt))}</span>` : ''}`,
    html`${approval.votes.map((vote) => html`<div>${one(vote.person)}: ${one(vote.decision)}<br><span class="muted">${vote.at ? clockTime(one(vote.at)) : ''}${vote.via ? ` via ${one(vote.via)}` : ''}${vote.reason ? ` · “${one(vote.reason)}”` : ''}</span></div>`)}`,
  ]));
}

function breakGlass({ proof, outcome, error, entries }: NonNullable<Report['breakGlass']>): Html {
  return html`${proof ? html`<dl><dt>Credential</dt><dd>${code(proof.credential)}</dd><dt>New version</dt><dd>${proof.newVersion}</dd><dt>Old → new fingerprint</dt><dd>${code(proof.oldFingerprint)} → ${code(proof.newFingerprint)}</dd>
<dt>New one logs in</dt><dd>${badge('proven', 'good')} ${clockTime(one(proof.provenLoginAt))}</dd><dt>Old one</dt><dd>${proof.oldRefused ? badge('refused', 'good') : badge('NOT refused', 'bad')}</dd></dl>` : html`<p class="alert">There is no proof of rotation${outcome ? html` (${one(outcome)}${error ? html`: ${one(error)}` : ''})` : ''}.</p>`}
<p></p>${table(['Time', 'What'], entries.map((entry) => [clockTime(one(entry.at)), one(entry.text)]))}`;
}
