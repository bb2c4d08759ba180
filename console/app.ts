import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { csrf } from 'hono/csrf';
import { secureHeaders } from 'hono/secure-headers';
import { setTimeout as delay } from 'node:timers/promises';
import { approvalPages } from './approvals';
import { css, liveJs } from './assets';
import { Sessions, whoAsks } from './auth';
import { claimPages } from './claim';
import { codecRoutes } from './codec';
import { page } from './html';
import { oidcVoting } from './oidc';
import { incidentPage } from './pages/incident';
import { incidentsPage } from './pages/incidents';
import { messagePage, signInPage, verifyPage } from './pages/others';
import { passkeyEntrance, passkeyPages } from './passkey';
import type { ConsoleOptions, Env } from './ports';

const INCIDENT = /^inc-[0-9a-f]{20}$/;
const CASE = /^(inc-[0-9a-f]{20})\.[1-9][0-9]{0,5}$/;
const REPORT = /^\/cases\/[^/]+\/report$/;
const LATEST = 300;
const SLOW_REFUSAL_MS = 300;


/** The web page: incidents, one incident live from its record, its report, and the codec endpoint. Reads, and takes the votes of people signed in as themselves; nothing external is loaded and nothing is inline. */
export function createConsole(options: ConsoleOptions): Hono<Env> {
  const { incidents, evidence, auth, log } = options;
  const sessions = new Sessions(options.secureCookies, options.now ?? Date.now);
  const app = new Hono<Env>();

  const common = { referrerPolicy: 'no-referrer', xFrameOptions: 'DENY', crossOriginResourcePolicy: 'same-origin', strictTransportSecurity: options.secureCookies ? 'max-age=31536000' : false } as const;
  const ofPages = secureHeaders({
    ...common, contentSecurityPolicy: { defaultSrc: ["'none'"], styleSrc: ["'self'"], scriptSrc: ["'self'"], connectSrc: ["'self'"], formAction: ["'self'"], frameAncestors: ["'none'"], baseUri: ["'none'"] },
  });
  // A report brings its style with it, and nothing else.
  const ofReports = secureHeaders({
    ...common, contentSecurityPolicy: { defaultSrc: ["'none'"], styleSrc: ["'unsafe-inline'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], sandbox: [] },
  });
  app.use((context, next) => (REPORT.test(context.req.path) ? ofReports : ofPages)(context, next));
  app.get('/healthz', (context) => context.text('ok'));
  app.get('/assets/console.css', (context) => context.body(css, 200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'max-age=300' }));
  app.get('/assets/live.js', (context) => context.body(liveJs, 200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'max-age=300' }));
  app.route('/codec', codecRoutes(options, sessions));

  app.use(csrf());
  app.use(bodyLimit({ maxSize: 40_000 }));
  app.route('/', oidcVoting(options));
  app.route('/', passkeyEntrance(options, sessions));
  app.get('/login', (context) => context.html(page({ title: 'Sign in', person: null, passkeys: options.passkeys !== null, body: signInPage(safeNext(context.req.query('next')), false, options.passkeys !== null) })));
  app.post('/login', async (context) => {
    const form = await context.req.parseBody().catch(() => ({}) as Record<string, unknown>);
    const token = typeof form.token === 'string' ? form.token.trim() : '';
    const next = safeNext(typeof form.next === 'string' ? form.next : undefined);
    const person = token === '' ? null : await auth.whoIs(token);
    if (person === null) {
      log.warn({}, 'console sign-in refused');
      await delay(SLOW_REFUSAL_MS);
      return context.html(page({ title: 'Sign in', person: null, passkeys: options.passkeys !== null, body: signInPage(next, true, options.passkeys !== null) }), 401);
    }
    sessions.begin(context, person);
    log.info({ person }, 'console sign-in');
    return context.redirect(next, 303);
  });
  app.post('/logout', (context) => {
    sessions.end(context);
    return context.redirect('/login', 303);
  });

  app.use(async (context, next) => {
    const person = await whoAsks(context, auth, sessions);
    if (person === null) {
      if (context.req.header('authorization') !== undefined) return context.text('unknown token', 401);
      const url = new URL(context.req.url);
      return context.redirect(`/login?next=${encodeURIComponent(url.pathname + url.search)}`, 303);
    }
    context.set('person', person);
    // A bearer token says who asks and wins over a cookie: with one, nobody is here in person.
    context.set('own', context.req.header('authorization') === undefined && sessions.own(context));
    context.header('cache-control', 'no-store');
    return next();
  });

  app.route('/', passkeyPages(options));
  app.route('/', claimPages(options));
  app.route('/', approvalPages(options));
  app.get('/', (context) => context.redirect('/incidents', 303));
  app.get('/incidents', async (context) => {
    const rows = await settled(incidents.list());
    const problem = rows.ok ? null : 'Temporal does not answer: incidents cannot be listed.';
    return context.html(page({ title: 'Incidents', person: context.var.person, live: true, body: incidentsPage(rows.ok ? rows.value : [], problem) }));
  });
  app.get('/incidents/:incident', async (context) => {
    const incident = context.req.param('incident');
    const asked = context.req.query('case');
    if (!INCIDENT.test(incident) || (asked !== undefined && CASE.exec(asked)?.[1] !== incident)) return missing(context);
    const [view, cases] = await Promise.all([settled(incidents.get(incident)), settled(evidence.cases())]);
    const episodes = (cases.ok ? cases.value : []).filter((one) => CASE.exec(one)?.[1] === incident).sort((a, b) => Number(a.split('.')[1]) - Number(b.split('.')[1]));
    const known = view.ok ? view.value : null;
    const current = known && CASE.test(known.caseKey) ? known.caseKey : null;
    const caseKey = asked ?? current ?? episodes[episodes.length - 1] ?? null;
    if (view.ok && cases.ok && known === null && episodes.length === 0) return missing(context);
    const earlier = asked !== undefined && asked !== current;
    const [approvals, timeline] = await Promise.all([earlier ? settled(Promise.resolve([])) : settled(incidents.approvals(incident)), caseKey ? settled(evidence.timeline(caseKey)) : settled(Promise.resolve([]))]);
    const problems = [
      ...(view.ok && approvals.ok ? [] : ['Temporal does not answer: the state shown may be incomplete.']),
      ...(cases.ok && timeline.ok ? [] : [`The record cannot be read${timeline.ok ? '' : ` (${timeline.code})`}.`]),
    ];
    return context.html(page({
      title: known?.principal.name ?? incident, person: context.var.person, live: true,
      body: incidentPage({
        incident, view: earlier ? null : known, caseKey, episodes, approvals: approvals.ok ? approvals.value : [], timeline: timeline.ok ? timeline.value : [],
        latest: context.req.query('all') === undefined ? LATEST : null, problems, workflowUrl: options.workflowUrl?.(incident) ?? null,
      }),
    }));
  });
  app.get('/cases/:case/report', async (context) => {
    const caseKey = context.req.param('case');
    if (!CASE.test(caseKey)) return missing(context);
    const format = context.req.query('format') === 'markdown' ? 'markdown' : 'html';
    const report = await evidence.report(caseKey, format);
    if (report === null) return missing(context);
    if (format === 'markdown') return context.body(report, 200, { 'content-type': 'text/markdown; charset=utf-8', 'content-disposition': `attachment; filename="${caseKey}.md"` });
    return context.html(report);
  });
  app.get('/cases/:case/verify', async (context) => {
    const caseKey = context.req.param('case');
    if (!CASE.test(caseKey)) return missing(context);
    return context.html(page({ title: 'Evidence', person: context.var.person, body: verifyPage(caseKey, await evidence.verify(caseKey)) }));
  });

  app.notFound(missing);
  app.onError((error, context) => {
    if ('getResponse' in error && typeof error.getResponse === 'function') return (error.getResponse as () => Response)();
    log.warn({ code: codeOf(error) }, 'console page failed');
    return context.html(page({ title: 'Not available', person: null, body: messagePage('Not available', `This cannot be shown now (${codeOf(error)}).`) }), 503);
  });
  return app;
}

const missing = (context: Context) => context.html(page({ title: 'Not found', person: null, body: messagePage('Not found', 'There is no such page.') }), 404);

/** Only a path of this console: anything else would send people elsewhere after they have signed in. */
function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(next) && !next.startsWith('/login') ? next : '/incidents';
}

/** The error table's code, when the error has one; never its message. */
function codeOf(error: unknown): string {
  const type = (error as { type?: unknown } | null)?.type;
  return typeof type === 'string' && /^[A-Z_]{3,40}$/.test(type) ? type : 'UNEXPECTED';
}

async function settled<T>(work: Promise<T>): Promise<{ ok: true; value: T } | { ok: false; code: string }> {
  try {
    return { ok: true, value: await work };
  } catch (error) {
    return { ok: false, code: codeOf(error) };
  }
}
