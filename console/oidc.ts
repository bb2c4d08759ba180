import { Hono } from 'hono';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { ConsoleOptions, Env } from './ports';

const APPROVAL = /^apr-[0-9a-f]{20}$/;
const SLOW_REFUSAL_MS = 300;

const sent = z.strictObject({
  vote: z.strictObject({
    person: z.string().min(1).max(100), decision: z.enum(['approve', 'deny']), digest: z.string().regex(/^[0-9a-f]{64}$/), reason: z.string().min(3).max(500), voteId: z.string().regex(/^[\w-]{8,80}$/),
  }),
  at: z.iso.datetime(),
  idToken: z.string().min(20).max(16_000),
});

/** The command line’s vote after a sign-in at the organisation’s identity provider; the token proves who votes, so nobody is signed in here. */
export function oidcVoting({ oidc, log }: ConsoleOptions): Hono<Env> {
  const app = new Hono<Env>();
  if (!oidc) return app;
  app.post('/api/approvals/:approval/votes', async (context) => {
    context.header('cache-control', 'no-store');
    const approval = context.req.param('approval');
    if (!/^application\/json\b/i.test(context.req.header('content-type') ?? '')) return context.json({ message: 'application/json, please' }, 415);
    const body = sent.safeParse(await context.req.json().catch(() => null));
    if (!APPROVAL.test(approval) || !body.success) return context.json({ message: body.success ? 'There is no such question.' : `Not a vote: ${body.error.issues[0]!.path.join('.') || 'the body'}` }, 400);
    try {
      const decided = await oidc.vote(approval, body.data);
      log.info({ person: body.data.vote.person, approval, decision: body.data.vote.decision, counted: decided.ok }, 'vote after a sign-in');
      return decided.ok ? context.json({ said: 'recorded' }) : context.json({ message: decided.message }, 403);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'OidcRefused') throw error;
      log.warn({ approval, why: error.message }, 'sign-in refused');
      await delay(SLOW_REFUSAL_MS);
      return context.json({ message: error.message }, 403);
    }
  });
  return app;
}
