import { html as template, type raw } from 'hono/html';
import { plain } from '../playbook/message/text';

/** Text that is escaped; every part here is made at once, so it is never a promise. */
export type Html = ReturnType<typeof raw>;
export type Part = string | number | Html | Html[] | false | null;
export const html = template as (strings: TemplateStringsArray, ...values: Part[]) => Html;

/** One visible line; the template escapes the rest. */
export const one = (text: string, max = 1_000): string => plain(text, max);

export const code = (text: string): Part => (text === '' ? '' : html`<code>${one(text, 500)}</code>`);

const tones: Record<string, string> = {
  critical: 'bad', verify: 'warn', 'false-positive': 'good', found: 'warn', nothing: 'good', 'could-not-look': 'bad', open: 'warn', approved: 'good', denied: 'bad', expired: 'warn', failed: 'bad', done: 'good',
  'in effect': 'good', 'not in effect': 'bad', closed: 'calm', watch: 'good', containment: 'bad',
};

export const badge = (text: string, tone?: string): Html => html`<span class="badge ${tone ?? tones[text] ?? 'calm'}">${one(text, 60).replace(/-/g, ' ')}</span>`;

export function table(head: string[], rows: Part[][], empty: string): Html {
  if (rows.length === 0) return html`<p class="muted">${empty}</p>`;
  return html`<div class="wide"><table><thead><tr>${head.map((cell) => html`<th>${cell}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

/** `2026-03-01 10:00:05 UTC`. */
export function clockTime(iso: string | null): string {
  if (iso === null) return '—';
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? one(iso, 40) : `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

export function page(options: { title: string; person: string | null; live?: boolean; passkeys?: boolean; body: Part }): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${one(options.title, 120)} · Tourniquet</title>
<link rel="stylesheet" href="/assets/console.css">${options.live ? html`<noscript><meta http-equiv="refresh" content="10"></noscript><script src="/assets/live.js" defer></script>` : ''}${options.passkeys ? html`<script src="/assets/webauthn.js" defer></script><script src="/assets/passkey.js" defer></script>` : ''}</head>
<body><nav><a class="brand" href="/incidents">Tourniquet</a>${options.person ? html`<form method="post" action="/logout"><span class="muted">${one(options.person, 80)}</span> <button>Sign out</button></form>` : ''}</nav>
<main id="live">${options.body}</main></body></html>
`.toString();
}
