import { html, one, type Html } from '../html';
import type { VerifiedEvidence } from '../ports';

export function signInPage(next: string, wrong: boolean, passkeys: boolean): Html {
  return html`<section class="sign"><h1>Sign in</h1>${wrong ? html`<div class="alert">This token is not known.</div>` : ''}
<form method="post" action="/login"><label>Token<input name="token" type="password" autocomplete="current-password" required autofocus></label><input type="hidden" name="next" value="${next}"><button>Sign in</button></form>
${passkeys ? html`<p><button data-passkey="sign-in" data-next="${next}">Sign in with a passkey</button></p><p id="said" role="status"></p>` : ''}</section>`;
}

export function verifyPage(caseKey: string, result: VerifiedEvidence): Html {
  return html`<h1>Evidence of ${caseKey}</h1><section><div class="row"><span class="badge ${result.ok ? 'good' : 'bad'}">${result.ok ? 'holds' : 'broken'}</span> ${result.sealed ? 'sealed' : 'not sealed yet'}, signature: ${one(result.signature, 40)}</div>
<p>${result.entries} entries and ${result.rawObjects} raw objects were read and every hash computed anew.</p>${result.sealHash ? html`<p>Seal: <code>${one(result.sealHash, 80)}</code></p>` : ''}
${result.first ? html`<div class="alert">${one(result.first.text)}<br><code>${one(result.first.where, 200)}</code></div>` : ''}<p><a href="/incidents/${caseKey.replace(/\.\d+$/, '')}?case=${caseKey}">Back to the incident</a></p></section>`;
}

export function messagePage(title: string, text: string): Html {
  return html`<section><h1>${title}</h1><p>${text}</p><p><a href="/incidents">All incidents</a></p></section>`;
}
