import { randomBytes } from 'node:crypto';
import { Hono, type Context } from 'hono';
import { html, page } from './html';
import { approvalPage } from './pages/approval';
import { messagePage } from './pages/others';
import type { ConsoleOptions, Env } from './ports';

const APPROVAL = /^apr-[0-9a-f]{20}$/;
const NONCE = /^[\w-]{22}$/;

/** One question with its whole plan, and the vote of whoever signed in with their own passkey. The workflow alone judges the vote. */
export function approvalPages({ approvals, log }: ConsoleOptions): Hono<Env> {
  const app = new Hono<Env>();
  if (!approvals) return app;

  const show = async (context: Context<Env>, id: string, said: { ok: boolean; text: string } | null): Promise<Response> => {
    const question = APPROVAL.test(id) ? await approvals.question(id) : null;
    if (!question) return context.html(page({ title: 'Not found', person: context.var.person, body: messagePage('Not found', 'There is no such question.') }), 404);
    const voter = context.var.own ? context.var.person : null;
    const body = html`${approvalPage({ question, voter, nonce: randomBytes(16).toString('base64url'), said })}`;
    return context.html(page({ title: 'Approval', person: context.var.person, body }), said && !said.ok ? 403 : 200);
  };

  app.get('/approvals/:approval', (context) => show(context, context.req.param('approval'), null));
  app.post('/approvals/:approval', async (context) => {
    const id = context.req.param('approval');
    const form = await context.req.parseBody().catch(() => ({}) as Record<string, unknown>);
    const [digest, nonce, reason] = [form.digest, form.nonce, form.reason].map((one) => (typeof one === 'string' ? one.trim() : ''));
    const refuse = (text: string): Promise<Response> => show(context, id, { ok: false, text });
    if (!context.var.own) return refuse('A shared token decides nothing: sign in with your own passkey.');
    if (!APPROVAL.test(id) || (form.decision !== 'approve' && form.decision !== 'deny') || !NONCE.test(nonce!) || reason!.length < 3 || reason!.length > 500) return refuse('Not counted: a decision and a reason of 3 to 500 characters are needed.');
    const { person } = context.var;
    const until = form.decision === 'deny' && typeof form.until === 'string' && form.until !== '' ? { until: form.until } : {};
    const decided = await approvals.decide(id, { person, decision: form.decision, digest: digest!, reason: reason!, via: 'console', voteId: `console/${person}/${nonce}`, ...until });
    log.info({ person, approval: id, decision: form.decision, counted: decided.ok }, 'vote from the console');
    return show(context, id, decided.ok ? { ok: true, text: 'Your vote is recorded.' } : { ok: false, text: `Not counted: ${decided.message}` });
  });
  return app;
}
