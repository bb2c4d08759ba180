import { badge, clockTime, html, one, type Html } from '../html';
import type { QuestionCard } from '../ports';

/** What exactly the passkey will confirm: everything that the digest stands for, before the button. */
export function confirmPage(question: QuestionCard): Html {
  const waits = question.status === 'open' && question.unconfirmed.length > 0;
  return html`<h1>${one(question.title, 300)}</h1>
<div class="row">${badge(question.status)} <span class="muted">answer by ${clockTime(question.deadline)} · ${one(question.id, 40)}${question.incident ? html` · <a href="/incidents/${question.incident}">incident</a>` : ''}</span></div>
<section><h2>What will be done</h2><ul>${question.changes.map((line) => html`<li>${one(line)}</li>`)}</ul>
<h2>Why</h2><ul>${question.because.map((line) => html`<li>${one(line)}</li>`)}</ul>
<h2>If nobody answers</h2><p>${one(question.ifNobodyAnswers, 500)}</p>
<p class="muted">Asked by ${question.requester ? one(question.requester, 80) : 'Tourniquet, on an alert'}. Plan <code>${one(question.digest, 64)}</code></p></section>
<section><h2>Your second factor</h2>
${question.votes.map((vote) => html`<p>${one(vote.person, 80)}: ${one(vote.decision, 20)} at ${clockTime(vote.at)}${vote.reason ? html` (${one(vote.reason, 300)})` : ''}</p>`)}
${waits ? html`<p>Waiting for the passkey of <b>${one(question.unconfirmed.join(', '), 200)}</b>. It confirms exactly the plan above, once. Not what you meant? Do nothing, and deny it in Slack.</p>
<p><button data-passkey="confirm">Confirm with my passkey</button></p>` : html`<p>${one(question.waitingFor, 300)}</p>`}
<p id="said" role="status"></p></section>`;
}
