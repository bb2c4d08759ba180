import { createServer } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Identity } from './tls';
import { Fault, type Answer, type Json, type Surface } from './types';

export interface Raw {
  surface: Surface;
  method: string;
  url: URL;
  headers: IncomingMessage['headers'];
  body: Json;
}

/** One HTTPS server on loopback for one surface. */
export async function listen(surface: Surface, identity: Identity, handle: (raw: Raw) => Promise<Answer>): Promise<{ url: string; close(): Promise<void> }> {
  let url = '';
  const server = createServer({ cert: identity.certificate, key: identity.privateKey }, (request, response) => {
    void answerTo(request).then((answer) => {
      const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
      const { type, content } = answer.raw ?? { type: 'application/json; charset=utf-8', content: text };
      response.writeHead(answer.status, { ...(content.length > 0 && { 'content-type': type }), ...answer.headers });
      response.end(content);
    }, () => response.destroy());
  });
  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const raw: Raw = { surface, method: request.method ?? 'GET', url: new URL(`${url}${(request.url ?? '/').replace(/^(\/|%2F)+/i, '/')}`), headers: request.headers, body: {} };
    try {
      raw.body = parse(text, request.headers['content-type'] ?? '');
    } catch {
      return { status: 400, body: { error: { code: 'BadRequest', message: 'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.' } } };
    }
    return handle(raw);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://localhost:${(server.address() as AddressInfo).port}`;
  return {
    url,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

function parse(text: string, type: string): Json {
  if (text.trim() === '') return {};
  if (type.startsWith('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(text));
  const value: unknown = JSON.parse(text);
  if (value === null || typeof value !== 'object') throw new Fault(400, 'BadRequest', 'not an object');
  return value as Json;
}
