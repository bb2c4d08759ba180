import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { call } from './api';
import type { Interactions } from './interact';
import { PAGE } from './page';
import type { Sockets } from './socket';
import type { Faults, Workspace } from './workspace';

/** Web API under `/api/`, the page and what it needs under `/`. */
export function createServer({ workspace, interactions, botToken, sockets }: { workspace: Workspace; interactions: Interactions; botToken: string; sockets: Sockets }): Hono {
  const app = new Hono();

  app.post('/api/:method', async (context) => {
    const { faults } = workspace;
    const body = await context.req.parseBody();
    // Slow means that the answer is late: what was asked for has happened, which is the case that doubles messages.
    const late = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, faults.slowMs));
    if (faults.down) return context.body(null, 503);
    if (faults.rateLimited > 0) {
      faults.rateLimited -= 1;
      return context.json({ ok: false, error: 'ratelimited' }, 429, { 'retry-after': String(faults.retryAfterS) });
    }
    const args = Object.fromEntries(Object.entries(body).map(([name, value]) => [name, String(value)]));
    const token = context.req.header('authorization')?.replace(/^Bearer /, '') ?? args.token;
    if (context.req.param('method') === 'apps.connections.open') return context.json(sockets.open(token ?? ''));
    if (token !== botToken) return context.json({ ok: false, error: 'invalid_auth' });
    const answer = call(workspace, context.req.param('method'), args);
    if (faults.slowMs > 0) await late();
    return context.json(answer);
  });

  app.get('/', (context) => context.html(PAGE, 200, { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; frame-ancestors 'none'" }));
  app.get('/changes', (context) => streamSSE(context, async (stream) => {
    const tell = (): void => void stream.writeSSE({ event: 'change', data: '' }).catch(() => undefined);
    workspace.on('change', tell);
    tell();
    await new Promise<void>((resolve) => {
      stream.onAbort(resolve);
      workspace.once('stop', resolve);
    });
    workspace.off('change', tell);
  }));
  app.get('/seen-by/:user', (context) => context.json(seenBy(workspace, context.req.param('user'))));

  // What the page does is only taken as JSON: another site's form cannot press buttons here.
  app.use('/page/*', async (context, next) => {
    if (context.req.header('content-type') !== 'application/json') return context.json({ error: 'JSON only' }, 415);
    return next();
  });
  app.post('/page/press', async (context) => {
    const { as, ts, actionId } = await context.req.json<{ as: string; ts: string; actionId: string }>();
    const user = workspace.user(as);
    const message = workspace.messages.find((one) => one.ts === ts);
    if (!user || !message) return context.json({ error: 'no such person or message' }, 404);
    return context.json(await interactions.press(user, message, actionId));
  });
  app.post('/page/submit', async (context) => {
    const { as, values } = await context.req.json<{ as: string; values: Record<string, Record<string, string>> }>();
    const user = workspace.user(as);
    if (!user || !workspace.views.has(user.id)) return context.json({ error: 'no open modal' }, 404);
    return context.json(await interactions.submit(user, values));
  });
  app.post('/page/close', async (context) => {
    const { as } = await context.req.json<{ as: string }>();
    workspace.views.delete(as);
    workspace.changed();
    return context.json({});
  });
  app.post('/page/faults', async (context) => {
    const wanted = await context.req.json<Record<string, unknown>>();
    for (const [name, value] of Object.entries(wanted)) {
      const now = workspace.faults[name as keyof Faults];
      if (now === undefined || typeof value !== typeof now) return context.json({ error: `no such fault: ${name}` }, 400);
      Object.assign(workspace.faults, { [name]: value });
    }
    workspace.changed();
    return context.json(workspace.faults);
  });
  return app;
}

/** Everything one member sees. */
function seenBy(workspace: Workspace, id: string): Record<string, unknown> {
  const user = workspace.user(id);
  const open = user ? workspace.views.get(user.id) : undefined;
  return {
    team: workspace.team, bot: workspace.bot, users: workspace.users, faults: workspace.faults,
    channels: workspace.channels.filter((channel) => !channel.dm || channel.dm === user?.id),
    messages: workspace.messages.filter((message) => !message.ephemeralFor || message.ephemeralFor === user?.id),
    view: open ? { ...open.view, trouble: open.trouble } : null,
    interactions: workspace.interactions.slice(-6),
  };
}
