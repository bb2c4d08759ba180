import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { z } from 'zod';
import { plain } from '../playbook/message/text';
import { whoAsks, type Sessions } from './auth';
import type { ConsoleOptions } from './ports';

const base64 = z.string().regex(/^[A-Za-z0-9+/_-]*={0,2}$/);
const body = z.object({ payloads: z.array(z.object({ metadata: z.record(z.string(), base64).optional(), data: base64.optional() })).max(2_000) });

const PATHS = ['/decode', '/:token/decode'];

/**
 * The codec server of the Temporal UI and CLI (docs.temporal.io/codec-server), decode only: nothing that is typed into a browser is encrypted here.
 * For signed-in people or bearer tokens, from the UI's origin exactly; each decode is logged with who asked and how much.
 */
export function codecRoutes({ codec, auth, log, uiOrigin, codecTokenInPath = false }: ConsoleOptions, sessions: Sessions): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    const origin = context.req.header('origin');
    if (origin !== undefined && origin !== uiOrigin && origin !== new URL(context.req.url).origin) return context.json({ message: 'this origin may not decode' }, 403);
    return next();
  });
  app.use(cors({
    origin: (origin) => (uiOrigin !== null && origin === uiOrigin ? origin : null), allowMethods: ['POST'], allowHeaders: ['content-type', 'authorization', 'x-namespace'], credentials: true, maxAge: 600,
  }));
  app.use(bodyLimit({ maxSize: 16_000_000, onError: (context) => context.json({ message: 'too large' }, 413) }));
  app.on('POST', PATHS, async (context) => {
    const token = context.req.param('token');
    if (token !== undefined && !codecTokenInPath) return context.json({ message: 'there is no such page' }, 404);
    const person = token === undefined ? await whoAsks(context, auth, sessions) : await auth.whoIs(token);
    if (person === null) return context.json({ message: 'sign in to the console, or send a bearer token' }, 401);
    if (!/^application\/json\b/i.test(context.req.header('content-type') ?? '')) return context.json({ message: 'application/json, please' }, 415);
    const parsed = body.safeParse(await context.req.json().catch(() => null));
    if (!parsed.success) return context.json({ message: 'expected {"payloads": [...]} with base64 values' }, 400);
    const namespace = plain(context.req.header('x-namespace') ?? '', 80);
    try {
      const payloads = await codec.decode(parsed.data.payloads);
      log.info({ person, namespace, payloads: payloads.length }, 'payloads decoded');
      context.header('cache-control', 'no-store');
      return context.json({ payloads });
    } catch {
      log.warn({ person, namespace, payloads: parsed.data.payloads.length }, 'payloads could not be decoded');
      return context.json({ message: 'cannot be decoded with the keys that are configured' }, 400);
    }
  });
  for (const path of PATHS) app.all(path, (context) => context.json({ message: 'POST only' }, 405));
  return app;
}
