import { serve, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChangeRequest } from '../../playbook/triage/inputs';
import { evaluate } from './encoded-query';

/** What goes wrong, until it is set back. */
export interface TicketFaults {
  /** Answers with this status. */
  status?: number;
  /** Seconds, with status 429. */
  retryAfter?: number;
  /** How many answers go wrong before all is well again; without it, all. */
  times?: number;
  delayMs?: number;
  /** Only for requests of this method. */
  method?: 'GET' | 'POST';
  /** The request is carried out, and its answer is lost (502). */
  lost?: boolean;
  /** `login-page`: 200 and HTML, as an instance does whose session is gone; `garbage`: 200 and half a document; `redirect`: 302 elsewhere. */
  answer?: 'login-page' | 'garbage' | 'redirect' | 'wrong-shape';
}

export interface TicketSimulator {
  url: string;
  user: string;
  password: string;
  token: string;
  /** A change request as the organisation's form would have it. */
  seedChange(change: Omit<ChangeRequest, 'source' | 'id'> & { id?: string }): string;
  /** Rows of a table, newest last. */
  rows(table: string): Record<string, string>[];
  fault(faults: TicketFaults): void;
  /** Every sysparm_query that came. */
  queries: string[];
  /** Values that an instance would have run as scripts. */
  scripts: string[];
  requests(): number;
  close(): Promise<void>;
}

const states: Record<ChangeRequest['state'], { state: string; approval: string; label: string }> = {
  approved: { state: '-1', approval: 'approved', label: 'Implement' },
  open: { state: '-4', approval: 'requested', label: 'Assess' },
  closed: { state: '3', approval: 'approved', label: 'Closed' },
  rejected: { state: '4', approval: 'rejected', label: 'Canceled' },
};

/** A ServiceNow instance's Table API over rows in memory: authentication, encoded queries, paging with Link and X-Total-Count, display values, create, and faults. */
export async function startTicketSimulator(options: { port?: number; pageLimit?: number } = {}): Promise<TicketSimulator> {
  const tables = new Map<string, Record<string, string>[]>();
  const table = (name: string) => tables.get(name) ?? tables.set(name, []).get(name)!;
  const secret = { user: 'tourniquet', password: randomBytes(12).toString('base64url'), token: randomBytes(16).toString('base64url') };
  const queries: string[] = [];
  const scripts: string[] = [];
  let faults: TicketFaults = {};
  let requests = 0;
  let numbers = 10_000;
  const closing = new AbortController();

  const insert = (name: string, prefix: string, values: Record<string, string>): Record<string, string> => {
    const row = { sys_id: randomBytes(16).toString('hex'), number: `${prefix}${String(++numbers).padStart(7, '0')}`, sys_created_on: stamp(new Date().toISOString()), ...values };
    table(name).push(row);
    return row;
  };

  const app = new Hono();
  app.use('/api/*', async (context, next) => {
    requests += 1;
    const meant = faults.method === undefined || faults.method === context.req.method;
    const wrong = meant && (faults.times === undefined || faults.times-- > 0);
    if (wrong && faults.delayMs) await delay(faults.delayMs, undefined, { signal: closing.signal }).catch(() => undefined);
    if (wrong && faults.lost) {
      await next();
      context.res = context.json(failure('Bad gateway', ''), 502);
      return;
    }
    if (wrong && faults.answer === 'login-page') return context.html('<html><title>Log in | ServiceNow</title><form action="/login.do"></form></html>');
    if (wrong && faults.answer === 'garbage') return context.body('{"result":[{"number":{"val', 200, { 'content-type': 'application/json' });
    if (wrong && faults.answer === 'wrong-shape') return context.json({ result: [{ number: 'CHG0030001' }] });
    if (wrong && faults.answer === 'redirect') return context.redirect('https://elsewhere.invalid/login.do');
    if (wrong && faults.status) {
      if (faults.retryAfter !== undefined) context.header('Retry-After', String(faults.retryAfter));
      return context.json(failure('Fault', 'switched on'), faults.status as 500);
    }
    if (!authentic(context.req.header('authorization'), secret)) {
      context.header('WWW-Authenticate', 'BASIC realm="Service-now"');
      return context.json(failure('User Not Authenticated', 'Required to provide Auth information'), 401);
    }
    return next();
  });

  app.get('/api/now/table/:table', (context) => {
    const query = context.req.query('sysparm_query') ?? '';
    queries.push(query);
    const { match, scripts: ran, orderBy } = evaluate(query);
    scripts.push(...ran);
    const found = table(context.req.param('table')).filter(match);
    if (orderBy) found.sort((a, b) => (orderBy.descending ? -1 : 1) * ((a[orderBy.field] ?? '') < (b[orderBy.field] ?? '') ? -1 : 1));
    const limit = Math.min(Number(context.req.query('sysparm_limit') ?? 10_000), options.pageLimit ?? 10_000);
    const offset = Number(context.req.query('sysparm_offset') ?? 0);
    const link = (rel: string, at: number) => {
      const url = new URL(context.req.url);
      url.searchParams.set('sysparm_offset', String(at));
      return `<${url.href}>;rel="${rel}"`;
    };
    const links = [link('first', 0), ...(offset + limit < found.length ? [link('next', offset + limit)] : []), link('last', Math.max(0, Math.floor((found.length - 1) / limit) * limit))];
    context.header('Link', links.join(','));
    context.header('X-Total-Count', String(found.length));
    return context.json({ result: found.slice(offset, offset + limit).map((row) => shown(row, context.req.query('sysparm_fields'), context.req.query('sysparm_display_value'))) });
  });

  app.post('/api/now/table/:table', async (context) => {
    const values: unknown = await context.req.json().catch(() => null);
    if (values === null || typeof values !== 'object' || !Object.values(values).every((value) => typeof value === 'string')) return context.json(failure('Invalid content', 'The payload is not valid JSON.'), 400);
    const name = context.req.param('table');
    const row = insert(name, name === 'incident' ? 'INC' : name === 'sc_task' ? 'SCTASK' : 'TASK', { state: '1', active: 'true', ...(values as Record<string, string>) });
    context.header('Location', `${new URL(context.req.url).origin}/api/now/table/${name}/${row.sys_id}`);
    return context.json({ result: shown(row, context.req.query('sysparm_fields'), context.req.query('sysparm_display_value')) }, 201);
  });

  const server: ServerType = await new Promise((resolve) => {
    const started = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: options.port ?? 0 }, () => resolve(started));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ...secret, queries, scripts,
    seedChange: ({ id, state, who, what, targets, from, until }) =>
      insert('change_request', 'CHG', {
        ...(id && { number: id }), state: states[state].state, approval: states[state].approval, 'state.label': states[state].label, type: 'normal',
        u_cloud_identities: who.join('\n'), u_cloud_events: what.join(','), u_cloud_targets: targets.join('; '), start_date: stamp(from), end_date: stamp(until), short_description: 'Planned change',
      }).number!,
    rows: (name) => table(name).map((row) => ({ ...row })),
    fault: (wanted) => void (faults = { ...wanted }),
    requests: () => requests,
    close: () => new Promise((resolve) => {
      closing.abort();
      server.close(() => resolve());
      (server as { closeAllConnections?: () => void }).closeAllConnections?.();
    }),
  };
}

function authentic(header: string | undefined, secret: { user: string; password: string; token: string }): boolean {
  return [`Bearer ${secret.token}`, `Basic ${Buffer.from(`${secret.user}:${secret.password}`).toString('base64')}`].some((good) => same(header ?? '', good));
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
const stamp = (iso: string): string => new Date(iso).toISOString().slice(0, 19).replace('T', ' ');
const failure = (message: string, detail: string) => ({ error: { message, detail }, status: 'failure' });

/** `sysparm_fields` picks (unknown ones are left out), `sysparm_display_value=all` gives both values. */
function shown(row: Record<string, string>, fields: string | undefined, display: string | undefined): Record<string, unknown> {
  const names = fields ? fields.split(',').filter((name) => name in row) : Object.keys(row).filter((name) => !name.includes('.'));
  return Object.fromEntries(names.map((name) => {
    const label = row[`${name}.label`] ?? row[name]!;
    return [name, display === 'all' ? { value: row[name], display_value: label } : display === 'true' ? label : row[name]];
  }));
}
