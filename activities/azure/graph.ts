import { Client, RetryHandler, RetryHandlerOptions, type Context, type Middleware } from '@microsoft/microsoft-graph-client';
import { fail } from '../boundary';
import { fetchTrusting } from '../private-ca';
import type { AzureEndpoints } from './config';
import { classifyAzure } from './errors';
import { rolesIn, type Tokens } from './tokens';

/** Longer waits are Temporal's: the activity ends and is tried again after what the service asked for. */
export const PATIENCE_S = 5;
const TIMEOUT_MS = 20_000;
/** Beyond so many pages a list is not read to its end, and says so. */
const MAX_PAGES = 500;

export interface GraphQuery {
  select?: string;
  filter?: string;
  expand?: string;
  top?: number;
  orderby?: string;
  /** Reading ends with the page that has the so-manieth item: the answer may be a part. */
  enough?: number;
  /** Advanced queries on directory objects: `ConsistencyLevel: eventual` and `$count=true` (Graph: “Advanced query capabilities”). */
  advanced?: boolean;
  /** The beta endpoint: only where the configuration names it. */
  beta?: boolean;
}

/** Microsoft Graph v1.0 of one tenant (beta where a query says so). Paths are made with `at`, so that nothing from outside reaches a URL as it is. Errors: GraphError, classified at the boundary. */
export interface Graph {
  get<T>(path: string, query?: GraphQuery): Promise<T>;
  /** Every page, or as many as are `enough`. */
  list<T>(path: string, query?: GraphQuery): Promise<T[]>;
  /** One page; `from` is the `next` of the one before, or null for the first. */
  page<T>(path: string, query: GraphQuery, from: string | null): Promise<{ items: T[]; next: string | null }>;
  post<T>(path: string, body?: object): Promise<T>;
  patch(path: string, body: object): Promise<void>;
  put<T>(path: string, body: object): Promise<T>;
  delete(path: string): Promise<void>;
  /** Application permissions in the token, to word an explanation with. */
  roles(): Promise<string[]>;
}

/** A path whose inserted parts are each one segment. */
export function at(parts: TemplateStringsArray, ...values: string[]): string {
  return parts.reduce((path, part, index) => path + encodeURIComponent(values[index - 1] ?? '') + part);
}

/** An OData string literal. */
export const literal = (value: string): string => `'${value.replace(/'/g, "''")}'`;

export function createGraph({ graph: endpoint, graphAudience: audience, ca }: Pick<AzureEndpoints, 'graph' | 'graphAudience' | 'ca'>, tokens: Tokens): Graph {
  const authenticate = bearer(audience, tokens);
  const retry = new RetryHandler(new RetryHandlerOptions(1, 3, (_delay, _attempt, _request, _options, response) => !(Number(response.headers.get('retry-after') ?? 0) > PATIENCE_S)));
  authenticate.setNext!(retry);
  retry.setNext(sending(ca ? fetchTrusting(ca) : globalThis.fetch));
  const client = Client.initWithMiddleware({ baseUrl: `${endpoint.replace(/\/$/, '')}/`, defaultVersion: 'v1.0', middleware: authenticate });
  const request = (path: string, query: GraphQuery = {}) => {
    let made = client.api(path).options({ signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (query.select) made = made.select(query.select);
    if (query.filter) made = made.filter(query.filter);
    if (query.expand) made = made.expand(query.expand);
    if (query.top) made = made.top(query.top);
    if (query.orderby) made = made.orderby(query.orderby);
    if (query.advanced) made = made.header('ConsistencyLevel', 'eventual').count(true);
    return query.beta ? made.version('beta') : made;
  };
  const page = async <T>(path: string, query: GraphQuery, from: string | null): Promise<{ items: T[]; next: string | null }> => {
    // The token goes where the link says: it must be the same service.
    if (from !== null && new URL(from).origin !== new URL(endpoint).origin) throw fail('REJECTED_BY_CLOUD', 'a next link leads to another host');
    const found = (await (from === null ? request(path, query) : request(from, query.advanced ? { advanced: true } : {})).get()) as { value: T[]; '@odata.nextLink'?: string };
    return { items: found.value, next: found['@odata.nextLink'] ?? null };
  };
  return {
    get: (path, query) => request(path, query).get(),
    page,
    async list<T>(path: string, query: GraphQuery = {}) {
      let { items, next } = await page<T>(path, query, null);
      const all = [...items];
      for (let pages = 1; next !== null && all.length < (query.enough ?? Infinity); pages += 1) {
        if (pages >= MAX_PAGES) throw fail('LIMIT_EXCEEDED', `${path} has more than ${MAX_PAGES} pages`);
        ({ items, next } = await page<T>(path, query, next));
        all.push(...items);
      }
      return all;
    },
    post: (path, body) => request(path).post(body ?? {}),
    patch: async (path, body) => void (await request(path).patch(body)),
    put: (path, body) => request(path).put(body),
    delete: async (path) => void (await request(path).delete()),
    roles: async () => rolesIn(await tokens.get(audience)),
  };
}

const sending = (send: typeof globalThis.fetch): Middleware => ({
  async execute(context) {
    context.response = await named(() => send(context.request, context.options as RequestInit));
  },
});

/** The Graph client makes its own error of whatever a middleware throws and keeps only its name: so the name says what it is. */
async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failure = classifyAzure(error);
    throw failure ? Object.assign(new Error(failure.message), { name: failure.type ?? 'UNEXPECTED' }) : error;
  }
}

/** Puts the token on; one that is refused is renewed once, with the claims that the service asks for, and the request repeated. */
function bearer(audience: string, tokens: Tokens): Middleware {
  let next: Middleware | undefined;
  const send = async (context: Context, token: string): Promise<void> => {
    context.options = { ...context.options, headers: { ...(context.options?.headers as Record<string, string> | undefined), Authorization: `Bearer ${token}` } };
    await next!.execute(context);
  };
  return {
    setNext: (following) => void (next = following),
    async execute(context) {
      await send(context, await named(() => tokens.get(audience)));
      if (context.response?.status !== 401) return;
      const claims = claimsOf(context.response.headers.get('www-authenticate'));
      await send(context, await named(() => tokens.get(audience, { fresh: true, claims })));
    },
  };
}

/** The claims of a CAE challenge, decoded (Entra: “How to use Continuous Access Evaluation enabled APIs”). */
export function claimsOf(header: string | null): string | undefined {
  const encoded = /claims="([A-Za-z0-9+/=_-]+)"/.exec(header ?? '')?.[1];
  return encoded && /insufficient_claims/.test(header ?? '') ? Buffer.from(encoded, 'base64').toString('utf8') : undefined;
}
