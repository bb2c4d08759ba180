import { badge, clockTime, html, one, table, type Html } from '../html';
import type { ApprovalQuestion } from '../ports';

export interface ApprovalPageData {
  question: ApprovalQuestion;
  /** The person who signed in with their own passkey; null for the shared token, which decides nothing. */
  voter: string | null;
  /** Of this copy of the page: its form counts once. */
  nonce: string;
  said: { ok: boolean; text: string } | null;
}

/** The whole plan, uncut, with its votes and its deadline; and the form that decides, for whoever is signed in as themselves. */
export function approvalPage({ question, voter, nonce, said }: ApprovalPageData): Html {
  const open = question.status === 'open';
  return html`<h1>${one(question.title, 300)}</h1>
<div class="row">${badge(question.status)} ${badge(question.tier, 'calm')} <span class="muted">${question.approvals} of ${question.quorum} have approved · answer by ${clockTime(question.deadline)} · ${one(question.id, 40)}</span>
${question.incident ? html`<a href="/incidents/${question.incident}">Evidence: the incident</a>` : ''}</div>
${said ? html`<div class="${said.ok ? 'row good' : 'alert'}" role="status">${one(said.text, 600)}</div>` : ''}
<section><h2>What exactly will change (${question.changes.length})</h2><ul>${question.changes.map((line) => html`<li>${one(line)}</li>`)}</ul>
<h2>Why</h2><ul>${question.because.map((line) => html`<li>${one(line)}</li>`)}</ul>
<h2>If nobody answers</h2><p>${one(question.ifNobodyAnswers, 500)}</p>
<p class="muted">Asked by ${question.requester ? one(question.requester, 80) : 'Tourniquet, on an alert'}. Plan <code>${one(question.digest, 64)}</code></p></section>
<section><h2>Votes</h2>${table(['Who', 'Said', 'When', 'Through', 'Why'], question.votes.map((vote) => [one(vote.person, 80), badge(vote.decision), clockTime(vote.at), one(vote.via, 20), one(vote.reason, 500)]), 'Nobody has voted.')}
<p>${one(question.waitingFor, 300)}${open && question.unconfirmed.length ? html` <a href="/confirm/${question.id}">Confirm with a passkey</a>` : ''}</p></section>
${open ? decide(question, voter, nonce) : ''}`;
}

function decide(question: ApprovalQuestion, voter: string | null, nonce: string): Html {
  if (voter === null) return html`<section><h2>Decide</h2><p>This sign-in is shared and decides nothing. Sign out, and sign in with your own passkey; or decide in Slack, or sign a vote with <code>tourniquet approval</code>.</p></section>`;
  return html`<section><h2>Decide as ${one(voter, 80)}</h2><form method="post" action="/approvals/${question.id}">
<input type="hidden" name="digest" value="${one(question.digest, 64)}"><input type="hidden" name="nonce" value="${nonce}">
<p><label>Why (one line; it goes into the record)<br><input name="reason" required minlength="3" maxlength="500" autocomplete="off"></label></p>
${question.words?.date ? html`<p><label>${one(question.words.date, 75)} (left out: the usual time)<br><input type="date" name="until"></label></p>` : ''}
<p><button name="decision" value="approve">${one(question.words?.approve ?? 'Approve', 75)}</button> <button name="decision" value="deny">${one(question.words?.deny ?? 'Deny', 75)}</button></p></form></section>`;
}
