import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, fail } from '../boundary';

export type ServiceNowAuth = { kind: 'basic'; user: string; password: () => string } | { kind: 'bearer'; token: () => string };

export interface ServiceNowConnection {
  /** `https://<instance>.service-now.com`. */
  url: string;
  /** Secrets are read when they are used and never kept. */
  auth: ServiceNowAuth;
  /** For one answer. */
  timeoutMs?: number;
  /** For one question with all its pages and repeats. */
  totalMs?: number;
}

/** One field as `sysparm_display_value=all` gives it. */
export interface Field {
  value: string;
  display_value: string;
}
export type Row = Record<string, Field>;

const LARGEST_ANSWER = 5_000_000;
const ATTEMPTS = 3;
const LONGEST_WAIT_MS = 5_000;

/** The Table API (docs: servicenow.com/docs, “Table API”), read and create. Every failure is TICKETS_UNAVAILABLE, with no secret and no answer text in it. */
export class ServiceNowClient {
  private readonly base: URL;

  constructor(private readonly connection: ServiceNowConnection) {
    this.base = new URL(connection.url);
    const local = ['localhost', '127.0.0.1', '[::1]'].includes(this.base.hostname);
    if (this.base.protocol !== 'https:' && !(local && this.base.protocol === 'http:')) throw fail('INVALID_CONFIG', 'tickets.url must be https');
  }

  /** Every row of a query; pages by `sysparm_offset` while the answer's Link header names a next one. More than `most` rows is an error, not a silent cut. */
  async query(table: string, query: string, fields: readonly string[], most = 5_000): Promise<Row[]> {
    const until = Date.now() + (this.connection.totalMs ?? 20_000);
    const limit = 200;
    const rows: Row[] = [];
    for (let offset = 0; ; offset += limit) {
      const path = this.path(table, {
        sysparm_query: query, sysparm_fields: fields.join(','), sysparm_display_value: 'all', sysparm_exclude_reference_link: 'true', sysparm_limit: String(limit), sysparm_offset: String(offset),
      });
      const answer = await this.send(path, { method: 'GET' }, until);
      const page = (answer.body as { result?: unknown } | null)?.result;
      if (!Array.isArray(page) || !page.every(isRow)) throw away('answered something that is not a list of records');
      rows.push(...page);
      if (rows.length > most) throw away(`has more than ${most} records that match`);
      // Only whether there is a next page is read from the header; where it is, is our own arithmetic: a link could lead anywhere.
      if (page.length === 0 || !/rel="?next"?/.test(answer.link)) return rows;
    }
  }

  /** Creates one row and returns it. */
  async create(table: string, values: Record<string, string>): Promise<Row> {
    const until = Date.now() + (this.connection.totalMs ?? 20_000);
    const path = this.path(table, { sysparm_display_value: 'all', sysparm_exclude_reference_link: 'true', sysparm_fields: 'sys_id,number' });
    const answer = await this.send(path, { method: 'POST', body: JSON.stringify(values) }, until);
    const row = (answer.body as { result?: unknown } | null)?.result;
    if (!isRow(row)) throw away('answered something that is not a record');
    return row;
  }

  private path(table: string, parameters: Record<string, string>): URL {
    const url = new URL(`${this.base.pathname.replace(/\/$/, '')}/api/now/table/${table}`, this.base);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url;
  }

  private async send(url: URL, init: { method: 'GET' | 'POST'; body?: string }, until: number): Promise<{ body: unknown; link: string }> {
    for (let attempt = 1; ; attempt++) {
      const left = until - Date.now();
      if (left <= 0) throw away('did not answer in time');
      const answer = await this.once(url, init, Math.min(this.connection.timeoutMs ?? 8_000, left));
      if ('body' in answer) return answer;
      // A create that got no answer may have happened: it is not repeated here, the correlation id finds it next time.
      const repeatable = init.method === 'GET' || answer.status === 429;
      const wait = answer.retryAfterMs ?? 200 * 2 ** attempt;
      if (!repeatable || !answer.passing || attempt >= ATTEMPTS || wait > LONGEST_WAIT_MS || wait >= until - Date.now()) throw away(answer.why, answer.retryAfterMs);
      await delay(wait);
    }
  }

  private async once(url: URL, init: { method: string; body?: string }, timeoutMs: number): Promise<{ body: unknown; link: string } | { why: string; status: number; passing: boolean; retryAfterMs?: number }> {
    let response: Response;
    try {
      response = await fetch(url, {
        ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs),
        headers: { accept: 'application/json', authorization: this.authorization(), ...(init.body && { 'content-type': 'application/json' }) },
      });
    } catch (error) {
      if (codeOf(error)) throw error;
      const late = (error as { name?: unknown } | null)?.name === 'TimeoutError';
      return { why: late ? 'did not answer in time' : 'cannot be reached', status: 0, passing: true };
    }
    const { status } = response;
    if (status === 429) return { why: 'limits the rate (429)', status, passing: true, retryAfterMs: retryAfter(response.headers.get('retry-after')) };
    if (status === 401 || status === 403) return { why: `refuses the credential (${status})`, status, passing: false };
    if (status >= 500) return { why: `fails (${status})`, status, passing: true };
    if (status < 200 || status >= 300) return { why: `answered ${status}`, status, passing: false };
    const type = response.headers.get('content-type') ?? '';
    if (!/^application\/json\b/i.test(type)) return { why: `answered ${/html/i.test(type) ? 'a web page (a login page?)' : 'no JSON'}`, status, passing: false };
    try {
      return { body: JSON.parse(await readLimited(response)) as unknown, link: response.headers.get('link') ?? '' };
    } catch {
      return { why: 'answered JSON that cannot be read', status, passing: false };
    }
  }

  private authorization(): string {
    const { auth } = this.connection;
    try {
      return auth.kind === 'bearer' ? `Bearer ${auth.token()}` : `Basic ${Buffer.from(`${auth.user}:${auth.password()}`).toString('base64')}`;
    } catch {
      throw fail('TICKETS_UNAVAILABLE', 'the ticket system’s credential cannot be read: see tickets in tourniquet.yaml');
    }
  }
}

async function readLimited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).byteLength;
    if (size > LARGEST_ANSWER) throw new Error('too large');
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Seconds or an HTTP date, as milliseconds from now. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,6}$/.test(header.trim())) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

function isRow(row: unknown): row is Row {
  return row !== null && typeof row === 'object' && Object.values(row).every((field) => field !== null && typeof field === 'object' && typeof (field as Field).value === 'string');
}

function away(why: string, retryAfterMs?: number) {
  return fail('TICKETS_UNAVAILABLE', `ServiceNow ${why}`, { retryAfterMs });
}
