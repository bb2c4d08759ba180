import type { Operation, Service } from './services';
import type { Json } from './shapes';

/** A request as it came in, before anything is known about it. */
export interface RawRequest {
  method: string;
  /** Path as sent, still percent-encoded. */
  path: string;
  query: Record<string, string | string[]>;
  headers: Record<string, string>;
  body: Buffer;
}

export interface RawResponse {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** A request that is understood: what it asks of which service, where. */
export interface Call {
  service: Service;
  operation: Operation;
  region: string;
  input: Json;
  raw: RawRequest;
}

export function parseQuery(search: string): RawRequest['query'] {
  const query: RawRequest['query'] = {};
  for (const part of search.split('&')) {
    if (!part) continue;
    const at = part.indexOf('=');
    const key = decode(at < 0 ? part : part.slice(0, at));
    const value = at < 0 ? '' : decode(part.slice(at + 1));
    const known = query[key];
    query[key] = known === undefined ? value : Array.isArray(known) ? [...known, value] : [known, value];
  }
  return query;
}

export function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'));
  } catch {
    return text;
  }
}
