/** The page's side of a passkey: asks the server for a challenge, the browser for an answer, and says what came of it. Static: it holds nothing of any request. */
export const passkeyJs = `'use strict';
const { startAuthentication, startRegistration } = SimpleWebAuthnBrowser;
const said = document.getElementById('said');
const say = (text, tone) => { said.textContent = text; said.className = tone; };

async function post(path, body) {
  const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), redirect: 'error' });
  const value = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(value.message || 'This cannot be done now (' + answer.status + ').');
  return value;
}

const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/[+]/g, '-').replace(/[/]/g, '_').replace(/=/g, '');
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));

async function unseal(privateKey, request, { ephemeral, iv, ciphertext }) {
  const theirs = await crypto.subtle.importKey('raw', toBytes(ephemeral), { name: 'ECDH', namedCurve: 'P-256' }, false, []);
  const shared = await crypto.subtle.importKey('raw', await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, privateKey, 256), 'HKDF', false, ['deriveKey']);
  const encode = (text) => new TextEncoder().encode(text);
  const key = await crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: encode(request), info: encode('tourniquet-claim-1') }, shared, { name: 'AES-GCM', length: 256 }, false, ['decrypt']);
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: toBytes(iv) }, key, toBytes(ciphertext))));
}

function show(credential) {
  const table = document.getElementById('credential');
  for (const [name, value] of Object.entries(credential)) {
    const row = table.insertRow();
    row.insertCell().textContent = name;
    row.insertCell().appendChild(document.createElement('code')).textContent = value;
  }
  table.hidden = false;
  document.querySelector('[data-passkey="give-back"]').hidden = false;
}

const steps = {
  async register() {
    const token = location.hash.slice(1);
    const { nonce, options } = await post('/register/options', { token });
    const response = await startRegistration({ optionsJSON: options });
    const done = await post('/register', { token, nonce, response });
    history.replaceState(null, '', location.pathname);
    return done;
  },
  async 'sign-in'(button) {
    const { nonce, options } = await post('/sign-in/options', {});
    const done = await post('/sign-in', { nonce, response: await startAuthentication({ optionsJSON: options }) });
    location.assign(button.dataset.next);
    return done;
  },
  // The key pair lives in this page only; what the server hands on is sealed to it.
  async claim() {
    const here = location.pathname;
    const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']);
    const sealTo = toText(await crypto.subtle.exportKey('raw', pair.publicKey));
    const { nonce, options } = await post(here + '/options', { sealTo });
    const { said: waiting } = await post(here, { nonce, response: await startAuthentication({ optionsJSON: options }) });
    say(waiting, 'muted');
    for (;;) {
      const { sealed, status, until } = await post(here + '/sealed', {});
      if (sealed) {
        show(await unseal(pair.privateKey, here.split('/').pop(), sealed));
        await post(here + '/opened', {}).catch(() => undefined);
        return { said: 'Shown once, until ' + until + '. Do not keep it: it must be changed afterwards.' };
      }
      if (status !== 'lending') throw new Error('It could not be handed over: people have been told.');
      await new Promise((done) => setTimeout(done, 700));
    }
  },
  async 'give-back'() {
    document.getElementById('credential').replaceChildren();
    return post(location.pathname + '/give-back', {});
  },
  async confirm() {
    const here = location.pathname;
    const { nonce, options } = await post(here + '/options', {});
    return post(here, { nonce, response: await startAuthentication({ optionsJSON: options }) });
  },
};

for (const button of document.querySelectorAll('button[data-passkey]')) {
  button.addEventListener('click', async () => {
    button.disabled = true;
    say('Waiting for your passkey …', 'muted');
    try {
      const done = await steps[button.dataset.passkey](button);
      say(done.said, 'good');
    } catch (error) {
      say(error.message, 'bad');
      button.disabled = false;
    }
  });
}
`;
