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
