import { badge, clockTime, html, one, type Html } from '../html';
import type { ClaimCard } from '../ports';

/** What is lent, to whom and until when; the credential itself is put in by the page's script, and is in no HTML that a server sends. */
export function claimPage(request: ClaimCard): Html {
  return html`<h1>${one(request.what, 200)}</h1>
<div class="row">${badge(request.status === 'ready' ? 'open' : request.status)} <span class="muted">account ${one(request.account, 60)} · for ${one(request.requester, 80)} · ${Math.round(request.ttlMs / 60_000)} min at most · ${one(request.id, 40)}</span></div>
${request.bypassed ? html`<div class="alert">Nobody answered: this is a bypass. Everybody has been told, and it will be reviewed.</div>` : ''}
<section><p>${one(request.reason)}</p>${request.until ? html`<p class="muted">Until ${clockTime(request.until)}</p>` : ''}
${request.status === 'ready' ? html`<p>It is shown <b>once</b>, here, to the passkey of <b>${one(request.requester, 80)}</b>. The time starts then. Afterwards it must be changed, whatever you did with it.</p>
<p><button data-passkey="claim">Show it to me, with my passkey</button></p>` : request.status === 'asked' ? html`<p>It is not approved yet.</p>` : html`<p>It was shown${request.outcome ? html`: ${one(request.outcome, 40)}` : ''}. Whatever was shown is not shown again.</p>`}
<p id="said" role="status"></p><table id="credential" hidden></table>
<p><button data-passkey="give-back"${request.status === 'shown' ? '' : html` hidden`}>I am done: give it back</button></p></section>`;
}
