import { Hono, type Context } from 'hono';
import { page } from './html';
import { answer, objectOf } from './passkey';
import { claimPage } from './pages/claim';
import { messagePage } from './pages/others';
import type { ConsoleOptions, Env } from './ports';

/** Where one person sees one credential once. Everything here passes sealed: only the page's own key opens it, and that never leaves the browser. */
export function claimPages({ passkeys, log }: ConsoleOptions): Hono<Env> {
  const app = new Hono<Env>();
  const claims = passkeys?.claims;
  if (!claims) return app;
  const id = (context: Context): string => context.req.param('request') ?? '';
  app.get('/claim/:request', async (context) => {
    const request = await claims.stateOf(id(context));
    if (!request) return context.html(page({ title: 'Not found', person: context.var.person, body: messagePage('Not found', 'There is no such request.') }), 404);
    return context.html(page({ title: 'Claim', person: context.var.person, passkeys: true, body: claimPage(request) }));
  });
  app.post('/claim/:request/options', (context) => answer(context, log, ({ sealTo }) => claims.question(id(context), sealTo)));
  app.post('/claim/:request', (context) => answer(context, log, async ({ nonce, response }) => {
    await claims.claim(id(context), nonce, objectOf(response));
    log.info({ request: id(context) }, 'credential claimed');
    return { said: 'Claimed: it is fetched from the vault …' };
  }));
  app.post('/claim/:request/sealed', (context) => answer(context, log, async () => {
    // In this order: once it is shown, what was sealed is there to be fetched.
    const view = await claims.stateOf(id(context));
    const sealed = await claims.sealed(id(context));
    return { sealed, status: view?.status ?? 'ended', until: view?.until ?? null };
  }));
  // In the name of whoever is signed in; the workflow takes it from the requester only.
  for (const [path, verb, said] of [['opened', 'opened', 'Noted.'], ['give-back', 'giveBack', 'Given back. It must be changed now: see the task.']] as const) {
    app.post(`/claim/:request/${path}`, (context) => answer(context, log, async () => {
      await claims.say(verb, id(context), (context as Context<Env>).var.person);
      return { said };
    }));
  }
  return app;
}
