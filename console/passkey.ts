import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Hono, type Context } from 'hono';
import { setTimeout as delay } from 'node:timers/promises';
import type { Sessions } from './auth';
import { html, page } from './html';
import { confirmPage } from './pages/confirm';
import { messagePage } from './pages/others';
import { passkeyJs } from './passkey-script';
import type { ConsoleOptions, Env } from './ports';

const APPROVAL = /^apr-[0-9a-f]{20}$/;
const SLOW_REFUSAL_MS = 300;
const script = { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'max-age=300' };

/** SimpleWebAuthn's own browser bundle, served from here: nothing external is loaded. */
const webauthnJs = (): string => readFileSync(join(dirname(require.resolve('@simplewebauthn/browser')), '..', 'dist', 'bundle', 'index.umd.min.js'), 'utf8');

/** For people who are not signed in: the page of an invitation, and the sign-in by passkey. The invitation's token is in the address's fragment, which no server and no log sees. */
export function passkeyEntrance({ passkeys, log }: ConsoleOptions, sessions: Sessions): Hono<Env> {
  const app = new Hono<Env>();
  if (!passkeys) return app;
  const library = webauthnJs();
  app.get('/assets/webauthn.js', (context) => context.body(library, 200, script));
  app.get('/assets/passkey.js', (context) => context.body(passkeyJs, 200, script));
  app.get('/register', (context) => context.html(page({ title: 'Register a passkey', person: null, passkeys: true, body: html`<section class="sign"><h1>Register a passkey</h1>
<p>This link was made for you by an administrator. It works once. The passkey confirms, in your name, the use of emergency credentials: keep it to yourself.</p>
<p><button data-passkey="register">Register a passkey</button></p><p id="said" role="status"></p></section>` })));
  app.post('/register/options', (context) => answer(context, log, async ({ token }) => passkeys.invitation(token)));
  app.post('/register', (context) => answer(context, log, async ({ token, nonce, response }) => {
    const { person, fingerprint } = await passkeys.register(token, nonce, objectOf(response));
    log.info({ person, fingerprint }, 'passkey registered');
    return { said: `Registered for ${person} (passkey ${fingerprint}). You may close this page.` };
  }));
  app.post('/sign-in/options', (context) => answer(context, log, () => passkeys.signInQuestion()));
  app.post('/sign-in', (context) => answer(context, log, async ({ nonce, response }) => {
    const person = await passkeys.signIn(nonce, objectOf(response));
    sessions.begin(context, person, true);
    log.info({ person }, 'console sign-in by passkey');
    return { said: `Signed in as ${person}.` };
  }));
  return app;
}

/** For signed-in people: what exactly is confirmed, and the passkey that confirms it. Who confirms is told by the passkey, never by the session. */
export function passkeyPages({ passkeys, log }: ConsoleOptions): Hono<Env> {
  const app = new Hono<Env>();
  if (!passkeys) return app;
  app.get('/confirm/:approval', async (context) => {
    const approval = context.req.param('approval');
    const question = APPROVAL.test(approval) ? await passkeys.question(approval) : null;
    if (!question) return context.html(page({ title: 'Not found', person: context.var.person, body: messagePage('Not found', 'There is no such question.') }), 404);
    return context.html(page({ title: 'Confirm', person: context.var.person, passkeys: true, body: confirmPage(question) }));
  });
  app.post('/confirm/:approval/options', (context) => answer(context, log, () => passkeys.confirmQuestion(known(context))));
  app.post('/confirm/:approval', (context) => answer(context, log, async ({ nonce, response }) => {
    const approval = known(context);
    const { person, said } = await passkeys.confirm(approval, nonce, objectOf(response));
    log.info({ person, approval }, 'second factor confirmed');
    return { said: `Confirmed by ${person}: ${said}.` };
  }));
  return app;
}

/** Runs one step for the page's script: JSON in, JSON out; a refusal is 403 with words for the person. */
export async function answer(context: Context, log: ConsoleOptions['log'], work: (body: Record<string, unknown>) => Promise<object>): Promise<Response> {
  if (!/^application\/json\b/i.test(context.req.header('content-type') ?? '')) return context.json({ message: 'application/json, please' }, 415);
  context.header('cache-control', 'no-store');
  try {
    return context.json(await work(objectOf(await context.req.json().catch(() => null))));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'PasskeyRefused') throw error;
    log.warn({ path: context.req.routePath, why: error.message }, 'passkey refused');
    await delay(SLOW_REFUSAL_MS);
    return context.json({ message: error.message }, 403);
  }
}

export const objectOf = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {});

function known(context: Context): string {
  const approval = context.req.param('approval') ?? '';
  if (!APPROVAL.test(approval)) throw Object.assign(new Error('There is no such question.'), { name: 'PasskeyRefused' });
  return approval;
}
