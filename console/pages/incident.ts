import { checklist } from '../../playbook/checklist';
import type { ChainedEntry } from '../../playbook/model/evidence';
import { badge, clockTime, code, html, one, table, type Html } from '../html';
import type { ApprovalCard, IncidentView } from '../ports';

export interface IncidentPage {
  incident: string;
  /** Null when Temporal does not know it any more: then only the record is shown. */
  view: IncidentView | null;
  caseKey: string | null;
  /** All cases of this principal, oldest first. */
  episodes: string[];
  approvals: ApprovalCard[];
  timeline: ChainedEntry[];
  /** How many of the latest entries are shown; null = all. */
  latest: number | null;
  problems: string[];
  workflowUrl: string | null;
}

/** One incident: where it stands, what was done, what is asked, what was found, and the record as it grows. */
export function incidentPage(data: IncidentPage): Html {
  const { view, caseKey, incident } = data;
  return html`<h1>${view ? one(view.principal.name, 200) : incident}</h1>
<div class="muted">${view ? html`${one(view.principal.kind)} in ${view.principal.provider === 'aws' ? 'AWS account' : 'tenant'} ${one(view.principal.account, 60)} · ` : ''}${caseKey ?? incident}</div>
<div class="row">${view?.verdict ? html`${badge(view.verdict.kind)} ${badge(`risk ${view.verdict.risk}`, 'calm')}` : ''} ${view ? badge(view.phase) : badge('not running', 'calm')}
${caseKey ? html`<a href="/cases/${caseKey}/report">Report</a> <a href="/cases/${caseKey}/report?format=markdown">Markdown</a> <a href="/cases/${caseKey}/verify">Verify the evidence</a>` : ''}
${data.workflowUrl ? html`<a href="${data.workflowUrl}" rel="noreferrer">Temporal UI</a>` : ''}</div>
${data.episodes.length > 1 ? html`<div class="row muted">Cases of this identity: ${data.episodes.map((episode) => (episode === caseKey ? html`<b>${episode}</b> ` : html`<a href="/incidents/${incident}?case=${episode}">${episode}</a> `))}</div>` : ''}
${[...data.problems, ...(view?.problems ?? [])].length ? html`<div class="alert"><ul>${[...data.problems, ...(view?.problems ?? [])].map((problem) => html`<li>${one(problem)}</li>`)}</ul></div>` : ''}
${view ? standing(view) : ''}
<section><h2>Approvals</h2>${data.approvals.length ? html`${data.approvals.map(approval)}` : html`<p class="muted">Nobody has been asked.</p>`}</section>
${view ? html`<div class="two"><section><h2>Actions</h2>${table(['Action', 'On', 'State'], view.steps.map((step) => [
    html`${one(step.row)} ${one(step.title)}<br><span class="when">${clockTime(step.at)}</span>`, one(step.target, 200), badge(step.holds ? 'in effect' : step.state === 'failed' ? 'failed' : step.state === 'skipped' ? 'skipped' : 'not in effect'),
  ]), 'Nothing has been changed.')}</section>
<section><h2>Findings</h2>${table(['Check', 'Answer'], view.findings.map((finding) => [html`${one(finding.check.slice(0, 5))} ${titleOf(finding.check)}<br>${badge(finding.state)}`, one(finding.summary)]), 'Nothing has been looked at.')}</section></div>
${view.verdict ? html`<section><h2>Why</h2>${table(['Reason', 'Source'], view.verdict.reasons.map((reason) => [one(reason.text), code(reason.source)]), 'No reason recorded.')}</section>` : ''}
${view.humanTasks.length ? html`<section><h2>Tasks for people</h2>${table(['Task', 'Reference', 'State'], view.humanTasks.map((task) => [one(task.title), code(task.reference), badge(task.done ? 'done' : 'open')]), '')}</section>` : ''}` : ''}
<section><h2>Timeline</h2>${timeline(data)}</section>`;
}

function standing(view: IncidentView): Html {
  const tiles: [string, string][] = [
    ['First event', clockTime(view.times.firstEvent)], ['Alert accepted', clockTime(view.times.alerted)], ['Contained', clockTime(view.times.contained)], ['Acknowledged', clockTime(view.times.acknowledged)],
    ['Alerts', String(view.joined)], ...(view.watchUntil ? [['Watch until', clockTime(view.watchUntil)] as [string, string]] : []),
    ...(view.breakGlass ? [['Break-glass', one(view.breakGlass.outcome, 40).replace(/-/g, ' ')] as [string, string]] : []), ...(view.escalated.length ? [['Escalated', view.escalated.map((row) => one(row, 20)).join(', ')] as [string, string]] : []),
  ];
  return html`<div class="tiles">${tiles.map(([name, value]) => html`<div class="tile"><span>${name}</span><b>${value}</b></div>`)}</div>`;
}

function approval(card: ApprovalCard): Html {
  const yes = card.votes.filter((vote) => vote.decision === 'approve').length;
  return html`<div class="card"><div class="row">${badge(card.state)} <a href="/approvals/${card.id}"><b>${one(card.title, 300)}</b></a></div>
<div class="muted">${one(card.tier)} · ${yes} of ${card.quorum} ${card.state === 'open' && card.deadline ? `· until ${clockTime(card.deadline)}` : ''} · ${one(card.id, 40)}</div>
${card.unconfirmed.length ? html`<p class="warn">Waiting for the second factor of ${one(card.unconfirmed.join(', '), 200)}: <a href="/confirm/${card.id}">confirm with a passkey</a></p>` : ''}
${card.changes.length ? html`<ul>${card.changes.slice(0, 50).map((line) => html`<li>${one(line)}</li>`)}${card.changes.length > 50 ? html`<li>and ${card.changes.length - 50} more</li>` : ''}</ul>` : ''}
${card.votes.length ? html`<div class="muted">${card.votes.map((vote) => `${one(vote.person, 80)}: ${one(vote.decision, 20)}, ${clockTime(vote.at)} via ${one(vote.via, 20)}`).join(' · ')}</div>` : ''}</div>`;
}

function timeline({ timeline: entries, latest, incident, caseKey }: IncidentPage): Html {
  const shown = latest === null ? entries : entries.slice(-latest);
  return html`${shown.length < entries.length ? html`<p class="muted">The latest ${shown.length} of ${entries.length}. <a href="/incidents/${incident}?case=${caseKey}&amp;all=1">All</a></p>` : ''}
${table(['Time', 'Kind', 'What', '#'], [...shown].reverse().map((entry) => [html`<span class="when">${clockTime(entry.at)}</span>`, one(entry.kind), one(entry.text), html`<span class="muted">${entry.seq}</span>`]), 'Nothing is recorded.')}`;
}

const titleOf = (check: string): string => checklist.find((row) => row.id === check)?.title ?? one(check, 60);
