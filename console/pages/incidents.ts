import { badge, clockTime, html, one, table, type Html } from '../html';
import type { IncidentRow } from '../ports';

/** Every incident, newest first; open ones before closed ones. */
export function incidentsPage(rows: readonly IncidentRow[], problem: string | null): Html {
  const sorted = [...rows].sort((a, b) => Number(a.closedAt !== null) - Number(b.closedAt !== null) || b.openedAt.localeCompare(a.openedAt));
  return html`<h1>Incidents</h1>${problem ? html`<div class="alert">${problem}</div>` : ''}
<section>${table(['Identity', 'Account', 'Verdict', 'Phase', 'Opened', 'Closed'], sorted.map((row) => [
    html`<a href="/incidents/${row.incident}">${row.principal ? one(row.principal.name, 120) : row.incident}</a>${row.principal ? html`<br><span class="muted">${one(row.principal.kind)} · ${row.incident}</span>` : ''}`,
    row.principal ? one(row.principal.account, 60) : '', html`${row.verdict ? badge(row.verdict) : ''} ${row.risk ? badge(row.risk, 'calm') : ''}`, badge(row.phase),
    html`<span class="when">${clockTime(row.openedAt)}</span>`, html`<span class="when">${clockTime(row.closedAt)}</span>`,
  ]), 'No incident yet.')}</section>`;
}
