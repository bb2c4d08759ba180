import type { IncomingHttpHeaders } from 'node:http';

export type Surface = 'login' | 'graph' | 'arm' | 'blob';
/** A JSON object as it travels. */
export type Json = Record<string, unknown>;

/** Who makes a call, as the access token says. */
export interface Caller {
  kind: 'app' | 'user';
  /** Object id of the user or the service principal. */
  id: string;
  /** The application that asked for the token. */
  appId: string;
  name: string;
  /** App-only: the application permissions at the time the token was issued. */
  roles: readonly string[];
  ip: string;
  userAgent: string;
}

/** One request that a route answers. */
export interface Call {
  surface: Surface;
  method: string;
  url: URL;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** Parsed JSON or form; `{}` when there is none. */
  body: Json;
  /** Values of the pattern’s `:names`, decoded. */
  params: Record<string, string>;
  caller: Caller;
  /** At most so many items on a page, whatever was asked. */
  pageLimit: number;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** Sent as it is, in place of a JSON body. */
  raw?: { type: string; content: string | Buffer };
}

export const ok = (body: unknown, status = 200): Answer => ({ status, body });
export const noContent: Answer = { status: 204 };

/** An error that the service answers with; the surface gives it its body’s shape. */
export class Fault extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly headers: Record<string, string> = {}, readonly more: Json = {}) {
    super(message);
    this.name = 'Fault';
  }
}
